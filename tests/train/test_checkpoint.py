"""A checkpoint holds the whole state of a training: broken off anywhere, it goes on to the same bits."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import save_file

import hello_dl
from bars import bars, small, state
from hello_dl import nn, optim, train
from hello_dl.data import Dataset, TensorDataset, WeightedRandomSampler
from hello_dl.data.augment import Augmentation
from hello_dl.optim.lr_scheduler import CyclicLR, ReduceLROnPlateau
from hello_dl.runlog import LogReader, RunLog
from hello_dl.train.checkpoint import KEY, Checkpoint

SOON = 1e-9  # seconds from one checkpoint to the next: after each step, as far as the limit of time allows


class Killed(Exception):
    """Ends a training between two steps, as a kill does."""


@pytest.fixture(autouse=True)
def at_every_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every checkpoint be written, however much time they take, and each wait for the disk."""
    monkeypatch.setattr("hello_dl.train.checkpoint.SHARE", 1e9)
    save = Checkpoint.save
    monkeypatch.setattr(Checkpoint, "save", lambda self, wait=False: save(self, wait=True))


def broken_and_resumed(make: Callable[[], dict[str, Any]], kills: list[int], path: Path) -> list[Any]:
    """Train as `make` says, break off after each of the steps `kills`, and return history and weights."""
    for stop in [*kills, None]:
        # What follows is drawn before the training: a new process has other states of the generators.
        random.seed(stop), np.random.seed(stop), hello_dl.manual_seed(stop or 99)
        settings = make()
        model = settings.pop("model")

        def kill(step: int, loss: float, at: int | None = stop) -> None:
            if step == at:
                raise Killed

        try:
            history = train.fit(
                model, progress=False, checkpoint=path, every=SOON, resume=True, on_step=kill, **settings
            )
        except Killed:
            continue
    return [history, state(model)]


def same(one: list[Any], other: list[Any]) -> None:
    for a, b in zip(one[1], other[1], strict=True):
        np.testing.assert_array_equal(a, b)
    for a, b in zip(one[0].epochs, other[0].epochs, strict=True):
        assert (a.epoch, a.step, a.loss) == (b.epoch, b.step, b.loss)
        if a.validation is not None:
            assert a.validation.loss == b.validation.loss
            np.testing.assert_array_equal(a.validation.answers, b.validation.answers)
    assert one[0].best.epoch == other[0].best.epoch


def images() -> dict[str, Any]:
    model = small(dropout=0.3)
    return {
        "model": model,
        "train_data": bars(100),
        "validation_data": bars(40, seed=1),
        "epochs": 3,
        "batch_size": 16,
        "augment": Augmentation(degrees=20, noise=0.1),
        "balanced": True,
        "average": 0.9,
        "schedule": train.one_cycle,
    }


def plateau() -> dict[str, Any]:
    model = nn.Sequential(nn.Flatten(), nn.Linear(784, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, 3))
    optimizer = optim.SGD(model.parameters(), lr=0.5, momentum=0.9)
    schedule = ReduceLROnPlateau(optimizer, patience=0)
    return {
        **{"model": model, "train_data": bars(100), "validation_data": bars(40, seed=1), "epochs": 4},
        **{"batch_size": 16, "schedule": schedule, "clip": 0.5},
    }


class Drawn(Dataset):
    """Data that a generator of its own, Python's and numpy's change, and a counter."""

    def __init__(self) -> None:
        self.x = np.random.default_rng(0).normal(size=(40, 4)).astype(np.float32)
        self.rng, self.draws = np.random.default_rng(1), 0

    def __len__(self) -> int:
        return len(self.x)

    def __getitem__(self, i: int) -> tuple[Any, int]:
        self.draws += 1
        noise = self.rng.normal() + random.random() + np.random.rand() + 0.01 * self.draws
        return hello_dl.tensor(self.x[i] + np.float32(noise)), int(self.x[i].sum() > 0)


def drawn() -> dict[str, Any]:
    model = nn.Sequential(nn.Linear(4, 8), nn.RReLU(), nn.Linear(8, 2))
    random.seed(0), np.random.seed(0)
    optimizer = optim.RMSprop(model.parameters(), lr=0.01, momentum=0.5)
    sampler = WeightedRandomSampler(np.arange(1, 41), 40)
    schedule = CyclicLR(optimizer, 0.001, 0.02, step_size_up=5)
    return {
        **{"model": model, "train_data": Drawn(), "epochs": 3, "batch_size": 7},
        **{"optimizer": optimizer, "schedule": schedule, "sampler": sampler},
    }


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


