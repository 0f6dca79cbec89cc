"""Adam's relatives: Adamax measures gradients by the largest, NAdam looks ahead, RAdam warms up by itself."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from hello_dl.optim.by_array import Array, ByArray, State, average, decay
from hello_dl.optim.optimizer import Group, Params, need_range

Betas = tuple[float, float]


class AdamKin(ByArray):
    """Base class: betas and eps, and m, the running mean of the gradients, at the step t.

    `others` are the settings that a subclass has beside these. `switches` are PyTorch's foreach, capturable
    and differentiable, of which Optimizer speaks.
    """

    def __init__(
        self,
        params: Params,
        lr: float,
        betas: Betas,
        eps: float,
        weight_decay: float,
        maximize: bool,
        others: Group,
        **switches: Any,
    ) -> None:
        defaults = {"lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay, "maximize": maximize}
        super().__init__(params, {**defaults, **others}, **switches)

    def _check(self, group: Group) -> None:
        name = type(self).__name__
        need_range(name, 0, math.inf, lr=group["lr"], weight_decay=group["weight_decay"], eps=group["eps"])
        beta1, beta2 = group["betas"]
        need_range(name, 0, 1, beta1=beta1, beta2=beta2)

    def _change(self, group: Group, w: Array, g: Array, state: State) -> None:
        decay(group, w, g)
        average(state["exp_avg"], g, group["betas"][0])
        self._step(group, w, g, state, state["step"].item())

    def _step(self, group: Group, w: Array, g: Array, state: State, t: float) -> None:
        """Change w, when m is there."""
        raise NotImplementedError


class Adamax(AdamKin):
    """Adam that divides by the largest gradient u, not by the root of a mean (Kingma, Ba 2015, algorithm 2).

    u = max(beta2 u, |g| + eps);  w = w - lr / (1 - beta1^t) m / u. ValueError for a setting outside its
    range.
    """

    remembers = ("step", "exp_avg", "exp_inf")

    def __init__(
        self,
        params: Params,
        lr: float = 2e-3,
        betas: Betas = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        foreach: bool | None = None,
        *,
        maximize: bool = False,
        **switches: Any,
    ) -> None:
        super().__init__(params, lr, betas, eps, weight_decay, maximize, {}, foreach=foreach, **switches)

    def _step(self, group: Group, w: Array, g: Array, state: State, t: float) -> None:
        beta1, beta2 = group["betas"]
        u = state["exp_inf"]
        np.maximum(u * beta2, np.abs(g) + group["eps"], out=u)
        w -= group["lr"] / (1 - beta1**t) * (state["exp_avg"] / u)


class NAdam(AdamKin):
    """Adam with Nesterov's momentum: m is taken as it will be at the next step (Dozat 2016, algorithm 2).

    mu_t = beta1 (1 - 0.96^(t momentum_decay) / 2), and P_t is the product of all mu up to t:
    w = w - lr (mu_(t+1) m / (1 - P_(t+1)) + (1 - mu_t) g / (1 - P_t)) / (sqrt(v / (1 - beta2^t)) + eps).
    ValueError for a setting outside its range.
    """

    remembers = ("step", "mu_product", "exp_avg", "exp_avg_sq")
    numbers = ("step", "mu_product")

    def __init__(
        self,
        params: Params,
        lr: float = 2e-3,
        betas: Betas = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        momentum_decay: float = 4e-3,
        decoupled_weight_decay: bool = False,
        *,
        maximize: bool = False,
        **switches: Any,
    ) -> None:
        others = {"momentum_decay": momentum_decay, "decoupled_weight_decay": decoupled_weight_decay}
        super().__init__(params, lr, betas, eps, weight_decay, maximize, others, **switches)

    def _check(self, group: Group) -> None:
        super()._check(group)
        need_range("NAdam", 0, math.inf, momentum_decay=group["momentum_decay"])

    def _start(self, group: Group, kind: str) -> float | None:
        del group
        return 1.0 if kind == "mu_product" else 0.0

    def _step(self, group: Group, w: Array, g: Array, state: State, t: float) -> None:
        (beta1, beta2), lr = group["betas"], group["lr"]
        mu, following = (beta1 * (1 - 0.5 * 0.96 ** (when * group["momentum_decay"])) for when in (t, t + 1))
        state["mu_product"] *= mu
        product = state["mu_product"].item()
        average(state["exp_avg_sq"], g * g, beta2)
        size = np.sqrt(state["exp_avg_sq"] / (1 - beta2**t)) + group["eps"]
        w -= lr * (1 - mu) / (1 - product) * (g / size)
        w -= lr * following / (1 - product * following) * (state["exp_avg"] / size)


class RAdam(AdamKin):
    """Adam that does not divide by v while v is of few gradients, and warms up thereby (Liu et al. 2020).

    rho = 2 / (1 - beta2) - 1 and rho_t = rho - 2 t beta2^t / (1 - beta2^t) say how many gradients v is of.
    Up to 5 of them, w = w - lr m / (1 - beta1^t); then Adam's step times
    sqrt((rho_t - 4) (rho_t - 2) rho / ((rho - 4) (rho - 2) rho_t)) (algorithm 2). ValueError for a setting
    outside its range.
    """

    remembers = ("step", "exp_avg", "exp_avg_sq")

    def __init__(
        self,
        params: Params,
        lr: float = 1e-3,
        betas: Betas = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        decoupled_weight_decay: bool = False,
        *,
        maximize: bool = False,
        **switches: Any,
    ) -> None:
        others = {"decoupled_weight_decay": decoupled_weight_decay}
        super().__init__(params, lr, betas, eps, weight_decay, maximize, others, **switches)

    def _step(self, group: Group, w: Array, g: Array, state: State, t: float) -> None:
        beta1, beta2 = group["betas"]
        v = state["exp_avg_sq"]
        average(v, g * g, beta2)
        step = group["lr"] / (1 - beta1**t) * state["exp_avg"]
        rho = 2 / (1 - beta2) - 1
        rho_t = rho - 2 * t * beta2**t / (1 - beta2**t)
        if rho_t > 5:
            rectified = (rho_t - 4) * (rho_t - 2) * rho / ((rho - 4) * (rho - 2) * rho_t)
            step *= math.sqrt(rectified * (1 - beta2**t)) / (np.sqrt(v) + group["eps"])
        w -= step
