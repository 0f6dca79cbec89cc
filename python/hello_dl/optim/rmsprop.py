"""RMSprop: steps divided by the usual size of the gradients, without Adam's correction of the start."""

from __future__ import annotations

import math

import numpy as np

from hello_dl.optim.by_array import Array, ByArray, State, average, decay
from hello_dl.optim.optimizer import Group, Params, need_range


class RMSprop(ByArray):
    """Divide each step by the root of a running mean v of g^2 (Tieleman, Hinton 2012, lecture 6e).

    v = alpha v + (1 - alpha) g^2;  w = w - lr g / (sqrt(v) + eps). With centered, v - mean(g)^2 stands for v
    (Graves 2013, equation 38); with momentum, a velocity u = momentum u + g / (sqrt(v) + eps) for the step.
    ValueError for a setting outside its range.
    """

    remembers = ("step", "square_avg", "momentum_buffer", "grad_avg")

    def __init__(
        self,
        params: Params,
        lr: float = 1e-2,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        momentum: float = 0.0,
        centered: bool = False,
        capturable: bool = False,
        foreach: bool | None = None,
        maximize: bool = False,
        differentiable: bool = False,
    ) -> None:
        defaults = {
            "lr": lr,
            "momentum": momentum,
            "alpha": alpha,
            "eps": eps,
            "centered": centered,
            "weight_decay": weight_decay,
            "maximize": maximize,
        }
        super().__init__(
            params, defaults, foreach=foreach, capturable=capturable, differentiable=differentiable
        )

    def _check(self, group: Group) -> None:
        settings = {key: group[key] for key in ("lr", "alpha", "eps", "weight_decay", "momentum")}
        need_range("RMSprop", 0, math.inf, **settings)

    def _start(self, group: Group, kind: str) -> float | None:
        left_out = (kind == "momentum_buffer" and not group["momentum"]) or (
            kind == "grad_avg" and not group["centered"]
        )
        return None if left_out else 0.0

    def _change(self, group: Group, w: Array, g: Array, state: State) -> None:
        decay(group, w, g)
        v = state["square_avg"]
        average(v, g * g, group["alpha"])
        if group["centered"]:
            average(state["grad_avg"], g, group["alpha"])
            v = v - state["grad_avg"] ** 2
        step = g / (np.sqrt(v) + group["eps"])
        if group["momentum"]:
            velocity = state["momentum_buffer"]
            velocity *= group["momentum"]
            velocity += step
            step = velocity
        w -= group["lr"] * step
