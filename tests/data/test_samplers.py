"""Samplers draw what they promise, with PyTorch's arguments; orders and seeds are in test_seeds.py."""

from __future__ import annotations

import inspect
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from typing import Any

import numpy as np
import pytest

import hello_dl
from hello_dl import data


@pytest.mark.parametrize(
    "name",
    ["SequentialSampler", "RandomSampler", "SubsetRandomSampler", "WeightedRandomSampler", "BatchSampler",
     "random_split", "Subset", "TensorDataset", "ConcatDataset", "ChainDataset", "StackDataset"],
)  # fmt: skip
def test_arguments_come_in_pytorch_s_order(name: str) -> None:
    theirs = inspect.signature(getattr(pytest.importorskip("torch.utils.data"), name)).parameters
    ours = inspect.signature(getattr(data, name)).parameters
    kinds = [p.kind for p in theirs.values()]
    if inspect.Parameter.VAR_POSITIONAL in kinds:
        assert [p.kind for p in ours.values()] == kinds
    else:
        assert list(ours)[: len(theirs)] == list(theirs)


def test_a_random_sampler_takes_each_item_once_or_with_replacement() -> None:
    assert list(data.SequentialSampler("abcd")) == [0, 1, 2, 3]
    assert sorted(data.RandomSampler("abcd")) == [0, 1, 2, 3]
    some = data.RandomSampler("abcd", num_samples=3)
    assert len(some) == len(set(some)) == 3
    more = data.RandomSampler("abcd", num_samples=10)  # two whole rounds and a half
    drawn = list(more)
    assert len(drawn) == len(more) == 10
    assert sorted(drawn[:4]) == sorted(drawn[4:8]) == [0, 1, 2, 3]
    often = Counter(data.RandomSampler("abcd", True, 8000))
    assert sum(often.values()) == 8000
    assert all(1850 < often[i] < 2150 for i in range(4))
    assert len(list(islice(data.RandomSampler("abcd", True, 10**12), 5))) == 5
    assert set(data.SubsetRandomSampler([5, 7])) == {5, 7}


def test_weights_are_proportions_with_and_without_replacement() -> None:
    counts = np.bincount(list(data.WeightedRandomSampler([1, 0, 3, 0], 4000)), minlength=4)
    assert counts == pytest.approx([1000, 0, 3000, 0], abs=110)
    weights = hello_dl.tensor([1.0, 0.0, 3.0])
    one = data.WeightedRandomSampler(weights, 1, replacement=False)  # type: ignore[arg-type]
    assert np.bincount([next(iter(one)) for _ in range(2000)], minlength=3) == pytest.approx(
        [500, 0, 1500], abs=80
    )
    all_of_them = data.WeightedRandomSampler([1.0, 2.0, 0.0, 3.0], 3, replacement=False)
    orders = Counter(tuple(all_of_them) for _ in range(3000))
    assert all(sorted(order) == [0, 1, 3] for order in orders)
    assert orders[3, 1, 0] == pytest.approx(3000 / 6 * 3 * (2 / 3), abs=100)  # 3 of 6, then 2 of 3
    with pytest.raises(ValueError, match="needs 4 weights above 0 for 4 draws without replacement, got 3"):
        data.WeightedRandomSampler([1.0, 2.0, 0.0, 3.0], 4, replacement=False)


def test_batches_are_cut_from_any_sampler() -> None:
    assert list(data.BatchSampler(data.SequentialSampler(range(7)), 3, False)) == [[0, 1, 2], [3, 4, 5], [6]]
    assert list(data.BatchSampler("abcdefg", 3, True)) == [["a", "b", "c"], ["d", "e", "f"]]
    assert [len(data.BatchSampler(range(7), 3, drop_last)) for drop_last in (False, True)] == [3, 2]


def test_a_sampler_of_ones_own_says_what_it_lacks() -> None:
    class Backwards(data.Sampler[int]):  # type: ignore[misc]
        def __init__(self, n: int) -> None:
            super().__init__()
            self.n = n

        def __iter__(self) -> Iterator[int]:
            return iter(range(self.n - 1, -1, -1))

    assert list(Backwards(3)) == [2, 1, 0]
    with pytest.raises(NotImplementedError, match="Sampler needs an __iter__"):
        iter(data.Sampler())


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: data.RandomSampler([]), "RandomSampler: the dataset is empty"),
        (lambda: data.RandomSampler("ab", num_samples=0), "RandomSampler: needs to draw at least 1, got 0"),
        (lambda: data.RandomSampler("ab", num_samples=1.5), r"at least 1, got 1\.5"),
        (lambda: data.BatchSampler("ab", 0, False), "BatchSampler: needs a batch size of at least 1, got 0"),
        (lambda: data.WeightedRandomSampler([1.0], -1), "needs to draw at least 1, got -1"),
        (lambda: data.WeightedRandomSampler([1.0], 1, 3), "replacement must be True or False, got 3"),
    ],
)
def test_what_cannot_be_drawn_is_refused(make: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        make()
    with pytest.raises(TypeError, match="replacement must be True or False, got 7"):
        data.RandomSampler("ab", 7)  # type: ignore[arg-type]
