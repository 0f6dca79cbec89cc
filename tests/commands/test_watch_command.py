"""The command watch: a training seen in the terminal, once or again and again."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from bars import log_two_runs, small
from command import command, refused
from hello_dl.runlog import LogReader, RunLog


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the log of two runs of a small network."""
    return log_two_runs(tmp_path_factory.mktemp("home")).parent


def test_watch_prints_once_where_nobody_watches(home: Path) -> None:
    out = command("watch", home / "run.sqlite").out
    assert out.startswith("run 2: hello-dl train bars\nbegun 20")
    assert "\x1b" not in out
    assert "step 30 of 30 (100%), epoch 2" in out
    assert "steps/s" in out
    assert re.search(r"training loss +\d\.\d{4} [▁▂▃▄▅▆▇█]+\n", out)
    with LogReader(home / "run.sqlite") as log:
        last = log.table("validation", 2)["accuracy"][-1]
    assert f"{last:.2%}" in out.splitlines()[-1]
    assert command("watch", home / "run.sqlite", "--run", 1).out.startswith("run 1:")
    refused(command("watch", home / "run.sqlite", "--run", 3), "has no run 3")
    refused(command("watch", home / "none.sqlite"), "no such file")


def mark_running(path: Path) -> None:
    """Take back that a run has ended."""
    import sqlite3

    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE run SET finished = NULL, outcome = NULL")


def test_watch_looks_again_and_again_until_ctrl_c(tmp_path: Path) -> None:
    pty = pytest.importorskip("pty")
    log = RunLog(tmp_path / "run.sqlite", every=1)
    writer = log.run(small(), hyperparameters={}, steps=100)
    writer.step(1, 1, 2.5, 0.1)
    writer.end()
    mark_running(log.path)
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "hello_dl", "watch", str(log.path), "--every", "0.1"],
        **{"stdin": theirs, "stdout": theirs, "stderr": theirs},
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "TERM": "xterm"},
    )
    os.close(theirs)
    shown = b""
    try:
        while shown.count(b"\x1b[2J") < 3:
            shown += os.read(ours, 10_000)
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=60) == 0
    finally:
        process.kill()
        process.wait()
        os.close(ours)
    assert b"step 1 of 100 (1%)" in shown
    assert b"Traceback" not in shown


def test_a_curve_of_bars_follows_its_numbers() -> None:
    from hello_dl.commands.watch import curve

    assert curve([0, 1, 2, 3, 4, 5, 6, 7], 60) == "▁▂▃▄▅▆▇█"
    assert curve([5, 5, 5], 60) == "▁▁▁"
    assert len(curve(list(range(1000)), 60)) == 60
