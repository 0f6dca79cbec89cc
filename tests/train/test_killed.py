"""Killed with SIGKILL at any moment and resumed, `hello-dl train` ends with an unbroken training's bits."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from command import command, refused

ARGS = ("train", "letters", "--data", "builtin:400", "--epochs", "3", "--threads", "1", "--augment")
KEPT = ("--checkpoint", "state", "--every", "0.05", "--resume")

pytestmark = pytest.mark.skipif(os.name != "posix", reason="SIGKILL is of POSIX systems")


def kill_after(seconds: float, folder: Path) -> int:
    """Train in another process, kill it so many seconds after its first checkpoint; return its code."""
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    before = (folder / "state").stat().st_mtime_ns if (folder / "state").exists() else 0
    process = subprocess.Popen(
        [sys.executable, "-m", "hello_dl", *ARGS, *KEPT, "--log", "log", "--out", "broken"],
        cwd=folder,
        env=env,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    while process.poll() is None:
        if (folder / "state").exists() and (folder / "state").stat().st_mtime_ns != before:
            break
        time.sleep(0.005)
    time.sleep(seconds)
    process.send_signal(signal.SIGKILL)
    return process.wait()


@pytest.mark.slow
def test_killed_at_random_moments_and_resumed(tmp_path: Path) -> None:
    unbroken = command(*ARGS, "--out", "unbroken", cwd=tmp_path)
    assert unbroken.code == 0, unbroken
    chance = random.Random(0)
    codes = [kill_after(chance.uniform(0, 0.3), tmp_path) for _ in range(4)]
    assert -signal.SIGKILL in codes
    resumed = command(*ARGS, *KEPT, "--log", "log", "--out", "broken", cwd=tmp_path)
    assert resumed.code == 0, resumed
    assert (tmp_path / "broken").read_bytes() == (tmp_path / "unbroken").read_bytes()
    assert {path.name for path in tmp_path.iterdir()} >= {"broken", "unbroken", "log", "state"}
    assert not list(tmp_path.glob("state.*"))
    with closing(sqlite3.connect(tmp_path / "log")) as log:
        runs = log.execute("SELECT outcome FROM run").fetchall()
    assert runs == [("finished",)]


def test_mistakes_about_checkpoints_are_told_in_a_line(tmp_path: Path) -> None:
    refused(command(*ARGS, "--resume", cwd=tmp_path), "--resume needs --checkpoint", code=2)
    (tmp_path / "state").write_bytes(b"x")
    refused(command(*ARGS, "--checkpoint", "state", cwd=tmp_path), "state: is there already; add --resume")
    refused(command(*ARGS, "--checkpoint", "no/state", cwd=tmp_path), "there is no folder no")
