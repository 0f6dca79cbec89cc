"""The run log in trouble: several processes, kills, locks, full disks, strange files."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bars import bars, small
from command import command, refused, start, write_pair
from hello_dl import train
from hello_dl.data.builtin import generate
from hello_dl.runlog import LogReader, RunLog
from hello_dl.runlog.schema import APPLICATION_ID, VERSION


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "run.sqlite"


@pytest.fixture(scope="module")
def digits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the prefix of a small data set in files."""
    return write_pair(tmp_path_factory.mktemp("data") / "digits", *generate(1000, "digits", 5))


def sound(path: Path) -> bool:
    """Whether SQLite finds nothing wrong with the file."""
    with LogReader(path) as log:
        return log.query("PRAGMA integrity_check") == [("ok",)]


# ---- several processes, and the end of one -------------------------------------------------------------


def test_two_processes_log_to_one_file_at_once(path: Path, digits: Path) -> None:
    both = [
        start(
            *("train", "digits", "--data", f"{digits}:digits", "--epochs", 4, "--threads", 1, "--seed", seed),
            *("--log", path, "--log-values", "--out", path.with_suffix(f".{seed}")),
            cwd=path.parent,
        )
        for seed in (1, 2)
    ]
    for process in both:
        out, err = process.communicate(timeout=120)
        assert process.returncode == 0
        assert err == ""
        assert f"hello-dl plot {path}" in out
    with LogReader(path) as log:
        runs = log.runs()
        assert sorted(run.seed for run in runs) == [1, 2]
        for run in runs:
            assert run.outcome == "finished"
            assert run.command.startswith("hello-dl train digits")
            assert log.table("training", run.id)["step"][[0, -1]].tolist() == [1, run.steps]
            assert len(log.table("validation", run.id)["step"]) == 4
    assert sound(path)


def test_a_killed_run_leaves_a_file_that_can_be_read_and_used(path: Path, digits: Path) -> None:
    process = start(
        *("train", "digits", "--data", f"{digits}:digits", "--epochs", 5000, "--threads", 1, "--log", path),
        cwd=path.parent,
    )
    try:
        rows = 0
        while rows < 20:
            assert process.poll() is None, process.communicate()
            time.sleep(0.1)
            if path.exists():
                rows = count(path)
    finally:
        process.kill()
        process.communicate()
    assert sound(path)
    with LogReader(path) as log:
        (run,) = log.runs()
        assert run.outcome is None
        assert run.finished is None
        assert len(log.table("training", 1)["step"]) >= 20
        assert log.query("SELECT count(*) FROM tensor")[0][0] > 0
    assert "still running (or killed)" in command("watch", path).out
    train.fit(small(), bars(64), log=RunLog(path), progress=False)
    with LogReader(path) as log:
        assert [run.outcome for run in log.runs()] == [None, "finished"]


def count(path: Path) -> int:
    """Return how many training rows a log that is being written has; it may not have its tables yet."""
    try:
        with LogReader(path) as log:
            return int(log.query("SELECT count(*) FROM training")[0][0])
    except (ValueError, OSError):
        return 0


