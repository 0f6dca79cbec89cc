"""A sweep: processes share a study, killing one spoils nothing, and the study says what mattered."""

from __future__ import annotations

import os
import socket
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from command import command, refused, start, write_pair
from hello_dl.data import CODES, Images
from hello_dl.data.builtin import generate
from hello_dl.runlog import LogReader, RunLog

pytest.importorskip("optuna")

from hello_dl.train import sweep as sweeping
from hello_dl.train.sweep import Sweep, complete, importances, open_study, run_trial

WHAT = Sweep("digits_mlp", 2, 3, "some digits", ("lr", "batch_size", "dropout"))


@pytest.fixture(scope="module")
def data() -> tuple[Images, Images]:
    images, labels = generate(400, "digits", 5)
    return Images(images, labels, CODES["digits"].classes).split(0.8)


@pytest.fixture(scope="module")
def digits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_pair(tmp_path_factory.mktemp("data") / "digits", *generate(1000, "digits", 5))


def outcomes(study: Any) -> list[Any]:
    return [(t.state.name, t.params, t.value) for t in study.get_trials()]


def test_the_same_seed_searches_the_same_way_even_when_it_goes_on_later(
    tmp_path: Path, data: tuple[Images, Images]
) -> None:
    straight = open_study(tmp_path / "one.journal", WHAT)
    for _ in range(6):
        run_trial(straight, WHAT, *data)
    for _ in range(2):
        later = open_study(tmp_path / "two.journal", WHAT)
        for _ in range(3):
            run_trial(later, WHAT, *data)
    assert outcomes(straight) == outcomes(open_study(tmp_path / "two.journal"))
    assert len({str(params) for _, params, _ in outcomes(straight)}) == 6
    assert all(set(params) == {"lr", "batch_size", "dropout"} for _, params, _ in outcomes(straight))
    shares = importances(straight)
    assert set(shares) == {"lr", "batch_size", "dropout"}
    assert sum(shares.values()) == pytest.approx(1)


def test_a_training_that_falls_behind_is_cut_short_and_one_that_explodes_counts_as_nothing(
    tmp_path: Path, data: tuple[Images, Images], monkeypatch: pytest.MonkeyPatch
) -> None:
    study = open_study(tmp_path / "s.journal", WHAT)

    def pretend(accuracies: list[float]) -> Any:
        from hello_dl.evaluation import Result
        from hello_dl.train.history import Epoch

        none = np.zeros(0, np.int64)

        def once(sweep: Any, settings: Any, data: Any, judge: Any, log: Any, on_epoch: Any) -> float:
            for i, accuracy in enumerate(accuracies, start=1):
                result = Result(1, accuracy, 1.0, np.ones((1, 1), np.int64), none, none)
                on_epoch(Epoch(i, i, 1.0, result, 1.0))
            return max(accuracies)

        return once

    for accuracies in ([0.5, 0.6],) * 5 + ([0.1, 0.9],):
        monkeypatch.setattr(sweeping, "train_once", pretend(accuracies))
        run_trial(study, WHAT, *data)
    assert [t.state.name for t in study.trials] == ["COMPLETE"] * 5 + ["PRUNED"]

    def explode(*_: object) -> float:
        raise ValueError("fit: epoch 1, step 9: the loss is nan")

    monkeypatch.setattr(sweeping, "train_once", explode)
    trial = run_trial(study, WHAT, *data)
    assert trial.value == 0
    assert trial.user_attrs["error"].endswith("the loss is nan")

    def stop(*_: object) -> float:
        raise KeyboardInterrupt

    monkeypatch.setattr(sweeping, "train_once", stop)
    with pytest.raises(KeyboardInterrupt):
        run_trial(study, WHAT, *data)
    assert study.trials[-1].state.name == "FAIL"
    assert len(complete(study)) == 6


