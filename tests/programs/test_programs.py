"""Programs in the manner of PyTorch's tutorials: `hello-dl run` prints what PyTorch prints."""

from __future__ import annotations

import importlib.util
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from command import command

PROGRAMS = sorted(
    path.stem for path in Path(__file__).parent.glob("*.py") if not path.stem.startswith("test_")
)
MISSING: dict[str, str] = {}  # program: the name that it needs and that is not here yet
NUMBER = re.compile(r"-?\d+\.\d+(?:e[-+]?\d+)?")  # numbers with decimals, which may differ in the last ones

# Runs all programs in one process, since importing PyTorch takes longer than the programs.
RUN_ALL = """
import contextlib, io, json, runpy, sys
printed = {}
for path in sys.argv[1:]:
    out, sys.argv = io.StringIO(), [path]
    with contextlib.redirect_stdout(out):
        runpy.run_path(path, run_name="__main__")
    printed[path] = out.getvalue()
print(json.dumps(printed))
"""


def path_of(name: str) -> Path:
    return Path(__file__).parent / f"{name}.py"


@pytest.fixture(scope="module")
def expected() -> dict[str, str]:
    """What PyTorch prints, by the programs' paths."""
    if importlib.util.find_spec("torch") is None:
        pytest.skip("PyTorch is not installed")
    paths = [str(path_of(name)) for name in PROGRAMS]
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", RUN_ALL, *paths], capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    printed: dict[str, str] = json.loads(done.stdout.splitlines()[-1])
    return printed


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=[pytest.mark.xfail(reason=MISSING[name])] if name in MISSING else [])
        for name in PROGRAMS
    ],
)
def test_a_program_prints_what_it_prints_with_pytorch(name: str, expected: dict[str, str]) -> None:
    answer = command("run", path_of(name))
    assert answer.code == 0, answer.err
    theirs = expected[str(path_of(name))]
    assert NUMBER.sub("#", answer.out) == NUMBER.sub("#", theirs)
    ours, numbers = NUMBER.findall(answer.out), NUMBER.findall(theirs)
    assert [float(x) for x in ours] == pytest.approx([float(x) for x in numbers], rel=2e-3, abs=2e-4)


def test_there_are_programs() -> None:
    assert len(PROGRAMS) >= 20
