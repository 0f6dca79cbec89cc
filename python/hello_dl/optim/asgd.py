"""ASGD: gradient descent with shrinking steps, which also averages the parameters over all steps."""

from __future__ import annotations

import math

from hello_dl.optim.by_array import Array, ByArray, State, decay
from hello_dl.optim.optimizer import Group, Params, need_range


class ASGD(ByArray):
    """Step w = (1 - lambd eta) w - eta g with a falling eta, and average w (Polyak, Juditsky 1992).

    eta = lr / (1 + lambd lr t)^alpha. From the step t0 on, state_dict's "ax" is the mean of all w since then;
    the parameters themselves are the last w. ValueError for a setting outside its range.
    """

    remembers = ("step", "eta", "mu", "ax")
    numbers = ("step", "eta", "mu")

    def __init__(
        self,
        params: Params,
        lr: float = 1e-2,
        lambd: float = 1e-4,
        alpha: float = 0.75,
        t0: float = 1e6,
        weight_decay: float = 0.0,
        foreach: bool | None = None,
        maximize: bool = False,
        differentiable: bool = False,
        capturable: bool = False,
    ) -> None:
        defaults = {
            "lr": lr,
            "lambd": lambd,
            "alpha": alpha,
            "t0": t0,
            "weight_decay": weight_decay,
            "maximize": maximize,
        }
        super().__init__(
            params, defaults, foreach=foreach, capturable=capturable, differentiable=differentiable
        )

    def _check(self, group: Group) -> None:
        need_range("ASGD", 0, math.inf, lr=group["lr"], weight_decay=group["weight_decay"])

    def _start(self, group: Group, kind: str) -> float | None:
        return {"eta": float(group["lr"]), "mu": 1.0}.get(kind, 0.0)

    def _change(self, group: Group, w: Array, g: Array, state: State) -> None:
        decay(group, w, g)
        eta, mu, t = state["eta"].item(), state["mu"].item(), state["step"].item()
        w *= 1 - group["lambd"] * eta
        w -= eta * g
        mean = state["ax"]
        mean += mu * (w - mean)
        state["eta"][...] = group["lr"] / (1 + group["lambd"] * group["lr"] * t) ** group["alpha"]
        state["mu"][...] = 1 / max(1, t - group["t0"])
