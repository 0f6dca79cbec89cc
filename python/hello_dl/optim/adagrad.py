"""Adagrad and Adadelta: a learning rate of its own for each number, from all its gradients or recent ones."""

from __future__ import annotations

import math

import numpy as np

from hello_dl.optim.by_array import Array, ByArray, State, average, decay
from hello_dl.optim.optimizer import Group, Params, need_range


class Adagrad(ByArray):
    """Divide each step by the root of the sum s of all g^2 so far (Duchi, Hazan, Singer 2011, figure 1).

    s = s + g^2;  w = w - lr / (1 + (t - 1) lr_decay) g / (sqrt(s) + eps): rare features take large steps.
    s begins as initial_accumulator_value. ValueError for a setting outside its range.
    """

    remembers = ("step", "sum")

    def __init__(
        self,
        params: Params,
        lr: float = 1e-2,
        lr_decay: float = 0.0,
        weight_decay: float = 0.0,
        initial_accumulator_value: float = 0.0,
        eps: float = 1e-10,
        foreach: bool | None = None,
        *,
        maximize: bool = False,
        differentiable: bool = False,
        fused: bool | None = None,
    ) -> None:
        defaults = {
            "lr": lr,
            "lr_decay": lr_decay,
            "eps": eps,
            "weight_decay": weight_decay,
            "initial_accumulator_value": initial_accumulator_value,
            "maximize": maximize,
        }
        super().__init__(params, defaults, foreach=foreach, differentiable=differentiable, fused=fused)

    def _check(self, group: Group) -> None:
        names = ("lr", "lr_decay", "eps", "weight_decay", "initial_accumulator_value")
        need_range("Adagrad", 0, math.inf, **{name: group[name] for name in names})

    def _start(self, group: Group, kind: str) -> float | None:
        return float(group["initial_accumulator_value"]) if kind == "sum" else 0.0

    def _change(self, group: Group, w: Array, g: Array, state: State) -> None:
        decay(group, w, g)
        total = state["sum"]
        total += g * g
        rate = group["lr"] / (1 + (state["step"].item() - 1) * group["lr_decay"])
        w -= rate * (g / (np.sqrt(total) + group["eps"]))


class Adadelta(ByArray):
    """Take steps of the size of recent steps, in units of recent gradients (Zeiler 2012, algorithm 1).

    v = rho v + (1 - rho) g^2;  d = sqrt(u + eps) / sqrt(v + eps) g;  u = rho u + (1 - rho) d^2;
    w = w - lr d. No learning rate has to be found: lr is 1. ValueError for a setting outside its range.
    """

    remembers = ("step", "square_avg", "acc_delta")

    def __init__(
        self,
        params: Params,
        lr: float = 1.0,
        rho: float = 0.9,
        eps: float = 1e-6,
        weight_decay: float = 0.0,
        foreach: bool | None = None,
        *,
        capturable: bool = False,
        maximize: bool = False,
        differentiable: bool = False,
    ) -> None:
        defaults = {"lr": lr, "rho": rho, "eps": eps, "weight_decay": weight_decay, "maximize": maximize}
        super().__init__(
            params, defaults, foreach=foreach, capturable=capturable, differentiable=differentiable
        )

    def _check(self, group: Group) -> None:
        settings = {name: group[name] for name in ("lr", "eps", "weight_decay")}
        need_range("Adadelta", 0, math.inf, **settings)
        need_range("Adadelta", 0, math.nextafter(1, 2), rho=group["rho"])

    def _change(self, group: Group, w: Array, g: Array, state: State) -> None:
        decay(group, w, g)
        v, u, eps = state["square_avg"], state["acc_delta"], group["eps"]
        average(v, g * g, group["rho"])
        d = np.sqrt(u + eps) / np.sqrt(v + eps) * g
        average(u, d * d, group["rho"])
        w -= group["lr"] * d
