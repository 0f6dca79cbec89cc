"""More images out of those there are: each is turned, sheared, scaled and shifted a little, at random."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from hello_dl.data.loader import permutation

_PIECE = 128  # images at a time, so that what is computed on the way stays in the cache
_EDGE = 2  # pixels of paper around each image, so that looking just outside finds paper


def affine(
    images: NDArray[np.uint8],
    generator: np.random.Generator,
    *,
    degrees: float = 12.0,
    shear: float = 0.3,
    scale: tuple[float, float] = (0.8, 1.1),
    shift: float = 2.0,
) -> NDArray[np.uint8]:
    """Turn, shear, scale and shift each image at random: (n, h, w) uint8 gives (n, h, w) uint8.

    Angle evenly between +-degrees, shear (pixels sideways per pixel of height) between +-shear, width and
    height each scaled by a factor within `scale`, shifts within +-shift pixels. In between four pixels the
    grey is interpolated. The same state of the generator gives the same images.
    """
    if images.ndim != 3 or images.dtype != np.uint8:
        raise ValueError(f"affine: needs uint8 images (n, h, w), got {images.dtype} {images.shape}")
    if not (0 < scale[0] <= scale[1]) or min(degrees, shear, shift) < 0:
        raise ValueError(
            "affine: needs a scale (least, most) above 0 and no negative ranges,"
            f" got scale {scale}, degrees {degrees}, shear {shear}, shift {shift}"
        )
    n, h, w = images.shape
    u = generator.random((n, 6), dtype=np.float32)
    angle = (2 * u[:, 0] - 1) * np.float32(math.radians(degrees))
    lean = (2 * u[:, 1] - 1) * np.float32(shear)
    stretch = 1 / (scale[0] + (scale[1] - scale[0]) * u[:, 2:4])  # of height and width
    move = (2 * u[:, 4:6] - 1) * np.float32(shift)
    # Where a pixel at (y, x) from the middle comes from: turn, then lean, then stretch, as maps (n, 3).
    cos, sin = np.cos(angle), np.sin(angle)
    from_y = np.stack([cos * stretch[:, 0], -sin * stretch[:, 0], move[:, 0]], axis=1)
    from_x = np.stack(
        [(sin + lean * cos) * stretch[:, 1], (cos - lean * sin) * stretch[:, 1], move[:, 1]], axis=1
    )
    out = np.empty_like(images)
    for start in range(0, n, _PIECE):
        piece = slice(start, start + _PIECE)
        out[piece] = _sample(images[piece], from_y[piece], from_x[piece], h, w)
    return out


def _sample(
    images: NDArray[np.uint8], from_y: NDArray[np.float32], from_x: NDArray[np.float32], h: int, w: int
) -> NDArray[np.uint8]:
    """Fetch every pixel from where from_y and from_x (n, 3) say, mixing the four pixels around that place."""
    n, width = len(images), w + 2 * _EDGE
    padded = np.zeros((n, h + 2 * _EDGE, width), np.float32)
    padded[:, _EDGE:-_EDGE, _EDGE:-_EDGE] = images
    ys, xs = np.mgrid[:h, :w].reshape(2, -1).astype(np.float32)
    places = np.stack([ys - (h - 1) / 2, xs - (w - 1) / 2, np.ones_like(ys)])  # (3, h w), from the middle
    y = from_y.astype(np.float32) @ places
    x = from_x.astype(np.float32) @ places
    y += np.float32((h - 1) / 2 + _EDGE)
    x += np.float32((w - 1) / 2 + _EDGE)
    np.clip(y, 0, h + 2 * _EDGE - 1.001, out=y)  # beyond the edge there is only paper
    np.clip(x, 0, width - 1.001, out=x)
    row, column = y.astype(np.int32), x.astype(np.int32)
    y -= row
    x -= column
    at = (row * width + column).astype(np.intp)
    at += np.arange(n)[:, None] * padded[0].size
    flat = padded.reshape(-1)
    upper, lower = (_mix(flat, at + down, x) for down in (0, width))
    lower -= upper
    lower *= y
    upper += lower
    upper += np.float32(0.5)
    return upper.astype(np.uint8).reshape(n, h, w)


def _mix(flat: NDArray[np.float32], at: NDArray[np.intp], share: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return left + share (right - left) of each pixel `at` and its right neighbour."""
    left = flat.take(at, mode="clip")
    at += 1
    right = flat.take(at, mode="clip")
    right -= left
    right *= share
    left += right
    return left


class BalancedSampler:
    """Indices for a DataLoader's `sampler` that draw every class equally often, with replacement.

    labels (items), whole numbers; n draws an epoch (default: as many as there are items). Each iteration is
    the next epoch; seed and epoch fix the draw, on every machine.
    """

    def __init__(self, labels: NDArray[np.int64], seed: int = 0, n: int | None = None) -> None:
        labels = np.asarray(labels)
        if labels.ndim != 1 or len(labels) == 0 or labels.dtype.kind not in "iu":
            raise ValueError(
                f"BalancedSampler: needs labels (n,) of whole numbers, got {labels.dtype} {labels.shape}"
            )
        if n is not None and n < 1:
            raise ValueError(f"BalancedSampler: needs to draw at least 1, got {n}")
        self.by_class = [np.flatnonzero(labels == label) for label in np.unique(labels)]
        self.seed, self.n, self.epoch = seed, len(labels) if n is None else n, 0

    def __len__(self) -> int:
        return self.n

    def __iter__(self) -> Iterator[int]:
        epoch, self.epoch = self.epoch, self.epoch + 1
        return iter(self.draw(epoch).tolist())

    def draw(self, epoch: int) -> NDArray[np.int64]:
        """Return the indices of one epoch, (n,)."""
        classes = len(self.by_class)
        turn = permutation(self.n, self.seed, 2 * epoch) % classes  # each class n / classes times, mixed
        chance = np.random.Philox(key=np.array([self.seed, 2 * epoch + 1], np.uint64)).random_raw(self.n)
        order = np.empty(self.n, np.int64)
        for c, members in enumerate(self.by_class):
            mine = turn == c
            order[mine] = members[(chance[mine] % np.uint64(len(members))).astype(np.int64)]
        return order
