"""Schedules: how the learning rate changes while a network trains, with PyTorch's names and results.

    scheduler = StepLR(optimizer, step_size=30, gamma=0.1)
    for epoch in range(90):
        ...  # optimizer.step() for every batch
        scheduler.step()

`step` may be called after each epoch or after each batch: t counts its calls. Large steps come near the
minimum, small ones reach it (chapter 6 of Hello Deep Learning). schedules.py has schedules as functions.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Sequence
from typing import Any

from hello_dl.optim.cycles import CosineAnnealingWarmRestarts, CyclicLR
from hello_dl.optim.one_cycle import OneCycleLR
from hello_dl.optim.optimizer import Optimizer
from hello_dl.optim.plateau import ReduceLROnPlateau
from hello_dl.optim.scheduler import ByFactor, LRScheduler, need
from hello_dl.optim.several import ChainedScheduler, SequentialLR
from hello_dl.tensors.instead import refusing

__all__ = [
    "ChainedScheduler",
    "ConstantLR",
    "CosineAnnealingLR",
    "CosineAnnealingWarmRestarts",
    "CyclicLR",
    "ExponentialLR",
    "LRScheduler",
    "LambdaLR",
    "LinearLR",
    "MultiStepLR",
    "MultiplicativeLR",
    "OneCycleLR",
    "PolynomialLR",
    "ReduceLROnPlateau",
    "SequentialLR",
    "StepLR",
]

Factor = Callable[[int], float]


class StepLR(ByFactor):
    """Multiply the learning rate by gamma every step_size steps."""

    def __init__(
        self, optimizer: Optimizer, step_size: int, gamma: float = 0.1, last_epoch: int = -1
    ) -> None:
        need(step_size >= 1, "StepLR: needs a step_size of at least 1", step_size)
        self.step_size, self.gamma = step_size, gamma
        super().__init__(optimizer, last_epoch)

    def _factor(self, t: int) -> float:
        return self.gamma ** (t // self.step_size)


class MultiStepLR(ByFactor):
    """Multiply the learning rate by gamma at each of the milestones."""

    def __init__(
        self, optimizer: Optimizer, milestones: Sequence[int], gamma: float = 0.1, last_epoch: int = -1
    ) -> None:
        self.milestones, self.gamma = sorted(milestones), gamma
        super().__init__(optimizer, last_epoch)

    def _factor(self, t: int) -> float:
        return self.gamma ** bisect_right(self.milestones, t)


class ExponentialLR(ByFactor):
    """Multiply the learning rate by gamma at every step."""

    def __init__(self, optimizer: Optimizer, gamma: float, last_epoch: int = -1) -> None:
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def _factor(self, t: int) -> float:
        return self.gamma**t


class ConstantLR(ByFactor):
    """Multiply the learning rate by `factor` for the first total_iters steps."""

    def __init__(
        self, optimizer: Optimizer, factor: float = 1 / 3, total_iters: int = 5, last_epoch: int = -1
    ) -> None:
        need(0 <= factor <= 1, "ConstantLR: needs a factor from 0 to 1", factor)
        self.factor, self.total_iters = factor, total_iters
        super().__init__(optimizer, last_epoch)

    def _factor(self, t: int) -> float:
        return self.factor if t < self.total_iters else 1.0


class LinearLR(ByFactor):
    """Multiply by a factor that moves linearly from start_factor to end_factor in total_iters steps."""

    def __init__(
        self,
        optimizer: Optimizer,
        start_factor: float = 1 / 3,
        end_factor: float = 1.0,
        total_iters: int = 5,
        last_epoch: int = -1,
    ) -> None:
        need(0 < start_factor <= 1, "LinearLR: needs a start_factor above 0, at most 1", start_factor)
        need(0 <= end_factor <= 1, "LinearLR: needs an end_factor from 0 to 1", end_factor)
        need(total_iters >= 1, "LinearLR: needs total_iters of at least 1", total_iters)
        self.start_factor, self.end_factor, self.total_iters = start_factor, end_factor, total_iters
        super().__init__(optimizer, last_epoch)

    def _factor(self, t: int) -> float:
        share = min(t, self.total_iters) / self.total_iters
        return self.start_factor + (self.end_factor - self.start_factor) * share


class CosineAnnealingLR(ByFactor):
    """Lower the learning rate to eta_min in T_max steps, along half a cosine, and raise it again after that.

    eta_min + (lr - eta_min) (1 + cos(pi t / T_max)) / 2 (Loshchilov, Hutter 2017, equation 5).
    """

    def __init__(self, optimizer: Optimizer, T_max: int, eta_min: float = 0.0, last_epoch: int = -1) -> None:
        need(T_max >= 1, "CosineAnnealingLR: needs a T_max of at least 1", T_max)
        self.T_max, self.eta_min = T_max, eta_min
        self.floor = eta_min
        super().__init__(optimizer, last_epoch)

    def _factor(self, t: int) -> float:
        if t % (2 * self.T_max) == self.T_max:
            return 0.0  # exactly 0: then ByFactor starts from the base learning rate again
        return (1 + math.cos(math.pi * t / self.T_max)) / 2


class PolynomialLR(ByFactor):
    """Lower the learning rate to 0 in total_iters steps, as lr (1 - t / total_iters)^power."""

    def __init__(
        self, optimizer: Optimizer, total_iters: int = 5, power: float = 1.0, last_epoch: int = -1
    ) -> None:
        need(total_iters >= 1, "PolynomialLR: needs total_iters of at least 1", total_iters)
        self.total_iters, self.power = total_iters, power
        super().__init__(optimizer, last_epoch)

    def _factor(self, t: int) -> float:
        return float((1 - min(t, self.total_iters) / self.total_iters) ** self.power)


class LambdaLR(LRScheduler):
    """Multiply the learning rate by a function of t, or by one function for each group.

    The functions are not part of state_dict. ValueError for another number of functions than groups.
    """

    def __init__(
        self, optimizer: Optimizer, lr_lambda: Factor | Sequence[Factor], last_epoch: int = -1
    ) -> None:
        groups, name = len(optimizer.param_groups), type(self).__name__
        self.lr_lambdas = [lr_lambda] * groups if callable(lr_lambda) else list(lr_lambda)
        need(len(self.lr_lambdas) == groups, f"{name}: needs {groups} functions", len(self.lr_lambdas))
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        """Return the learning rate of each group at t = last_epoch."""
        return [base * f(self.last_epoch) for base, f in zip(self.base_lrs, self.lr_lambdas, strict=True)]

    def state_dict(self) -> dict[str, Any]:
        """Return what has to be saved to continue later, without the functions."""
        return {name: value for name, value in super().state_dict().items() if name != "lr_lambdas"}


class MultiplicativeLR(LambdaLR):
    """Multiply the present learning rate by a function of t at each step, or by one function for each group.

    The functions are not part of state_dict. ValueError for another number of functions than groups.
    """

    def get_lr(self) -> list[float]:
        """Return the learning rate of each group at t = last_epoch."""
        rates = [group["lr"] for group in self.optimizer.param_groups]
        if self.last_epoch <= 0:
            return rates
        return [rate * f(self.last_epoch) for rate, f in zip(rates, self.lr_lambdas, strict=True)]


_LRScheduler = LRScheduler  # its name in PyTorch before 2.0, which programs import
__getattr__ = refusing("hello_dl.optim.lr_scheduler", "torch.optim.lr_scheduler")
