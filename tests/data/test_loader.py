"""Datasets and the DataLoader: every item once an epoch, the order of a seed, and PyTorch's shapes."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest

import hello_dl
from hello_dl.data.collate import collate
from hello_dl.data.datasets import Dataset, ImageDataset, Subset, TensorDataset, random_split
from hello_dl.data.images import Images
from hello_dl.data.loader import DataLoader
from hello_dl.data.shuffle import permutation

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


def test_an_epoch_of_a_seed_always_has_the_same_order() -> None:
    one, two = (DataLoader(TensorDataset(X, Y), batch_size=3, shuffle=True, seed=5) for _ in range(2))
    epochs = [numbers(one) for _ in range(3)]
    assert [numbers(two) for _ in range(3)] == epochs
    assert len({tuple(epoch) for epoch in epochs}) == 3
    two.epoch = 1
    assert numbers(two) == epochs[1]
    other = DataLoader(TensorDataset(X, Y), shuffle=True, seed=6)
    assert numbers(other) != epochs[0]


def test_the_order_is_the_same_on_every_machine() -> None:
    assert permutation(8, 1, 2).tolist() == [4, 2, 0, 6, 1, 5, 7, 3]


def test_every_order_is_about_equally_likely() -> None:
    counts = Counter(tuple(permutation(3, seed, epoch).tolist()) for seed in range(60) for epoch in range(50))
    assert len(counts) == 6
    assert all(400 < count < 600 for count in counts.values())


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
    with pytest.raises(ValueError, match="a sampler or shuffle=True, not both"):
        DataLoader(TensorDataset(X, Y), shuffle=True, sampler=[0])


def test_collate_fn_gets_the_items() -> None:
    loader = DataLoader(Squares(), batch_size=3, collate_fn=lambda items: [y for _, y in items])
    assert list(loader) == [[0, 1, 4], [9, 16, 25], [36]]


def test_collate_stacks_part_by_part() -> None:
    items = [{"x": np.ones((2, 3)) * i, "name": f"n{i}", "pair": (i, [i / 2])} for i in range(4)]
    batch = collate(items)
    assert batch["x"].numpy().shape == (4, 2, 3)
    assert batch["name"] == ["n0", "n1", "n2", "n3"]
    assert batch["pair"][0].numpy().tolist() == [0, 1, 2, 3]
    assert batch["pair"][1][0].numpy().tolist() == [0, 0.5, 1, 1.5]
    with pytest.raises(ValueError, match=r"one shape in a batch, got \(2,\), \(3,\); give a collate_fn"):
        collate([np.zeros(2), np.zeros(3)])
    with pytest.raises(ValueError, match=r"items of a batch have \[1, 2\] parts"):
        collate([(1,), (1, 2)])


def test_random_split_deals_out_every_item_once() -> None:
    dataset = TensorDataset(X, Y)
    parts = random_split(dataset, [7, 3], generator=1)
    assert [len(part) for part in parts] == [7, 3]
    got = [numbers(DataLoader(part, batch_size=4)) for part in parts]
    assert sorted(got[0] + got[1]) == Y.tolist()
    assert got[0] != Y.tolist()[:7]
    again = random_split(dataset, [7, 3], generator=1)
    assert [numbers(DataLoader(part, batch_size=4)) for part in again] == got
    assert [len(part) for part in random_split(dataset, [0.5, 0.25, 0.25])] == [6, 2, 2]
    for lengths in ([7, 4], [0.5, 0.6], [], [-1, 11], [2.5, 7.5]):
        with pytest.raises(ValueError, match="needs lengths that add up to 10, or fractions to 1"):
            random_split(dataset, lengths)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"batch_size": 0}, "a batch size of at least 1, got 0"),
        ({"batch_size": -3}, "at least 1, got -3"),
        ({"batch_size": 2.5}, r"at least 1, got 2\.5"),
        ({"num_workers": 2}, "no workers.*leave num_workers and pin_memory out"),
        ({"pin_memory": True}, "no memory to pin"),
    ],
)
def test_arguments_that_cannot_be_are_refused(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=f"^DataLoader: .*{message}"):
        DataLoader(Squares(), **arguments)


def test_what_pytorch_code_writes_by_habit_is_fine() -> None:
    loader = DataLoader(Squares(), 4, True, num_workers=0, pin_memory=False, drop_last=False)
    assert sorted(numbers(loader)) == [0, 1, 4, 9, 16, 25, 36]
    with pytest.raises(TypeError, match="batch_sampler"):
        DataLoader(Squares(), batch_sampler=[[0]])  # type: ignore[call-arg]


def test_a_seed_may_come_in_a_generator() -> None:
    class Generator:
        def initial_seed(self) -> int:
            return 5

    loaders = [DataLoader(Squares(), shuffle=True, **{key: value}) for key, value in
               (("seed", 5), ("generator", Generator()), ("generator", 5))]  # fmt: skip
    assert len({tuple(numbers(loader)) for loader in loaders}) == 1
    with pytest.raises(TypeError, match="needs a whole number or a generator as seed, got str"):
        DataLoader(Squares(), generator="x")


def test_empty_or_uneven_data_is_refused() -> None:
    with pytest.raises(ValueError, match="the dataset is empty"):
        DataLoader(TensorDataset(X[:0]))
    with pytest.raises(ValueError, match=r"same number of rows in each, got \(10, 2\) and \(9,\)"):
        TensorDataset(X, Y[:9])
    with pytest.raises(ValueError, match="at least one array"):
        TensorDataset()
    with pytest.raises(IndexError, match="needs indices from 0 to 9, got 0 to 10"):
        Subset(TensorDataset(X), [0, 10])


def make_images() -> Images:
    pixels = np.random.default_rng(0).integers(0, 256, (5, 28, 28), dtype=np.uint8)
    return Images(pixels, np.array([0, 1, 2, 1, 0]), ("a", "b", "c"))


def test_images_become_normalised_batches() -> None:
    images = make_images()
    (x, y), (rest, _) = DataLoader(ImageDataset(images, mean=0.2, std=0.5), batch_size=4)
    assert x.numpy().shape == (4, 1, 28, 28)
    assert x.numpy().dtype == np.float32
    expected = (images.images[:4, None] / 255 - 0.2) / 0.5
    np.testing.assert_allclose(x.numpy(), expected, atol=1e-6)
    assert y.numpy().tolist() == [0, 1, 2, 1]
    assert rest.numpy().shape == (1, 1, 28, 28)
    assert images.images.dtype == np.uint8  # and untouched
    x, label = ImageDataset(images)[4]
    np.testing.assert_allclose(x.numpy()[0] * 255, images.images[4], atol=1e-4)
    assert label == 0
    assert len(list(ImageDataset(images))) == 5


def test_augment_replaces_the_pictures_of_each_batch() -> None:
    dataset = ImageDataset(make_images(), augment=lambda pixels: 255 - pixels)
    ((x, _),) = DataLoader(dataset, batch_size=5)
    np.testing.assert_allclose(x.numpy()[:, 0], 1 - make_images().images / 255, atol=1e-6)


@pytest.mark.parametrize(("mean", "std"), [(0.0, 0.0), (0.0, -1.0), (float("nan"), 1.0), (0.0, float("inf"))])
def test_a_normalisation_that_cannot_be_is_refused(mean: float, std: float) -> None:
    with pytest.raises(ValueError, match="a finite mean and a std above 0"):
        ImageDataset(make_images(), mean, std)
