"""Connected components: found as a flood fill finds them, and drawn as they were."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hello_dl.reading.image.blobs import find_blobs


def test_patches_are_those_that_hang_together() -> None:
    rng = np.random.default_rng(0)
    for _ in range(60):
        mask = rng.random((rng.integers(1, 20), rng.integers(1, 20))) < rng.random()
        blobs = find_blobs(mask)
        label = np.full(mask.shape, -1)
        for i in range(len(blobs)):
            own = blobs.mask(np.array([i]), (0, 0, mask.shape[1], mask.shape[0]))
            assert own.sum() == blobs.area[i]
            assert (label[own] == -1).all()
            label[own] = i
        assert ((label >= 0) == mask).all()
        for a, b in (
            (label[1:], label[:-1]),
            (label[:, 1:], label[:, :-1]),
            (label[1:, 1:], label[:-1, :-1]),
        ):
            both = (a >= 0) & (b >= 0)
            assert (a[both] == b[both]).all()
        assert _floods(mask) == len(blobs)


def _floods(mask: NDArray[np.bool_]) -> int:
    """Return the number of connected components, counted by flood fill, the plain way."""
    left = {(int(y), int(x)) for y, x in np.argwhere(mask)}
    count = 0
    while left:
        count += 1
        pool = [left.pop()]
        while pool:
            y, x = pool.pop()
            for near in [(y + dy, x + dx) for dy in (-1, 0, 1) for dx in (-1, 0, 1)]:
                if near in left:
                    left.remove(near)
                    pool.append(near)
    return count


def test_a_patch_is_drawn_as_it_was_and_cut_off_at_the_box() -> None:
    mask = np.random.default_rng(2).random((30, 40)) < 0.4
    blobs = find_blobs(mask)
    everything = np.arange(len(blobs))
    np.testing.assert_array_equal(blobs.mask(everything, (0, 0, 40, 30)), mask)
    np.testing.assert_array_equal(blobs.mask(everything, (5, 7, 21, 19)), mask[7:19, 5:21])
