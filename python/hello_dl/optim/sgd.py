"""Gradient descent, with and without momentum (cpp/outside_graph/optim.cc computes)."""

from __future__ import annotations

import math

from hello_dl import _core
from hello_dl._core import Tensor
from hello_dl.optim.optimizer import Group, Memory, Optimizer, Params, need_range


class SGD(Optimizer):
    """Stochastic gradient descent: w = w - lr g, chapter 3 of Hello Deep Learning.

    With momentum mu, a velocity v = mu v + (1 - dampening) g replaces the gradient g; with nesterov, g + mu v
    does (Sutskever et al. 2013, with the learning rate outside v, as in PyTorch). weight_decay adds that
    share of w to g. ValueError for a setting outside its range.
    """

    remembers = ("momentum_buffer",)

    def __init__(
        self,
        params: Params,
        lr: float = 1e-3,
        momentum: float = 0.0,
        dampening: float = 0.0,
        weight_decay: float = 0.0,
        nesterov: bool = False,
        *,
        maximize: bool = False,
        foreach: bool | None = None,
        differentiable: bool = False,
        fused: bool | None = None,
    ) -> None:
        super().__init__(
            params,
            {
                "lr": lr,
                "momentum": momentum,
                "dampening": dampening,
                "weight_decay": weight_decay,
                "nesterov": nesterov,
                "maximize": maximize,
            },
            foreach=foreach,
            differentiable=differentiable,
            fused=fused,
        )

    def _check(self, group: Group) -> None:
        need_range("SGD", 0, math.inf, lr=group["lr"], weight_decay=group["weight_decay"])
        need_range("SGD", 0, math.inf, momentum=group["momentum"])
        if group["nesterov"] and (group["momentum"] <= 0 or group["dampening"] != 0):
            raise ValueError("SGD: nesterov needs a momentum above 0 and no dampening")

    def _begin(self, kind: str, parameter: Tensor) -> Tensor | None:
        del kind, parameter  # the velocity starts as the first gradient
        return None

    def _update(self, group: Group, memory: Memory) -> None:
        _core.sgd_step(
            group["params"],
            memory[0],
            group["lr"],
            group["momentum"],
            group["dampening"],
            group["weight_decay"],
            group["nesterov"],
        )
