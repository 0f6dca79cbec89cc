"""What random generators, data sets and samplers remember from one batch to the next; to set it again."""

from __future__ import annotations

import random
import types
from collections.abc import Mapping
from typing import Any

import numpy as np

from hello_dl import nn
from hello_dl._core import Tensor
from hello_dl.data.loader import DataLoader
from hello_dl.tensors.random import Generator, get_rng_state, set_rng_state

FEW = 64  # a list or dict of data with more items holds data, not parts of a data set
DEEPEST = 8  # data sets inside each other that are looked into


def random_states() -> dict[str, Any]:
    """Return the states of the global random generators: hello_dl's, numpy's and Python's."""
    return {
        "hello_dl": get_rng_state(),
        "numpy": np.random.get_state(legacy=False),
        "python": random.getstate(),
    }


def set_random_states(states: Mapping[str, Any]) -> None:
    """Let the global random generators go on from what `random_states` returned."""
    set_rng_state(states["hello_dl"])
    np.random.set_state(states["numpy"])
    random.setstate(states["python"])


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

    for name in ("dataset", "collate_fn", "sampler", "batch_sampler", "generator"):
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
