"""Sequences of different lengths: padded to one tensor, or packed without padding."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from hello_dl import _core
from hello_dl._core import Tensor
from hello_dl._core.types import Refusal
from hello_dl.nn.packed import PackedSequence, pack_padded_sequence, pad_packed_sequence
from hello_dl.tensors.creation import full
from hello_dl.tensors.shapes import stack

__all__ = [
    "PackedSequence",
    "pack_padded_sequence",
    "pack_sequence",
    "pad_packed_sequence",
    "pad_sequence",
    "unpack_sequence",
    "unpad_sequence",
]


def pad_sequence(
    sequences: Tensor | Iterable[Tensor],
    batch_first: bool = False,
    padding_value: float = 0.0,
    padding_side: str = "right",
) -> Tensor:
    """Put sequences (t_i, ...) side by side: (t, n, ...), or (n, t, ...) with batch_first; t is the longest.

    The others are filled up with padding_value, behind them or, with padding_side "left", in front.
    """
    if padding_side not in ("right", "left"):
        raise Refusal(f"pad_sequence: padding_side needs 'right' or 'left', got {padding_side!r}")
    every = list(sequences)
    if not every:
        raise Refusal("pad_sequence: needs at least one sequence")
    steps = max(len(x) for x in every)
    padded = []
    for x in every:
        missing = steps - len(x)
        if missing:
            edge = full((missing, *x.shape[1:]), padding_value, dtype=x.dtype)
            x = _core.cat([x, edge] if padding_side == "right" else [edge, x], 0)
        padded.append(x)
    return stack(padded, 0 if batch_first else 1)


def unpad_sequence(padded_sequences: Tensor, lengths: Tensor, batch_first: bool = False) -> list[Tensor]:
    """Return the sequences that pad_sequence has put side by side, without their padding."""
    rows = padded_sequences if batch_first else padded_sequences.transpose(0, 1)
    return [rows[i, : int(length)] for i, length in enumerate(lengths.tolist())]


def pack_sequence(sequences: Sequence[Tensor], enforce_sorted: bool = True) -> PackedSequence:
    """Pack sequences (t_i, ...); with enforce_sorted the longest has to come first."""
    lengths = [len(x) for x in sequences]
    return pack_padded_sequence(pad_sequence(sequences), lengths, enforce_sorted=enforce_sorted)


def unpack_sequence(packed_sequences: PackedSequence) -> list[Tensor]:
    """Return the sequences that are packed, each by itself."""
    padded, lengths = pad_packed_sequence(packed_sequences, batch_first=True)
    return unpad_sequence(padded, lengths, batch_first=True)
