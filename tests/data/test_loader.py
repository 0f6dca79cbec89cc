"""Datasets and the DataLoader: every item once an epoch, PyTorch's arguments, shapes and types."""

from __future__ import annotations

import inspect
import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import hello_dl
from hello_dl.data.collate import default_collate
from hello_dl.data.datasets import Dataset, Subset, TensorDataset
from hello_dl.data.loader import DataLoader, get_worker_info
from hello_dl.data.samplers import BatchSampler, RandomSampler

X = np.arange(20, dtype=np.float32).reshape(10, 2)
Y = np.arange(10) * 11


class Squares(Dataset):
    """A dataset as a user writes it: a length and items."""

    def __len__(self) -> int:
        return 7

    def __getitem__(self, index: int) -> tuple[float, int]:
        return index / 2, index * index


def columns(loader: Any) -> list[list[Any]]:
    """Return the second part of every batch as lists: which items it holds."""
    return [y.numpy().tolist() for _, y in loader]


def numbers(loader: Any) -> list[int]:
    return [y for batch in columns(loader) for y in batch]


def test_batches_come_in_order_and_the_last_may_be_short() -> None:
    loader = DataLoader(TensorDataset(X, Y), batch_size=4)
    assert len(loader) == 3
    assert columns(loader) == [[0, 11, 22, 33], [44, 55, 66, 77], [88, 99]]
    x, y = next(iter(loader))
    np.testing.assert_array_equal(x.numpy(), X[:4])
    assert x.numpy().dtype == np.float32
    assert y.numpy().dtype == np.int64


def test_drop_last_leaves_out_the_short_batch() -> None:
    loader = DataLoader(TensorDataset(X, Y), batch_size=4, drop_last=True)
    assert len(loader) == 2
    assert columns(loader) == [[0, 11, 22, 33], [44, 55, 66, 77]]


def test_shuffling_keeps_rows_together_and_takes_each_once() -> None:
    for x, y in DataLoader(TensorDataset(X, Y), batch_size=3, shuffle=True):
        np.testing.assert_array_equal(x.numpy(), X[y.numpy() // 11])
    assert sorted(numbers(DataLoader(TensorDataset(X, Y), batch_size=3, shuffle=True))) == Y.tolist()


def test_two_iterations_at_once_do_not_disturb_each_other() -> None:
    loader = DataLoader(TensorDataset(X, Y), batch_size=5, shuffle=True)
    pairs = list(zip(loader, loader, strict=True))
    for side in (0, 1):
        assert sorted(y for pair in pairs for y in pair[side][1].numpy().tolist()) == Y.tolist()


def test_a_dataset_of_one_s_own_needs_length_and_items_only() -> None:
    class Plain:
        def __len__(self) -> int:
            return 3

        def __getitem__(self, index: int) -> tuple[float, int]:
            return index / 2, index * index

    for dataset in (Plain(), Subset(Squares(), [0, 1, 2])):
        ((x, y),) = DataLoader(dataset, batch_size=3)
        assert x.numpy().tolist() == [0, 0.5, 1]
        assert x.numpy().dtype == np.float32
        assert y.numpy().tolist() == [0, 1, 4]
        assert y.numpy().dtype == np.int64


def test_a_dataset_that_gives_batches_is_asked_once_a_batch() -> None:
    asked = []

    class Fast(TensorDataset):
        def batch(self, indices: np.ndarray[Any, np.dtype[np.int64]]) -> tuple[Any, ...]:
            asked.append(indices.tolist())
            return super().batch(indices)

    fast = Fast(X, Y)
    assert numbers(DataLoader(fast, batch_size=8)) == Y.tolist()
    assert numbers(DataLoader(Subset(fast, [9, 1]), batch_size=8)) == [99, 11]
    assert asked == [[0, 1, 2, 3, 4, 5, 6, 7], [8, 9], [9, 1]]


def test_tensors_are_as_good_as_arrays() -> None:
    dataset = TensorDataset(hello_dl.tensor(X), hello_dl.tensor(Y))
    assert numbers(DataLoader(dataset, batch_size=10)) == Y.tolist()
    x, y = dataset[3]
    assert x.numpy().tolist() == [6, 7]
    assert y.numpy() == 33


def test_a_sampler_sets_the_order() -> None:
    loader = DataLoader(TensorDataset(X, Y), batch_size=2, sampler=[3, 3, 1])
    assert len(loader) == 2
    assert columns(loader) == [[33, 33], [11]]
    with pytest.raises(IndexError, match="needs indices from 0 to 9, got 3 to 10"):
        next(iter(DataLoader(TensorDataset(X, Y), sampler=[3, 10])))


def test_collate_fn_gets_the_items() -> None:
    loader = DataLoader(Squares(), batch_size=3, collate_fn=lambda items: [y for _, y in items])
    assert list(loader) == [[0, 1, 4], [9, 16, 25], [36]]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"batch_size": 0}, "a batch size of at least 1, got 0"),
        ({"batch_size": -3}, "at least 1, got -3"),
        ({"batch_size": 2.5}, r"at least 1, got 2\.5"),
        ({"batch_size": True}, "at least 1, got True"),
        ({"num_workers": -1}, "num_workers of 0 or more, got -1"),
        ({"num_workers": 1, "prefetch_factor": -2}, "prefetch_factor of 0 or more, got -2"),
        ({"timeout": -1}, "timeout of 0 or more, got -1"),
        ({"prefetch_factor": 2}, "prefetch_factor needs num_workers above 0"),
        ({"persistent_workers": True}, "persistent_workers needs num_workers above 0"),
        ({"multiprocessing_context": "fork"}, "multiprocessing_context needs num_workers above 0"),
        ({"sampler": [0], "shuffle": True}, "a sampler or shuffle=True, not both"),
        ({"batch_sampler": [[0]], "shuffle": True}, "a batch_sampler or shuffle, not both"),
        ({"batch_sampler": [[0]], "sampler": [0]}, "a batch_sampler or sampler, not both"),
        ({"batch_sampler": [[0]], "batch_size": 2}, "leave out batch_size and drop_last"),
        ({"batch_sampler": [[0]], "drop_last": True}, "leave out batch_size and drop_last"),
        ({"batch_size": None, "drop_last": True}, "no last batch to drop"),
    ],
)
def test_arguments_that_cannot_be_are_refused(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=f"^DataLoader: .*{message}"):
        DataLoader(Squares(), **arguments)


