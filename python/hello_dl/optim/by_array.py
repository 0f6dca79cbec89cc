"""What most optimizers share: one rule, applied to one parameter after the other, in numpy."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from hello_dl._core import Tensor
from hello_dl.optim.optimizer import Group, Memory, Optimizer
from hello_dl.tensors.creation import full

Array = NDArray[Any]
State = dict[str, Array]  # what is remembered for one parameter; a change of these arrays is kept


class ByArray(Optimizer):
    """Base class: the numbers of a parameter, its gradient and its memory are numpy arrays, changed in place.

    An optimizer names what it remembers, and defines `_start` and `_change`. Memory begins with a parameter's
    first gradient, as in PyTorch.
    """

    def _begin(self, kind: str, parameter: Tensor) -> Tensor | None:
        del kind, parameter
        return None

    def _start(self, group: Group, kind: str) -> float | None:
        """Return the number that a memory is filled with at first; None if this group does without it."""
        del group, kind
        return 0.0

    def _change(self, group: Group, w: Array, g: Array, state: State) -> None:
        """Change the parameter w and its memory in place by its gradient g, which may be changed, too."""
        raise NotImplementedError

    def _update(self, group: Group, memory: Memory) -> None:
        for i, p in enumerate(group["params"]):
            gradient = p.grad
            if gradient is None:
                continue
            state = {}
            for kind, column in zip(self.remembers, memory, strict=True):
                if column[i] is None:
                    value, shape = self._start(group, kind), self._memory_shape(kind, p)
                    column[i] = None if value is None or shape is None else full(shape, value)
                if column[i] is not None:
                    state[kind] = column[i]._raw()
            p._own_numbers()  # expressions that wait for the old ones keep them
            w, g = p._raw(), gradient.numpy().copy()
            if "step" in state:
                state["step"] += 1
            with np.errstate(all="ignore"):  # a step that is too large ends in inf or NaN, as in PyTorch
                self._change(group, w, g, state)
            p._assign(p)  # gradients that read the old numbers are told


def decay(group: Group, w: Array, g: Array) -> None:
    """Add weight_decay times w to the gradient; with decoupled_weight_decay, shrink w instead."""
    share = group["weight_decay"]
    if share and group.get("decoupled_weight_decay"):
        w *= 1 - group["lr"] * share
    elif share:
        g += share * w


def average(mean: Array, new: Array, beta: float) -> None:
    """Move a running mean, in place: mean = beta mean + (1 - beta) new."""
    mean *= beta
    mean += (1 - beta) * new
