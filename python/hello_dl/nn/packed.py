"""PackedSequence: sequences of different lengths without padding, as recurrent layers take them.

The steps lie by time: first step 0 of all sequences, the longest first, then step 1 of those that have one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from hello_dl import _core
from hello_dl._core import Tensor
from hello_dl._core.types import Refusal
from hello_dl.tensors.creation import full

Array = NDArray[Any]


class PackedSequence(NamedTuple):
    """All steps (sum of lengths, ...), how many sequences have each step, and the order of the sequences.

    sorted_indices is the order by length, unsorted_indices the way back; None where they were sorted.
    """

    data: Tensor
    batch_sizes: Tensor
    sorted_indices: Tensor | None = None
    unsorted_indices: Tensor | None = None

    def to(self, *args: Any, **kwargs: Any) -> PackedSequence:
        """Return the same sequences in a dtype, or on a device, of which there is one."""
        return self._replace(data=self.data.to(*args, **kwargs))

    def cpu(self) -> PackedSequence:
        """Return the sequences themselves: there is only the CPU."""
        return self

    @property
    def is_cuda(self) -> bool:
        """False: there is only the CPU."""
        return False


def pack_padded_sequence(
    input: Tensor,
    lengths: Tensor | Sequence[int],
    batch_first: bool = False,
    enforce_sorted: bool = True,
) -> PackedSequence:
    """Pack padded sequences (t, n, ...), or (n, t, ...) with batch_first, of which sequence i has lengths[i].

    Recurrent layers then stop at each sequence's end. ValueError for a length below 1 or above t, or, with
    enforce_sorted, if a sequence is longer than the one before it.
    """
    sizes = np.asarray(lengths.numpy() if isinstance(lengths, Tensor) else lengths)
    steps, n = input.shape[:2] if not batch_first else input.shape[1::-1]
    if sizes.shape != (n,) or not n or sizes.min() < 1 or sizes.max() > steps:
        raise Refusal(f"pack_padded_sequence: needs {n} lengths from 1 to {steps}, got {sizes.tolist()}")
    if enforce_sorted:
        if (np.diff(sizes) > 0).any():
            raise Refusal(
                f"pack_padded_sequence: needs falling lengths, or enforce_sorted=False, got {sizes.tolist()}"
            )
        return _packed(input, sizes, None, batch_first)
    return _packed(input, sizes, np.argsort(-sizes, kind="stable"), batch_first)


def _packed(x: Tensor, sizes: Array, order: Array | None, batch_first: bool) -> PackedSequence:
    """Return the packed form; `order` is that of the sequences, from the longest on."""
    n = len(sizes)
    steps, sequences = _places(sizes if order is None else sizes[order])
    sequences = sequences if order is None else order[sequences]
    places = sequences * x.shape[1] + steps if batch_first else steps * n + sequences
    rows = _core.reshape(x, (x.shape[0] * x.shape[1], *x.shape[2:]))
    data = _core.index_select(rows, 0, _core.from_numpy(places))
    ends = [
        None if o is None else _core.from_numpy(o)
        for o in (order, None if order is None else np.argsort(order))
    ]
    return PackedSequence(data, _core.from_numpy(np.bincount(steps)), *ends)


def _places(sizes: Array) -> tuple[Array, Array]:
    """Return step and sequence of each row of packed data, for lengths that fall."""
    steps, sequences = np.nonzero(np.arange(sizes.max(initial=0))[:, None] < sizes)
    return steps, sequences


def pad_packed_sequence(
    sequence: PackedSequence,
    batch_first: bool = False,
    padding_value: float = 0.0,
    total_length: int | None = None,
) -> tuple[Tensor, Tensor]:
    """Return padded sequences (t, n, ...), or (n, t, ...) with batch_first, and their lengths (n,).

    t is the longest length, or total_length. ValueError for a total_length that is too short.
    """
    counts = sequence.batch_sizes.numpy()
    n, longest = int(counts[0]), len(counts)
    steps = longest if total_length is None else total_length
    if steps < longest:
        raise Refusal(f"pad_packed_sequence: needs a total_length of at least {longest}, got {total_length}")
    sizes = (counts[:, None] > np.arange(n)).sum(0)
    back = None if sequence.unsorted_indices is None else sequence.unsorted_indices.numpy()
    time, row = _places(sizes)
    data = sequence.data
    places = np.full((steps, n), len(data))  # behind the last step there is one of padding
    places[time, row] = np.arange(len(data))
    if back is not None:
        places, sizes = places[:, back], sizes[back]
    places = places.T if batch_first else places
    padding = full((1, *data.shape[1:]), padding_value, dtype=data.dtype)
    rows = _core.index_select(_core.cat([data, padding], 0), 0, _core.from_numpy(places.reshape(-1)))
    return _core.reshape(rows, (*places.shape, *data.shape[1:])), _core.from_numpy(sizes)


def packed_like(x: Tensor, sequence: PackedSequence, batch_first: bool) -> PackedSequence:
    """Pack padded sequences in the order of others, of the same lengths."""
    counts = sequence.batch_sizes.numpy()
    sizes = (counts[:, None] > np.arange(int(counts[0]))).sum(0)
    if sequence.sorted_indices is None or sequence.unsorted_indices is None:
        return _packed(x, sizes, None, batch_first)
    sizes = sizes[sequence.unsorted_indices.numpy()]
    return _packed(x, sizes, sequence.sorted_indices.numpy(), batch_first)
