"""How far a training with `fit` is: the epochs that are done, and where in the data the present one is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from hello_dl.data.loader import DataLoader
from hello_dl.evaluation import Result
from hello_dl.train.history import Epoch
from hello_dl.train.memories import data_states, random_states, set_data_states, set_random_states


class Place:
    """The epochs that are done, the losses of the one under way, and what its order of items began with."""

    def __init__(self, loader: DataLoader) -> None:
        self.loader = loader
        self.done: list[Epoch] = []
        self.losses: list[float] = []  # of the steps of the epoch under way
        self.seconds = 0.0  # that the epoch under way has taken so far
        self._start: dict[str, Any] = {}  # states of random generators and data before its first batch

    @property
    def step(self) -> int:
        """The number of the last step."""
        return (self.done[-1].step if self.done else 0) + len(self.losses)

    def batches(self) -> Iterator[Any]:
        """Return the batches of the present epoch that are still to come.

        If a part of them was taken before a break, the epoch's order is drawn once more from the same random
        numbers, and so many batches are passed over. Then all random numbers go on from where they were.
        """
        taken = len(self.losses)
        if taken == 0:
            self._start = self._states()
            return iter(self.loader)
        now = self._states()
        self._set_states(self._start)
        rest = self.loader.starting_at(taken)
        self._set_states(now)
        return rest

    def end_epoch(self, result: Result | None) -> Epoch:
        """Return what the epoch was, and begin the next one."""
        loss = float(np.mean(self.losses))
        epoch = Epoch(len(self.done) + 1, self.step, loss, result, self.seconds)
        self.done.append(epoch)
        self.losses, self.seconds = [], 0.0
        return epoch

    def _states(self) -> dict[str, Any]:
        return {"random": random_states(), "data": data_states(self.loader)}

    def _set_states(self, states: Mapping[str, Any]) -> None:
        set_random_states(states["random"])
        set_data_states(self.loader, states["data"])

    def state_dict(self) -> dict[str, Any]:
        """Return where the training is, as plain containers and arrays."""
        return {
            "done": [epoch_state(epoch) for epoch in self.done],
            "losses": np.array(self.losses, np.float64),
            "seconds": self.seconds,
            "start": self._start,
            "data": data_states(self.loader),
        }

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Go on from what state_dict returned."""
        self.done = [epoch_of(state) for state in state_dict["done"]]
        self.losses = state_dict["losses"].tolist()
        self.seconds, self._start = state_dict["seconds"], state_dict["start"]
        set_data_states(self.loader, state_dict["data"])


def epoch_state(epoch: Epoch) -> dict[str, Any]:
    """Return an epoch as plain containers and arrays."""
    result = epoch.validation
    return {**vars(epoch), "validation": None if result is None else vars(result)}


def epoch_of(state: Mapping[str, Any]) -> Epoch:
    """Return the epoch that `epoch_state` was made of."""
    result = state["validation"]
    return Epoch(**{**state, "validation": None if result is None else Result(**result)})
