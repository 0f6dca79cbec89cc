"""Adam and AdamW: steps divided by the usual size of the gradients (cpp/outside_graph/optim.cc computes)."""

from __future__ import annotations

import math

from hello_dl import _core
from hello_dl._core import Tensor
from hello_dl.optim.optimizer import Group, Memory, Optimizer, Params, need_range
from hello_dl.tensors.creation import zeros, zeros_like
from hello_dl.tensors.grad_mode import no_grad


class Adam(Optimizer):
    """Divide each step by the usual size of the parameter's gradient (Kingma, Ba 2015, algorithm 1).

    m and v are running means of the gradient g and of g^2, divided by 1 - beta^t because they start at 0;
    w = w - lr m / (sqrt(v) + eps). weight_decay adds that share of w to g, or with decoupled_weight_decay
    shrinks w as AdamW does. amsgrad divides by the largest v so far (Reddi, Kale, Kumar 2018, algorithm 2).
    ValueError for a setting outside its range.
    """

    remembers = ("step", "exp_avg", "exp_avg_sq", "max_exp_avg_sq")

    def __init__(
        self,
        params: Params,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        amsgrad: bool = False,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
        capturable: bool = False,
        differentiable: bool = False,
        fused: bool | None = None,
        decoupled_weight_decay: bool = False,
    ) -> None:
        super().__init__(
            params,
            {
                "lr": lr,
                "betas": betas,
                "eps": eps,
                "weight_decay": weight_decay,
                "amsgrad": amsgrad,
                "maximize": maximize,
                "decoupled_weight_decay": decoupled_weight_decay,
            },
            foreach=foreach,
            fused=fused,
            capturable=capturable,
            differentiable=differentiable,
        )

    def _check(self, group: Group) -> None:
        name = type(self).__name__
        need_range(name, 0, math.inf, lr=group["lr"], weight_decay=group["weight_decay"], eps=group["eps"])
        beta1, beta2 = group["betas"]
        need_range(name, 0, 1, beta1=beta1, beta2=beta2)

    def _begin(self, kind: str, parameter: Tensor) -> Tensor | None:
        if kind == "max_exp_avg_sq":
            return None  # amsgrad alone makes it, at its first step
        return zeros(()) if kind == "step" else zeros_like(parameter)

    def _update(self, group: Group, memory: Memory) -> None:
        if group["amsgrad"]:
            self._update_amsgrad(group, memory)
            return
        steps, means, squares, _ = memory
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
            group["decoupled_weight_decay"],
        )

    def _update_amsgrad(self, group: Group, memory: Memory) -> None:
        """Take one step with the largest v so far; composed of small ops, since it is rarely used."""
        steps, means, squares, largest = memory
        lr, (beta1, beta2), decay = group["lr"], group["betas"], group["weight_decay"]
        with no_grad():
            for i, w in enumerate(group["params"]):
                g, m, v = w.grad, means[i], squares[i]
                if g is None:
                    continue
                steps[i] += 1
                t = steps[i].item()
                if group["decoupled_weight_decay"]:
                    w *= 1 - lr * decay
                elif decay:
                    g = g + decay * w
                m.copy_(beta1 * m + (1 - beta1) * g)
                v.copy_(beta2 * v + (1 - beta2) * g * g)
                largest[i] = v.clone() if largest[i] is None else _core.maximum(largest[i], v).clone()
                size = largest[i].sqrt() / math.sqrt(1 - beta2**t) + group["eps"]
                w -= lr / (1 - beta1**t) * m / size


class AdamW(Adam):
    """Adam whose weight decay shrinks w itself, by lr weight_decay w, and does not enter m and v.

    Loshchilov, Hutter 2019, algorithm 2. weight_decay is 0.01 by default.
    """

    def __init__(
        self,
        params: Params,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
        amsgrad: bool = False,
        *,
        maximize: bool = False,
        foreach: bool | None = None,
        capturable: bool = False,
        differentiable: bool = False,
        fused: bool | None = None,
    ) -> None:
        super().__init__(
            params,
            lr,
            betas,
            eps,
            weight_decay,
            amsgrad,
            foreach=foreach,
            maximize=maximize,
            capturable=capturable,
            differentiable=differentiable,
            fused=fused,
            decoupled_weight_decay=True,
        )