@pytest.mark.parametrize("arguments", [*map(dict, [
    {"num_workers": 0, "pin_memory": False, "drop_last": False},
    {"num_workers": 2, "pin_memory": True, "persistent_workers": True, "prefetch_factor": 4, "timeout": 30},
    {"num_workers": 2, "multiprocessing_context": "spawn", "worker_init_fn": lambda number: None},
    {"num_workers": 1, "pin_memory_device": "cpu", "in_order": False, "batch_sampler": None, "sampler": None},
])])  # fmt: skip
def test_what_pytorch_code_writes_by_habit_changes_nothing(arguments: dict[str, Any]) -> None:
    plain = numbers(DataLoader(Squares(), 4, True, generator=hello_dl.Generator(5)))
    assert numbers(DataLoader(Squares(), 4, True, generator=hello_dl.Generator(5), **arguments)) == plain
    assert sorted(plain) == [0, 1, 4, 9, 16, 25, 36]
    assert get_worker_info() is None


def test_arguments_come_in_pytorch_s_order() -> None:
    torch_data = pytest.importorskip("torch.utils.data")
    names = list(inspect.signature(torch_data.DataLoader).parameters)
    assert list(inspect.signature(DataLoader).parameters)[: len(names)] == names
    loader = DataLoader(
        Squares(), 2, False, [3, 1, 0], None, 0, lambda items: [y for _, y in items], False, True
    )
    assert list(loader) == [[9, 1]]


def test_a_loader_has_pytorch_s_attributes() -> None:
    loader = DataLoader(Squares(), 3, shuffle=True, drop_last=True)
    assert (len(loader.sampler), len(loader.batch_sampler), len(loader)) == (7, 2, 2)  # type: ignore[arg-type]
    assert (loader.batch_size, loader.drop_last, loader.num_workers, loader.generator) == (3, True, 0, None)
    assert loader.collate_fn is default_collate


def test_a_batch_sampler_makes_the_batches() -> None:
    loader = DataLoader(TensorDataset(X, Y), batch_sampler=[[0, 1], [9], [3, 3, 3]])
    assert len(loader) == 3
    assert loader.batch_size is None
    assert columns(loader) == [[0, 11], [99], [33, 33, 33]]
    halves = BatchSampler(RandomSampler(range(10), seed=1), 5, drop_last=False)
    first, second = columns(DataLoader(TensorDataset(X, Y), batch_sampler=halves))
    assert sorted(first + second) == Y.tolist()


