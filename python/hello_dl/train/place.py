"""How far a training with `fit` is: the epochs that are done, and where in the data the present one is."""

from __future__ import annotations

import random
import types
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from hello_dl import nn
from hello_dl._core import Tensor
from hello_dl.data.loader import DataLoader
from hello_dl.evaluation import Result
from hello_dl.tensors.random import Generator
from hello_dl.train.checkpoint import random_states, set_random_states
from hello_dl.train.history import Epoch

FEW = 64  # a list or dict of data with more items holds data, not parts of a data set
DEEPEST = 8  # data sets inside each other that are looked into


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


# ---- what data and samplers remember from one batch to the next --------------------------------------------


def data_states(loader: DataLoader) -> dict[str, Any]:
    """Return what data set, sampler and collate_fn remember, by place: their counters and random generators.

    Counters are attributes that are whole numbers. A part with state_dict and load_state_dict says itself
    what it remembers. Parts of parts are looked into, too: the data sets of a ConcatDataset, for instance.
    """
    return {place: _get(owner, name) for place, (owner, name) in _memories(loader).items()}


def set_data_states(loader: DataLoader, states: Mapping[str, Any]) -> None:
    """Let data set, sampler and collate_fn go on from what `data_states` returned."""
    for place, (owner, name) in _memories(loader).items():
        if place in states:
            _set(owner, name, states[place])


def _memories(loader: DataLoader) -> dict[str, tuple[Any, str]]:
    """Return where something is remembered, by place: the object, and the name of its attribute.

    The name is "" where the object itself, a random generator for instance, has a state.
    """
    found: dict[str, tuple[Any, str]] = {}
    seen: set[int] = set()

    def look(value: Any, place: str, depth: int) -> None:
        if id(value) in seen or depth > DEEPEST or isinstance(value, _WITHOUT):
            return
        seen.add(id(value))
        if isinstance(value, _GENERATORS) or _has_state(value):
            found[place] = value, ""
        elif isinstance(value, list | tuple | dict):
            if len(value) <= FEW:
                items = value.items() if isinstance(value, dict) else enumerate(value)
                for name, item in items:
                    look(item, f"{place}.{name}", depth + 1)
        elif hasattr(value, "__dict__"):
            for name, item in vars(value).items():
                if type(item) is int:
                    found[f"{place}.{name}"] = value, name
                else:
                    look(item, f"{place}.{name}", depth + 1)

    for name in ("sampler", "batch_sampler", "generator", "dataset", "collate_fn"):
        look(getattr(loader, name), name, 0)
    return found


_GENERATORS = (Generator, np.random.Generator, np.random.RandomState, random.Random)
_WITHOUT = (
    *(type, types.ModuleType, types.FunctionType, types.BuiltinFunctionType, types.MethodType),
    *(str, bytes, int, float, Tensor, np.ndarray, nn.Module),
)


def _has_state(value: Any) -> bool:
    return hasattr(value, "state_dict") and hasattr(value, "load_state_dict")


def _get(owner: Any, name: str) -> Any:
    """Return what is remembered there."""
    if name:
        return getattr(owner, name)
    if isinstance(owner, np.random.Generator):
        return owner.bit_generator.state
    if isinstance(owner, np.random.RandomState):
        return owner.get_state(legacy=False)
    if isinstance(owner, random.Random):
        return owner.getstate()
    return owner.get_state() if isinstance(owner, Generator) else owner.state_dict()


def _set(owner: Any, name: str, state: Any) -> None:
    """Let the owner remember what `_get` returned."""
    if name:
        if getattr(owner, name) != state:  # constants need not be set, and cannot be in a frozen dataclass
            setattr(owner, name, state)
    elif isinstance(owner, np.random.Generator):
        owner.bit_generator.state = state
    elif isinstance(owner, np.random.RandomState):
        owner.set_state(state)
    elif isinstance(owner, random.Random):
        owner.setstate(state)
    elif isinstance(owner, Generator):
        owner.set_state(state)
    else:
        owner.load_state_dict(state)
