"""Datasets made of several, and datasets without an index, in a DataLoader."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from hello_dl.data import (
    ChainDataset,
    ConcatDataset,
    DataLoader,
    IterableDataset,
    StackDataset,
    TensorDataset,
)

ONE, TWO = TensorDataset(np.arange(3)), TensorDataset(np.arange(10, 15))


class Count(IterableDataset):
    """The numbers 0 to n - 1, one after the other."""

    def __init__(self, n: int) -> None:
        self.n = n

    def __iter__(self) -> Iterator[int]:
        return iter(range(self.n))


class Sized(Count):
    """The same with a length."""

    def __len__(self) -> int:
        return self.n


def values(loader: Any) -> list[Any]:
    return [batch[0].tolist() for batch in loader]


def test_datasets_follow_one_another() -> None:
    for both in (ConcatDataset([ONE, TWO]), ONE + TWO):
        assert len(both) == 8
        assert values(DataLoader(both, batch_size=4)) == [[0, 1, 2, 10], [11, 12, 13, 14]]
        assert both[-1][0].item() == 14
        assert both[3][0].item() == 10
        assert values(DataLoader(both, batch_size=8, shuffle=True)) != values(DataLoader(both, batch_size=8))
        with pytest.raises(IndexError, match="ConcatDataset: needs an index from -8 to 7, got 8"):
            both[8]
    assert ConcatDataset([ONE, TensorDataset(np.zeros(0)), TWO]).cumulative_sizes == [3, 3, 8]
    assert [x[0].item() for x in ConcatDataset([TensorDataset(np.zeros(0)), ONE])] == [0, 1, 2]
    with pytest.raises(ValueError, match="at least one dataset"):
        ConcatDataset([])
    with pytest.raises(TypeError, match="have no index; use ChainDataset"):
        ConcatDataset([ONE, Count(3)])


def test_datasets_stand_side_by_side() -> None:
    pairs = StackDataset(ONE, ["a", "b", "c"])
    ((x,), names), *_ = DataLoader(pairs, batch_size=3)
    assert (x.tolist(), names) == ([0, 1, 2], ["a", "b", "c"])
    named = StackDataset(number=[1, 2], name=["a", "b"])
    (batch,) = DataLoader(named, batch_size=2)
    assert (batch["number"].tolist(), batch["name"]) == ([1, 2], ["a", "b"])
    for wrong in ((), (ONE, TWO)):
        with pytest.raises(ValueError, match="StackDataset: needs datasets"):
            StackDataset(*wrong)


def test_a_stream_is_cut_into_batches_in_its_own_order() -> None:
    def batches(**how: Any) -> list[Any]:
        return [batch.tolist() for batch in DataLoader(Count(5), **how)]

    assert batches(batch_size=2) == [[0, 1], [2, 3], [4]]
    assert batches(batch_size=2, drop_last=True) == [[0, 1], [2, 3]]
    assert batches(batch_size=2, num_workers=2) == [[0, 1], [2, 3], [4]]  # each item once, not once a worker
    assert list(DataLoader(Count(3), batch_size=None)) == [0, 1, 2]
    assert list(DataLoader(Count(3), batch_size=2, collate_fn=list)) == [[0, 1], [2]]
    loader = DataLoader(Count(3), batch_size=2)
    assert len(list(loader)) == len(list(loader)) == 2  # each iteration begins anew
    assert len(DataLoader(Sized(5), 2)) == 3
    assert len(DataLoader(Sized(5), 2, drop_last=True)) == 2
    assert len(DataLoader(Sized(5), None)) == 5
    with pytest.raises(TypeError, match="Count needs a __len__"):
        len(loader)


def test_streams_follow_one_another() -> None:
    for both in (ChainDataset([Count(2), Count(3)]), Count(2) + Count(3)):
        assert list(both) == [0, 1, 0, 1, 2]
    assert len(Sized(2) + Sized(3)) == 5
    with pytest.raises(TypeError, match="needs IterableDatasets, got TensorDataset"):
        ChainDataset([Count(2), ONE])  # type: ignore[list-item]


@pytest.mark.parametrize("how", [{"shuffle": True}, {"sampler": [0]}, {"batch_sampler": [[0]]}])
def test_nothing_else_sets_the_order_of_a_stream(how: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=f"comes in its own order, so it takes no {next(iter(how))}"):
        DataLoader(Count(3), **how)


def test_a_stream_without_items_is_told() -> None:
    with pytest.raises(NotImplementedError, match="IterableDataset needs an __iter__"):
        list(DataLoader(IterableDataset()))
