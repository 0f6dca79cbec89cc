"""A checkpoint holds the whole state of a training: broken off anywhere, it goes on to the same bits."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors import safe_open

import hello_dl
from bars import bars, small, state
from breaking import SOON, broken_and_resumed, drawn, images, plateau, same
from breaking import at_every_step as at_every_step
from hello_dl import nn, optim, train
from hello_dl.data import TensorDataset
from hello_dl.runlog import LogReader, RunLog
from hello_dl.train.checkpoint import KEY, Checkpoint

pytestmark = pytest.mark.usefixtures("at_every_step")


@pytest.mark.parametrize("make", [images, plateau, drawn])
def test_broken_off_and_resumed_it_comes_to_the_same_bits(
    make: Callable[[], dict[str, Any]], tmp_path: Path
) -> None:
    def seeded() -> dict[str, Any]:
        hello_dl.manual_seed(3)
        return make()

    unbroken = broken_and_resumed(seeded, [], tmp_path / "unbroken")
    kills = [1, 7, 8, 15]  # the first step of all, the last of an epoch, the first of one, in the middle
    same(broken_and_resumed(seeded, kills, tmp_path / "broken"), unbroken)


def test_a_training_that_was_done_is_not_done_again(tmp_path: Path) -> None:
    first = broken_and_resumed(images, [], tmp_path / "c")
    steps: list[int] = []
    settings = images()
    model = settings.pop("model")
    history = train.fit(
        model,
        progress=False,
        checkpoint=tmp_path / "c",
        resume=True,
        save=tmp_path / "weights",
        on_step=lambda step, loss: steps.append(step),
        **settings,
    )
    assert not steps
    same([history, state(model)], first)
    assert (tmp_path / "weights").is_file()  # the best weights are written again


def test_the_file_is_safetensors_and_json(tmp_path: Path) -> None:
    broken_and_resumed(images, [], tmp_path / "c")
    with safe_open(tmp_path / "c", "numpy") as file:
        names, content = set(file.keys()), json.loads(file.metadata()[KEY])
    assert {"model.0.weight", "optimizer.state.0.exp_avg", "average.averages.4.bias"} <= names
    assert content["format"] == 1
    assert content["identity"]["batch_size"] == 16
    assert [path.name for path in tmp_path.iterdir()] == ["c"]


def test_the_log_goes_on_in_the_same_run(tmp_path: Path) -> None:
    def logged(name: str) -> Callable[[], dict[str, Any]]:
        return lambda: {**images(), "log": RunLog(tmp_path / name, every=1)}

    broken_and_resumed(logged("unbroken"), [], tmp_path / "u")
    broken_and_resumed(logged("broken"), [5, 12], tmp_path / "b")
    tables = []
    for name in ("unbroken", "broken"):
        with LogReader(tmp_path / name) as log:
            (run,) = log.runs()
            assert run.outcome == "finished"
            rows = log._connection.execute("SELECT step, epoch, loss, accuracy FROM training").fetchall()
            walls = [row[0] for row in log._connection.execute("SELECT wall FROM training ORDER BY step")]
            judged = log._connection.execute("SELECT step, loss, accuracy FROM validation").fetchall()
        assert walls == sorted(walls)
        tables.append((rows, judged))
    assert tables[0] == tables[1]


def test_a_log_without_the_run_gets_a_new_one(tmp_path: Path) -> None:
    for name in ("one", "two"):
        broken_and_resumed(lambda n=name: {**images(), "log": RunLog(tmp_path / n)}, [], tmp_path / "c")
        with LogReader(tmp_path / name) as log:
            assert len(log.runs()) == 1


def test_what_a_killed_process_left_is_removed(tmp_path: Path) -> None:
    left = [tmp_path / f"c.{number}.part" for number in (2**22 + 5, 1)]
    for path in left:
        path.write_bytes(b"half")
    with Checkpoint(tmp_path / "c") as checkpoint:
        checkpoint.keep(model=small())
    assert sorted(path.name for path in tmp_path.iterdir()) == ["c", "c.1.part"]  # process 1 lives


def test_a_loop_of_ones_own_is_kept(tmp_path: Path) -> None:
    class Counter:
        n = 0

        def state_dict(self) -> dict[str, Any]:
            return {"n": self.n}

        def load_state_dict(self, state_dict: dict[str, Any]) -> None:
            self.n = state_dict["n"]

    def run(until: int, name: str) -> list[Any]:
        hello_dl.manual_seed(1)
        model, counter = nn.Linear(3, 1), Counter()
        optimizer = optim.Adam(model.parameters(), lr=0.1)
        with Checkpoint(tmp_path / name, settings={"lr": 0.1}, every=SOON, resume=True) as checkpoint:
            checkpoint.keep(model=model, optimizer=optimizer, counter=counter)
            while counter.n < until:
                optimizer.zero_grad()
                (model(hello_dl.randn(4, 3)) - 1).square().mean().backward()
                optimizer.step()
                counter.n += 1
                checkpoint.offer()
        return state(model)

    run(3, "broken")
    for a, b in zip(run(7, "broken"), run(7, "unbroken"), strict=True):
        np.testing.assert_array_equal(a, b)


def test_tuples_and_tensors_as_data_are_told_apart(tmp_path: Path) -> None:
    x = np.random.default_rng(0).normal(size=(20, 3)).astype(np.float32)
    y = (x.sum(1) > 0).astype(np.int64)
    train.fit(nn.Linear(3, 2), (x, y), checkpoint=tmp_path / "c", progress=False)
    with pytest.raises(ValueError, match="training data was tuple of 2"):
        train.fit(nn.Linear(3, 2), (x, 1 - y), checkpoint=tmp_path / "c", resume=True, progress=False)
    with pytest.raises(ValueError, match="training data was tuple of 2"):
        train.fit(
            nn.Linear(3, 2), TensorDataset(x, y), checkpoint=tmp_path / "c", resume=True, progress=False
        )


@pytest.mark.parametrize("every", [0, -1.0, float("nan")])
def test_seconds_from_one_checkpoint_to_the_next_must_be_above_0(every: float, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="every to be above 0 seconds"):
        train.fit(small(), bars(), checkpoint=tmp_path / "c", every=every, progress=False)


def test_to_resume_needs_a_file() -> None:
    with pytest.raises(ValueError, match="resume needs the file to go on from"):
        train.fit(small(), bars(), resume=True, progress=False)
