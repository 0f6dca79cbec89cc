"""Finds the connected components of a mask, called blobs here, by runs of pixels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hello_dl.reading.image.arrays import Box, Ints, Mask


@dataclass(frozen=True)
class Blobs:
    """The connected components of a mask, numbered 0, 1, 2 ...

    `boxes` is (n, 4): left, top, right, bottom in pixels, the last two just outside; `area` is (n,) pixels.
    The pixels are kept as runs, sorted by blob: run i covers the columns `start[i]` to `end[i]` (exclusive)
    of row `row[i]`, and blob b owns the runs `first[b]` to `first[b + 1]`.
    """

    boxes: Ints
    area: Ints
    row: Ints
    start: Ints
    end: Ints
    first: Ints

    def __len__(self) -> int:
        return len(self.area)

    def mask(self, members: Ints, box: Box) -> Mask:
        """Return a mask (bottom - top, right - left) of the pixels of some blobs that lie in the box.

        `members` are the blobs' numbers, `box` is (left, top, right, bottom).
        """
        left, top, right, bottom = box
        drawn = np.zeros((bottom - top, right - left), dtype=np.bool_)
        for blob in members:
            own = slice(self.first[blob], self.first[blob + 1])
            runs = zip(self.row[own].tolist(), self.start[own].tolist(), self.end[own].tolist(), strict=True)
            for row, start, end in runs:
                if top <= row < bottom:
                    drawn[row - top, max(start - left, 0) : max(end - left, 0)] = True
        return drawn


def around(boxes: Ints) -> Box:
    """Return the smallest box (left, top, right, bottom) around all of `boxes` (n, 4), n >= 1."""
    left, top = boxes[:, :2].min(axis=0)
    right, bottom = boxes[:, 2:].max(axis=0)
    return int(left), int(top), int(right), int(bottom)


def find_blobs(mask: Mask) -> Blobs:
    """Return the connected components of `mask` (H, W), where pixels that share a corner are connected.

    This is called 8-connectivity. Each row is cut into runs of True; two runs in neighbouring rows touch if
    they share a column or a corner. Blobs are the connected sets of this graph, which has far fewer nodes
    than the mask has pixels.
    """
    row, start, end = _runs(mask)
    upper, lower = _touching(row, start, end, mask.shape[1])
    root = _connect(len(row), upper, lower)
    _, blob = np.unique(root, return_inverse=True)
    order = np.argsort(blob, kind="stable")
    row, start, end, blob = row[order], start[order], end[order], blob[order]
    count = int(blob[-1]) + 1 if len(blob) else 0
    first = np.searchsorted(blob, np.arange(count + 1))
    if count == 0:
        empty = np.zeros(0, dtype=np.int64)
        return Blobs(np.zeros((0, 4), dtype=np.int64), empty, row, start, end, first)
    at = first[:-1]
    boxes = np.stack(
        [
            np.minimum.reduceat(start, at),
            np.minimum.reduceat(row, at),
            np.maximum.reduceat(end, at),
            np.maximum.reduceat(row, at) + 1,
        ],
        axis=1,
    )
    return Blobs(boxes, np.add.reduceat(end - start, at), row, start, end, first)


def _runs(mask: Mask) -> tuple[Ints, Ints, Ints]:
    """Return row, first column and end column (n,) of every run of True, in reading order."""
    height, width = mask.shape
    line = np.zeros(1 + height * (width + 1), dtype=np.bool_)  # all rows in one line
    line[1:].reshape(height, width + 1)[:, :width] = mask  # a column of paper keeps them apart
    change = np.flatnonzero(line[1:] != line[:-1])  # starts and ends take turns
    row, start = np.divmod(change[0::2], width + 1)
    return row, start, change[1::2] % (width + 1)


def _touching(row: Ints, start: Ints, end: Ints, width: int) -> tuple[Ints, Ints]:
    """Return all pairs (i, j), as two arrays, of runs in neighbouring rows that touch."""
    stride = width + 2
    # A run of the row below touches [start, end) if it starts at `end` or before, and ends at `start` or
    # after.
    from_ = np.searchsorted(row * stride + end, (row + 1) * stride + start, side="left")
    to = np.searchsorted(row * stride + start, (row + 1) * stride + end, side="right")
    count = np.maximum(to - from_, 0)
    upper = np.repeat(np.arange(len(row)), count)
    within = np.arange(len(upper)) - np.repeat(np.cumsum(count) - count, count)
    return upper, np.repeat(from_, count) + within


def _connect(count: int, a: Ints, b: Ints) -> Ints:
    """Return the smallest node of each node's connected set, for `count` nodes with edges a[i] - b[i].

    A union-find over all edges at once: every root is hung under the smallest root that it touches, then
    every node is pointed at its parent's parent until nothing changes. Each round at least halves the number
    of roots that touch another.
    """
    parent = np.arange(count)
    while len(a):
        root_a, root_b = parent[a], parent[b]
        apart = root_a != root_b
        if not apart.any():
            break
        a, b, root_a, root_b = a[apart], b[apart], root_a[apart], root_b[apart]
        np.minimum.at(parent, np.maximum(root_a, root_b), np.minimum(root_a, root_b))
        while not np.array_equal(parent, shorter := parent[parent]):
            parent = shorter
    return parent
