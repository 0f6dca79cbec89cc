"""Clones: copies that keep the numbers of the time they were made, whatever changes in place later."""

from __future__ import annotations

import weakref

from hello_dl import _core
from hello_dl._core import Tensor

_not_computed: weakref.WeakValueDictionary[int, Tensor] = weakref.WeakValueDictionary()


def clone_of(x: Tensor, shape: tuple[int, ...] | None = None) -> Tensor:
    """Return a copy, in another shape if one is given; gradients flow through it.

    The clone of a result is computed when it is asked for, or just before anything changes in place.
    """
    if shape is None and x.is_computed and not (x.requires_grad and _core.is_grad_enabled()):
        return _core.from_numpy(x.numpy())
    y = _core.reshape(x, x.shape if shape is None else shape)
    if x.is_computed:
        _core.evaluate([y])
    else:
        _not_computed[id(y)] = y
    return y


def before_change() -> None:
    """Compute all clones that are not computed yet: numbers that they are made of are about to change."""
    if not _not_computed:
        return
    for clone in list(_not_computed.values()):
        if not clone.is_computed:
            try:
                _core.evaluate([clone])
            except ValueError:  # it comes from something else that has changed, and says so when it is read
                continue
    _not_computed.clear()