def test_without_a_batch_size_items_come_alone() -> None:
    loader = DataLoader(Squares(), batch_size=None)
    assert len(loader) == 7
    assert list(loader) == [[i / 2, i * i] for i in range(7)]
    (x, y), *_ = DataLoader(TensorDataset(X, Y), batch_size=None, sampler=[3])
    assert x.tolist() == [6, 7]
    assert y.item() == 33


def test_a_sampler_may_never_end_and_need_no_length() -> None:
    def endless() -> Iterator[int]:
        while True:
            yield from (2, 4)

    loader = DataLoader(TensorDataset(X, Y), batch_size=3, sampler=endless())
    assert columns(itertools.islice(loader, 2)) == [[22, 44, 22], [44, 22, 44]]
    with pytest.raises(TypeError, match="has no len"):
        len(loader)
    many = RandomSampler(range(10), replacement=True, num_samples=10**10)
    batches = DataLoader(TensorDataset(X, Y), batch_size=4, sampler=many)  # as minGPT and makemore write it
    assert len(batches) == 10**10 // 4
    assert len(next(iter(batches))[1]) == 4


def test_keys_of_a_sampler_may_be_names_and_numbers_of_any_kind() -> None:
    words = {"a": 1, "b": 2, "c": 3}
    loader = DataLoader(words, batch_size=2, sampler=["c", "a", "b"])
    assert [batch.tolist() for batch in loader] == [[3, 1], [2]]
    for indices in (hello_dl.tensor([3, 1]), np.array([3, 1]), [np.int32(3), np.int64(1)]):
        assert numbers(DataLoader(TensorDataset(X, Y), sampler=indices)) == [33, 11]  # type: ignore[arg-type]


def test_a_class_that_says_anew_what_its_items_are_is_believed() -> None:
    class Doubled(TensorDataset):
        def __getitem__(self, index: int) -> tuple[Any, ...]:
            x, y = super().__getitem__(index)
            return x, 2 * y

    class Tagged(Subset):
        def __getitem__(self, index: int) -> Any:
            return index, super().__getitem__(index)[1]

    class AtOnce(TensorDataset):
        def __getitems__(self, indices: list[int]) -> list[Any]:
            return [(i, -i) for i in indices]

    assert numbers(DataLoader(Doubled(X, Y), batch_size=4)) == (2 * Y).tolist()
    assert numbers(DataLoader(Subset(Doubled(X, Y), [1, 2]), batch_size=4)) == [22, 44]
    (index, y), *_ = DataLoader(Tagged(TensorDataset(X, Y), [5, 6]), batch_size=2)
    assert (index.tolist(), y.tolist()) == ([0, 1], [55, 66])
    assert numbers(DataLoader(AtOnce(X, Y), batch_size=4)) == [-i for i in range(10)]


def test_a_dataset_may_have_a_field_named_batch() -> None:
    class Named(Squares):
        def __init__(self) -> None:
            self.batch = 64  # type: ignore[assignment,method-assign]

    class Plain:
        batch = 64

        def __len__(self) -> int:
            return 2

        def __getitem__(self, index: int) -> int:
            return index

    assert [b.tolist() for b in DataLoader(Plain(), batch_size=2)] == [[0, 1]]
    assert numbers(DataLoader(Named(), batch_size=7)) == [0, 1, 4, 9, 16, 25, 36]


def test_classes_take_the_types_that_pytorch_s_programs_write() -> None:
    class Typed(Dataset[tuple[float, int]]):  # type: ignore[misc]
        def __len__(self) -> int:
            return 1

        def __getitem__(self, index: int) -> tuple[float, int]:
            return 0.5, 1

    loader: DataLoader[Any] = DataLoader(Typed())  # type: ignore[type-arg]
    assert numbers(loader) == [1]
    with pytest.raises(TypeError, match="Dataset needs a __len__"):
        len(Dataset())
    with pytest.raises(
        TypeError, match="needs a dataset with a length, or an IterableDataset, got generator"
    ):
        DataLoader(i for i in range(3))  # type: ignore[arg-type]


def test_empty_or_uneven_data_is_refused() -> None:
    with pytest.raises(ValueError, match="the dataset is empty"):
        DataLoader(TensorDataset(X[:0]))
    with pytest.raises(ValueError, match=r"same number of rows in each, got \(10, 2\) and \(9,\)"):
        TensorDataset(X, Y[:9])
    with pytest.raises(ValueError, match="at least one array"):
        TensorDataset()
    with pytest.raises(IndexError, match="needs indices from 0 to 9, got 0 to 10"):
        Subset(TensorDataset(X), [0, 10])
