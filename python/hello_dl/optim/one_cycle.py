"""OneCycleLR, PyTorch's one-cycle schedule: the rate rises and falls once, momentum falls and rises."""

from __future__ import annotations

import math
from collections.abc import Sequence

from hello_dl.optim.optimizer import Group, Optimizer
from hello_dl.optim.scheduler import LRScheduler, need

Several = float | Sequence[float]  # one number for all groups, or one for each


class OneCycleLR(LRScheduler):
    """Raise the learning rate to max_lr, then lower it to nearly 0, in total_steps steps, one for each batch.

    The rate starts at max_lr / div_factor, reaches max_lr after the share pct_start of the steps, and ends at
    its start / final_div_factor, along cosines ("cos") or straight lines ("linear"). With cycle_momentum,
    momentum (Adam's beta1) moves the other way, between max_momentum and base_momentum. three_phase returns
    to the start as fast as it rose, and then falls to the end (Smith, Topin 2018). Give total_steps, or
    epochs and steps_per_epoch. ValueError for settings outside their range, or more steps than total_steps.

    It sets rates and momentum of an optimizer, as PyTorch does. The function schedules.one_cycle returns a
    factor for the rate alone, which rises linearly from 0.05 and ends at 0.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        max_lr: Several,
        total_steps: int | None = None,
        epochs: int | None = None,
        steps_per_epoch: int | None = None,
        pct_start: float = 0.3,
        anneal_strategy: str = "cos",
        cycle_momentum: bool = True,
        base_momentum: Several = 0.85,
        max_momentum: Several = 0.95,
        div_factor: float = 25.0,
        final_div_factor: float = 1e4,
        three_phase: bool = False,
        last_epoch: int = -1,
    ) -> None:
        if total_steps is None:
            total_steps = (epochs or 0) * (steps_per_epoch or 0)
        need(total_steps >= 1, "OneCycleLR: needs total_steps, or epochs and steps_per_epoch", total_steps)
        need(0 <= pct_start <= 1, "OneCycleLR: needs a pct_start from 0 to 1", pct_start)
        need(anneal_strategy in ("cos", "linear"), "OneCycleLR: needs 'cos' or 'linear'", anneal_strategy)
        groups = len(optimizer.param_groups)
        highest = each("OneCycleLR", "max_lr", max_lr, groups)
        if last_epoch == -1:
            for group, rate in zip(optimizer.param_groups, highest, strict=True):
                group["initial_lr"] = rate / div_factor
        self.total_steps, self.anneal_strategy, self.cycle_momentum = (
            total_steps,
            anneal_strategy,
            cycle_momentum,
        )
        self.max_momentums = each("OneCycleLR", "max_momentum", max_momentum, groups)
        self.base_momentums = each("OneCycleLR", "base_momentum", base_momentum, groups)
        self.use_beta1 = "betas" in optimizer.defaults
        if cycle_momentum and not self.use_beta1 and "momentum" not in optimizer.defaults:
            raise ValueError("OneCycleLR: needs an optimizer with momentum, or cycle_momentum=False")
        # For each group (start, peak, end); for each phase its last step, and which two of these it joins.
        self._rates = [(rate / div_factor, rate, rate / div_factor / final_div_factor) for rate in highest]
        up, last = pct_start * total_steps - 1, float(total_steps - 1)
        self._phases: list[tuple[float, int, int]] = [(up, 0, 1), (last, 1, 2)]
        if three_phase:
            self._phases = [(up, 0, 1), (2 * up, 1, 0), (last, 0, 2)]
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        """Return the learning rate of each group at t = last_epoch, and set its momentum."""
        t = self.last_epoch
        if t > self.total_steps:
            raise ValueError(f"OneCycleLR: needs at most {self.total_steps} steps (total_steps), got {t}")
        phase = next((i for i, (end, _, _) in enumerate(self._phases) if t <= end), len(self._phases) - 1)
        begin = self._phases[phase - 1][0] if phase else 0.0
        end, low, high = self._phases[phase]
        move = _cosine if self.anneal_strategy == "cos" else _line
        share = 1.0 if end == begin else (t - begin) / (end - begin)
        if self.cycle_momentum:
            for group, most, least in zip(
                self.optimizer.param_groups, self.max_momentums, self.base_momentums, strict=True
            ):
                momentum = (most, least, most)
                set_momentum(group, move(momentum[low], momentum[high], share))
        return [move(rates[low], rates[high], share) for rates in self._rates]


def set_momentum(group: Group, momentum: float) -> None:
    """Set a group's momentum, which in Adam is beta1."""
    if "betas" in group:
        group["betas"] = (momentum, group["betas"][1])
    else:
        group["momentum"] = momentum


def each(who: str, name: str, value: Several, groups: int) -> list[float]:
    """Return one number for each group. ValueError for another number of them."""
    values = [float(value)] * groups if isinstance(value, int | float) else list(value)
    need(len(values) == groups, f"{who}: needs {groups} {name}, one a group", len(values))
    return values


def _cosine(a: float, b: float, share: float) -> float:
    """Return the point between a and b at this share of the way, along half a cosine."""
    return b + (a - b) / 2 * (math.cos(math.pi * share) + 1)


def _line(a: float, b: float, share: float) -> float:
    """Return the point between a and b at this share of the way, along a straight line."""
    return a + (b - a) * share
