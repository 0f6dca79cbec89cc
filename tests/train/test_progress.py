"""Progress of a training is shown on terminals and in notebooks, and nowhere else."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from bars import bars, small
from hello_dl import train
from hello_dl.data import progress

Shell = Callable[[Any], None]


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch) -> Shell:
    """Return a function that makes IPython's get_ipython return what it is given."""

    def fake(returned: Any) -> None:
        module = ModuleType("IPython")
        module.get_ipython = lambda: returned  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, "IPython", module)

    return fake


KERNEL = SimpleNamespace(kernel=object(), config={"IPKernelApp": {}})


def fit(**settings: Any) -> None:
    train.fit(small(), bars(64), bars(30, seed=1), epochs=2, batch_size=32, **settings)


def test_a_notebook_without_widgets_shows_a_line_of_text(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shell(KERNEL)
    monkeypatch.setattr(progress, "find_spec", lambda name: None)
    monkeypatch.setattr(progress, "NOTEBOOK_INTERVAL", 0)
    fit()
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "4/4" in shown.err
    assert "epoch 2, loss" in shown.err
    assert "validation" in shown.err


def test_a_notebook_with_widgets_shows_one(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    made = []

    class Widget:
        def __init__(self, **settings: Any) -> None:
            made.append(settings)

    module = ModuleType("tqdm.notebook")
    module.tqdm = Widget  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "tqdm.notebook", module)
    monkeypatch.setattr(progress, "find_spec", lambda name: object())
    shell(KERNEL)
    assert isinstance(progress.progress_bar(True, total=3, unit="step"), Widget)
    assert made == [{"total": 3, "unit": "step"}]


@pytest.mark.parametrize("returned", [None, SimpleNamespace(kernel=None), SimpleNamespace()])
def test_elsewhere_and_when_not_asked_for_it_stays_silent(
    shell: Shell, capsys: pytest.CaptureFixture[str], returned: Any
) -> None:
    shell(returned)  # IPython has been imported, but no kernel runs: a script, or IPython in a pipe
    fit()
    shell(KERNEL)
    fit(progress=False)
    assert capsys.readouterr() == ("", "")


def test_a_terminal_shows_a_bar(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    fit()
    assert "4/4" in capsys.readouterr().err


@pytest.mark.slow
def test_a_real_notebook_shows_the_epochs() -> None:
    nbclient, nbformat = pytest.importorskip("nbclient"), pytest.importorskip("nbformat")
    pytest.importorskip("ipykernel")
    code = """
import numpy as np
from hello_dl import nn, train
x = np.random.default_rng(0).normal(size=(64, 3)).astype(np.float32)
train.fit(nn.Linear(3, 2), (x, (x[:, 0] > 0).astype(np.int64)), epochs=2);
"""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)])
    nbclient.NotebookClient(notebook, timeout=60).execute()
    outputs = str(notebook.cells[0].outputs)
    assert "epoch 2, loss" in outputs or "FloatProgress" in outputs
