"""Batches are made of items as PyTorch's default_collate makes them."""

from __future__ import annotations

from collections import OrderedDict, namedtuple
from typing import Any

import numpy as np
import pytest

import hello_dl
from hello_dl.data import DataLoader, TensorDataset, collate, default_collate, default_convert

Point = namedtuple("Point", ["x", "y"])


def plain(batch: Any) -> Any:
    """Return a batch with lists in place of tensors, of either library."""
    if isinstance(batch, dict):
        return {key: plain(value) for key, value in batch.items()}
    if hasattr(batch, "_fields"):
        return type(batch)(*map(plain, batch))
    if isinstance(batch, list | tuple):
        return [*map(plain, batch)]
    return batch.tolist() if hasattr(batch, "tolist") else batch


ITEMS: dict[str, list[Any]] = {
    "numbers": [1, 2, 3],
    "real numbers": [0.5, 1.0],
    "truth values": [True, False],
    "texts": ["a", "b"],
    "bytes": [b"a", b"b"],
    "arrays": [np.ones((2, 3)), np.zeros((2, 3))],
    "numpy's numbers": [np.float32(1), np.float32(2)],
    "tuples": [(1, 0.5), (2, 1.5)],
    "lists": [[1, 2], [3, 4]],
    "named tuples": [Point(1, 2), Point(3, 4)],
    "dicts": [{"x": 1, "name": "n", "pair": (1, [0.5])}, {"x": 2, "name": "m", "pair": (3, [1.5])}],
    "ordered dicts": [OrderedDict(a=1), OrderedDict(a=2)],
    "one number": [np.array(3)],
    "empty texts": [["a", ""], ["", "b"]],
}


@pytest.mark.parametrize("kind", ITEMS)
def test_a_batch_has_pytorch_s_values_and_classes(kind: str) -> None:
    theirs = pytest.importorskip("torch.utils.data").default_collate(ITEMS[kind])
    ours = default_collate(ITEMS[kind])
    if kind != "texts" and kind != "bytes":
        assert type(ours) is type(theirs) or type(ours) is hello_dl.Tensor
    assert plain(ours) == plain(theirs)


@pytest.mark.parametrize("item", [3, 0.5, "a", np.ones(2), np.float32(1), (np.ones(1), 2), {"x": np.ones(1)},
                                  Point(np.ones(1), "p"), np.array(["a"]), None, [np.arange(3)]])  # fmt: skip
def test_one_item_is_converted_as_pytorch_does(item: Any) -> None:
    theirs = pytest.importorskip("torch.utils.data").default_convert(item)
    ours = default_convert(item)
    assert type(ours) is type(theirs) or type(ours) is hello_dl.Tensor
    assert plain(ours) == plain(theirs)


def test_batches_of_a_loader_are_lists_that_can_be_changed() -> None:
    (batch,) = DataLoader(TensorDataset(np.ones((2, 3)), np.arange(2)), batch_size=2)
    batch[0] = batch[0] * 2
    assert batch[0].tolist() == [[2, 2, 2], [2, 2, 2]]


def test_parts_are_stacked_one_by_one() -> None:
    items = [{"x": np.ones((2, 3)) * i, "name": f"n{i}", "pair": (i, [i / 2])} for i in range(4)]
    batch = collate(items)
    assert batch["x"].numpy().shape == (4, 2, 3)
    assert batch["name"] == ["n0", "n1", "n2", "n3"]
    assert batch["pair"][0].numpy().tolist() == [0, 1, 2, 3]
    assert batch["pair"][1][0].numpy().tolist() == [0, 0.5, 1, 1.5]


def test_gradients_go_through_a_batch_of_tensors() -> None:
    w = hello_dl.tensor([1.0, 2.0], requires_grad=True)
    default_collate([w * 2, w * 3]).sum().backward()
    assert w.grad.tolist() == [5, 5]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("items", "error", "words"),
    [
        (
            [np.zeros(2), np.zeros(3)],
            ValueError,
            r"one shape in a batch, got \(2,\), \(3,\); give",
        ),
        ([(1,), (1, 2)], ValueError, r"items of a batch have \[1, 2\] parts"),
        ([None, None], TypeError, "as items, got NoneType; give a collate_fn"),
        ([1, None], TypeError, "got NoneType"),
        ([{1}, {2}], TypeError, "got set"),
        ([np.array(["a"])], TypeError, "got an array of <U1"),
        ([2**70], TypeError, "got int"),
        ([], ValueError, "at least one item"),
    ],
)
def test_what_makes_no_batch_is_refused(items: list[Any], error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=f"^default_collate: .*{words}"):
        default_collate(items)
