"""Functions of the package, hello_dl.exp(x) or hello_dl.sum(x, 0): ops and methods, called as in PyTorch.

The first argument may be named `input`, `dim` may be called axis and `keepdim` keepdims, as in PyTorch. Like
there, the first argument has to be a tensor: Python's numbers have Python's functions.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

from hello_dl import _core
from hello_dl._core import Tensor
from hello_dl._core.types import Refusal
from hello_dl.tensors import arithmetic, later, shapes
from hello_dl.tensors.argument_names import RENAMED, names_of, take_own_names

_FIRST = ("input", "x", "self", "a", "x1")  # names under which the first argument may come
_SECOND = dict.fromkeys(("x2", "mat2", "vec", "tensor"), "other")
_OF_TWO_TENSORS = ("maximum", "minimum")


def cat(tensors: Sequence[Tensor], dim: int = 0, *, axis: int | None = None) -> Tensor:
    """Join tensors one after the other along an axis; all other sizes are equal. ValueError for none.

    Tensors of shape (0,) are left out among others of more axes, as in PyTorch.
    """
    tensors = list(tensors)
    if any(isinstance(t, Tensor) and t.shape == (0,) for t in tensors):
        tensors = [t for t in tensors if not isinstance(t, Tensor) or t.shape != (0,)] or tensors[:1]
    return _core.cat(tensors, dim if axis is None else axis)


def stack(tensors: Sequence[Tensor], dim: int = 0, *, axis: int | None = None) -> Tensor:
    """Join tensors of one shape along a new axis: k tensors (n, d) give (k, n, d). ValueError for none."""
    return shapes.stack(tensors, dim if axis is None else axis)


def split(tensor: Tensor, split_size_or_sections: int | Sequence[int], dim: int = 0) -> tuple[Tensor, ...]:
    """Cut an axis into pieces of one size, or of these sizes, as x.split does."""
    return tensor.split(split_size_or_sections, dim)


def is_tensor(obj: Any) -> bool:
    """Return whether an object is a Tensor."""
    return isinstance(obj, Tensor)


# What may have a number as its first argument, or another thing than the tensor.
_OF_ANYTHING = ("bucketize", "isin", "polygamma", "xlogy")
_OWN: dict[str, Callable[..., Any]] = {
    **dict.fromkeys(("cat", "concat", "concatenate"), cat),
    "is_tensor": is_tensor,
    "split": split,
    "where": arithmetic.where,
}


def function(name: str, target: Any = None) -> Callable[..., Any] | None:
    """Return the function hello_dl.name, or None if neither an op nor a method of Tensor has this name.

    `target` is what does the work, if that is neither of these, such as a function of hello_dl.functional.
    """
    if name in _OWN:
        return _OWN[name]
    alone = later.function(name)
    if alone is not None:
        return alone
    is_op = target is not None or any(name == op for op, _, _ in _core.registered_ops)
    if target is None:
        target = getattr(Tensor, name, None) or getattr(_core, name, None)
    if not callable(target):
        return None
    if name in _OF_ANYTHING:
        anything: Callable[..., Any] = target
        return anything
    return _as_function(name, target) if is_op or hasattr(Tensor, name) else target


def _as_function(name: str, target: Callable[..., Any]) -> Callable[..., Any]:
    """Return an op or a method as a function that takes PyTorch's names and checks its first argument."""
    known = names_of(target)
    renamed = {old: new for old, new in (RENAMED | _SECOND).items() if old not in known}

    @functools.wraps(target)
    def called(*args: Any, **named: Any) -> Any:
        out = None
        if named:
            out = None if "out" in known else named.pop("out", None)
            args, named = _renamed(name, args, named, renamed)
        if not args or not isinstance(args[0], Tensor):
            if args and getattr(args[0], "is_sparse", False):
                return getattr(args[0], name)(*args[1:], **named)
            _refuse(name, args)
        if name in _OF_TWO_TENSORS and not all(isinstance(t, Tensor) for t in (*args[:2], *named.values())):
            raise TypeError(
                f"{name}: needs two tensors, got a number; x.clamp(min=..., max=...) takes numbers"
            )
        y = target(*args, **named)
        return y if out is None else _written(name, y, out)

    return called


def _written(name: str, y: Any, out: Any) -> Any:
    """Write a result, or several, into the tensors given as `out`, and return them."""
    if isinstance(out, tuple | list):
        return type(y)(*(_written(name, part, o) for part, o in zip(y, out, strict=True)))
    if y.requires_grad or out.requires_grad:
        raise Refusal(f"{name}: with out= no gradient is recorded; use no_grad, or the result")
    if y.shape != out.shape:
        raise Refusal(f"{name}: needs out of shape {y.shape}, got {out.shape}")
    return out.copy_(y)


def _renamed(
    name: str, args: tuple[Any, ...], named: dict[str, Any], names: dict[str, str]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Return arguments in which `input` comes first, and dim and keepdim have their own names."""
    for first in _FIRST:
        if first in named:
            if args:
                raise TypeError(f"{name}: got its first argument twice, by place and as {first}=")
            args = (named.pop(first),)
    take_own_names(name, named, names)
    return args, named


def _refuse(name: str, args: tuple[Any, ...]) -> None:
    """Raise TypeError for a first argument that is no tensor; only pow takes a number and a tensor."""
    if not args:
        raise TypeError(f"{name}: needs an argument 'input'")
    if name == "pow" and len(args) == 2 and isinstance(args[1], Tensor):
        return
    raise TypeError(f"{name}: needs a tensor as input, got {type(args[0]).__name__}; make one by tensor(...)")
