"""Views, such as x[0], x.view(2, 2) and x.t(): tensors that share their numbers with the one they come from.

The engine shares no memory between a tensor and a slice of it: both are expressions of their own. So this
file remembers for each view its base, the tensor it was taken from, and the steps that lead to it
(view_steps.py). When a view is changed in place, its new numbers are put into the base, step by step; when a
base is changed, its views are taken from it anew (view_changes.py). A view of a view has that one's base.

Most views live for a moment only and never change. So taking one writes a note, and no more; before a change
in place, the notes about views that are still in use are sorted into families.
"""

from __future__ import annotations

import weakref
from bisect import bisect_left, bisect_right
from typing import NamedTuple, TypeAlias

from hello_dl._core import Tensor
from hello_dl.tensors.view_layout import Layout, layout_of, span_of
from hello_dl.tensors.view_steps import Step, Steps

_MOST_NOTES = 4096  # with more of them, those about views that are gone are dropped
_FEW_VIEWS = 32  # so many are looked at one by one

_ref = weakref.ref  # one object for each tensor, so that these references can be compared with `is`
has_references = weakref.getweakrefcount
_Ref: TypeAlias = "weakref.ref[Tensor]"


class View(weakref.ref[Tensor]):
    """What is remembered of a view; called, it returns the view itself, or None if it is gone."""

    __slots__ = ("family", "key", "span", "steps")
    family: Family
    key: int  # the id() of the view
    steps: Steps  # from the base
    span: tuple[int, int]  # the places of its first and last number in the memory of the base


class _InOrder(NamedTuple):
    """Views in the order of their first places."""

    firsts: list[int]
    views: list[View]
    longest: int  # the longest span


class Family(dict[int, View]):
    """All views of a base that are in use, by their id()."""

    __slots__ = ("base", "held", "in_order")
    base: _Ref
    # A gradient is kept alive by its views: in x.grad[0].zero_() nobody else refers to the object x.grad.
    # Other bases are not: the engine would have to store their numbers, even if nobody asked for them.
    held: Tensor | None
    in_order: _InOrder | None  # None if a view has come or gone since they were sorted

    def sharing(self, span: tuple[int, int]) -> list[View]:
        """Return the views that may have a number in this span of the memory of the base.

        Many views are kept in order, or `for row in rows: row.mul_(2)` would look at each row for each row.
        """
        first, last = span
        if len(self) <= _FEW_VIEWS:
            near = list(self.values())
        else:
            firsts, views, longest = self.in_order or self._sort()
            near = views[bisect_left(firsts, first - longest) : bisect_right(firsts, last)]
        return [view for view in near if view.span[0] <= last and first <= view.span[1]]

    def _sort(self) -> _InOrder:
        """Return the views in the order of their first places."""
        views = sorted(self.values(), key=lambda view: view.span)
        longest = max(view.span[1] - view.span[0] for view in views)
        self.in_order = _InOrder([view.span[0] for view in views], views, longest)
        return self.in_order


# The view; what it was taken from; what is known of that, if it was a view itself; the steps from there to
# the view; and what it was taken from once more, if that is a gradient, which has to be kept alive.
Note: TypeAlias = "tuple[_Ref, _Ref, Note | View | None, Steps, Tensor | None]"

_notes: dict[int, Note] = {}  # by the id() of the view, which may be gone
_views: dict[int, View] = {}  # by the id() of the view
_families: dict[int, Family] = {}  # by the id() of the reference to the base, which may be gone


def view_of(base: Tensor, view: Tensor, *steps: Step) -> Tensor:
    """Remember that `view` was taken from `base` by these steps, and return it."""
    key = id(base)
    known = _notes.get(key) or _views.get(key)
    _notes[id(view)] = (_ref(view), _ref(base), known, steps, base if key in _gradients else None)
    if len(_notes) > _MOST_NOTES:
        _sort_notes()
    return view


def _sort_notes() -> None:
    """Sort what the notes say about views in use into families, and drop the notes."""
    for key in list(_notes) if _notes else ():
        note = _notes.pop(key, None)  # another thread may have been faster
        view = None if note is None else note[0]()
        if note is not None and view is not None:
            _enter(view, note)


