"""torch.utils._pytree: nested containers taken apart into their leaves, and put together again."""

from __future__ import annotations

from collections import OrderedDict, defaultdict, deque, namedtuple
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from hello_dl.tensors.size import Size


@dataclass(frozen=True)
class TreeSpec:
    """The form of a tree: what it is made of, without its leaves. A leaf alone has no type."""

    type: Any = None
    keys: Any = None  # of a dict; the class behind a named tuple; the factory of a defaultdict with its keys
    children_specs: list[TreeSpec] = field(default_factory=list)

    @property
    def num_leaves(self) -> int:
        """How many leaves a tree of this form has."""
        return 1 if self.type is None else sum(child.num_leaves for child in self.children_specs)

    def is_leaf(self) -> bool:
        """Return whether it is one leaf."""
        return self.type is None


def _parts(tree: Any) -> tuple[Any, Any, list[Any]] | None:
    """Return kind, keys and parts of a tree; None for a leaf."""
    kind = type(tree)
    if kind in (dict, OrderedDict):
        return kind, list(tree), list(tree.values())
    if kind is defaultdict:
        return kind, (tree.default_factory, list(tree)), list(tree.values())
    if isinstance(tree, tuple) and hasattr(tree, "_fields"):
        return namedtuple, kind, list(tree)
    if kind in (tuple, list, deque, Size):
        return kind, tree.maxlen if isinstance(tree, deque) else None, list(tree)
    return None


def _whole(spec: TreeSpec, parts: list[Any]) -> Any:
    """Return the tree of this form with these parts."""
    if spec.type is namedtuple:
        return spec.keys(*parts)
    if spec.type in (dict, OrderedDict):
        return spec.type(zip(spec.keys, parts, strict=True))
    if spec.type is defaultdict:
        return defaultdict(spec.keys[0], zip(spec.keys[1], parts, strict=True))
    return deque(parts, spec.keys) if spec.type is deque else spec.type(parts)


def tree_flatten(tree: Any, is_leaf: Callable[[Any], bool] | None = None) -> tuple[list[Any], TreeSpec]:
    """Return the leaves of a tree in order, and its form. None is a leaf, too."""
    parts = None if is_leaf is not None and is_leaf(tree) else _parts(tree)
    if parts is None:
        return [tree], TreeSpec()
    leaves: list[Any] = []
    specs = []
    for part in parts[2]:
        inner, spec = tree_flatten(part, is_leaf)
        leaves += inner
        specs.append(spec)
    return leaves, TreeSpec(parts[0], parts[1], specs)


def tree_unflatten(leaves: Iterable[Any], treespec: TreeSpec) -> Any:
    """Return the tree of a form with these leaves. ValueError if there are too many or too few."""
    leaves = list(leaves)
    if len(leaves) != treespec.num_leaves:
        raise ValueError(f"tree_unflatten: needs {treespec.num_leaves} leaves, got {len(leaves)}")
    rest = iter(leaves)

    def built(spec: TreeSpec) -> Any:
        return next(rest) if spec.type is None else _whole(spec, [built(s) for s in spec.children_specs])

    return built(treespec)


def tree_iter(tree: Any, is_leaf: Callable[[Any], bool] | None = None) -> Iterator[Any]:
    """Yield the leaves of a tree in order."""
    yield from tree_flatten(tree, is_leaf)[0]


def tree_leaves(tree: Any, is_leaf: Callable[[Any], bool] | None = None) -> list[Any]:
    """Return the leaves of a tree in order."""
    return tree_flatten(tree, is_leaf)[0]


def tree_structure(tree: Any, is_leaf: Callable[[Any], bool] | None = None) -> TreeSpec:
    """Return the form of a tree."""
    return tree_flatten(tree, is_leaf)[1]


def tree_map(
    func: Callable[..., Any], tree: Any, *rests: Any, is_leaf: Callable[[Any], bool] | None = None
) -> Any:
    """Return the tree with func(leaf) in place of each leaf; more trees give more arguments."""
    leaves, spec = tree_flatten(tree, is_leaf)
    others = [tree_flatten(rest, is_leaf)[0] for rest in rests]
    return tree_unflatten([func(*group) for group in zip(leaves, *others, strict=True)], spec)


def tree_map_only(kind: Any, func: Callable[[Any], Any], tree: Any, is_leaf: Any = None) -> Any:
    """Return the tree with func(leaf) in place of the leaves of a class, or of one of several."""
    return tree_map(lambda leaf: func(leaf) if isinstance(leaf, kind) else leaf, tree, is_leaf=is_leaf)


def tree_map_(func: Callable[..., Any], tree: Any, *rests: Any, is_leaf: Any = None) -> Any:
    """Call func with each leaf, and return the tree itself."""
    tree_map(func, tree, *rests, is_leaf=is_leaf)
    return tree


def tree_all(pred: Callable[[Any], bool], tree: Any, is_leaf: Any = None) -> bool:
    """Return whether something is true of all leaves."""
    return all(map(pred, tree_iter(tree, is_leaf)))


def tree_any(pred: Callable[[Any], bool], tree: Any, is_leaf: Any = None) -> bool:
    """Return whether something is true of one leaf or more."""
    return any(map(pred, tree_iter(tree, is_leaf)))
