"""What all schedules of the learning rate share: they count steps, set rates, and can be saved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hello_dl.optim.optimizer import Optimizer


class LRScheduler:
    """Base class: set the learning rate of every parameter group of an optimizer at each `step`.

    A schedule of your own overrides `get_lr`, which returns the new rates, one for each group, from
    `self.last_epoch` (t: 0 at first, one more at each step), `self.base_lrs` and the groups' present rates.
    """

    def __init__(self, optimizer: Optimizer, last_epoch: int = -1) -> None:
        name = type(self).__name__
        if not isinstance(optimizer, Optimizer):
            raise TypeError(f"{name}: needs an optimizer, got {type(optimizer).__name__}")
        for group in optimizer.param_groups:
            if last_epoch == -1:
                group.setdefault("initial_lr", group["lr"])
            elif "initial_lr" not in group:
                raise ValueError(
                    f"{name}: last_epoch {last_epoch} needs an optimizer that had a schedule before"
                )
        self.optimizer = optimizer
        self.base_lrs: list[float] = [group["initial_lr"] for group in optimizer.param_groups]
        self.last_epoch = last_epoch
        self.step()

    def get_lr(self) -> list[float]:
        """Return the learning rate of each group at t = last_epoch."""
        raise NotImplementedError(f"{type(self).__name__}: a schedule needs a get_lr()")

    def get_last_lr(self) -> list[float]:
        """Return the learning rate that the last step gave each group."""
        return self._last_lr

    def step(self) -> None:
        """Go from t to t + 1; call it after optimizer.step()."""
        self.last_epoch += 1
        self._set(self.get_lr())

    def restart(self) -> None:
        """Go back to t = 0."""
        self.last_epoch = 0
        self._set(self.get_lr())

    def _set(self, rates: Sequence[float]) -> None:
        """Set the learning rate of each group."""
        for group, rate in zip(self.optimizer.param_groups, rates, strict=True):
            group["lr"] = rate
        self._last_lr = list(rates)

    def state_dict(self) -> dict[str, Any]:
        """Return plain numbers that have to be saved, beside the optimizer's state, to continue later."""
        return {name: value for name, value in self.__dict__.items() if name != "optimizer"}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Continue from a state that state_dict returned."""
        self.__dict__.update(state_dict)


class ByFactor(LRScheduler):
    """Multiply the learning rate's part above `floor` by a factor f(t); several schedules can be combined.

    lr(t) - floor = (lr(t-1) - floor) f(t) / f(t-1): that is (base - floor) f(t) if nothing else changes lr.
    """

    floor = 0.0

    def _factor(self, t: int) -> float:
        """Return f(t); every schedule defines it."""
        raise NotImplementedError

    def get_lr(self) -> list[float]:
        """Return the learning rate of each group at t = last_epoch."""
        before = 1.0 if self.last_epoch <= 0 else self._factor(self.last_epoch - 1)
        now = self._factor(self.last_epoch)
        if before == 0:  # lr is at the floor, so it cannot be scaled up again: start from the base rate
            return [self.floor + (base - self.floor) * now for base in self.base_lrs]
        rates = (group["lr"] for group in self.optimizer.param_groups)
        return [self.floor + (rate - self.floor) * (now / before) for rate in rates]

    def restart(self) -> None:
        """Go back to t = 0 and to the base rates."""
        self.last_epoch = 0
        self._set([self.floor + (base - self.floor) * self._factor(0) for base in self.base_lrs])


def need(right: bool, what: str, got: object) -> None:
    """Raise ValueError unless the setting is right."""
    if not right:
        raise ValueError(f"{what}, got {got}")