def change(**changes: Any) -> dict[str, Any]:
    return {**images(), **changes}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"batch_size": 8}, "batch_size was 16, is now 8"),
        ({"epochs": 5}, "epochs was 3, is now 5"),
        ({"train_data": bars(100, seed=7)}, "training data was Images of 100"),
        ({"validation_data": bars(41, seed=1)}, "validation data was Images of 40"),
        ({"average": None}, "average was 0.9, is now None"),
        ({"schedule": train.cosine}, "schedule was one_cycle, is now cosine"),
        ({"augment": Augmentation(degrees=21, noise=0.1)}, "augment was"),
        ({"seed": 1}, "seed was 0, is now 1"),
        ({"lr": 0.5}, "lr was 0.001, is now 0.5"),
        ({"model": small(dropout=0.2)}, "model was"),
    ],
)
def test_another_training_is_refused_with_what_differs(
    changes: dict[str, Any], words: str, tmp_path: Path
) -> None:
    settings = change(epochs=3)
    train.fit(settings.pop("model"), checkpoint=tmp_path / "c", progress=False, **settings)
    before = (tmp_path / "c").read_bytes()
    other = change(**changes)
    with pytest.raises(ValueError, match=words) as error:
        train.fit(other.pop("model"), checkpoint=tmp_path / "c", resume=True, progress=False, **other)
    assert "another training" in str(error.value)
    assert (tmp_path / "c").read_bytes() == before


def test_another_version_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Checkpoint(tmp_path / "c") as checkpoint:
        checkpoint.keep(model=small())
    versions = hello_dl._core.build_info.config()
    monkeypatch.setattr(
        "hello_dl.train.identity.config", lambda: {**versions, "instruction set": "x86_64_v9"}
    )
    with pytest.raises(ValueError, match=r"version of instruction set was .*, is now x86_64_v9"):
        Checkpoint(tmp_path / "c", resume=True)


def test_a_checkpoint_is_not_overwritten_by_a_new_training(tmp_path: Path) -> None:
    (tmp_path / "c").write_bytes(b"something")
    with pytest.raises(FileExistsError, match="is there already; resume it"):
        train.fit(small(), bars(), checkpoint=tmp_path / "c", progress=False)
    assert (tmp_path / "c").read_bytes() == b"something"


@pytest.mark.parametrize("content", [b"", b"something", b"\xff" * 100])
def test_what_is_no_checkpoint_is_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "c").write_bytes(content)
    with pytest.raises(ValueError, match=r"c: needs an intact safetensors file"):
        Checkpoint(tmp_path / "c", resume=True)


@pytest.mark.parametrize("text", [None, "{", "[]", '{"identity": {}}', "[" * 100_000, "damaged"])
def test_a_damaged_checkpoint_is_refused(text: str | None, tmp_path: Path) -> None:
    with Checkpoint(tmp_path / "c") as checkpoint:
        checkpoint.keep(model=small())
    with safe_open(tmp_path / "c", "numpy") as file:
        good = json.loads(file.metadata()[KEY])
    if text == "damaged":
        good["state"]["dict"][0][1] = {"numpy": "not there", "scalar": False}
        text = json.dumps(good)
    save_file({"a": np.zeros(1)}, tmp_path / "c", None if text is None else {KEY: text})
    with pytest.raises(ValueError, match=r"/c: (is damaged|needs a checkpoint)"):
        Checkpoint(tmp_path / "c", resume=True)


def test_a_full_disk_leaves_the_old_checkpoint_whole_and_the_training_going(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path, sizes = tmp_path / "c", []

    def full(step: int, loss: float) -> None:
        sizes.append(path.read_bytes())
        if step == 2:
            monkeypatch.setattr("os.fsync", refuse)
        if step == 5:
            monkeypatch.undo()

    def refuse(handle: int) -> None:
        raise OSError(28, "No space left on device")

    settings = images()
    train.fit(settings.pop("model"), checkpoint=path, every=SOON, on_step=full, progress=False, **settings)
    assert sizes[1] == sizes[2] == sizes[3]  # the checkpoint after step 1 was kept ...
    assert capsys.readouterr().err.count("No space left") == 1
    again = images()
    train.fit(
        again.pop("model"), checkpoint=path, resume=True, progress=False, **again
    )  # ... and written later
    assert [p.name for p in tmp_path.iterdir()] == ["c"]


def test_a_checkpoint_that_cannot_be_written_is_told_before_the_training(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    steps: list[int] = []
    with pytest.raises(FileNotFoundError, match="there is no folder"):
        train.fit(small(), bars(), checkpoint=tmp_path / "no" / "c", progress=False)

    def refuse(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", refuse)
    with pytest.raises(OSError, match="c: cannot be written"):
        train.fit(
            small(), bars(), checkpoint=tmp_path / "c", progress=False, on_step=lambda s, _: steps.append(s)
        )
    assert not capsys.readouterr().err
    assert not steps
    assert not list(tmp_path.iterdir())


def test_numbers_that_cannot_be_written_are_told_before_the_training(tmp_path: Path) -> None:
    class Odd:
        def state_dict(self) -> dict[str, Any]:
            return {"odd": np.zeros(2, np.longdouble)}

        def load_state_dict(self, state_dict: Any) -> None:
            pass

    with pytest.raises(Exception, match=r"float128|longdouble"):
        Checkpoint(tmp_path / "c").keep(odd=Odd())


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
