"""What the package offers: its names, its type stub, its import and its configuration."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

import hello_dl as h
from hello_dl import _core
from hello_dl.tensors import write_stub
from same import same


def test_a_missing_name_is_named() -> None:
    with pytest.raises(AttributeError, match=r"Tensor has no 'no_name': .* PyTorch's torch\.Tensor\.no_name"):
        h.ones(2).no_name  # noqa: B018
    with pytest.raises(AttributeError, match="hello_dl has no 'no_name'"):
        h.no_name  # noqa: B018
    assert not hasattr(h.ones(1), "no_such_name")


def test_every_op_is_a_function_of_the_package() -> None:
    for name, _, doc in _core.registered_ops:
        assert callable(getattr(h, name))
        assert doc
    assert same(h.exp(h.zeros(2)), [1, 1])
    assert h.max(h.tensor([[1.0, 2.0]]), 1).values.item() == 2
    assert same(h.cat([h.ones(1), h.zeros(1)]), [1, 0])


def test_the_type_stub_is_fresh() -> None:
    assert write_stub.path().read_text() == write_stub.stub(), "run: python -m hello_dl.tensors.write_stub"


def python(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
        check=False,
    )


def test_importing_it_loads_nothing_heavy() -> None:
    heavy = "PIL click tqdm pooch requests safetensors matplotlib torch"
    done = python(f"import sys, hello_dl; print([m for m in '{heavy}'.split() if m in sys.modules])")
    assert done.stdout.strip() == "[]", done.stderr


def test_an_unknown_instruction_set_is_refused_with_what_there_is() -> None:
    done = python("import hello_dl", HELLO_DL_ISA="z80")
    assert done.returncode == 1
    assert "HELLO_DL_ISA=z80" in done.stderr
    assert _core.isa in done.stderr


def test_show_config_says_how_it_runs(capsys: pytest.CaptureFixture[str]) -> None:
    h.show_config()
    text = capsys.readouterr().out
    assert _core.isa in text
    assert "threads" in text
    assert _core.eigen_version in text
    assert "float32" in text
