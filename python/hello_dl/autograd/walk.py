"""Gradients as graphs: walk from the results to the inputs, and write down what the rules say.

Nothing is computed here. What comes out are expressions, made of the same ops as any other; the engine plans
and slices them when they are asked for, and they can be differentiated again, as often as one likes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from hello_dl import _core
from hello_dl._core import Tensor
from hello_dl.autograd.errors import NoRuleError
from hello_dl.autograd.function import FunctionRule
from hello_dl.autograd.rules import COMPOSED, NO_RULE, RULES, Composition, cut
from hello_dl.tensors.grad_mode import enable_grad
from hello_dl.tensors.outside import OutsideRule

Gradients = list[Tensor | None]
Order = list[tuple[Tensor, bool]]


def gradients(ys: Sequence[Tensor], seeds: Sequence[Tensor | None], xs: Sequence[Tensor]) -> Gradients:
    """Return the derivatives of the sum of all ys, each times its seed, by each x, as expressions.

    None for an x on which no y depends. ValueError for an op that has no rule, for a graph that an earlier
    backward freed, and for inputs that were changed in place since.
    """
    starts = [_core.from_numpy(np.ones(y.shape)) if g is None else g for y, g in zip(ys, seeds, strict=True)]
    wanted = {x.id for x in xs}
    with enable_grad():
        found = _walk(ys, starts, wanted, _in_order(ys, wanted))
    return [found.get(x.id) for x in xs]


def leaves_behind(ys: Sequence[Tensor]) -> list[Tensor]:
    """Return every leaf that requires a gradient and that some y depends on."""
    return [node for node, _ in _in_order(ys, None) if node.is_leaf]


def leaf_gradients(ys: Sequence[Tensor], seeds: Sequence[Tensor | None]) -> list[tuple[Tensor, Tensor]]:
    """Return every leaf that requires a gradient and that some y depends on, with its gradient."""
    leaves = leaves_behind(ys)
    return [(x, g) for x, g in zip(leaves, gradients(ys, seeds, leaves), strict=True) if g is not None]


def add_gradients(ys: Sequence[Tensor], seeds: Sequence[Tensor | None], xs: list[Tensor] | None) -> None:
    """Add the derivatives to the .grad of these tensors, or of all leaves, as expressions."""
    found = leaf_gradients(ys, seeds) if xs is None else zip(xs, gradients(ys, seeds, xs), strict=True)
    for x, g in found:
        if g is not None:
            with enable_grad():
                _core.set_gradient(x, g if x.grad is None else x.grad + g)


def _walk(
    ys: Sequence[Tensor], starts: Sequence[Tensor], wanted: set[int], order: Order
) -> dict[int, Tensor]:
    """Return the gradients of the tensors with these ids."""
    leads = {node.id for node, leading in order if leading}
    complete: dict[int, Tensor] = {}
    for y, start in zip(ys, starts, strict=True):
        _add(complete, y, start)
    found = {}
    for node, leading in reversed(order):  # each node after all that use it: its gradient is complete
        G = complete.pop(node.id, None)
        if G is None or not leading:
            continue
        G = _through_hooks(node, G)
        if node.id in wanted:
            found[node.id] = G
        inputs = _sources(node)
        needed = [x.requires_grad and x.id in leads for x in inputs]
        if not any(needed):
            continue
        for x, g in zip(inputs, _one_step(node, G, inputs, needed), strict=False):
            if g is not None:
                _add(complete, x, g)
    return found


def _add(gradients: dict[int, Tensor], x: Tensor, g: Tensor) -> None:
    """Add to the gradient of x: a tensor that is used several times gets the sum of what its uses say."""
    g, before = without_broadcast(g, x.shape), gradients.get(x.id)
    gradients[x.id] = g if before is None else before + g


def _in_order(ys: Sequence[Tensor], wanted: set[int] | None, stop: bool = False) -> Order:
    """Return the nodes that record gradients, inputs first, and whether one that is wanted is behind each.

    Without `wanted`, whether a leaf is. With `stop`, nothing behind one that is wanted is looked at. It uses
    a stack, since a graph may be deeper than Python's own.
    """
    leading: dict[int, bool] = {}
    order: Order = []
    freed = None
    stack: list[tuple[Tensor, list[Tensor] | None]] = [(y, None) for y in reversed(ys)]
    while stack:
        node, inputs = stack.pop()
        key, is_wanted = node.id, node.is_leaf if wanted is None else node.id in wanted
        if inputs is None:
            if key in leading or not node.requires_grad:
                continue
            leading[key] = False
            inputs = [] if stop and is_wanted else _sources(node)
            freed = node if not inputs and not node.is_leaf else freed
            stack.append((node, inputs))
            stack += [(x, None) for x in inputs if x.requires_grad and x.id not in leading]
        else:
            leading[key] = is_wanted or any(leading.get(x.id, False) for x in inputs)
            order.append((node, leading[key]))
    if freed is not None and not stop and (wanted is None or not wanted <= leading.keys()):
        _core.recipe_of(freed)  # tells that an earlier backward freed it
    return order


def _sources(node: Tensor) -> list[Tensor]:
    """Return the inputs of a node; of a convolution the filters themselves, not their copy in panels."""
    inputs = node.inputs
    if node.op == "conv2d" and inputs:
        x, panels, *rest = inputs
        return [x, *panels.inputs, *[t for t in rest if t.op != "turned_panels"]]
    return inputs


def _through_hooks(node: Tensor, G: Tensor) -> Tensor:
    """Return what the tensor's hooks make of its gradient."""
    hooks: Any = _core.hook_of(node)
    for function in () if hooks is None else list(hooks.functions.values()):
        changed = function(G)
        G = G if changed is None else changed
    return G


