"""Random orders that depend on a seed and an epoch only."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def permutation(n: int, seed: int, epoch: int = 0) -> NDArray[np.int64]:
    """Return the indices 0 to n - 1 in a random order, (n,), that depends on n, seed and epoch only.

    Each index gets 64 random bits from the counter-based generator Philox (Salmon et al. 2011); sorting the
    bits shuffles the indices. All machines agree.
    """
    draws = np.random.Philox(key=np.array([seed, epoch], np.uint64)).random_raw(n)
    return np.argsort(draws, kind="stable").astype(np.int64, copy=False)


def seed_of(generator: Any) -> int:
    """Return the seed of a generator; a seed itself is returned as it is, and None gives 0.

    Raises TypeError for anything else.
    """
    if generator is None:
        return 0
    seed = generator.initial_seed() if hasattr(generator, "initial_seed") else generator
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer):
        raise TypeError(f"data: needs a whole number or a generator as seed, got {type(generator).__name__}")
    return int(seed) % (1 << 64)
