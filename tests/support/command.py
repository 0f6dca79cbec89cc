"""Run the command `hello-dl` for the tests, and check how it fails."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from hello_dl.data.idx import write_idx


@dataclass
class Answer:
    """The exit code and the texts of one run of the command."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out.splitlines()[-1])


Inside = Callable[..., Answer]  # what the fixture `inside` gives: runs hello-dl in this process


def command(*args: object, cwd: Path | None = None, **env: str) -> Answer:
    """Run hello-dl in a process of its own, with one thread."""
    done = subprocess.run(
        [sys.executable, "-m", "hello_dl", *map(str, args)],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "HELLO_DL_DEBUG": "", **env},
        capture_output=True,
        text=True,
        timeout=120,
    )
    return Answer(done.returncode, done.stdout, done.stderr)


def start(*args: object, cwd: Path) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONUNBUFFERED": "1"}
    return subprocess.Popen(
        [sys.executable, "-m", "hello_dl", *map(str, args)],
        cwd=cwd,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def refused(answer: Answer, *words: object, code: int = 1) -> None:
    """Check that the command failed with one line on stderr that holds these words."""
    assert answer.code == code, answer
    assert answer.err.count("\n") == 1, answer.err
    assert answer.err.startswith("hello-dl: "), answer.err
    for word in words:
        assert str(word) in answer.err


def write_pair(prefix: Path, images: Any, labels: Any) -> Path:
    write_idx(Path(f"{prefix}-images-idx3-ubyte.gz"), images)
    write_idx(Path(f"{prefix}-labels-idx1-ubyte.gz"), np.asarray(labels, np.uint8))
    return prefix
