"""Adafactor: Adam's idea with little memory, for large matrices."""

from __future__ import annotations

import math

import numpy as np

from hello_dl._core import Tensor
from hello_dl.optim.by_array import Array, ByArray, State, average
from hello_dl.optim.optimizer import Group, Params, need_range
from hello_dl.tensors.dtypes import REAL

EPSILON = float(np.finfo(REAL).eps)  # the default of eps[0]


class Adafactor(ByArray):
    """Divide gradients by their usual size, of which a matrix keeps its rows' and its columns' means alone.

    With V the running mean of g^2, r the means of its rows and c of its columns, V is taken as r c / mean(r)
    (Shazeer, Stern 2018, algorithm 4); a vector keeps V itself. The mean runs with beta2 = 1 - t^beta2_decay
    at the step t. u = g / sqrt(V) is divided by its root mean square where that is above d, and a step is as
    large as w is: w = w - max(eps[1], RMS(w)) min(lr, 1 / sqrt(t)) u. eps[0] keeps V above 0; None: the
    smallest difference from 1. weight_decay shrinks w by lr weight_decay w. ValueError for a setting outside
    its range.
    """

    remembers = ("step", "row_var", "col_var", "variance")

    def __init__(
        self,
        params: Params,
        lr: float = 1e-2,
        beta2_decay: float = -0.8,
        eps: tuple[float | None, float] = (None, 1e-3),
        d: float = 1.0,
        weight_decay: float = 0.0,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
    ) -> None:
        defaults = {
            **{"lr": lr, "beta2_decay": beta2_decay, "eps": eps, "d": d},
            **{"weight_decay": weight_decay, "maximize": maximize},
        }
        super().__init__(params, defaults, foreach=foreach)

    def _check(self, group: Group) -> None:
        need_range("Adafactor", 0, math.inf, lr=group["lr"], weight_decay=group["weight_decay"])
        need_range("Adafactor", 1, math.inf, d=group["d"])
        smallest, least = group["eps"]
        need_range("Adafactor", 0, math.inf, eps0=EPSILON if smallest is None else smallest, eps1=least)
        if group["beta2_decay"] > 0:
            raise ValueError(f"Adafactor: needs a beta2_decay of at most 0, got {group['beta2_decay']}")

    def _memory_shape(self, kind: str, parameter: Tensor) -> tuple[int, ...] | None:
        shape = tuple(parameter.shape)
        if kind == "step":
            return ()
        if kind == "variance":
            return None if len(shape) > 1 else shape
        if len(shape) < 2:
            return None
        return (*shape[:-1], 1) if kind == "row_var" else (*shape[:-2], 1, shape[-1])

    def _change(self, group: Group, w: Array, g: Array, state: State) -> None:
        t = state["step"].item()
        smallest, least = group["eps"]
        smallest = EPSILON if smallest is None else smallest
        step = max(least, _root_mean_square(w)) * min(group["lr"], 1 / math.sqrt(t))
        w *= 1 - group["lr"] * group["weight_decay"]
        beta2 = 1 - t ** group["beta2_decay"]
        if w.ndim > 1:
            rows, columns = state["row_var"], state["col_var"]
            average(rows, np.mean(g * g, -1, keepdims=True), beta2)
            average(columns, np.mean(g * g, -2, keepdims=True), beta2)
            v = rows @ columns / np.maximum(rows.mean(-2, keepdims=True), smallest)
        else:
            v = state["variance"]
            average(v, g * g, beta2)
        u = g / np.sqrt(np.maximum(v, smallest**2))
        w -= step / max(1.0, _root_mean_square(u) / group["d"]) * u


def _root_mean_square(x: Array) -> float:
    return float(np.sqrt(np.mean(x * x)))
