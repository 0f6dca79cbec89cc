"""Adam and AdamW: steps divided by the usual size of the gradients (cpp/outside_graph/optim.cc computes)."""

from __future__ import annotations

import math
from collections.abc import Iterable

from hello_dl import _core
from hello_dl._core import Tensor
from hello_dl.optim.optimizer import Group, Memory, Optimizer, need_range
from hello_dl.tensors.creation import zeros, zeros_like


class Adam(Optimizer):
    """Divide each step by the usual size of the parameter's gradient (Kingma, Ba 2015, algorithm 1).

    m and v are running means of the gradient g and of g^2, divided by 1 - beta^t because they start at 0;
    w = w - lr m / (sqrt(v) + eps). weight_decay adds that share of w to g. ValueError for a setting outside
    its range.
    """

    remembers = ("step", "exp_avg", "exp_avg_sq")
    decoupled = False

    def __init__(
        self,
        params: Iterable[Tensor] | Iterable[Group],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(params, {"lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay})

    def _check(self, group: Group) -> None:
        name = type(self).__name__
        need_range(name, 0, math.inf, lr=group["lr"], weight_decay=group["weight_decay"], eps=group["eps"])
        beta1, beta2 = group["betas"]
        need_range(name, 0, 1, beta1=beta1, beta2=beta2)

    def _begin(self, kind: str, parameter: Tensor) -> Tensor | None:
        return zeros(()) if kind == "step" else zeros_like(parameter)

    def _update(self, group: Group, memory: Memory) -> None:
        steps, means, squares = memory
        beta1, beta2 = group["betas"]
        _core.adam_step(
            group["params"],
            means,
            squares,
            steps,
            group["lr"],
            beta1,
            beta2,
            group["eps"],
            group["weight_decay"],
            self.decoupled,
        )


class AdamW(Adam):
    """Adam whose weight decay shrinks w itself, by lr weight_decay w, and does not enter m and v.

    Loshchilov, Hutter 2019, algorithm 2. weight_decay is 0.01 by default.
    """

    decoupled = True

    def __init__(
        self,
        params: Iterable[Tensor] | Iterable[Group],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
    ) -> None:
        super().__init__(params, lr, betas, eps, weight_decay)
