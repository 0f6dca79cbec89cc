"""Views: tensors that share their numbers with the tensor they were taken from, as x[0], x.view(2, 2) and x.t().

The engine shares no memory between a tensor and a slice of it: both are expressions of their own. So this file
remembers for each view its base, the tensor it was taken from, and the steps that lead to it (view_steps.py).
When a view is changed in place, its new numbers are put into the base, step by step; when a base is changed, its
views are taken from it anew (view_changes.py). A view of a view has the same base as that one.
"""

from __future__ import annotations

import weakref

from hello_dl._core import Tensor
from hello_dl.tensors import view_steps
from hello_dl.tensors.view_steps import Layout, Step, Steps


class View(weakref.ref[Tensor]):
    """What is remembered of a view; called, it returns the view itself, or None if it is gone."""

    __slots__ = ("family", "key", "steps")
    family: Family
    key: int  # the id() of the view
    steps: Steps  # from the base


class Family(dict[int, View]):
    """All views of a base that are in use, by their id()."""

    __slots__ = ("base", "held", "key", "shape")
    base: weakref.ref[Tensor]
    key: int  # the id() of the base
    shape: tuple[int, ...]  # of the base
    # A leaf is kept alive by its views, as its memory is in PyTorch. The result of an expression is not: the
    # engine would have to store its numbers, even if nobody else ever asked for them.
    held: Tensor | None


VIEWS: dict[int, View] = {}
_families: dict[int, Family] = {}  # may have one whose base is gone, until the last of its views is gone too


def forget(view: View, views: dict[int, View] = VIEWS, families: dict[int, Family] = _families) -> None:
    """Forget a view that is gone, and its family with the last of its views."""
    family = view.family
    views.pop(view.key, None)
    family.pop(view.key, None)
    if not family and families.get(family.key) is family:
        del families[family.key]


def view_of(base: Tensor, view: Tensor, *steps: Step) -> Tensor:
    """Remember that `view` was taken from `base` by these steps, and return it."""
    made = View(view, forget)
    known = VIEWS.get(id(base))
    if known is None:
        family = _families.get(id(base))
        if family is None or family.base() is not base:
            family = _new_family(base)
    else:
        family, steps = known.family, known.steps + steps
    made.family = family
    made.steps = steps
    made.key = key = id(view)
    VIEWS[key] = family[key] = made
    return view


def _new_family(base: Tensor) -> Family:
    """Return the family of a tensor that has no views yet."""
    family = _families[id(base)] = Family()
    family.base = weakref.ref(base)
    family.key = id(base)
    family.shape = base.shape
    family.held = base if base.op == "leaf" else None
    return family


def families() -> list[Family]:
    """Return all families."""
    return list(_families.values())


def family_of(x: Tensor) -> Family | None:
    """Return the family that x belongs to, as a view or as the base; None if it has no views."""
    view = VIEWS.get(id(x))
    if view is not None:
        return view.family
    family = _families.get(id(x))
    return family if family is not None and family.base() is x else None


def steps_of(x: Tensor) -> Steps:
    """Return the steps that lead from the base to x: none if x is no view."""
    view = VIEWS.get(id(x))
    return () if view is None else view.steps


def one_of_many(view: Tensor) -> Tensor:
    """Mark a view as one of several that one call made, and return it."""
    VIEWS[id(view)].steps += (("part", None),)
    return view


def same(x: Tensor, other: Tensor, *steps: Step) -> bool:
    """Whether `other` is the view of x that these steps lead to."""
    view = VIEWS.get(id(other))
    return view is not None and view.family is family_of(x) and view.steps == steps_of(x) + steps


def is_view(x: Tensor) -> bool:
    """Whether x was taken from another tensor."""
    return id(x) in VIEWS


def has_living_base(x: Tensor) -> bool:
    """Whether x is a view of a tensor that is in use."""
    view = VIEWS.get(id(x))
    return view is not None and view.family.base() is not None


def layout(x: Tensor) -> Layout:
    """Return the sizes and strides of x, as if it lay in the memory of its base."""
    view = VIEWS.get(id(x))
    if view is None:
        return x.shape, view_steps.plain_strides(x.shape)
    return view_steps.layout(view.family.shape, view.steps)
