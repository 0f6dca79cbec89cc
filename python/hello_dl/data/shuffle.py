"""The random order of a data set that belongs to a seed and an epoch."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def permutation(n: int, seed: int, epoch: int = 0) -> NDArray[np.int64]:
    """Return 0 to n - 1 in the random order that belongs to this seed and epoch, the same on every machine.

    Each index draws 64 bits from the counter-based generator Philox (Salmon et al., 2011); sorting the draws
    shuffles the indices. Nothing depends on what was drawn before.
    """
    draws = np.random.Philox(key=np.array([seed, epoch], np.uint64)).random_raw(n)
    return np.argsort(draws, kind="stable").astype(np.int64, copy=False)


def seed_of(generator: Any) -> int:
    """Return the seed in a seed, None or a generator."""
    if generator is None:
        return 0
    seed = generator.initial_seed() if hasattr(generator, "initial_seed") else generator
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer):
        raise TypeError(f"data: needs a whole number or a generator as seed, got {type(generator).__name__}")
    return int(seed) % (1 << 64)
