"""A schedule that follows a measure: the learning rate falls when the measure no longer improves."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from hello_dl.optim.optimizer import Optimizer


class ReduceLROnPlateau:
    """Multiply the learning rate by `factor` when a measure has not improved for more than `patience` steps.

    `step(measure)` takes for example the validation loss (mode "min") or the accuracy ("max"). An improvement
    is a change by more than `threshold`, as a share of the best so far ("rel") or as a difference ("abs").
    After a reduction, `cooldown` steps pass before bad ones count again. No rate falls below min_lr, or
    changes by less than eps. ValueError for settings outside their range.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        mode: str = "min",
        factor: float = 0.1,
        patience: int = 10,
        threshold: float = 1e-4,
        threshold_mode: str = "rel",
        cooldown: int = 0,
        min_lr: float | Sequence[float] = 0.0,
        eps: float = 1e-8,
    ) -> None:
        name, groups = type(self).__name__, len(optimizer.param_groups)
        if not 0 < factor < 1:
            raise ValueError(f"{name}: needs a factor between 0 and 1, got {factor}")
        if mode not in ("min", "max") or threshold_mode not in ("rel", "abs"):
            raise ValueError(
                f"{name}: needs mode 'min' or 'max', threshold_mode 'rel' or 'abs';"
                f" got {mode!r}, {threshold_mode!r}"
            )
        least = [float(min_lr)] * groups if isinstance(min_lr, int | float) else list(min_lr)
        if len(least) != groups:
            raise ValueError(f"{name}: needs {groups} min_lr, one a group, got {len(least)}")
        self.optimizer, self.mode, self.factor, self.patience = optimizer, mode, factor, patience
        self.threshold, self.threshold_mode, self.cooldown = threshold, threshold_mode, cooldown
        self.min_lrs, self.eps = least, eps
        self.best = math.inf if mode == "min" else -math.inf
        self.num_bad_epochs = self.cooldown_counter = self.last_epoch = 0
        self._last_lr: list[float] = [group["lr"] for group in optimizer.param_groups]

    def step(self, metrics: float, epoch: int | None = None) -> None:
        """Compare a new measure with the best one, and reduce the learning rate after too many bad steps.

        epoch, if given, is the number of this step.
        """
        measure = float(metrics)
        self.last_epoch = self.last_epoch + 1 if epoch is None else epoch
        if self._better(measure):
            self.best, self.num_bad_epochs = measure, 0
        else:
            self.num_bad_epochs += 1
        if self.cooldown_counter > 0:
            self.cooldown_counter -= 1
            self.num_bad_epochs = 0
        if self.num_bad_epochs > self.patience:
            self._reduce()
            self.cooldown_counter, self.num_bad_epochs = self.cooldown, 0
        self._last_lr = [group["lr"] for group in self.optimizer.param_groups]

    def _better(self, measure: float) -> bool:
        """Whether a measure is an improvement."""
        sign = 1 if self.mode == "max" else -1
        if not math.isfinite(self.best):
            return sign * measure > sign * self.best
        share = self.best if self.threshold_mode == "rel" else 1.0
        return sign * measure > sign * (self.best + sign * self.threshold * share)

    def _reduce(self) -> None:
        """Multiply every group's learning rate by the factor, within its limits."""
        for group, least in zip(self.optimizer.param_groups, self.min_lrs, strict=True):
            rate = max(group["lr"] * self.factor, least)
            if group["lr"] - rate > self.eps:
                group["lr"] = rate

    def get_last_lr(self) -> list[float]:
        """Return the learning rate of each group."""
        return self._last_lr

    def state_dict(self) -> dict[str, Any]:
        """Return plain numbers that have to be saved, beside the optimizer's state, to continue later."""
        return {name: value for name, value in self.__dict__.items() if name != "optimizer"}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Continue from a state that state_dict returned."""
        self.__dict__.update(state_dict)
