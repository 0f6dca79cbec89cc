"""Rules of ops that rearrange, repeat or select numbers: the gradient goes back to where each came from."""

from __future__ import annotations

import numpy as np

from hello_dl import _core
from hello_dl._core import Tensor
from hello_dl.autograd.rules.rule import Table


def _axis(x: Tensor, dim: int) -> int:
    """Return an axis counted from the first one."""
    return dim % max(x.ndim, 1)


def _turned_back(G: Tensor, y: Tensor, x: Tensor, dims: list[int]) -> Tensor:
    """Take back that axis i of the result is axis dims[i] of x."""
    order = [_axis(x, d) for d in dims]
    return _core.permute(G, sorted(range(x.ndim), key=order.__getitem__))


def _unsliced(G: Tensor, y: Tensor, x: Tensor, dim: int, start: int, stop: int, step: int) -> Tensor:
    """Put the gradient back to its places; between and around them are zeros."""
    axis = _axis(x, dim)
    size = x.shape[axis]
    places = np.arange(size)[start:stop:step]
    return _core.index_sum(G, axis, _core.from_numpy(places), size)


def cut(G: Tensor, inputs: list[Tensor], dim: int) -> list[Tensor]:
    """Return the gradients of tensors that were put one after the other (cat): their parts of G."""
    axis, first, parts = _axis(inputs[0], dim), 0, []
    for x in inputs:
        parts.append(_core.slice(G, axis, first, first + x.shape[axis]))
        first += x.shape[axis]
    return parts


def _selected(G: Tensor, y: Tensor, x: Tensor, index: Tensor, dim: int) -> Tensor:
    """Add up the gradients of all places with the same index. The index's axes stand where axis dim was."""
    axis = _axis(x, dim)
    lines = _core.reshape(G, (*x.shape[:axis], index.numel(), *x.shape[axis + 1 :]))
    return _core.index_sum(lines, axis, _core.reshape(index, (-1,)), x.shape[axis])


def _looked_up(G: Tensor, y: Tensor, weight: Tensor, index: Tensor) -> Tensor:
    """Add the gradient of place i to row index[i] of the table."""
    lines = _core.reshape(G, (index.numel(), weight.shape[1]))
    return _core.index_sum(lines, 0, _core.reshape(index, (index.numel(),)), weight.shape[0])


def _picked(G: Tensor, y: Tensor, x: Tensor, index: Tensor) -> Tensor:
    """Put the gradient where one number of each row was taken."""
    column = (x.shape[0], 1)
    return _core.scatter_sum(_core.reshape(G, column), 1, _core.reshape(index, column), x.shape[1])


def _backwards(x: Tensor, dim: int) -> Tensor:
    """Return x with the places along an axis in reverse order."""
    size = x.shape[_axis(x, dim)] if x.ndim else 1
    return x if size < 2 else _core.index_select(x, dim, _core.from_numpy(np.arange(size)[::-1].copy()))


def kept(g: Tensor, x: Tensor, dim: list[int] | None, keepdim: bool) -> Tensor:
    """Return a sum over axes of x with these axes in it, of size 1."""
    if keepdim or x.ndim == 0:
        return g
    axes = [_axis(x, d) for d in dim or range(x.ndim)]
    return _core.reshape(g, tuple(1 if i in axes else size for i, size in enumerate(x.shape)))


def _spread(G: Tensor, y: Tensor, x: Tensor, dim: list[int] | None = None, keepdim: bool = True) -> Tensor:
    """Give each number of a sum the whole gradient."""
    return _core.expand(kept(G, x, dim, keepdim), x.shape)


def _shared(G: Tensor, y: Tensor, x: Tensor, dim: list[int] | None, keepdim: bool) -> Tensor:
    """Give each number of a mean its share."""
    return _core.expand(kept(G / (x.numel() / max(y.numel(), 1)), x, dim, keepdim), x.shape)


def _to_extremes(G: Tensor, y: Tensor, x: Tensor, dim: list[int] | None, keepdim: bool) -> Tensor:
    """Share the gradient among all numbers that equal the largest; among NaN, those that are NaN."""
    chosen = (x == kept(y, x, dim, keepdim)) + _core.isnan(x)  # one of the two is true
    count = _core.sum(chosen, dim, True)
    return _core.where(chosen, kept(G, x, dim, keepdim) / count, 0.0)


PLACES: Table = {
    # the same numbers elsewhere
    "reshape": (lambda G, y, x, shape=None: _core.reshape(G, x.shape),),
    "permute": (_turned_back,),
    "expand": (lambda G, y, x, shape=None: G,),  # summed up by the walk, like every broadcast
    "snapshot": (lambda G, y, x: G,),
    "channels_first": (lambda G, y, x: G,),
    "channels_last": (lambda G, y, x: G,),
    "tril": (lambda G, y, x, diagonal: _core.tril(G, diagonal),),
    "triu": (lambda G, y, x, diagonal: _core.triu(G, diagonal),),
    # some of the numbers
    "slice": (lambda G, y, x, dim, start, stop, step: _unsliced(G, y, x, dim, start, stop, step),),
    "gather": (lambda G, y, x, i, dim: _core.scatter_sum(G, dim, i, x.shape[_axis(x, dim)]),),
    "scatter_sum": (lambda G, y, x, i, dim, size: _core.gather(G, dim, i),),
    "index_select": (lambda G, y, x, i, dim: _selected(G, y, x, i, dim),),
    "index_sum": (lambda G, y, x, i, dim, size: _core.index_select(G, dim, i),),
    "embedding": (_looked_up,),
    "pick": (_picked,),
    # sums
    "sum": (_spread,),
    "mean": (_shared,),
    "cumsum": (lambda G, y, x, dim: _backwards(_core.cumsum(_backwards(G, dim), dim), dim),),
    "amax": (_to_extremes,),
    "amin": (_to_extremes,),
}  # fmt: skip
