"""Rprop: only the signs of the gradients count, for training on the whole data set at once."""

from __future__ import annotations

import math

import numpy as np

from hello_dl.optim.by_array import Array, ByArray, State
from hello_dl.optim.optimizer import Group, Params, need_range


class Rprop(ByArray):
    """Give each number a step of its own, larger while its gradient keeps its sign (Riedmiller, Braun 1993).

    Where the sign is the same, step = etas[1] step; where it changed, step = etas[0] step and g counts as 0:
    w = w - sign(g) step. Steps begin as lr and stay between step_sizes. ValueError for a setting outside its
    range.
    """

    remembers = ("step", "prev", "step_size")

    def __init__(
        self,
        params: Params,
        lr: float = 1e-2,
        etas: tuple[float, float] = (0.5, 1.2),
        step_sizes: tuple[float, float] = (1e-6, 50),
        *,
        capturable: bool = False,
        foreach: bool | None = None,
        maximize: bool = False,
        differentiable: bool = False,
    ) -> None:
        defaults = {"lr": lr, "etas": etas, "step_sizes": step_sizes, "maximize": maximize}
        super().__init__(
            params, defaults, foreach=foreach, capturable=capturable, differentiable=differentiable
        )

    def _check(self, group: Group) -> None:
        need_range("Rprop", 0, math.inf, lr=group["lr"])
        smaller, larger = group["etas"]
        if not 0 < smaller < 1 < larger:
            raise ValueError(f"Rprop: needs etas below and above 1, both above 0, got {group['etas']}")

    def _start(self, group: Group, kind: str) -> float | None:
        return float(group["lr"]) if kind == "step_size" else 0.0

    def _change(self, group: Group, w: Array, g: Array, state: State) -> None:
        (smaller, larger), (least, most) = group["etas"], group["step_sizes"]
        before, size = state["prev"], state["step_size"]
        sign = np.sign(g * before)
        size *= np.where(sign > 0, larger, np.where(sign < 0, smaller, 1))
        np.clip(size, least, most, out=size)
        g[sign < 0] = 0
        w -= np.sign(g) * size
        before[...] = g
