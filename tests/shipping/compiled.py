"""Compile C files that were written, with all warnings as errors, and call their functions."""

from __future__ import annotations

import ctypes
import importlib.util
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import hello_dl

STRICT = ["-std=c99", "-Wall", "-Wextra", "-Werror", "-pedantic", "-O2"]
ZIG = [sys.executable, "-m", "ziglang", "cc"]


def compiler(name: str) -> list[str]:
    """Return the command of a compiler; skip the test where it is missing."""
    if name == "zig":
        if importlib.util.find_spec("ziglang") is None:
            pytest.skip("no zig here")
        return ZIG
    if shutil.which(name) is None:
        pytest.skip(f"no {name} here")
    return [name]


def build(command: Sequence[str], source: Path, out: Path, *more: str) -> Path:
    """Compile a file; fail with what the compiler says."""
    done = subprocess.run(
        [*command, *STRICT, *more, str(source), "-o", str(out), "-lm"], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr[:3000]
    return out


def shared(source: Path, *command: str) -> ctypes.CDLL:
    """Compile a file as a library, and load it."""
    out = source.with_suffix(".so")
    return ctypes.CDLL(str(build(command or compiler("gcc"), source, out, "-shared", "-fPIC")))


def outputs_of(answer: Any) -> list[Any]:
    """Return the arrays of an answer of a network."""
    if isinstance(answer, hello_dl.Tensor):
        return [answer.numpy()]
    return [array for part in answer for array in outputs_of(part)]


def ours(model: Callable[..., Any], *inputs: Any) -> list[Any]:
    """Return what the network answers here."""
    with hello_dl.no_grad():
        return outputs_of(model(*[hello_dl.tensor(x) for x in inputs]))


def call(function: Any, inputs: Sequence[Any], wanted: Sequence[Any]) -> list[Any]:
    """Call a C function with arrays, and return what it filled in: arrays like the wanted ones."""
    given = [np.array(x, order="C") for x in inputs]
    found = [np.zeros_like(x) for x in wanted]
    function(*[x.ctypes.data_as(ctypes.c_void_p) for x in (*given, *found)])
    return found


def close(found: Sequence[Any], wanted: Sequence[Any], much: float = 1e-5) -> None:
    """Check that answers are the same."""
    assert len(found) == len(wanted)
    for a, b in zip(found, wanted, strict=True):
        assert a.shape == b.shape
        assert a.dtype == b.dtype
        np.testing.assert_allclose(a, b, rtol=much, atol=much)
