"""Adam and AdamW: steps measured by the usual size of the gradients. The arithmetic is in cpp/optim.cc."""

from __future__ import annotations

import math
from collections.abc import Iterable

from hello_dl import _core
from hello_dl._core import Tensor
from hello_dl.optim.optimizer import Group, Memory, Optimizer, need_range
from hello_dl.tensors.creation import zeros, zeros_like


class Adam(Optimizer):
    """Divides each step by the size that gradients usually have (Kingma, Ba 2015, algorithm 1).

    m and v are running means of g and g^2, divided by 1 - beta^t because they begin at 0;
    w = w - lr m / (sqrt(v) + eps). weight_decay adds that share of w to g.
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
    """Adam whose weight decay shrinks w itself, by lr weight_decay, instead of entering the running means.

    Loshchilov, Hutter 2019, algorithm 2. The decay is 0.01 unless given.
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