def test_a_line_written_by_half_is_cut_off(tmp_path: Path, data: tuple[Images, Images]) -> None:
    file = tmp_path / "s.journal"
    run_trial(open_study(file, WHAT), WHAT, *data)
    whole = file.read_bytes()
    file.write_bytes(whole + whole[: len(whole) // 3].split(b"\n")[-1])
    run_trial(open_study(file, WHAT), WHAT, *data)
    assert len(complete(open_study(file))) == 2
    assert file.read_bytes().startswith(whole)


def test_what_is_no_study_or_another_one_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("a shopping list\n")
    RunLog(tmp_path / "run.sqlite")
    for name in ("text", "run.sqlite"):
        before = (tmp_path / name).read_bytes()
        with pytest.raises(ValueError, match=f"{name}: needs a study of hello-dl sweep"):
            open_study(tmp_path / name, WHAT)
        assert (tmp_path / name).read_bytes() == before
    with pytest.raises(FileNotFoundError, match="no folder"):
        open_study(tmp_path / "nowhere" / "s.journal", WHAT)
    with pytest.raises(FileNotFoundError, match="no such study"):
        open_study(tmp_path / "s.journal")
    study = open_study(tmp_path / "s.journal", WHAT)
    with pytest.raises(LookupError, match="too few trials"):
        importances(study)
    with pytest.raises(ValueError, match="has model digits_mlp, not letters_cnn"):
        open_study(tmp_path / "s.journal", Sweep("letters_cnn", 2, 3, "some digits"))
    with pytest.raises(ValueError, match="has data some digits, not others"):
        open_study(tmp_path / "s.journal", Sweep("digits_mlp", 2, 3, "others"))
    refused(command("plot", "s.journal", cwd=tmp_path), "none complete; there is nothing to plot")
    refused(command("sweep", "digits"), "--study", code=2)
    refused(command("sweep", "digits", "--study", "s", "--search", "luck"), "luck", "lr", code=2)


@pytest.mark.parametrize(
    ("notes", "is_dead"),
    [
        ({"process": [socket.gethostname(), 2**22 + 7]}, True),
        ({"process": [socket.gethostname(), os.getpid()]}, False),
        ({"process": ["elsewhere", 1], "seen": time.time() - 3700}, True),
        ({"process": ["elsewhere", 1], "seen": time.time() - 1800}, False),
        ({"process": ["elsewhere", 1]}, False),  # written by an older version
    ],
)
def test_a_dead_process_s_trial_is_taken_up_again_once(
    notes: dict[str, Any], is_dead: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweeping, "train_once", lambda *_: 0.5)
    study = open_study(tmp_path / "s.journal", WHAT)
    lost = study.ask()
    settings = WHAT.suggest(lost)
    for name, value in notes.items():
        lost.set_user_attr(name, value)
    study = open_study(tmp_path / "s.journal", WHAT)
    again, other = (run_trial(study, WHAT, None, None) for _ in range(2))
    assert (study.trials[0].state.name == "FAIL") is is_dead
    same = {name: settings[name] for name in again.params}
    assert (again.params == same) is is_dead
    assert other.params != same
    assert again.user_attrs.get("again") == (0 if is_dead else None)


@pytest.mark.slow
def test_processes_share_a_study_and_killing_one_spoils_nothing(tmp_path: Path, digits: Path) -> None:
    file = tmp_path / "s.journal"
    line: list[object] = ["sweep", "digits", "--data", f"{digits}:digits", "--study", file, "--epochs", 2]
    line += ["--threads", 1, "--log", tmp_path / "run.sqlite", "--trials"]
    doomed = start(*line, 1000, cwd=tmp_path)
    try:
        while "trial 1:" not in (doomed.stdout.readline() if doomed.stdout else ""):
            assert doomed.poll() is None, doomed.communicate()
        other = start(*line, 4, cwd=tmp_path)
        time.sleep(0.5)
    finally:
        doomed.kill()
        doomed.communicate()
    out, err = other.communicate(timeout=120)
    # If it was killed while it held the study's lock, the other waits half a minute, says so, and goes on.
    assert all("lock file" in line for line in err.splitlines()), err
    assert other.returncode == 0, err
    assert out.count("\ntrial ") == 4, out
    more = command(*line, 1)
    assert more.code == 0, more
    assert "to train with its settings: hello-dl train digits" in more.out
    trials = open_study(file).get_trials()
    assert [t.number for t in trials] == list(range(len(trials)))
    assert len(trials) >= 7
    assert not [t for t in trials if t.state.name == "RUNNING"]  # the killed one's last is marked as failed
    assert sum(t.state.name == "FAIL" for t in trials) <= 1
    lived = [str(t.params) for t in trials if t.params and t.state.name != "FAIL"]
    assert len(set(lived)) == len(lived)
    with LogReader(tmp_path / "run.sqlite") as log:
        assert len(log.runs()) >= 7
    pytest.importorskip("matplotlib")
    drawn = command("plot", file, "--out", tmp_path / "plots")
    assert drawn.code == 0
    assert (tmp_path / "plots" / "sweep.png").stat().st_size > 10_000


def test_without_optuna_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(ImportError, match=r"pip install 'hello-dl\[sweep\]'"):
        open_study(tmp_path / "s.journal", WHAT)


@pytest.mark.parametrize(
    "line",
    [b'{"op_code": 0}', b'{"op_code": 0, "worker_id": "a", "study_name": "hello-dl", "directions": 7}', b"{"],
)
def test_a_damaged_study_is_named(tmp_path: Path, line: bytes) -> None:
    path = tmp_path / "s.journal"
    open_study(path, WHAT)
    path.write_bytes(line + b"\n" + path.read_bytes())
    with pytest.raises(ValueError, match=r"s\.journal"):
        open_study(path)
