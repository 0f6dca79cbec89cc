"""Quantisation: each weight becomes a code of few bits, its index in a short list of values (chapter 7).

A weight has 32 bits; its index among 16 values has 4. The list of values is made for each tensor, or for each
row of it (axis 0: a layer's output channels), which takes a little more space and fits better: with one list
for a tensor, rows that are much smaller than the others become 0. Two methods:

bins     each value stands for equally many weights and is their mean, as in chapter 7. The 2^bits values are
         stored; they are the code book.
linear   the values are equally far apart and symmetric: value = middle + step (code - (2^bits - 1) / 2).
         Only middle and step are stored. The step is the one with the least squared error; then both are
         corrected so that each row keeps its mean and standard deviation (Banner, Nahshan, Soudry 2019).

The smallest tensors, together at most the share FEW of all weights, keep FINE bits. They are mostly those of
the first and the last layer, whose errors change the result most, and they add little to the size. Tensors of
one dimension (biases, batch norm) are small and stay numbers, in 16 bits if that hardly changes any of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from hello_dl.files import MISSHAPEN

BITS = (8, 4, 3, 2, 1)
METHODS = ("linear", "bins")
PER = ("channel", "tensor")
FEW = 0.03  # largest share of all weights in the tensors that keep FINE bits; higher makes larger files
FINE = 8  # bits of a weight in these tensors
CLOSE = 1e-3  # largest relative error of a number that is stored in 16 bits; lower keeps more in 32
STEPS = 60  # number of step sizes that `linear` tries for each row
Arrays: TypeAlias = dict[str, NDArray[Any]]
Floats: TypeAlias = NDArray[np.float64]


def quantise(
    state: Mapping[str, NDArray[Any]], bits: int = 4, method: str = "linear", per: str = "channel"
) -> tuple[Arrays, dict[str, Any]]:
    """Pack a state dict: return the arrays to store, and the note that `dequantise` needs to unpack them.

    Arrays NAME of two dimensions and more become NAME.codes, packed bits as uint8, and NAME.values (bins,
    (rows, 2^bits)) or NAME.line (linear, (rows, 2)), float16 where that is near enough for every row, else
    float32. ValueError for other bits or methods, or for weights that are not finite.
    """
    for word, got, known in (("bits", bits, BITS), ("method", method, METHODS), ("per", per, PER)):
        if got not in known:
            raise ValueError(f"quantise: needs {word} among {', '.join(map(str, known))}, got {got!r}")
    chosen = {n: a for n, a in state.items() if a.ndim >= 2 and a.dtype.kind == "f" and a.size > 0}
    packed: Arrays = {name: _half(array, array) for name, array in state.items() if name not in chosen}
    fine = _smallest(chosen)
    for name, array in chosen.items():
        if not np.isfinite(array).all():
            raise ValueError(f"quantise: needs finite weights, {name} has NaN or infinity")
        rows = array.reshape(len(array) if per == "channel" else 1, -1).astype(np.float64)
        binned = method == "bins" and name not in fine
        mine = FINE if name in fine else bits
        codes, numbers = (_bins if binned else _line)(rows, mine)
        packed[f"{name}.codes"] = pack(codes, mine)
        if binned:
            packed[f"{name}.values"] = _half_values(numbers, min(2**mine, rows.shape[1]))
        else:
            packed[f"{name}.line"] = _half_line(numbers, mine)
    shapes = {name: list(array.shape) for name, array in chosen.items()}
    return packed, {"bits": bits, "method": method, "per": per, "shapes": shapes, "fine": fine}


def _smallest(arrays: Mapping[str, NDArray[Any]]) -> list[str]:
    """Return the names of the smallest arrays that together have at most the share FEW of all numbers."""
    names = sorted(arrays, key=lambda name: arrays[name].size)
    share = np.cumsum([arrays[name].size for name in names]) / max(1, sum(a.size for a in arrays.values()))
    return [name for name, sum_ in zip(names, share, strict=True) if sum_ <= FEW]


def dequantise(packed: Mapping[str, NDArray[Any]], note: Mapping[str, Any]) -> Arrays:
    """Return the state dict, float32, that `quantise` has packed. ValueError if the arrays are damaged."""
    try:
        shapes = {name: tuple(shape) for name, shape in note["shapes"].items()}
        bits = {name: FINE if name in note.get("fine", ()) else int(note["bits"]) for name in shapes}
        state = {name: _unpack_one(packed, name, shape, bits[name]) for name, shape in shapes.items()}
    except MISSHAPEN as error:
        raise ValueError(f"the packed weights are damaged or incomplete ({error})") from None
    used = {f"{name}.{part}" for name in shapes for part in ("codes", "line", "values")}
    for name, array in packed.items():
        if name not in used:
            state[name] = array.astype(np.float32) if array.dtype.kind == "f" else array
    return state


def _unpack_one(
    packed: Mapping[str, NDArray[Any]], name: str, shape: tuple[int, ...], bits: int
) -> NDArray[np.float32]:
    """Return one array from its codes and its values, or from its codes, middle and step."""
    codes = unpack(packed[f"{name}.codes"], bits, int(np.prod(shape)))
    if (values := packed.get(f"{name}.values")) is None:
        middle, step = packed[f"{name}.line"].astype(np.float32).T[:, :, None]  # (rows, 1) each
        values = middle + step * (np.arange(2**bits, dtype=np.float32) - np.float32((2**bits - 1) / 2))
    rows = codes.reshape(len(values), -1)
    return np.take_along_axis(values.astype(np.float32), rows, axis=1).reshape(shape)


def _bins(rows: Floats, bits: int) -> tuple[NDArray[np.uint8], Floats]:
    """Sort each row (rows, n) into 2^bits bins of equal size: codes (rows, n), means (rows, 2^bits)."""
    n = rows.shape[1]
    used = min(2**bits, n)  # a row of fewer numbers leaves some bins empty
    start = np.arange(used) * n // used
    population = np.diff(np.append(start, n))
    order = np.argsort(rows, axis=1, kind="stable")
    codes, values = np.empty(rows.shape, np.uint8), np.zeros((len(rows), 2**bits))
    np.put_along_axis(codes, order, np.repeat(np.arange(used, dtype=np.uint8), population)[None], axis=1)
    values[:, :used] = np.add.reduceat(np.take_along_axis(rows, order, axis=1), start, axis=1) / population
    return codes, values


def _line(rows: Floats, bits: int) -> tuple[NDArray[np.uint8], Floats]:
    """Find for each row the step with the least squared error: codes (rows, n), middle and step (rows, 2).

    Middle and step are corrected so that the row keeps its mean and standard deviation.
    """
    half = 2**bits / 2
    mean, spread = rows.mean(axis=1, keepdims=True), rows.std(axis=1, keepdims=True)
    centred = rows - mean
    most = np.abs(centred).max(axis=1, keepdims=True)
    least = np.full((len(rows), 1), np.inf)
    codes, numbers = np.zeros(rows.shape, np.uint8), np.concatenate([mean, np.zeros_like(mean)], axis=1)
    for share in np.arange(1, STEPS + 1) / STEPS:  # the outermost value lies near share * most
        step = np.maximum(share * most / half, np.finfo(float).tiny)
        levels = np.clip(np.floor(centred / step), -half, half - 1) + 0.5
        middle = levels.mean(axis=1, keepdims=True)
        scale = spread / np.maximum(levels.std(axis=1, keepdims=True), np.finfo(float).tiny)
        error = np.square(scale * (levels - middle) - centred).sum(axis=1, keepdims=True)
        better = error < least
        least = np.where(better, error, least)
        codes = np.where(better, levels + (half - 0.5), codes).astype(np.uint8)
        numbers = np.where(better, np.concatenate([mean - scale * middle, scale], axis=1), numbers)
    return codes, numbers


def pack(codes: NDArray[np.uint8], bits: int) -> NDArray[np.uint8]:
    """Pack codes of `bits` bits each into bytes, lowest bit first; the last byte is filled up with zeros."""
    each = np.unpackbits(codes.reshape(-1, 1), axis=1, count=bits, bitorder="little")  # (n, bits)
    return np.packbits(each, bitorder="little")


def unpack(packed: NDArray[np.uint8], bits: int, n: int) -> NDArray[np.uint8]:
    """Return the n codes that `pack` has packed. ValueError if there are more or fewer bytes."""
    if packed.dtype != np.uint8 or packed.shape != (-(-n * bits // 8),):
        raise ValueError(f"{n} codes of {bits} bits need {-(-n * bits // 8)} bytes, got {packed.size}")
    each = np.unpackbits(packed, count=n * bits, bitorder="little").reshape(n, bits)
    return np.packbits(each, axis=1, bitorder="little").reshape(-1)


def _half(array: NDArray[Any], size: NDArray[Any]) -> NDArray[Any]:
    """Return floats in 16 bits if each changes by at most the share CLOSE of its `size`; else in 32.

    `size` has the array's shape, or one that fits it. So a row that is small next to the others is judged by
    its own size: in 16 bits, numbers below 6e-5 lose digits, and those below 3e-8 become 0.
    """
    if array.dtype.kind != "f" or array.size == 0:
        return array
    with np.errstate(over="ignore", invalid="ignore"):
        half = array.astype(np.float16)
        is_near = np.abs(half - array) <= CLOSE * np.abs(size)
    is_same = (half == array) | (np.isnan(half) & np.isnan(array))
    return half if (is_near | is_same).all() else array.astype(np.float32)


def _half_values(values: Floats, used: int) -> NDArray[Any]:
    """Return the values (rows, 2^bits) of bins, `used` of them in use; each is judged by its row's range."""
    return _half(values, _or_size(np.ptp(values[:, :used], axis=1, keepdims=True), values))


def _half_line(line: Floats, bits: int) -> NDArray[Any]:
    """Return middle and step, (rows, 2): the middle is judged by its row's range, the step by itself."""
    middle, step = line[:, :1], line[:, 1:]
    return _half(line, np.concatenate([_or_size(2**bits * step, middle), step], axis=1))


def _or_size(ranges: Floats, rows: Floats) -> Floats:
    """Return the ranges of rows, (rows, 1), or, where a row is constant, the size of that constant."""
    return np.where(ranges > 0, ranges, np.abs(rows).max(axis=1, keepdims=True))
