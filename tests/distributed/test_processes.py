"""Processes that train together: the same bits on any number of them, broken off and resumed on another."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import hello_dl
from bars import bars, small, state
from hello_dl import nn, train
from hello_dl.data import Dataset
from hello_dl.nn.utils import clip_grad_norm_
from processes import needs_mpi, start


@needs_mpi
def test_the_same_bits_on_1_2_and_4_processes(tmp_path: Path) -> None:
    ended = [start(n, "train", folder=tmp_path) for n in (1, 2, 4)]
    assert [e.code for e in ended] == [0, 0, 0], ended
    assert [len(e.results) for e in ended] == [1, 2, 4]
    assert len({result for e in ended for result in e.results}) == 1, ended
    assert ended[0].sent == [0.0]
    assert all(1.4 < sent < 2.2 for sent in ended[2].sent)


@needs_mpi
@pytest.mark.slow
def test_one_of_4_is_killed_and_3_go_on_to_the_same_bits(tmp_path: Path) -> None:
    unbroken = start(2, "train", folder=tmp_path)
    killed = start(4, "kill", "state", folder=tmp_path)
    assert killed.code != 0
    assert not killed.results
    assert "KILLED" in killed.err.upper(), killed
    assert (tmp_path / "state").is_file()
    resumed = start(3, "train", "state", folder=tmp_path)
    assert resumed.code == 0, resumed
    assert {*resumed.results} == {*unbroken.results}


@needs_mpi
@pytest.mark.slow
def test_an_error_of_one_process_ends_all_in_words(tmp_path: Path) -> None:
    ended = start(3, "raise", folder=tmp_path)
    assert ended.code != 0
    assert "process 2 of 3: RuntimeError: this one is ill; all processes end" in ended.err


@needs_mpi
@pytest.mark.slow
def test_processes_with_other_data_are_refused(tmp_path: Path) -> None:
    ended = start(2, "other data", folder=tmp_path)
    assert ended.code != 0
    assert "process 1 of 2: ValueError: distributed: all processes must train the same" in ended.err
    assert "training data is Images of 100, " in ended.err
    assert "in process 0, here Images of 101" in ended.err


def test_shards_in_one_process_are_the_whole_batch_but_for_rounding() -> None:
    """Plain SGD in float32 on 1 and on 8 shards: the same mean gradient, in another order of sums."""
    weights = []
    for settings in ({}, {"distributed": True}, {"distributed": True, "shards": 3}):
        model = small(seed=3)
        optimizer = hello_dl.optim.SGD(model.parameters(), lr=0.05)
        train.fit(model, bars(90), epochs=2, batch_size=25, optimizer=optimizer, progress=False, **settings)
        weights.append(state(model))
    for other in weights[1:]:
        for a, b in zip(weights[0], other, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-3, atol=1e-5)
    assert any((a != b).any() for a, b in zip(weights[1], weights[2], strict=True))


def test_running_statistics_are_the_mean_over_shards() -> None:
    x = np.random.default_rng(0).normal(size=(16, 3)).astype(np.float32)
    y = (x.sum(1) > 0).astype(np.int64)
    model = nn.Sequential(nn.BatchNorm1d(3), nn.Linear(3, 2))
    train.fit(model, (x, y), batch_size=16, distributed=True, shards=4, progress=False)
    order = hello_dl.data.shuffle.permutation(16, 0, 0)
    parts = x[order].reshape(4, 4, 3)
    norm = model[0]
    np.testing.assert_allclose(norm.running_mean.numpy(), 0.1 * parts.mean(1).mean(0), rtol=1e-4, atol=1e-6)
    variance = 0.9 + 0.1 * parts.var(1, ddof=1).mean(0)
    np.testing.assert_allclose(norm.running_var.numpy(), variance, rtol=1e-4)
    assert norm.num_batches_tracked.item() == 1


def test_a_parameter_without_gradient_stays_without() -> None:
    class Half(nn.Module):
        def __init__(self) -> None:
            self.used, self.unused = nn.Linear(3, 2), nn.Linear(3, 2)

        def forward(self, x: hello_dl.Tensor) -> hello_dl.Tensor:
            return self.used(x)

    x, y = np.ones((8, 3), np.float32), np.zeros(8, np.int64)
    model = Half()
    before = model.unused.weight.numpy().copy()
    optimizer = hello_dl.optim.AdamW(model.parameters(), lr=0.1, weight_decay=0.5)
    train.fit(model, (x, y), optimizer=optimizer, distributed=True, progress=False)
    np.testing.assert_array_equal(model.unused.weight.numpy(), before)
    assert clip_grad_norm_(model.parameters(), 1.0).item() > 0


def test_data_that_count_batches_are_refused() -> None:
    class Counts(Dataset):
        n = 0

        def __init__(self) -> None:
            self.n = 0

        def __len__(self) -> int:
            return 8

        def __getitem__(self, i: int) -> tuple[hello_dl.Tensor, int]:
            self.n += 1
            return hello_dl.tensor([float(i), float(self.n)]), i % 2

    with pytest.raises(ValueError, match=r"Counts changes dataset.dataset.n"):
        train.fit(nn.Linear(2, 2), Counts(), distributed=True, progress=False)


def test_the_number_of_shards_is_a_setting_of_the_checkpoint(tmp_path: Path) -> None:
    settings = {"epochs": 1, "progress": False, "checkpoint": tmp_path / "c", "distributed": True}
    train.fit(small(), bars(40), shards=4, **settings)
    with pytest.raises(ValueError, match="shards was 4, is now 8"):
        train.fit(small(), bars(40), resume=True, **settings)
