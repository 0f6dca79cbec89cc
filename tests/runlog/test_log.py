"""The run log says what happened. What happens when things go wrong is in test_log_trouble.py."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bars import bars, log_two_runs, small, state
from hello_dl import functional as F
from hello_dl import nn, optim, train
from hello_dl.runlog import LogReader, RunLog
from hello_dl.runlog.rows import worst_pairs


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "run.sqlite"


def test_a_run_is_logged_as_it_was(path: Path) -> None:
    model, losses, rates, shares = small(), [], [], []
    optimizer = optim.SGD(model.parameters(), lr=0.1)

    def note(step: int, loss: float) -> None:
        losses.append(loss)
        rates.append(optimizer.param_groups[0]["lr"])

    right = F.cross_entropy

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
    assert run.started <= run.finished
    assert run.classes == ("lies", "stands", "leans")
    assert run.hyperparameters["batch_size"] == 32
    assert run.hyperparameters["schedule"] == "cosine"
    assert "Conv2d" in run.hyperparameters["model"]["layers"]
    assert "numpy" in run.versions
    assert steps["step"].tolist() == list(range(1, 21))
    assert steps["epoch"].tolist() == [1] * 10 + [2] * 10
    assert steps["loss"].tolist() == losses
    assert steps["lr"].tolist() == rates
    accuracies = [float((s.numpy().argmax(1) == y.numpy()).mean()) for s, y in shares]
    np.testing.assert_allclose(steps["accuracy"], accuracies)
    assert (np.diff(steps["wall"]) > 0).all()
    assert (np.diff(steps["cpu"]) > 0).all()
    assert judged["loss"].tolist() == [e.validation.loss for e in history.epochs]
    assert judged["accuracy"].tolist() == [e.validation.accuracy for e in history.epochs]
    confusion = np.zeros((3, 3), int)
    confusion[counts["truth"], counts["answer"]] = counts["items"]
    assert (confusion == history.epochs[-1].validation.confusion).all()
    wrong = confusion.sum() - np.trace(confusion)
    assert mistakes == [(min(wrong, mistakes[0][0]), 784)]
    assert mistakes[0][0] > 0


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
            assert row["step"] == 2
            assert row["size"] == numbers.size
            assert row["norm"] == pytest.approx(np.linalg.norm(numbers), rel=1e-5)
            assert row["mean"] == pytest.approx(numbers.mean(), abs=1e-6)
            assert (row["q0"], row["q100"]) == (numbers.min(), numbers.max())
            for q in (5, 25, 50, 75, 95):
                rank = (np.sort(numbers.reshape(-1)) <= row[f"q{q}"]).sum() / numbers.size
                assert abs(rank - q / 100) <= 1 / numbers.size + 0.01, (key, q)
            steps, values = log.values(1, name, kind)
            assert steps.tolist() == [1, 2]
            assert (values[-1] == numbers).all()


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
    assert 3 <= steps <= 5
    assert kept <= 5 * size
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
    assert steps[0] == 1
    assert steps[-1] == 2000
    assert len(steps) < 1900


def test_a_training_that_fails_says_so_in_its_run_and_the_next_one_follows(path: Path) -> None:
    log = RunLog(path)
    model = small()
    with pytest.raises(ValueError, match="the loss is"):
        train.fit(model, bars(), optimizer=optim.SGD(model.parameters(), lr=1e30), log=log, progress=False)

    def stop(step: int, loss: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train.fit(small(), bars(), log=log, on_step=stop, progress=False)
    train.fit(nn.Linear(3, 1), (np.ones((9, 3)), np.ones((9, 1))), loss=F.mse_loss, log=log, progress=False)
    with LogReader(path) as reader:
        outcomes = [run.outcome for run in reader.runs()]
        assert outcomes[0].startswith("ValueError: fit: epoch 1, step ")
        assert outcomes[1:] == [
            "stopped",
            "finished",
        ]
        assert np.isnan(reader.table("training", 3)["accuracy"]).all()  # these are no classes


def test_the_pairs_most_often_confused_come_worst_first() -> None:
    assert worst_pairs(np.array([[9, 2, 0], [5, 1, 0], [0, 0, 3]]), 3) == [(1, 0), (0, 1)]
    assert worst_pairs(np.array([[9, 2, 4], [5, 1, 0], [0, 0, 3]]), 2) == [(1, 0), (0, 2)]


def test_the_sql_of_the_manual_runs(tmp_path: Path) -> None:
    manual = (Path(__file__).parents[2] / "docs" / "inspecting.md").read_text()
    queries = re.findall(r"```sql\n(.*?)```", manual, re.DOTALL)
    assert len(queries) >= 5
    with LogReader(log_two_runs(tmp_path)) as log:
        answers = [log.query(query) for query in queries]
        assert [row[0] for row in answers[0]] == [2, 1] or [row[0] for row in answers[0]] == [1, 2]
        assert len(answers[1]) == 4
        assert all(training > 0 for _, _, training, _, _ in answers[1])
        assert {name for name, _ in answers[2]} == {name for name, _ in small().named_parameters()}
        assert answers[4][0][0] > 0
    for name in ("run", "training", "validation", "tensor", "value", "confusion", "mistake"):
        assert f"| `{name}` |" in manual