def hold(path: Path) -> sqlite3.Connection:
    """Lock the file, as another program would that writes to it."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("BEGIN EXCLUSIVE")
    return connection


def test_a_locked_file_ends_in_clear_words_at_the_start(path: Path) -> None:
    RunLog(path)
    holder = hold(path)
    with pytest.raises(OSError, match=f"{path.name}: another program keeps it locked"):
        RunLog(path, wait=0.2)
    holder.close()
    RunLog(path, wait=0.2)


def test_a_lock_in_the_middle_costs_no_training_and_no_row(
    path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hello_dl.runlog.row_buffer.PAUSE", 0.0)
    held: list[sqlite3.Connection] = []

    def note(step: int, loss: float) -> None:
        if step == 3:
            held.append(hold(path))
        if step == 6:
            held.pop().close()

    log = RunLog(path, every=1, wait=0.1)
    history = train.fit(small(), bars(320), batch_size=32, log=log, on_step=note, progress=False)
    assert history.best.step == 10
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert "locked" in err
    assert "the training goes on" in err
    with LogReader(path) as reader:
        assert reader.table("training", 1)["step"].tolist() == list(range(1, 11))
        assert reader.runs()[0].outcome == "finished"


@pytest.mark.slow
def test_a_full_disk_is_said_once_and_the_training_goes_on(path: Path, digits: Path) -> None:
    pytest.importorskip("resource")
    code = (
        "import resource, sys\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, 2_000_000))\n"
        "from hello_dl.commands.main import main\n"
        "main()\n"
    )
    args = ["train", "digits", "--data", f"{digits}:digits", "--epochs", "6", "--threads", "1"]
    done = subprocess.run(
        [sys.executable, "-c", code, *args, "--log", str(path), "--log-values"],
        **{"cwd": path.parent, "capture_output": True, "text": True, "timeout": 120},
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert done.returncode == 0, done
    assert "saved epoch" in done.stdout
    assert done.stderr.count("\n") == 1, done.stderr
    assert "the training goes on" in done.stderr
    assert "run.sqlite: " in done.stderr
    assert "space" in done.stderr or "full" in done.stderr
    assert (path.parent / "digits.safetensors").exists()
    assert path.stat().st_size <= 2_000_000
    assert sound(path)
    with LogReader(path) as log:
        assert len(log.runs()) == 1


# ---- strange files -------------------------------------------------------------------------------------


def strange(path: Path, application: int, version: int) -> None:
    """Write a database of another program, or of a newer version."""
    connection = sqlite3.connect(path)
    connection.executescript(
        f"CREATE TABLE notes (x); PRAGMA application_id = {application}; PRAGMA user_version = {version};"
    )
    connection.close()


@pytest.fixture
def others(tmp_path: Path) -> Iterator[dict[str, Path]]:
    """Yield files that are no run logs of hello_dl; at the end, none of them may have changed."""
    files = {name: tmp_path / name for name in ("foreign", "newer", "plain", "text", "cut")}
    strange(files["foreign"], 77, 1)
    strange(files["newer"], APPLICATION_ID, VERSION + 1)
    strange(files["plain"], 0, 0)
    files["text"].write_text("this is no database, though it is long enough to be one\n" * 100)
    RunLog(tmp_path / "whole")
    files["cut"].write_bytes((tmp_path / "whole").read_bytes()[:5000])
    before = {name: file.read_bytes() for name, file in files.items()}
    yield files
    assert {name: file.read_bytes() for name, file in files.items()} == before


def test_files_that_are_no_run_logs_are_refused_and_left_as_they_are(others: dict[str, Path]) -> None:
    for name, words in {
        "foreign": "needs a run log of hello_dl, got another program's database",
        "newer": f"written by a newer hello_dl \\(format {VERSION + 1}, this one knows {VERSION}\\)",
        "plain": "another program's database",
        "text": "needs a run log of hello_dl, got something else",
        "cut": "needs a run log of hello_dl, got something else or a damaged file",
    }.items():
        for open_it in (RunLog, LogReader):
            with pytest.raises(ValueError, match=f"{name}: .*{words}" if name != "newer" else words):
                open_it(others[name])


def test_places_where_no_log_can_be_are_refused(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="something else is there"):
        RunLog(tmp_path)
    with pytest.raises(FileNotFoundError, match="no folder"):
        RunLog(tmp_path / "nowhere" / "run.sqlite")
    with pytest.raises(FileNotFoundError, match="no such file"):
        LogReader(tmp_path / "run.sqlite")
    with pytest.raises(ValueError, match="every"):
        RunLog(tmp_path / "run.sqlite", every=0)
    refused(command("train", "digits", "--log", tmp_path, cwd=tmp_path), "something else is there")
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="needs users as POSIX has them")
def test_a_read_only_log_can_be_read_but_not_written() -> None:
    folder = Path(tempfile.mkdtemp())  # not below pytest's folder, which other users cannot enter
    path = folder / "run.sqlite"
    train.fit(small(), bars(64), log=RunLog(path), progress=False)
    path.chmod(0o444)
    folder.chmod(0o555)
    code = (
        "import os, sys\n"
        "import urllib.parse\n"  # pathlib imports it when needed; the other user cannot read root's Python
        "from hello_dl.runlog import LogReader, RunLog\n"
        "if os.geteuid() == 0:\n"  # the administrator, who may do everything
        "    os.setgid(65534); os.setuid(65534)\n"
        "with LogReader(sys.argv[1]) as log:\n"
        "    print(log.runs()[0].outcome)\n"
        "try:\n"
        "    RunLog(sys.argv[1])\n"
        "except OSError as error:\n"
        "    print(error)\n"
    )
    try:
        done = subprocess.run(
            [sys.executable, "-c", code, str(path)],
            **{"capture_output": True, "text": True, "timeout": 60},
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        )
    finally:
        folder.chmod(0o755)
        shutil.rmtree(folder)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "finished",
        f"{path}: is read-only; log to another file, or make it writable",
    ]


@pytest.mark.slow
def test_ctrl_c_ends_a_logged_training_with_its_run_closed(path: Path, digits: Path) -> None:
    process = start(
        *("train", "digits", "--data", f"{digits}:digits", "--epochs", 5000, "--threads", 1, "--log", path),
        cwd=path.parent,
    )
    while count(path) < 5:
        assert process.poll() is None
        time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode == 130
    with LogReader(path) as log:
        assert log.runs()[0].outcome == "stopped"
