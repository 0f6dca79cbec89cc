"""Schedules made of schedules: one after the other, or all at each step."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import Any

from hello_dl.optim.optimizer import Optimizer
from hello_dl.optim.scheduler import LRScheduler, need


class _Several(LRScheduler):
    """Base class: the schedules in `_schedulers`, which state_dict saves, each with its own state."""

    _schedulers: list[LRScheduler]

    def _check(self, optimizer: Optimizer) -> None:
        """Raise ValueError for something else than schedules of one optimizer."""
        for scheduler in self._schedulers:
            need(
                isinstance(scheduler, LRScheduler) and scheduler.optimizer is optimizer,
                f"{type(self).__name__}: needs schedules of the same optimizer, not ReduceLROnPlateau",
                type(scheduler).__name__,
            )

    def state_dict(self) -> dict[str, Any]:
        """Return what has to be saved to continue later, with the states of all schedules."""
        state = {name: value for name, value in super().state_dict().items() if name != "_schedulers"}
        return {**state, "_schedulers": [scheduler.state_dict() for scheduler in self._schedulers]}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Continue from a state that state_dict returned."""
        states = state_dict["_schedulers"]
        super().load_state_dict({name: v for name, v in state_dict.items() if name != "_schedulers"})
        for scheduler, state in zip(self._schedulers, states, strict=True):
            scheduler.load_state_dict(state)


class ChainedScheduler(_Several):
    """Take a step of every schedule at each step, in their order, so that their factors multiply.

    ValueError without schedules, or for schedules of different optimizers.
    """

    def __init__(self, schedulers: Sequence[LRScheduler], optimizer: Optimizer | None = None) -> None:
        need(len(schedulers) >= 1, "ChainedScheduler: needs at least one schedule", len(schedulers))
        self.optimizer = schedulers[0].optimizer if optimizer is None else optimizer
        self._schedulers = list(schedulers)
        self._check(self.optimizer)
        self._last_lr = [group["lr"] for group in self.optimizer.param_groups]

    def step(self, epoch: int | None = None) -> None:
        """Take a step of every schedule. ValueError for an epoch to go to."""
        need(epoch is None, "ChainedScheduler: step takes no epoch", epoch)
        for scheduler in self._schedulers:
            scheduler.step()
        self._last_lr = [group["lr"] for group in self.optimizer.param_groups]


class SequentialLR(_Several):
    """Run one schedule after the other: at each of the milestones the next one starts from its t = 0.

    ValueError for schedules of another optimizer, or another number of schedules than milestones + 1.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        schedulers: Sequence[LRScheduler],
        milestones: Sequence[int],
        last_epoch: int = -1,
    ) -> None:
        need(
            len(schedulers) == len(milestones) + 1 >= 1,
            f"SequentialLR: needs one schedule more than its {len(milestones)} milestones",
            len(schedulers),
        )
        self._schedulers = list(schedulers)
        self._check(optimizer)
        self.optimizer, self.milestones, self.last_epoch = optimizer, list(milestones), last_epoch + 1
        for group in optimizer.param_groups:
            group["lr"] = group["initial_lr"]  # each schedule took its first step when it was made: undo it
        for scheduler in schedulers:
            scheduler.last_epoch -= 1
        first = schedulers[bisect_right(self.milestones, 0)]
        first.step()
        self._last_lr = first.get_last_lr()

    def step(self, epoch: int | None = None) -> None:
        """Take a step of the schedule whose turn it is. ValueError for an epoch to go to."""
        need(epoch is None, "SequentialLR: step takes no epoch", epoch)
        self.last_epoch += 1
        turn = bisect_right(self.milestones, self.last_epoch)
        scheduler = self._schedulers[turn]
        if turn and self.milestones[turn - 1] == self.last_epoch:
            scheduler.restart()
        else:
            scheduler.step()
        self._last_lr = scheduler.get_last_lr()
