"""Changes in place of tensors that share numbers: of a view, and of a tensor that has views (views.py)."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hello_dl import _core
from hello_dl._core import Tensor
from hello_dl._core.types import Refusal
from hello_dl.tensors import view_steps
from hello_dl.tensors.clones import before_change
from hello_dl.tensors.dtypes import REAL
from hello_dl.tensors.view_layout import base_sizes, disjoint, layout_of, repeats
from hello_dl.tensors.view_memory import array_of, has_memory, overwrite
from hello_dl.tensors.view_steps import Steps, after_detach, recording
from hello_dl.tensors.views import Family, View, any_in_use, family_of, known, leave, steps_of

_FEW_NUMBERS = 1024  # to copy so many takes less time than to make an expression and compute it later


def check(x: Tensor, who: str, records: bool, part: Steps = (), fills: bool = False) -> None:
    """Raise ValueError if x, or the part of it that these steps lead to, must not be changed in place.

    `records` tells that a gradient of the change is recorded, `fills` that all numbers get the same value.
    """
    guarded = _core.is_grad_enabled()
    if guarded and x.requires_grad and x.is_leaf:
        raise Refusal(
            f"{who}: a leaf that requires a gradient can only be changed in place inside `with no_grad():`"
        )
    view = known(x)
    if view is None:
        return
    base = view.family.base()
    kinds = [step[0] for step in view.steps]
    if guarded and base is not None and base.requires_grad and "detach" not in kinds:
        if base.is_leaf:
            raise Refusal(
                f"{who}: a view of a leaf that requires a gradient can only be changed in place inside"
                " `with no_grad():`"
            )
        if not x.requires_grad:
            raise Refusal(f"{who}: this view was taken under no_grad and can only be changed there")
    if records and "part" in kinds[after_detach(view.steps) :]:
        raise Refusal(
            f"{who}: one of several views (from split, chunk, unbind or a loop over a tensor) cannot be"
            " changed in place while gradients are recorded; index the tensor instead, as in x[i]"
        )
    if "expand" in kinds:
        in_memory = not records and (base is None or has_memory(base))
        if not in_memory or (repeats(layout_of(view.steps + part, x.shape)) and not fills):
            raise Refusal(
                f"{who}: an expanded tensor has one number in several places; change a clone() of it"
            )


def change(x: Tensor, result: Tensor, records: bool) -> Tensor:
    """Change x to `result`, with all tensors that share its numbers, and return x.

    If a gradient of the change is recorded, x then stands for the expression `result`. If not, only its
    numbers change, and x keeps the gradient that it had. Only a leaf without views may get the expression of
    another tensor.
    """
    if not records:
        before_change()
    family = family_of(x)
    if family is None:
        _set(x, result, records)
        return x
    place = _Place(family, x)
    inside = after_detach(place.steps)
    if records and inside:  # the gradient goes no further than to the tensor that was detached
        place.change(result, True, inside)
        records, result = False, view_steps.detached(result)  # computed from the old numbers, as x is now
    place.change(result, records, 0)
    return x


def _set(x: Tensor, result: Tensor, records: bool) -> None:
    """Change x alone: it stands for `result`, or, if nothing is recorded, only its numbers change."""
    if records:
        x._become(result)
    elif x.is_leaf and x.is_computed:
        x._assign(result)
    else:
        x._become(view_steps.keep_gradient(x, result))


class _Place:
    """The part of a base that one of its views, or the base itself, stands for, while it is changed."""

    def __init__(self, family: Family, x: Tensor) -> None:
        self.family = family
        self.x = x
        self.steps = steps_of(x)
        view = known(x)
        self.span = (0, math.prod(x.shape) - 1) if view is None else view.span
        self.done: set[int] = set()  # the id() of what has been changed

    def change(self, result: Tensor, records: bool, least: int) -> None:
        """Put `result` into the nearest tensor that x is a view of, and take other views of that anew.

        At least `least` steps lead from the base to that tensor.
        """
        nearest, depth = self.nearest(least)
        if id(nearest) not in self.done:
            stale = _put(nearest, self.steps[depth:], result, records)
            self.done.add(id(nearest))
            if id(self.x) not in self.done and (records or not self.x.requires_grad):
                self.x._become(result)
                self.done.add(id(self.x))
            self.follow(nearest, depth, records, stale)
        if least == 0 and self.family.base() is None:
            self.change_other_parts(result, records)

    def nearest(self, least: int = 0) -> tuple[Tensor, int]:
        """Return the living tensor that the fewest steps lead to, `least` or more, and their number."""
        base = self.family.base()
        if least == 0 and base is not None:
            return base, 0
        found, depth = self.x, len(self.steps)
        for view in self.family.sharing(self.span):
            n = len(view.steps)
            if least <= n < depth and self.steps[:n] == view.steps:
                t = view()
                found, depth = (found, depth) if t is None else (t, n)
        return found, depth

    def follow(self, nearest: Tensor, depth: int, records: bool, stale: bool) -> None:
        """Take all views of `nearest`, to which `depth` steps lead, anew if they share numbers with x.

        `stale` tells that expressions made of it have lost the numbers they need.
        """
        family = self.family
        if family.held is nearest and nearest.op != "leaf":  # a leaf has become a result
            family.held = None
        for view in list(family.values()) if stale or records else family.sharing(self.span):
            t = view()
            if t is None or view.key in self.done or view.steps[:depth] != self.steps[:depth]:
                continue
            rest = view.steps[depth:]
            needs_numbers = stale and (t.requires_grad or not t.is_computed)
            needs_gradient = records and not t.requires_grad and not after_detach(rest)
            if not (needs_numbers or needs_gradient) and self.is_apart_from(view):
                continue
            self.done.add(view.key)
            _take_anew(t, nearest, rest, records)

    def is_apart_from(self, view: View) -> bool:
        """Whether another view has no number in common with this place."""
        (first, last), (start, end) = self.span, view.span
        return end < first or last < start or disjoint(view.steps, self.steps)

    def change_other_parts(self, result: Tensor, records: bool) -> None:
        """Change the views of a base that is gone which share some numbers with x, but are no views of x."""
        for view in self.family.sharing(self.span):
            t = view()
            if t is None or view.key in self.done or self.is_apart_from(view):
                continue
            sizes = base_sizes((view.steps, t.shape), (self.steps, result.shape))
            empty = _core.from_numpy(np.zeros(sizes))._as_dtype(t.dtype)
            base = recording(t.requires_grad, view_steps.put, empty, view.steps, t)
            base = recording(records, view_steps.put, base, self.steps, result)
            if records or not t.requires_grad or t.is_leaf:
                _take_anew(t, base, view.steps, records)
            else:
                t._become(view_steps.keep_gradient(t, view_steps.take(base, view.steps)))


def _put(base: Tensor, steps: Steps, result: Tensor, records: bool) -> bool:
    """Change base alone, so that the view that these steps lead to has the numbers of `result`.

    Return whether expressions made of base, and not computed yet, have lost the numbers they need.
    """
    if not steps:
        _set(base, result, records)
        return not records
    if not records and has_memory(base) and (result.is_computed or base.op == "leaf"):
        numbers = result._raw() if result.dtype == REAL else result.numpy()
        return overwrite(base, steps, lambda array: np.copyto(array, numbers))
    old = base if records else view_steps.detached(base)
    _set(base, recording(records, view_steps.put, old, steps, result), records)
    return not records


def _take_anew(t: Tensor, base: Tensor, steps: Steps, records: bool) -> None:
    """Let t be the view of base that these steps lead to, after base has changed."""
    if t.requires_grad and t.is_leaf:
        t._assign(recording(False, view_steps.take, base, steps))
    elif t.requires_grad and after_detach(steps):
        t._become(view_steps.keep_gradient(t, view_steps.take(base, steps)))
    elif not (records or t.requires_grad) and base.is_computed and math.prod(t.shape) <= _FEW_NUMBERS:
        t._become(_core.from_numpy(view_steps.in_array(array_of(base), steps)))
    else:
        t._become(recording(records or t.requires_grad, view_steps.take, base, steps))


def edit(x: Tensor, write: Callable[[NDArray[Any]], None]) -> bool:
    """Let `write` change an array of the numbers of x, without gradient, and x with all that shares them.

    Return False, and do nothing, if x or its base is a result that records a gradient.
    """
    family = family_of(x)
    if family is None:
        if has_memory(x):
            before_change()
            overwrite(x, (), write)
        return has_memory(x)
    place = _Place(family, x)
    nearest, depth = place.nearest()
    if not has_memory(nearest):
        return False
    before_change()
    stale = overwrite(nearest, place.steps[depth:], write)
    place.done.add(id(nearest))
    place.follow(nearest, depth, False, stale)
    if family.base() is None:
        place.change_other_parts(view_steps.take(nearest, place.steps[depth:]), False)
    return True


def shared_with(x: Tensor) -> tuple[Tensor, Steps] | None:
    """Return the base of a view and the steps from it, if the base has numbers that can be overwritten.

    If the base is gone, return the tensor in use that is nearest to it on the way to the view.
    """
    view = known(x)
    if view is None:
        return None
    nearest, depth = _Place(view.family, x).nearest()
    if nearest is x or not has_memory(nearest):
        return None
    _core.evaluate([nearest])
    return nearest, view.steps[depth:]


def let_go(x: Tensor) -> None:
    """Let x share its numbers with nobody. A view keeps the numbers it has, and so do the views of x."""
    view, family = known(x), family_of(x)
    leaving = [view] if view is not None else [] if family is None else list(family.values())
    for one in leaving:
        t = one()
        if t is not None and t.requires_grad:
            _core.evaluate([t])
        elif t is not None:
            t._become(_core.from_numpy(t.numpy()))
        leave(one)


def after_step(parameters: Iterable[Tensor]) -> None:
    """Let all that shares numbers with these leaves know that an optimizer has overwritten them."""
    for p in parameters if any_in_use() else ():
        family = family_of(p)
        if family is None:
            continue
        if known(p) is not None:
            change(p, p, False)
        else:
            place = _Place(family, p)
            place.done.add(id(p))
            place.follow(p, 0, False, True)
