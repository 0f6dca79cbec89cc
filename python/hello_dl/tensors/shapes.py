"""The methods of Tensor that change its shape or the order of its axes.

Most return views, as in PyTorch: tensors that share their numbers with that they were taken from (views.py).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from operator import index
from typing import Any

from hello_dl import _core
from hello_dl._core import Tensor
from hello_dl._core.types import Refusal
from hello_dl.tensors.clones import clone_of
from hello_dl.tensors.view_layout import Layout, is_plain, strides_after
from hello_dl.tensors.views import has_living_base, layout, steps_of, view_of


def is_integer(x: Any) -> bool:
    """Whether x can stand for an integer: one of Python's or numpy's, or a tensor that holds one."""
    try:
        index(x)
    except TypeError:
        return False
    return True


def sizes_of(sizes: tuple[Any, ...], who: str, what: str = "sizes", together: Any = None) -> tuple[int, ...]:
    """Return sizes given one by one, f(2, 3), or together, f((2, 3)) or by name. TypeError for others."""
    if together is not None:
        sizes = (*sizes, together)
    try:
        if len(sizes) == 1 and not is_integer(sizes[0]):
            sizes = tuple(sizes[0])
        return tuple(index(size) for size in sizes)
    except TypeError:
        raise TypeError(f"{who}: needs whole numbers as {what}, got {sizes}") from None


def axis_of(dim: Any, dims: int, who: str) -> int:
    """Return an axis of a tensor with `dims` axes, counted from the front; a number alone has axis 0 too.

    A negative `dim` counts from the end. TypeError if it is no integer, IndexError if there is no such axis.
    """
    try:
        axis, limit = index(dim), max(dims, 1)
    except TypeError:
        raise TypeError(f"{who}: 'dim' needs an integer, got {type(dim).__name__}") from None
    if not -limit <= axis < limit:
        raise IndexError(f"{who}: needs an axis from {-limit} to {limit - 1}, got {axis}")
    return axis % limit


def length_along(x: Tensor, dim: Any, who: str) -> tuple[int, int]:
    """Return an axis, counted from the front, and its length. IndexError also if x is a number alone."""
    axis = axis_of(dim, x.ndim, who)
    if x.ndim == 0:
        raise IndexError(f"{who}: needs a tensor of at least one axis, got a number alone")
    return axis, x.shape[axis]


def _reshaped(x: Tensor, shape: tuple[int, ...], who: str = "") -> Tensor:
    """Return x in another shape, as a view if no number has to be moved for it, else as a copy.

    ValueError if a copy would be needed, x is a view of a tensor in use, and `who` names who wants a view.
    """
    if -1 in shape and 0 in shape:
        raise Refusal(f"{who or 'reshape'}: beside a size of 0, -1 could be any size, got {shape}")
    y = _core.reshape(x, shape)
    if -1 in shape:
        shape = y.shape
    if steps_of(x) and strides_after(layout(x), shape) is None:
        if who and has_living_base(x):
            raise Refusal(
                f"{who}: {x.shape} is a view that cannot be seen as {shape}; use reshape, which copies"
            )
        return clone_of(x, shape)
    return view_of(x, y, ("reshape", shape))


class ShapeMethods(Tensor):
    """Methods that change the shape. methods.py moves them to Tensor itself."""

    def size(self, dim: int | None = None) -> Any:
        """Return the shape, or the length of one axis. IndexError if there is no such axis."""
        return self.shape if dim is None else length_along(self, dim, "size")[1]

    def dim(self) -> int:
        """Return the number of axes."""
        return self.ndim

    def numel(self) -> int:
        """Return how many numbers there are."""
        return math.prod(self.shape)

    def nelement(self) -> int:
        """Return how many numbers there are."""
        return self.numel()

    def stride(self, dim: int | None = None) -> Any:
        """Return how many numbers apart neighbours along each axis are in memory, or along one axis."""
        strides = layout(self).strides
        return strides if dim is None else strides[length_along(self, dim, "stride")[0]]

    def storage_offset(self) -> int:
        """Return at which number of its base a view begins; 0 for what is no view."""
        return layout(self).first

    def reshape(self, *sizes: int | Sequence[int], shape: Sequence[int] | None = None) -> Tensor:
        """Return the same numbers in another shape; one size may be -1: x.reshape(2, -1).

        A view, if no number has to be moved for it; else a copy.
        """
        return _reshaped(self, sizes_of(sizes, "reshape", together=shape))

    def view(self, *sizes: int | Sequence[int], size: Sequence[int] | None = None) -> Tensor:
        """Return a view in another shape. ValueError if it would have to be a copy, as after t()."""
        return _reshaped(self, sizes_of(sizes, "view", together=size), "view")

    def view_as(self, other: Tensor) -> Tensor:
        """Return a view in the shape of `other`."""
        return _reshaped(self, other.shape, "view_as")

    def reshape_as(self, other: Tensor) -> Tensor:
        """Return the same numbers in the shape of `other`."""
        return _reshaped(self, other.shape)

    def flatten(self, start_dim: int = 0, end_dim: int = -1) -> Tensor:
        """Join the axes from start_dim to end_dim into one: (n, c, h, w) with 1 and -1 gives (n, c*h*w)."""
        shape = tuple(self.shape)  # slices of a plain tuple take less time
        start, end = axis_of(start_dim, len(shape), "flatten"), axis_of(end_dim, len(shape), "flatten")
        if start > end:
            raise Refusal(f"flatten: needs start_dim before end_dim, got {start_dim} and {end_dim}")
        sizes = (*shape[:start], math.prod(shape[start : end + 1]), *shape[end + 1 :])
        if steps_of(self):
            return _reshaped(self, sizes)
        return view_of(self, _core.reshape(self, sizes), ("reshape", sizes))

    def unflatten(self, dim: int, sizes: Sequence[int]) -> Tensor:
        """Split one axis into several: (n, 6) with 1 and (2, -1) gives (n, 2, 3). One size may be -1."""
        shape = self.shape
        at = axis_of(dim, len(shape), "unflatten")
        sizes = list(sizes)
        if -1 in sizes:
            known = 1
            for s in sizes:
                known *= s if s != -1 else 1
            sizes[sizes.index(-1)] = shape[at] // known if known else 0
        return _reshaped(self, (*shape[:at], *sizes, *shape[at + 1 :]))

    def permute(self, *axes: int | Sequence[int], dims: Sequence[int] | None = None) -> Tensor:
        """Put the axes into another order: (n, h, w, c) with 0, 3, 1, 2 gives (n, c, h, w)."""
        if not axes and dims is None:
            raise TypeError("permute: needs the axes in their new order, got none")
        order, count = sizes_of(axes, "permute", "axes", dims), self.ndim
        return _permuted(self, [axis_of(axis, count, "permute") for axis in order])

    def transpose(self, dim0: int, dim1: int) -> Tensor:
        """Swap two axes."""
        order = list(range(self.ndim))
        a, b = axis_of(dim0, len(order), "transpose"), axis_of(dim1, len(order), "transpose")
        if order:
            order[a], order[b] = b, a
        return _permuted(self, order)

    def swapaxes(self, axis0: int, axis1: int) -> Tensor:
        """Swap two axes."""
        return self.transpose(axis0, axis1)

    def movedim(self, source: int | Sequence[int], destination: int | Sequence[int]) -> Tensor:
        """Move one axis, or several, to other places; the others keep their order."""
        dims = self.ndim
        from_, to = (
            [axis_of(d, dims, "movedim") for d in sizes_of((axes,), "movedim", "axes")]
            for axes in (source, destination)
        )
        if len(from_) != len(to) or len({*from_}) != len(from_) or len({*to}) != len(to):
            raise Refusal(f"movedim: needs as many places as axes, each once, got {source} and {destination}")
        order = [d for d in range(dims) if d not in from_]
        for place, axis in sorted(zip(to, from_, strict=True)):
            order.insert(place, axis)
        return _permuted(self, order)

    def t(self) -> Tensor:
        """Return the transpose of a matrix. ValueError for more than two axes."""
        if self.ndim > 2:
            raise Refusal(f"t: needs at most two axes, got {self.shape}; use transpose or mT")
        return _permuted(self, (1, 0) if self.ndim == 2 else range(self.ndim))

    @property
    def T(self) -> Tensor:
        """The tensor with its axes in reverse order; for a matrix, its transpose."""
        return _permuted(self, range(self.ndim)[::-1])

    @property
    def H(self) -> Tensor:
        """The transpose of a matrix: there are no complex numbers. ValueError for more than two axes."""
        return self.t()

    @property
    def mH(self) -> Tensor:
        """The tensor with its last two axes swapped, as mT."""
        return self.mT

    @property
    def mT(self) -> Tensor:
        """The tensor with its last two axes swapped. ValueError for fewer than two axes."""
        if self.ndim < 2:
            raise Refusal(f"mT: needs at least two axes, got {self.shape}")
        return self.transpose(-2, -1)

    def squeeze(self, dim: int | Sequence[int] | None = None) -> Tensor:
        """Drop all axes of length 1, or only those in `dim` that have length 1."""
        shape = self.shape
        if dim is None:
            named = set(range(len(shape)))
        else:
            named = {axis_of(d, len(shape), "squeeze") for d in sizes_of((dim,), "squeeze", "axes")}
        kept = [s for i, s in enumerate(shape) if s != 1 or i not in named]
        return _reshaped(self, tuple(kept))

    def unsqueeze(self, dim: int) -> Tensor:
        """Insert an axis of length 1 at `dim`."""
        shape = list(self.shape)
        shape.insert(axis_of(dim, len(shape) + 1, "unsqueeze"), 1)
        return _reshaped(self, tuple(shape))

    def expand(self, *sizes: int | Sequence[int], size: Sequence[int] | None = None) -> Tensor:
        """Repeat axes of length 1 up to these sizes (-1 keeps a size); new axes may come in front."""
        wanted = list(sizes_of(sizes, "expand", together=size))
        shape = self.shape
        new = len(wanted) - len(shape)
        if new < 0:
            raise Refusal(f"expand: needs at least {len(shape)} sizes for {shape}, got {tuple(wanted)}")
        whole = tuple(shape[i - new] if s == -1 and i >= new else s for i, s in enumerate(wanted))
        if whole == shape:
            return _reshaped(self, shape)
        return view_of(self, _core.expand(self, whole), ("expand", whole, shape))

    def expand_as(self, other: Tensor) -> Tensor:
        """Repeat axes of length 1 up to the shape of `other`."""
        return self.expand(other.shape)

    def repeat(self, *sizes: int | Sequence[int], repeats: Sequence[int] | None = None) -> Tensor:
        """Return copies of the whole tensor side by side, sizes[i] of them along axis i."""
        y: Tensor = self
        counts = list(sizes_of(sizes, "repeat", together=repeats))
        if len(counts) < y.ndim:
            raise Refusal(f"repeat: needs at least {y.ndim} numbers for {y.shape}, got {tuple(counts)}")
        if len(counts) > y.ndim:
            y = _core.reshape(y, [1] * (len(counts) - y.ndim) + list(y.shape))
        if min(counts, default=0) < 0:
            raise Refusal(f"repeat: needs numbers of 0 or more, got {tuple(counts)}")
        for axis, count in enumerate(counts):
            if count != 1:
                y = _core.cat([y] * count, axis) if count else _core.slice(y, axis, 0, 0)
        return clone_of(y) if y is self else y

    def contiguous(self, memory_format: str = "torch.contiguous_format") -> Tensor:
        """Return the tensor itself if it is contiguous, else a copy.

        Of PyTorch's memory formats there is this one: channels_last changes nothing, here and in x.to.
        """
        del memory_format
        return self if is_plain(layout(self)) else clone_of(self)

    def is_contiguous(self, memory_format: str = "torch.contiguous_format") -> bool:
        """Return whether the numbers lie one after the other in memory; those of x.t() and x[:, 0] do not.

        With memory_format=channels_last: whether they do so with the axis of channels as the last one.
        """
        order = {"torch.channels_last": (0, 2, 3, 1), "torch.channels_last_3d": (0, 2, 3, 4, 1)}
        axes = order.get(memory_format, tuple(range(self.ndim)))
        if len(axes) != self.ndim:
            return False
        sizes, strides, first = layout(self)
        return is_plain(Layout(tuple(sizes[a] for a in axes), tuple(strides[a] for a in axes), first))


def _permuted(x: Tensor, order: Sequence[int]) -> Tensor:
    """Return x with its axes in another order: axis i is axis order[i] of x."""
    order, shape = tuple(order), x.shape
    y = _core.permute(x, order)
    if y.id == x.id:  # the order is the same
        return _reshaped(x, shape)
    return view_of(x, y, ("permute", order, shape))


def stack(tensors: Sequence[Tensor], dim: int = 0) -> Tensor:
    """Join tensors of one shape along a new axis: k tensors (n, d) give (k, n, d). ValueError for none."""
    tensors = list(tensors)
    if not tensors:
        raise Refusal("stack: needs at least one tensor, got none")
    axis = axis_of(dim, tensors[0].ndim + 1, "stack")
    return _core.cat([_core.reshape(t, (*t.shape[:axis], 1, *t.shape[axis:])) for t in tensors], axis)