def _enter(view: Tensor, note: Note) -> None:
    """Enter a view into the family of its base."""
    base, steps, held = _origin(note)
    family = _families.get(id(base))
    if family is None:
        family = _families[id(base)] = Family()
        family.base, family.held = base, held
    made = View(view, _forget)
    made.family, made.steps, made.key = family, steps, id(view)
    made.span = span_of(layout_of(steps, view.shape))
    family.in_order = None
    _views[made.key] = family[made.key] = made


def _origin(note: Note) -> tuple[_Ref, Steps, Tensor | None]:
    """Return the base of a view, the steps from there, and the base again if it is a gradient."""
    _, taken_from, parent, steps, held = note
    while parent is not None:
        if isinstance(parent, View):
            return parent.family.base, parent.steps + steps, parent.family.held
        view, before, grandparent, more, held_before = parent
        if view is not taken_from:
            break  # an older note, about a view that is gone
        taken_from, parent, steps, held = before, grandparent, more + steps, held_before
    return taken_from, steps, held


def _forget(view: View, views: dict[int, View] = _views, families: dict[int, Family] = _families) -> None:
    """Forget a view that is gone, and its family with the last of its views."""
    family = view.family
    views.pop(view.key, None)
    family.pop(view.key, None)
    family.in_order = None
    if not family:
        families.pop(id(family.base), None)


def leave(view: View) -> None:
    """Forget a view that shall share its numbers with nobody any more."""
    _forget(view)


def any_in_use() -> bool:
    """Whether there is any view."""
    _sort_notes()
    return bool(_views)


def known(x: Tensor) -> View | None:
    """Return what is remembered of a view; None if x is no view."""
    if not has_references(x):  # there is one to each view and to each base
        return None
    _sort_notes()
    return _views.get(id(x))


def family_of(x: Tensor) -> Family | None:
    """Return the family that x belongs to, as a view or as the base; None if it has no views."""
    if not has_references(x):
        return None
    view = known(x)
    return _families.get(id(_ref(x))) if view is None else view.family


def steps_of(x: Tensor) -> Steps:
    """Return the steps that lead from the base to x: none if x is no view."""
    note = _notes.get(id(x))
    if note is not None and note[0]() is x:
        return _origin(note)[1]
    view = _views.get(id(x))
    return () if view is None else view.steps


def same(x: Tensor, other: Tensor, steps: Steps) -> bool:
    """Whether `other` is the view of x that these steps lead to."""
    view = known(other)
    return view is not None and view.family is family_of(x) and view.steps == steps_of(x) + steps


def has_living_base(x: Tensor) -> bool:
    """Whether x is a view of a tensor that is in use."""
    view = known(x)
    return view is not None and view.family.base() is not None


def sharing_with(x: Tensor) -> list[Tensor]:
    """Return the tensors in use that may have a number in common with x: views, x if it is one, the base."""
    family, view = family_of(x), known(x)
    if family is None:
        return []
    near = family.values() if view is None else family.sharing(view.span)
    return [t for t in (family.base(), *(other() for other in near)) if t is not None]


def layout(x: Tensor) -> Layout:
    """Return how x lies in the memory of its base, or in its own."""
    return layout_of(steps_of(x), x.shape)


# ---- gradients ---------------------------------------------------------------------------------------------


class _Gradient(weakref.ref[Tensor]):
    """A reference to the object x.grad."""

    __slots__ = ("key", "node")
    key: int  # the id() of the object
    node: int  # the engine's node


_gradients: dict[int, _Gradient] = {}  # by the id() of the object
_by_node: dict[int, _Gradient] = {}


def gradient(new: Tensor | None) -> Tensor | None:
    """Return the object that x.grad returned before, if it is in use, for a new one of the same numbers."""
    if new is None:
        return None
    known = _by_node.get(new.id)
    before = None if known is None else known()
    if before is not None and before.id == new.id:
        return before
    made = _Gradient(new, _forget_gradient)
    made.key, made.node = id(new), new.id
    _gradients[made.key] = _by_node[made.node] = made
    return new


def _forget_gradient(gone: _Gradient) -> None:
    """Forget an object x.grad that is gone."""
    _gradients.pop(gone.key, None)
    if _by_node.get(gone.node) is gone:
        del _by_node[gone.node]
