"""What all schedules of the learning rate share: they count steps, set rates, and can be saved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hello_dl.optim.optimizer import Optimizer


class LRScheduler:
    """Base class: set the learning rate of every parameter group of an optimizer at each `step`.

    A schedule of your own overrides `get_lr`, which returns the new rates, one for each group, from
    `self.last_epoch` (t: 0 at first, one more at each step), `self.base_lrs` and the groups' present rates.

    To go on, give last_epoch, the number of the last epoch that was done: t is last_epoch + 1 then, and an
    optimizer whose state was loaded keeps its rate, which is that of t. ValueError if the optimizer's groups
    do not know the rate they began with, "initial_lr", which a state_dict holds.
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
                    f"{name}: last_epoch {last_epoch} needs an optimizer that had a schedule before: load its"
                    " state_dict first, or give its groups the rate they began with, 'initial_lr'"
                )
        self.optimizer = optimizer
        self.base_lrs: list[float] = [group["initial_lr"] for group in optimizer.param_groups]
        self.last_epoch = last_epoch
        self._begin()

    def _begin(self) -> None:
        """Take the first step: to t = 0, or to the t from which a schedule goes on."""
        self.step()

    def get_lr(self) -> list[float]:
        """Return the learning rate of each group at t = last_epoch."""
        raise NotImplementedError(f"{type(self).__name__}: a schedule needs a get_lr()")

    def get_last_lr(self) -> list[float]:
        """Return the learning rate that the last step gave each group."""
        return self._last_lr

    def step(self, epoch: int | None = None) -> None:
        """Go from t to t + 1, or to t = epoch; call it after optimizer.step()."""
        if epoch is not None:
            self._go_to(epoch)
            return
        self.last_epoch += 1
        self._set(self.get_lr())

    def restart(self) -> None:
        """Go back to t = 0."""
        self._go_to(0)

    def _go_to(self, t: int) -> None:
        """Go to another t, whatever the present rates are."""
        self.last_epoch = t
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

    def _begin(self) -> None:
        if self.last_epoch == -1:
            self.step()
            return
        # Going on: a rate that was loaded is that of t already; other schedules may have had a part in it.
        self.last_epoch += 1
        groups = zip(self.optimizer.param_groups, self.base_lrs, self._rates(), strict=True)
        self._set([rate if group["lr"] == base else group["lr"] for group, base, rate in groups])

    def _rates(self) -> list[float]:
        """Return the rates at t, if nothing but this schedule has changed them."""
        return [self.floor + (base - self.floor) * self._factor(self.last_epoch) for base in self.base_lrs]

    def get_lr(self) -> list[float]:
        """Return the learning rate of each group at t = last_epoch."""
        before = 1.0 if self.last_epoch <= 0 else self._factor(self.last_epoch - 1)
        now = self._factor(self.last_epoch)
        rates = [group["lr"] for group in self.optimizer.param_groups]
        if before == 0:  # lr cannot be scaled up from the floor, so the base rate's share is added
            return [rate + (base - self.floor) * now for rate, base in zip(rates, self.base_lrs, strict=True)]
        return [self.floor + (rate - self.floor) * (now / before) for rate in rates]

    def _go_to(self, t: int) -> None:
        self.last_epoch = t
        self._set(self._rates())


def need(right: bool, what: str, got: object) -> None:
    """Raise ValueError unless the setting is right."""
    if not right:
        raise ValueError(f"{what}, got {got}")
