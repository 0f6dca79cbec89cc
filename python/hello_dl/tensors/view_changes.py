"""Changes in place of tensors that share numbers: of a view, and of a tensor that has views (views.py)."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hello_dl import _core
from hello_dl._core import Tensor
from hello_dl.tensors import view_steps
from hello_dl.tensors.dtypes import REAL
from hello_dl.tensors.view_steps import Steps, after_detach
from hello_dl.tensors.views import Family, families, family_of, known, leave, steps_of


def check(x: Tensor, who: str, records: bool, part: Steps = (), fills: bool = False) -> None:
    """Raise ValueError if x, or the part of it that these steps lead to, must not be changed in place.

    `records` tells that a gradient of the change is recorded, `fills` that all numbers get the same value.
    """
    recording = _core.is_grad_enabled()
    if recording and x.requires_grad and x.is_leaf:
        raise ValueError(
            f"{who}: a leaf that requires a gradient can only be changed in place inside `with no_grad():`"
        )
    view = known(x)
    if view is None:
        return
    base = view.family.base()
    kinds = [step[0] for step in view.steps]
    if recording and base is not None and base.requires_grad and "detach" not in kinds:
        if base.is_leaf:
            raise ValueError(
                f"{who}: a view of a leaf that requires a gradient can only be changed in place inside"
                " `with no_grad():`"
            )
        if not x.requires_grad:
            raise ValueError(f"{who}: this view was taken under no_grad and can only be changed there")
    if records and "part" in kinds[after_detach(view.steps) :]:
        raise ValueError(
            f"{who}: one of several views (from split, chunk, unbind or a loop over a tensor) cannot be changed"
            " in place while gradients are recorded; index the tensor instead, as in x[i]"
        )
    plain = not records and (base is None or _has_memory(base))
    seen = view_steps.layout(view.steps + part, x.shape) if "expand" in kinds else ((), ())
    if "expand" in kinds and not (plain and (fills or not view_steps.repeats(seen))):
        raise ValueError(
            f"{who}: an expanded tensor has one number in several places; change a clone() of it"
        )


def change(x: Tensor, result: Tensor, records: bool) -> Tensor:
    """Change x to `result`, with all tensors that share its numbers, and return x.

    If a gradient of the change is recorded, x then stands for the expression `result`. If not, only its
    numbers change, and x keeps the gradient that it had.
    """
    if not records:
        before_change()
    family = family_of(x)
    if family is None:
        _set(x, result, records)
        return x
    steps = steps_of(x)
    done: set[int] = set()
    inside = after_detach(steps)
    if records and inside:  # the gradient goes no further than to the tensor that was detached
        _change_family(family, x, inside, result, True, done)
        records, result = False, view_steps.detached(result)  # it needs the old numbers to be computed
    _change_family(family, x, 0, result, records, done)
    return x


def _change_family(
    family: Family, x: Tensor, least: int, result: Tensor, records: bool, done: set[int]
) -> None:
    """Put `result` in the place of x into the tensor that x is a view of, and take the other views anew.

    At least `least` steps lead from the base to that tensor. `done` has the id() of what has been changed.
    """
    steps = steps_of(x)
    nearest, depth = _nearest(family, steps, least)
    if id(nearest) not in done:
        _put(nearest, steps[depth:], result, records)
        if records:
            x._become(result)
        done |= {id(nearest), id(x)} if records else {id(nearest)}
        _follow(family, x, nearest, depth, records, done)
    if least == 0 and family.base() is None:
        _change_other_parts(family, steps, depth, result, records, done)


def _nearest(family: Family, steps: Steps, least: int = 0) -> tuple[Tensor, int]:
    """Return the living tensor that the fewest of these steps lead to, `least` or more, and their number."""
    base = family.base()
    if least == 0 and base is not None:
        return base, 0
    found: tuple[Tensor, int] | None = None
    for view in list(family.values()):
        n = len(view.steps)
        if least <= n and (found is None or n < found[1]) and steps[:n] == view.steps:
            t = view()
            found = found if t is None else (t, n)
    assert found is not None, "the view that is changed is alive"
    return found


def _put(base: Tensor, steps: Steps, result: Tensor, records: bool) -> None:
    """Change base alone, so that the view that these steps lead to has the numbers of `result`."""
    if not steps:
        _set(base, result, records)
    elif not records and _has_memory(base) and (result.is_computed or base.op == "leaf"):
        numbers = result._raw() if result.dtype == REAL else result.numpy()
        _overwrite(base, steps, lambda array: np.copyto(array, numbers))
    else:
        old = base if records else view_steps.detached(base)
        _set(base, view_steps.recording(records, view_steps.put, old, steps, result), records)


def _set(x: Tensor, result: Tensor, records: bool) -> None:
    """Change x alone: it stands for `result`, or, if nothing is recorded, only its numbers change."""
    if records:
        x._become(result)
    elif x.is_leaf and x.is_computed:
        x._assign(result)
    else:
        x._become(view_steps.keep_gradient(x, result))


def _follow(family: Family, x: Tensor, nearest: Tensor, depth: int, records: bool, done: set[int]) -> None:
    """Take all views anew from `nearest`, `depth` steps away from the base, that share numbers with x."""
    if family.held is nearest and nearest.op != "leaf":  # a leaf has become a result
        family.held = None
    steps = steps_of(x)
    for view in list(family.values()):
        t = view()
        if t is None or view.key in done or view.steps[:depth] != steps[:depth]:
            continue
        same_kind = t.is_computed if not records else t.requires_grad or not nearest.requires_grad
        if same_kind and view_steps.disjoint(view.steps, steps):
            continue
        done.add(view.key)
        _take_anew(t, nearest, view.steps[depth:], records)


def _take_anew(t: Tensor, base: Tensor, steps: Steps, records: bool) -> None:
    """Let t be the view of base that these steps lead to, after base has changed."""
    if t.requires_grad and t.is_leaf:
        t._assign(view_steps.recording(False, view_steps.take, base, steps))
    elif t.requires_grad and after_detach(steps):
        t._become(view_steps.keep_gradient(t, view_steps.take(base, steps)))
    else:
        t._become(view_steps.recording(records or t.requires_grad, view_steps.take, base, steps))


def _change_other_parts(
    family: Family, steps: Steps, depth: int, result: Tensor, records: bool, done: set[int]
) -> None:
    """Change those views of a base that is gone which share only some numbers with what has changed."""
    for view in list(family.values()):
        t = view()
        if t is None or view.key in done or view_steps.disjoint(view.steps, steps):
            continue
        sizes = view_steps.base_sizes((view.steps, t.shape), (steps, result.shape))
        empty = _core.from_numpy(np.zeros(sizes))._as_dtype(t.dtype)
        base = view_steps.recording(t.requires_grad, view_steps.put, empty, view.steps, t)
        base = view_steps.recording(records, view_steps.put, base, steps, result)
        if records or not t.requires_grad or t.is_leaf:
            _take_anew(t, base, view.steps, records)
        else:
            t._become(view_steps.keep_gradient(t, view_steps.take(base, view.steps)))


# ---- memory ------------------------------------------------------------------------------------------------


def _has_memory(x: Tensor) -> bool:
    """Whether the numbers of x can be overwritten: x is a leaf, or no gradient is recorded behind it."""
    return x.is_leaf or not x.requires_grad


def _overwrite(base: Tensor, steps: Steps, write: Callable[[NDArray[Any]], None]) -> None:
    """Call `write` with an array of the numbers that these steps lead to, which it changes."""
    expected = not base.is_computed and base._references
    base._settle()
    if expected:  # expressions made of it, which are to be computed from the old numbers
        base._become(_core.from_numpy(base.numpy()))
    array = base._raw() if base.dtype == REAL else base.numpy()
    write(view_steps.in_array(array, steps))
    base._assign(base if base.dtype == REAL else _core.from_numpy(array))  # new numbers, and a new version


def edit(x: Tensor, write: Callable[[NDArray[Any]], None]) -> bool:
    """Let `write` change an array of the numbers of x, without gradient, and x with all that shares them.

    Return False, and do nothing, if x or its base is a result that records a gradient.
    """
    family, steps = family_of(x), steps_of(x)
    nearest, depth = (x, 0) if family is None else _nearest(family, steps)
    if not _has_memory(nearest):
        return False
    before_change()
    _overwrite(nearest, steps[depth:], write)
    if family is not None:
        done = {id(nearest)}
        _follow(family, x, nearest, depth, False, done)
        if family.base() is None:
            result = view_steps.take(nearest, steps[depth:])
            _change_other_parts(family, steps, depth, result, False, done)
    return True


def shared_with(x: Tensor) -> tuple[Tensor, Steps] | None:
    """Return the base of a view and the steps from it, if the base has numbers that can be overwritten."""
    view = known(x)
    base = None if view is None else view.family.base()
    if view is None or base is None or not base.is_computed or not _has_memory(base):
        return None
    return base, view.steps


def let_go(x: Tensor) -> None:
    """Let x share its numbers with nobody any more. A view keeps the numbers it has, and so do the views of x."""
    view, family = known(x), family_of(x)
    leaving = [view] if view is not None else [] if family is None else list(family.values())
    for one in leaving:
        t = one()
        if t is not None and t.requires_grad:
            _core.evaluate([t])
        elif t is not None:
            t._become(_core.from_numpy(t.numpy()))
        leave(one)


# ---- clones and optimizers  --------------------------------------------------------------------------------

_clones: weakref.WeakValueDictionary[int, Tensor] = weakref.WeakValueDictionary()  # not computed yet


def clone_of(x: Tensor, shape: tuple[int, ...] | None = None) -> Tensor:
    """Return a copy, in another shape if one is given, that keeps the numbers of now; gradients flow through it.

    The clone of a result is computed when it is asked for, or just before anything changes in place.
    """
    if shape is None and x.is_computed and not (x.requires_grad and _core.is_grad_enabled()):
        return _core.from_numpy(x.numpy())
    y = _core.reshape(x, x.shape if shape is None else shape)
    if x.is_computed:
        _core.evaluate([y])
    else:
        _clones[id(y)] = y
    return y


def before_change() -> None:
    """Compute all clones that are not computed yet: their numbers are about to change at the source."""
    for clone in list(_clones.values()) if _clones else ():
        if not clone.is_computed:
            try:
                _core.evaluate([clone])
            except ValueError:  # it comes from something else that has changed, and says so when it is read
                continue
    _clones.clear()


def after_step(parameters: Iterable[Tensor]) -> None:
    """Let all that shares numbers with these leaves know that an optimizer has overwritten them."""
    for p in parameters:
        if known(p) is not None:
            change(p, p, False)
    for family in families():
        base = family.base()
        if base is not None and base.requires_grad and base.is_leaf:
            _follow(family, base, base, 0, False, {id(base)})
