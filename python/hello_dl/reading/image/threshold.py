"""Otsu's threshold: where a set of numbers falls into two groups (Otsu, 1979)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hello_dl.reading.image.arrays import Floats


def between_variance(count_low: Floats, count_high: Floats, sum_low: Floats, sum_high: Floats) -> Floats:
    """Return Otsu's criterion for several ways (k,) to part numbers into a low and a high group.

    Of each group its count and its sum are given, (k,) each. The criterion is the variance between the two
    groups, times the count of all numbers squared; the best way to part them has the largest. It is 0 where a
    group is empty.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        gap = sum_high / count_high - sum_low / count_low
        return np.asarray(np.nan_to_num(count_low * count_high * gap**2))


def separability(values: NDArray[np.float32]) -> float:
    """Return how well `otsu`'s threshold parts values in 0..1: from 0 to 1, which two values alone have.

    It is the variance between the two groups as a share of the variance of all (Otsu 1979, equation 12).
    """
    low = values[values < otsu(values)]
    variance, share = float(values.var()), low.size / values.size
    if variance == 0 or low.size == 0:
        return 0.0
    apart = (float(values.mean()) - float(low.mean())) ** 2 * share / (1 - share)
    return apart / variance


def otsu(values: NDArray[np.float32]) -> float:
    """Return the threshold that parts values in 0..1, of any shape, into the two groups that differ most.

    It is found on a histogram of 128 bins, so it is a multiple of 1/128.
    """
    counts, edges = np.histogram(values, bins=128, range=(0.0, 1.0))
    middles = (edges[:-1] + edges[1:]) / 2
    below, sums = np.cumsum(counts).astype(float), np.cumsum(counts * middles)
    best = int(np.argmax(between_variance(below, below[-1] - below, sums, sums[-1] - sums)))
    return float(edges[1 + best])
