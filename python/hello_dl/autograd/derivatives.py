"""Derivatives of some tensors by others: returned by `grad`, added to .grad by `backward`."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from types import ModuleType
from typing import TypeAlias

from hello_dl import _core
from hello_dl._core import Tensor
from hello_dl._core.types import Refusal
from hello_dl.tensors.creation import zeros_like
from hello_dl.tensors.gradients import add_gradients

Tensors: TypeAlias = Tensor | Sequence[Tensor]
Seeds: TypeAlias = Tensor | Sequence[Tensor | None] | None


def grad(
    outputs: Tensors,
    inputs: Tensors,
    grad_outputs: Seeds = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    only_inputs: bool = True,
    allow_unused: bool | None = None,
    is_grads_batched: bool = False,
    materialize_grads: bool = False,
) -> tuple[Tensor | None, ...]:
    """Return the derivatives of the sum of all outputs by each input, in its shape; no .grad changes.

    Inputs may be leaves or results. An output of several numbers needs its own grad_outputs, dL/d(output), in
    its shape. The graph is freed unless retain_graph is true. An input that no output depends on is an error;
    with allow_unused its derivative is None, with materialize_grads zeros. With create_graph the derivatives
    are expressions that can be differentiated again: nothing is computed yet, and the graph is kept.
    ValueError for tensors that record no gradient, and with create_graph for an op that has no rule.
    """
    if is_grads_batched:
        raise Refusal("grad: hello_dl has no is_grads_batched; call grad once for each row of grad_outputs")
    if not only_inputs:
        raise Refusal("grad: needs only_inputs=True; backward() adds to the .grad of all leaves")
    ys, xs = listed("grad: outputs", outputs), listed("grad: inputs", inputs)
    seeds = _seeds("grad", ys, grad_outputs, "grad_outputs")
    for i, x in enumerate(xs):
        if not x.requires_grad:
            raise Refusal(
                f"grad: input {i} of shape {x.shape} records no gradient; set its requires_grad_() before the"
                " outputs are computed"
            )
    found = (
        walk().gradients(ys, seeds, xs)
        if create_graph
        else _core.gradients(ys, seeds, xs, bool(retain_graph))
    )
    if materialize_grads:
        return tuple(zeros_like(x) if g is None else g for x, g in zip(xs, found, strict=True))
    for i, g in enumerate(found):
        if g is None and not allow_unused:
            raise Refusal(
                f"grad: no output depends on input {i} of shape {xs[i].shape}; allow_unused=True returns None"
                " for it"
            )
    return tuple(found)


def backward(
    tensors: Tensors,
    grad_tensors: Seeds = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    inputs: Tensors | None = None,
) -> None:
    """Add the derivatives of the sum of all tensors to the .grad of every leaf, or of the given inputs alone.

    grad_tensors are for tensors of several numbers: dL/d(tensor), each in its shape. The graph is freed
    unless retain_graph is true. With create_graph it is kept, and each .grad is an expression that can be
    differentiated again; set it to None when it is no longer needed, since it holds its leaf's graph.
    ValueError for tensors that record no gradient, and with create_graph for an op that has no rule.
    """
    ys = listed("backward: tensors", tensors)
    seeds = _seeds("backward", ys, grad_tensors, "grad_tensors")
    if create_graph:
        leaves = None if inputs is None else listed("backward: inputs", inputs)
        walk().add_gradients(ys, seeds, leaves)
    elif inputs is not None:
        xs = listed("backward: inputs", inputs)
        add_gradients(ys, seeds, xs, bool(retain_graph))
    else:
        _core.backward_all(ys, seeds, bool(retain_graph))


def listed(who: str, tensors: Tensors) -> list[Tensor]:
    """Return one tensor or several as a list. TypeError for anything else, ValueError for none."""
    several = [tensors] if isinstance(tensors, Tensor) else list(tensors)
    for t in several:
        if not isinstance(t, Tensor):
            raise TypeError(f"{who} need to be tensors, got {type(t).__name__}")
    if not several:
        raise Refusal(f"{who} need to be at least one tensor, got none")
    return several


@cache
def walk() -> ModuleType:
    """Return walk.py, imported when it is first needed: most programs never differentiate twice."""
    from hello_dl.autograd import walk as module

    return module


def _seeds(who: str, ys: list[Tensor], given: Seeds, name: str) -> list[Tensor | None]:
    """Return a seed or None for each output. ValueError where one is needed, or has another shape."""
    if given is None:
        seeds: list[Tensor | None] = [None] * len(ys)
    else:
        seeds = [given] if isinstance(given, Tensor) else list(given)
    if len(seeds) != len(ys):
        raise Refusal(f"{who}: needs {len(ys)} {name}, one for each tensor, got {len(seeds)}")
    for y, seed in zip(ys, seeds, strict=True):
        if not y.requires_grad:
            raise Refusal(f"{who}: needs tensors that record a gradient, got one of shape {y.shape}")
        if seed is None and y.numel() != 1:
            raise Refusal(f"{who}: a tensor of shape {y.shape} needs {name}; one number does without")
        if seed is not None and seed.shape != y.shape:
            raise Refusal(f"{who}: needs {name} of shape {y.shape}, got {seed.shape}")
    return seeds
