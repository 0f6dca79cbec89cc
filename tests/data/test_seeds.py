"""Seeds and generators decide the order of data: shuffling, samplers, random_split and augmentation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from itertools import chain, islice
from typing import Any

import numpy as np
import pytest

import hello_dl
from hello_dl.data import (
    BalancedSampler,
    BatchSampler,
    DataLoader,
    ImageDataset,
    Images,
    RandomSampler,
    SubsetRandomSampler,
    TensorDataset,
    WeightedRandomSampler,
    random_split,
)
from hello_dl.data.augment import HANDWRITING
from hello_dl.data.shuffle import permutation

N = 12
DATA = TensorDataset(np.arange(N))


def numbers(loader: Any) -> list[int]:
    """Return the items of all batches of a loader of DATA."""
    return [int(i) for (batch,) in loader for i in batch.tolist()]


def split(generator: Any) -> list[int]:
    """Return the two halves of a random split, one after the other."""
    return [int(i) for part in random_split(DATA, [0.5, 0.5], generator=generator) for i in part.indices]


def on_new_loader(generator: Any) -> list[int]:
    return numbers(DataLoader(DATA, batch_size=5, shuffle=True, generator=generator))


# Everything that draws an order, made anew each time: what it gives for a generator.
DRAWS: dict[str, Callable[[Any], list[int]]] = {
    "DataLoader": on_new_loader,
    "its workers": lambda g: numbers(DataLoader(DATA, shuffle=True, num_workers=2, generator=g)),
    "RandomSampler": lambda g: list(RandomSampler(DATA, generator=g)),
    "with replacement": lambda g: list(RandomSampler(DATA, True, 20, g)),
    "SubsetRandomSampler": lambda g: list(SubsetRandomSampler(range(5, 15), g)),
    "WeightedRandomSampler": lambda g: list(WeightedRandomSampler([1.0] * 20, 20, True, g)),
    "without replacement": lambda g: list(WeightedRandomSampler([1.0] * 20, 20, False, g)),
    "BalancedSampler": lambda g: list(BalancedSampler(np.arange(N) % 3, generator=g)),
    "BatchSampler": lambda g: [*chain(*BatchSampler(RandomSampler(DATA, generator=g), 5, False))],
    "random_split": split,
    "a loader's sampler": lambda g: numbers(DataLoader(DATA, sampler=RandomSampler(DATA, generator=g))),
}


@pytest.mark.parametrize("name", DRAWS)
def test_the_order_follows_manual_seed(name: str) -> None:
    def orders(seed: int) -> list[list[int]]:
        hello_dl.manual_seed(seed)
        return [DRAWS[name](None) for _ in range(3)]  # made anew in each epoch

    first = orders(1)
    assert orders(1) == first
    assert len({tuple(order) for order in first + orders(2) + orders(3)}) == 9


@pytest.mark.parametrize("name", DRAWS)
def test_the_order_follows_a_generator_and_its_state(name: str) -> None:
    def orders(g: hello_dl.Generator) -> list[list[int]]:
        return [DRAWS[name](g) for _ in range(3)]

    g = hello_dl.Generator().manual_seed(4)
    first = orders(g)
    assert orders(hello_dl.Generator(4)) == first
    state = g.get_state()
    later = orders(g)
    assert len({tuple(order) for order in first + later}) == 6
    g.set_state(state)
    assert orders(g) == later
    before = hello_dl.get_rng_state()
    orders(g)
    assert hello_dl.get_rng_state() == before  # the global generator is left alone


@pytest.mark.parametrize("name", DRAWS)
def test_a_number_as_generator_is_a_seed(name: str) -> None:
    hello_dl.manual_seed(1)
    first = DRAWS[name](5)
    hello_dl.manual_seed(2)
    assert DRAWS[name](5) == first
    assert DRAWS[name](np.int64(5)) == first
    assert DRAWS[name](6) != first


@pytest.mark.parametrize("name", DRAWS)
@pytest.mark.parametrize("wrong", ["x", 1.5, True, np.random.default_rng(0)])
def test_another_generator_is_refused(name: str, wrong: Any) -> None:
    with pytest.raises(
        TypeError, match=r"^\w+: needs a hello_dl.Generator or a whole number as generator, got"
    ):
        DRAWS[name](wrong)


def test_two_loaders_side_by_side_do_not_run_in_lockstep() -> None:
    one, two = (DataLoader(DATA, batch_size=N, shuffle=True) for _ in range(2))
    orders = [[a.tolist(), b.tolist()] for (a,), (b,) in (pair for _ in range(3) for pair in zip(one, two))]  # noqa: B905
    assert all(a != b for a, b in orders)
    g = hello_dl.Generator(3)
    one, two = (DataLoader(DATA, batch_size=N, shuffle=True, generator=g) for _ in range(2))
    assert numbers(one) != numbers(two)


def test_epochs_of_one_loader_differ_and_go_on_from_a_saved_state() -> None:
    loader = DataLoader(DATA, batch_size=5, shuffle=True)
    assert len({tuple(numbers(loader)) for _ in range(5)}) == 5
    state = hello_dl.get_rng_state()
    epochs = [numbers(loader) for _ in range(2)]
    hello_dl.set_rng_state(state)
    assert [numbers(DataLoader(DATA, batch_size=5, shuffle=True)) for _ in range(2)] == epochs
    hello_dl.set_rng_state(state)
    rest = islice(DataLoader(DATA, batch_size=5, shuffle=True), 1, None)  # from the middle of an epoch
    assert numbers(rest) == epochs[0][5:]


def test_reading_in_order_draws_nothing() -> None:
    before = hello_dl.get_rng_state()
    assert numbers(DataLoader(DATA, batch_size=5)) == list(range(N))
    assert hello_dl.get_rng_state() == before


def test_an_epoch_of_a_seed_always_has_the_same_order() -> None:
    def loader(seed: int) -> DataLoader:
        return DataLoader(DATA, batch_size=3, shuffle=True, seed=seed)

    hello_dl.manual_seed(1)
    one, two = loader(5), loader(5)
    epochs = [numbers(one) for _ in range(3)]
    hello_dl.manual_seed(2)
    assert [numbers(two) for _ in range(3)] == epochs
    assert len({tuple(epoch) for epoch in epochs}) == 3
    assert epochs == [permutation(N, 5, epoch).tolist() for epoch in range(3)]
    two.epoch = 1
    assert numbers(two) == epochs[1]
    assert numbers(loader(6)) != epochs[0]
    assert numbers(loader(-1)) == numbers(loader(2**64 - 1))
    for sampler in (RandomSampler(DATA, seed=5), SubsetRandomSampler(range(N), seed=5)):
        assert [list(sampler) for _ in range(3)] == epochs
    with pytest.raises(TypeError, match="DataLoader: needs a whole number as seed, got str"):
        DataLoader(DATA, shuffle=True, seed="x")  # type: ignore[arg-type]


def test_the_order_is_the_same_on_every_machine() -> None:
    assert permutation(8, 1, 2).tolist() == [4, 2, 0, 6, 1, 5, 7, 3]
    assert list(WeightedRandomSampler([1, 0, 1, 2], 10, seed=2)) == [2, 2, 3, 3, 2, 3, 2, 3, 3, 3]
    assert list(BalancedSampler(np.arange(6) % 2, seed=4)) == [4, 5, 4, 5, 4, 3]


def test_every_order_is_about_equally_likely() -> None:
    counts = Counter(tuple(permutation(3, seed, epoch).tolist()) for seed in range(60) for epoch in range(50))
    assert len(counts) == 6
    assert all(400 < count < 600 for count in counts.values())
    fresh = Counter(tuple(RandomSampler(range(3))) for _ in range(3000))
    assert len(fresh) == 6
    assert all(400 < count < 600 for count in fresh.values())


def test_random_split_deals_out_every_item_once() -> None:
    parts = random_split(DATA, [8, 4], generator=1)
    assert [len(part) for part in parts] == [8, 4]
    got = [numbers(DataLoader(part, batch_size=4)) for part in parts]
    assert sorted(got[0] + got[1]) == list(range(N))
    assert got[0] + got[1] == permutation(N, 1).tolist()
    assert [len(part) for part in random_split(DATA, [0.6, 0.2, 0.2])] == [8, 2, 2]
    for lengths in ([7, 4], [0.5, 0.6], [], [-1, 13], [2.5, 9.5]):
        with pytest.raises(ValueError, match="needs lengths that add up to 12, or fractions to 1"):
            random_split(DATA, lengths)


def test_augmentation_follows_the_seed_and_changes_each_batch_in_another_way() -> None:
    same = Images(np.repeat(hello_dl.data.load("builtin:1").images, 4, 0), np.zeros(4, np.int64), ("a",))

    def batches(seed: int) -> list[bytes]:
        hello_dl.manual_seed(seed)
        loader = DataLoader(ImageDataset(same, augment=HANDWRITING), batch_size=2)
        return [x.numpy().tobytes() for _ in range(2) for x, _ in loader]

    first = batches(1)
    assert batches(1) == first
    assert len({*first, *batches(2)}) == 8