def _one_step(node: Tensor, G: Tensor, inputs: list[Tensor], needed: list[bool]) -> Gradients:
    """Return the gradients of a node's inputs, None for those that lead to nothing that is wanted."""
    op, rule = node.op, _core.rule_of(node)
    if rule is not None:
        _core.check_inputs(node)
    if isinstance(rule, FunctionRule):
        return rule.in_graph(G, node)
    if isinstance(rule, OutsideRule) and (found := rule.in_graph(G, node)) is not None:
        return found
    if rule is not None or (op not in RULES and op not in COMPOSED and op != "cat"):
        why = NO_RULE.get(op, "numpy computes its gradient, outside the graph")
        raise NoRuleError(f"{op}: has no derivative that can be differentiated again: {why}")
    for t in (node, node.inputs[1]) if op == "conv2d" else (node,):
        _core.check_inputs(t)
    arguments = _core.recipe_of(node)[1]
    if op == "cat":
        return list(cut(G, inputs, **arguments))
    if op in COMPOSED:
        return _through(COMPOSED[op], inputs, needed, arguments, G)
    return [
        rule(G, node, *inputs, **arguments) if wanted and rule is not None else None
        for rule, wanted in zip(RULES[op], needed, strict=False)
    ]


def _through(
    composition: Composition, inputs: list[Tensor], needed: list[bool], arguments: dict[str, Any], G: Tensor
) -> Gradients:
    """Return the gradients of an op that is made of others: those of the composition.

    Its inputs are stood in for by tensors of their own, so that the walk ends at them, each of them once.
    """
    stand_ins = [_core.reshape(x, x.shape) if n else x for x, n in zip(inputs, needed, strict=True)]
    y = composition(*stand_ins, **arguments)
    wanted = {x.id for x, n in zip(stand_ins, needed, strict=True) if n}
    found = _walk([y], [G], wanted, _in_order([y], wanted, stop=True))
    return [found.get(x.id) for x in stand_ins]


def without_broadcast(g: Tensor, shape: tuple[int, ...]) -> Tensor:
    """Return a gradient in the shape of its tensor: summed where the tensor was repeated to fit."""
    if g.shape == shape:
        return g
    extra = g.ndim - len(shape)
    repeated = [d for d in range(g.ndim) if d < extra or shape[d - extra] != g.shape[d]]
    return _core.reshape(_core.sum(g, repeated) if repeated else g, shape)
