"""Schedules that begin again: cosines with restarts, and the triangles of cyclical learning rates."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from hello_dl.optim.one_cycle import Several, each, set_momentum
from hello_dl.optim.optimizer import Optimizer
from hello_dl.optim.scheduler import LRScheduler, need


class CosineAnnealingWarmRestarts(LRScheduler):
    """Lower the learning rate along half a cosine to eta_min, jump back, and again, each time T_mult as long.

    eta_min + (lr - eta_min) (1 + cos(pi T_cur / T_i)) / 2, the first time T_i = T_0 steps long (Loshchilov,
    Hutter 2017, equation 5). `step(epoch)` goes to any place, also between two epochs. ValueError for
    settings outside their range.
    """

    def __init__(
        self, optimizer: Optimizer, T_0: int, T_mult: int = 1, eta_min: float = 0.0, last_epoch: int = -1
    ) -> None:
        name = type(self).__name__
        need(isinstance(T_0, int) and T_0 > 0, f"{name}: needs a whole T_0 above 0", T_0)
        need(isinstance(T_mult, int) and T_mult >= 1, f"{name}: needs a whole T_mult of at least 1", T_mult)
        self.T_0 = self.T_i = T_0
        self.T_mult, self.eta_min, self.T_cur = T_mult, eta_min, float(last_epoch)
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        """Return the learning rate of each group at T_cur."""
        height = (1 + math.cos(math.pi * self.T_cur / self.T_i)) / 2
        return [self.eta_min + (base - self.eta_min) * height for base in self.base_lrs]

    def step(self, epoch: float | None = None) -> None:
        """Go on by one step, or to t = epoch, which may be a fraction. ValueError for an epoch below 0."""
        if epoch is None and self.last_epoch < 0:
            epoch = 0
        if epoch is not None:
            need(epoch >= 0, f"{type(self).__name__}: needs an epoch of 0 or more", epoch)
            self._go_to(epoch)
            return
        self.last_epoch += 1
        self.T_cur += 1
        if self.T_cur >= self.T_i:
            self.T_cur -= self.T_i
            self.T_i *= self.T_mult
        self._set(self.get_lr())

    def _go_to(self, t: float) -> None:
        self.T_i, self.T_cur, self.last_epoch = self.T_0, float(t), math.floor(t)
        if self.T_mult == 1:
            self.T_cur %= self.T_0
        while self.T_cur >= self.T_i:
            self.T_cur -= self.T_i
            self.T_i *= self.T_mult
        self._set(self.get_lr())


class CyclicLR(LRScheduler):
    """Raise the learning rate from base_lr to max_lr in step_size_up steps, lower it in step_size_down.

    Mode "triangular" repeats this triangle, "triangular2" halves its height each time, and "exp_range" has
    it shrink by gamma^t (Smith 2017). scale_fn is a factor of the height of your own, of the number of the
    cycle (scale_mode "cycle", from 1) or of t ("iterations"). With cycle_momentum, momentum (Adam's beta1)
    moves the other way. ValueError for settings outside their range.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        base_lr: Several,
        max_lr: Several,
        step_size_up: int = 2000,
        step_size_down: int | None = None,
        mode: str = "triangular",
        gamma: float = 1.0,
        scale_fn: Callable[[float], float] | None = None,
        scale_mode: str = "cycle",
        cycle_momentum: bool = True,
        base_momentum: Several = 0.8,
        max_momentum: Several = 0.9,
        last_epoch: int = -1,
    ) -> None:
        need(
            scale_fn is not None or mode in ("triangular", "triangular2", "exp_range"),
            "CyclicLR: needs mode 'triangular', 'triangular2' or 'exp_range', or a scale_fn",
            repr(mode),
        )
        need(scale_mode in ("cycle", "iterations"), "CyclicLR: needs 'cycle' or 'iterations'", scale_mode)
        groups = optimizer.param_groups
        lowest = each("CyclicLR", "base_lr", base_lr, len(groups))
        if last_epoch == -1:
            for group, rate in zip(groups, lowest, strict=True):
                group["lr"] = group["initial_lr"] = rate
        self.max_lrs = each("CyclicLR", "max_lr", max_lr, len(groups))
        down = step_size_up if step_size_down is None else step_size_down
        need(step_size_up > 0 and down > 0, "CyclicLR: needs step sizes above 0", (step_size_up, down))
        self.total_size, self.step_ratio = float(step_size_up + down), step_size_up / (step_size_up + down)
        self.mode, self.gamma, self.cycle_momentum = mode, gamma, cycle_momentum
        self.scale_mode = "iterations" if scale_fn is None and mode == "exp_range" else scale_mode
        self._scale_fn = scale_fn
        if cycle_momentum and not {"betas", "momentum"} & set(optimizer.defaults):
            raise ValueError("CyclicLR: needs an optimizer with momentum, or cycle_momentum=False")
        self.base_momentums = each("CyclicLR", "base_momentum", base_momentum, len(groups))
        self.max_momentums = each("CyclicLR", "max_momentum", max_momentum, len(groups))
        super().__init__(optimizer, last_epoch)

    def scale_fn(self, x: float) -> float:
        """Return the factor of the height in cycle x, or at step x."""
        if self._scale_fn is not None:
            return self._scale_fn(x)
        return float({"triangular": 1.0, "triangular2": 0.5 ** (x - 1)}.get(self.mode, self.gamma**x))

    def get_lr(self) -> list[float]:
        """Return the learning rate of each group at t = last_epoch, and set its momentum."""
        cycle = math.floor(1 + self.last_epoch / self.total_size)
        place = 1 + self.last_epoch / self.total_size - cycle  # from 0 to 1
        up = self.step_ratio
        height = place / up if place <= up else (place - 1) / (up - 1)
        height *= self.scale_fn(cycle if self.scale_mode == "cycle" else self.last_epoch)
        if self.cycle_momentum:
            momentums: Sequence[Any] = (self.max_momentums, self.base_momentums)
            for group, most, least in zip(self.optimizer.param_groups, *momentums, strict=True):
                set_momentum(group, most - (most - least) * height)
        return [low + (high - low) * height for low, high in zip(self.base_lrs, self.max_lrs, strict=True)]

    def state_dict(self) -> dict[str, Any]:
        """Return what has to be saved to continue later, without scale_fn."""
        return {name: value for name, value in super().state_dict().items() if name != "_scale_fn"}
