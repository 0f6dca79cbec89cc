"""The run log says what happened, whatever happens: kills, locks, full disks, strange files."""

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
from typing import Any

import numpy as np
import pytest

from bars import bars, small, state
from command import command, refused, start, write_pair
from hello_dl import nn, optim, train
from hello_dl.data.builtin import generate
from hello_dl.runlog import LogReader, RunLog
from hello_dl.runlog.schema import APPLICATION_ID, VERSION


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "run.sqlite"


@pytest.fixture(scope="module")
def digits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small data set in files."""
    return write_pair(tmp_path_factory.mktemp("data") / "digits", *generate(1000, "digits", 5))


def sound(path: Path) -> bool:
    """Whether SQLite finds nothing wrong with the file."""
    with LogReader(path) as log:
        return log.query("PRAGMA integrity_check") == [("ok",)]


# ---- what is in it ------------------------------------------------------------------------------------


def test_a_run_is_logged_as_it_was(path: Path) -> None:
    model, losses, rates, shares = small(), [], [], []
    optimizer = optim.SGD(model.parameters(), lr=0.1)

    def note(step: int, loss: float) -> None:
        losses.append(loss)
        rates.append(optimizer.param_groups[0]["lr"])

    right = train.F.cross_entropy

    def loss(scores: Any, labels: Any) -> Any:
        if model.training:
            shares.append((scores, labels))
        return right(scores, labels)

    history = train.fit(
        model,
        bars(),
        bars(90, seed=1),
        epochs=2,
        batch_size=32,
        optimizer=optimizer,
        schedule=train.cosine,
        loss=loss,
        seed=7,
        log=RunLog(path, command="a command", every=1),
        on_step=note,
        progress=False,
    )
    with LogReader(path) as log:
        (run,) = log.runs()
        steps, judged = log.table("training", 1), log.table("validation", 1)
        counts = log.table("confusion", 1, "step = 20")
        mistakes = log.query("SELECT count(*), min(length(image)) FROM mistake WHERE run = 1")
    assert (run.command, run.seed, run.outcome) == ("a command", 7, "finished")
    assert (run.steps, run.epoch_steps) == (20, 10)
    assert run.started <= run.finished and run.classes == ("lies", "stands", "leans")
    assert run.hyperparameters["batch_size"] == 32 and run.hyperparameters["schedule"] == "cosine"
    assert "Conv2d" in run.hyperparameters["model"]["layers"] and "numpy" in run.versions
    assert steps["step"].tolist() == list(range(1, 21)) and steps["epoch"].tolist() == [1] * 10 + [2] * 10
    assert steps["loss"].tolist() == losses and steps["lr"].tolist() == rates
    accuracies = [float((s.numpy().argmax(1) == y.numpy()).mean()) for s, y in shares]
    np.testing.assert_allclose(steps["accuracy"], accuracies)
    assert (np.diff(steps["wall"]) > 0).all() and (np.diff(steps["cpu"]) > 0).all()
    assert judged["loss"].tolist() == [e.validation.loss for e in history.epochs]
    assert judged["accuracy"].tolist() == [e.validation.accuracy for e in history.epochs]
    confusion = np.zeros((3, 3), int)
    confusion[counts["truth"], counts["answer"]] = counts["items"]
    assert (confusion == history.epochs[-1].validation.confusion).all()
    wrong = confusion.sum() - np.trace(confusion)
    assert mistakes == [(min(wrong, mistakes[0][0]), 784)] and mistakes[0][0] > 0


def test_statistics_are_those_of_parameters_and_gradients(path: Path) -> None:
    model = small()
    seen: dict[str, Any] = {}

    def note(step: int, loss: float) -> None:
        for name, p in model.named_parameters():
            seen[f"parameter {name}"], seen[f"gradient {name}"] = p.numpy().copy(), p.grad.numpy().copy()

    train.fit(model, bars(64), batch_size=32, log=RunLog(path, values=True), on_step=note, progress=False)
    with LogReader(path) as log:
        for key, numbers in seen.items():
            kind, name = key.split()
            row = {k: v[-1] for k, v in log.table("tensor", 1, "kind = ? AND name = ?", kind, name).items()}
            assert row["step"] == 2 and row["size"] == numbers.size
            assert row["norm"] == pytest.approx(np.linalg.norm(numbers), rel=1e-5)
            assert row["mean"] == pytest.approx(numbers.mean(), abs=1e-6)
            assert (row["q0"], row["q100"]) == (numbers.min(), numbers.max())
            for q in (5, 25, 50, 75, 95):
                rank = (np.sort(numbers.reshape(-1)) <= row[f"q{q}"]).sum() / numbers.size
                assert abs(rank - q / 100) <= 1 / numbers.size + 0.01, (key, q)
            steps, values = log.values(1, name, kind)
            assert steps.tolist() == [1, 2] and (values[-1] == numbers).all()


def test_logging_changes_no_bit_of_the_result(path: Path) -> None:
    results = []
    for log in (None, RunLog(path, values=True)):
        model = small(dropout=0.3)
        train.fit(model, bars(), bars(60, seed=1), epochs=2, log=log, progress=False)
        results.append(state(model))
    assert all((a == b).all() for a, b in zip(*results, strict=True))


def test_values_stay_within_their_limit(path: Path) -> None:
    size = 2 * 4 * sum(p.numel() for p in small().parameters())
    train.fit(
        small(),
        bars(),
        epochs=3,
        batch_size=10,
        log=RunLog(path, values=True, limit=5 * size),
        progress=False,
    )
    with LogReader(path) as log:
        ((kept, steps),) = log.query(
            "SELECT sum(length(numbers)), count(DISTINCT step) FROM value WHERE name LIKE '4%'"
        )
    assert 3 <= steps <= 5 and kept <= 5 * size
    with pytest.raises(ValueError, match="more than the limit of 100"):
        train.fit(small(), bars(), log=RunLog(path, values=True, limit=100), progress=False)


def test_a_loop_of_ones_own_may_log_any_numbers_and_a_step_twice(path: Path) -> None:
    model = small()
    with RunLog(path, every=1).run(model, hyperparameters={"lr": 0.1, "who": object}, seed=3) as run:
        for step in (1, 2, 2):
            run.step(np.int64(step), 1, np.float32(1.5), np.float64(0.1))
        run.validated(2, 1, train.evaluate(model, bars(20)))
    with LogReader(path) as log:
        assert log.table("training", 1)["loss"].tolist() == [1.5, 1.5]
        assert log.table("validation", 1)["items"].tolist() == [20]
        assert log.runs()[0].hyperparameters == {"lr": 0.1, "who": "object"}


def test_steps_that_are_very_fast_are_not_all_logged_but_the_first_and_last_are(path: Path) -> None:
    x, y = np.ones((2000, 2), np.float32), np.zeros(2000, np.int64)
    train.fit(nn.Linear(2, 2), (x, y), batch_size=1, log=RunLog(path), progress=False)
    with LogReader(path) as log:
        steps = log.table("training", 1)["step"].tolist()
    assert steps[0] == 1 and steps[-1] == 2000 and len(steps) < 1900


def test_a_training_that_fails_says_so_in_its_run_and_the_next_one_follows(path: Path) -> None:
    log = RunLog(path)
    model = small()
    with pytest.raises(ValueError, match="the loss is"):
        train.fit(model, bars(), optimizer=optim.SGD(model.parameters(), lr=1e30), log=log, progress=False)

    def stop(step: int, loss: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train.fit(small(), bars(), log=log, on_step=stop, progress=False)
    train.fit(
        nn.Linear(3, 1), (np.ones((9, 3)), np.ones((9, 1))), loss=train.F.mse_loss, log=log, progress=False
    )
    with LogReader(path) as reader:
        outcomes = [run.outcome for run in reader.runs()]
        assert outcomes[0].startswith("ValueError: fit: epoch 1, step ") and outcomes[1:] == [
            "stopped",
            "finished",
        ]
        assert np.isnan(reader.table("training", 3)["accuracy"]).all()  # these are no classes


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
        assert process.returncode == 0 and err == "" and f"hello-dl plot {path}" in out
    with LogReader(path) as log:
        runs = log.runs()
        assert sorted(run.seed for run in runs) == [1, 2]
        for run in runs:
            assert run.outcome == "finished" and run.command.startswith("hello-dl train digits")
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
        assert run.outcome is None and run.finished is None
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
    monkeypatch.setattr("hello_dl.runlog.writer.FLUSH", 0.0)
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
    assert err.count("\n") == 1 and "locked" in err and "the training goes on" in err
    with LogReader(path) as reader:
        assert reader.table("training", 1)["step"].tolist() == list(range(1, 11))
        assert reader.runs()[0].outcome == "finished"


@pytest.mark.slow
def test_a_full_disk_is_said_once_and_the_training_goes_on(path: Path, digits: Path) -> None:
    pytest.importorskip("resource")
    code = (
        "import resource, sys\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, 2_000_000))\n"
        "from hello_dl.cli import main\n"
        "main()\n"
    )
    args = ["train", "digits", "--data", f"{digits}:digits", "--epochs", "6", "--threads", "1"]
    done = subprocess.run(
        [sys.executable, "-c", code, *args, "--log", str(path), "--log-values"],
        **{"cwd": path.parent, "capture_output": True, "text": True, "timeout": 120},
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert done.returncode == 0 and "saved epoch" in done.stdout, done
    assert done.stderr.count("\n") == 1 and "the training goes on" in done.stderr, done.stderr
    assert "run.sqlite: " in done.stderr and ("space" in done.stderr or "full" in done.stderr)
    assert (path.parent / "digits.safetensors").exists() and path.stat().st_size <= 2_000_000
    assert sound(path)
    with LogReader(path) as log:
        assert len(log.runs()) == 1


# ---- strange files -------------------------------------------------------------------------------------


def strange(path: Path, application: int, version: int) -> None:
    """Write a database that is not ours, or not of today."""
    connection = sqlite3.connect(path)
    connection.executescript(
        f"CREATE TABLE notes (x); PRAGMA application_id = {application}; PRAGMA user_version = {version};"
    )
    connection.close()


@pytest.fixture
def others(tmp_path: Path) -> Iterator[dict[str, Path]]:
    """Files that are no run logs of ours; none of them may change."""
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
        "from hello_dl.runlog import LogReader, RunLog\n"
        "if os.geteuid() == 0:\n"  # whom no permission stops
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
