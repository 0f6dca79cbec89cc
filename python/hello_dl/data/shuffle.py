"""Random orders, and where their random numbers come from: a seed and an epoch's number, or a generator."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from hello_dl.tensors.random import Generator, default_generator

Key = tuple[int, int]  # two numbers of 64 bits that determine a stream of random numbers


def random_bits(key: Key) -> np.random.Philox:
    """Return a stream of random numbers that depends on the key only.

    It is the counter-based generator Philox (Salmon et al. 2011), so all machines agree.
    """
    return np.random.Philox(key=np.array(key, np.uint64))


def shuffled(n: int, stream: np.random.Philox) -> NDArray[np.int64]:
    """Return the indices 0 to n - 1 in random order, (n,): each gets 64 random bits; these are sorted."""
    return np.argsort(stream.random_raw(n), kind="stable").astype(np.int64, copy=False)


def permutation(n: int, seed: int, epoch: int = 0) -> NDArray[np.int64]:
    """Return the indices 0 to n - 1 in a random order, (n,), that depends on n, seed and epoch only."""
    return shuffled(n, random_bits((seed, epoch)))


class Epochs:
    """Gives a sampler the key of each epoch's random numbers.

    seed        epoch 0, 1, 2, ... of a seed always has the same numbers, on every machine
    generator   without a seed, a hello_dl.Generator that each key is drawn from. Its state decides, so equal
                states give equal orders, and two samplers on one generator differ. A whole number is a seed;
                None is the global generator, which `manual_seed` seeds

    `who` is the class that error messages name. Raises TypeError for a seed that is no whole number and for
    another kind of generator.
    """

    seed: int | None
    generator: Generator | None
    epoch: int  # number of the next epoch; only used with a seed

    def __init__(self, generator: Any, seed: Any, who: str) -> None:
        if seed is None and _is_whole(generator):
            seed, generator = generator, None
        if seed is not None and not _is_whole(seed):
            raise TypeError(f"{who}: needs a whole number as seed, got {type(seed).__name__}")
        if generator is not None and not isinstance(generator, Generator):
            raise TypeError(
                f"{who}: needs a hello_dl.Generator or a whole number as generator, got"
                f" {type(generator).__module__}.{type(generator).__name__}"
            )
        self.seed = None if seed is None else int(seed) % (1 << 64)
        self.generator = generator
        self.epoch = 0

    def next_key(self) -> Key:
        """Return the key of the next epoch."""
        if self.seed is None:
            return (self.generator or default_generator).next_key(), 0
        epoch, self.epoch = self.epoch, self.epoch + 1
        return self.seed, epoch


def _is_whole(value: Any) -> bool:
    """Return whether a value is a whole number."""
    return isinstance(value, int | np.integer) and not isinstance(value, bool)
