"""What all optimizers share: groups of parameters, settings, memory, and how these are saved."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeAlias

import numpy as np

from hello_dl._core import Tensor
from hello_dl.nn.module import clear_gradient
from hello_dl.tensors.creation import tensor

Group: TypeAlias = dict[str, Any]
Memory: TypeAlias = list[list[Any]]  # for each kind of memory a list: a tensor or None for each parameter


class Optimizer:
    """Base class: parameters in groups, each with its settings, and what is remembered for each parameter.

    `params` are tensors, or dicts {"params": tensors, "lr": ...} for groups with different settings.
    `param_groups[0]["lr"] = 0.01` changes a setting. A parameter without gradient does not change. ValueError
    if there are no parameters, or one twice, or one that is computed from others.
    """

    def __init__(self, params: Iterable[Tensor] | Iterable[Group], defaults: Group) -> None:
        self.defaults = defaults
        self.param_groups: list[Group] = []
        self._memory: list[Memory] = []
        name = type(self).__name__
        if isinstance(params, Tensor):
            raise TypeError(f"{name}: needs a list of tensors, such as model.parameters(), got one tensor")
        groups = list(params)
        if not groups:
            raise ValueError(f"{name}: got no parameters; does the model keep its layers as attributes?")
        if not isinstance(groups[0], Mapping):
            groups = [{"params": groups}]
        for group in groups:
            self.add_param_group(group)  # type: ignore[arg-type]

    # Every optimizer defines these four: the names of what it remembers, and the three methods.
    remembers: tuple[str, ...] = ()

    def _check(self, group: Group) -> None:
        """Raise ValueError for a setting of a group that is out of range."""
        raise NotImplementedError

    def _begin(self, kind: str, parameter: Tensor) -> Tensor | None:
        """Return what is remembered under the name `kind` before the first step; None: nothing yet."""
        raise NotImplementedError

    def _update(self, group: Group, memory: Memory) -> None:
        """Take one step: change the group's parameters and what is remembered for them."""
        raise NotImplementedError

    def add_param_group(self, group: Group) -> None:
        """Add a group of parameters: {"params": tensors} and any settings that differ from the defaults."""
        name = type(self).__name__
        unknown = set(group) - set(self.defaults) - {"params"}
        if "params" not in group or unknown:
            wrong = f"unknown settings {', '.join(sorted(map(str, unknown)))}" if unknown else "no 'params'"
            raise ValueError(f"{name}: a group needs 'params' and any of {', '.join(self.defaults)}; {wrong}")
        given = group["params"]
        params = [given] if isinstance(given, Tensor) else list(given)
        known = {p.id for other in self.param_groups for p in other["params"]}
        for p in params:
            if not isinstance(p, Tensor):
                raise TypeError(f"{name}: parameters must be tensors, got {type(p).__name__}")
            if not p.is_leaf:
                raise ValueError(f"{name}: can only change leaves, got a tensor computed by {p.op}")
            if p.id in known:
                raise ValueError(f"{name}: a parameter of shape {tuple(p.shape)} is there twice")
            known.add(p.id)
        full = {**self.defaults, **group, "params": params}
        self._check(full)
        self.param_groups.append(full)
        self._memory.append([[self._begin(kind, p) for p in params] for kind in self.remembers])

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Change every parameter that has a gradient. `closure` computes the loss, which is returned."""
        loss = None if closure is None else closure()
        for group, memory in zip(self.param_groups, self._memory, strict=True):
            self._update(group, memory)
        return loss

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Remove the gradients of the last step; backward() would add to them."""
        for group in self.param_groups:
            for parameter in group["params"]:
                clear_gradient(parameter, set_to_none)

    @property
    def state(self) -> dict[int, dict[str, Tensor]]:
        """What is remembered for each parameter, by its number, as in PyTorch's state_dict."""
        state: dict[int, dict[str, Tensor]] = self.state_dict()["state"]
        return state

    def state_dict(self) -> dict[str, Any]:
        """Return settings and memory in PyTorch's layout; parameters are numbered through all groups."""
        state: dict[int, dict[str, Tensor]] = {}
        groups, first = [], 0
        for group, memory in zip(self.param_groups, self._memory, strict=True):
            numbers = list(range(first, first + len(group["params"])))
            for i, number in enumerate(numbers):
                known = {kind: m[i] for kind, m in zip(self.remembers, memory, strict=True)}
                if known and all(t is not None for t in known.values()):
                    state[number] = {kind: t.detach() for kind, t in known.items() if t is not None}
            groups.append({**group, "params": numbers})
            first += len(numbers)
        return {"state": state, "param_groups": groups}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Continue from the state of an optimizer with parameters of the same shapes.

        Tensors may be hello_dl's, arrays, or PyTorch's. ValueError, and nothing changes, if it does not fit.
        """
        name = type(self).__name__
        sizes = [len(group["params"]) for group in state_dict["param_groups"]]
        mine = [len(group["params"]) for group in self.param_groups]
        if sizes != mine:
            raise ValueError(f"{name}: needs the state of groups of {mine} parameters, got {sizes}")
        new, number = [], 0
        for group, theirs in zip(self.param_groups, state_dict["param_groups"], strict=True):
            self._check({**group, **_settings(theirs, group)})
            columns: Memory = [[] for _ in self.remembers]
            for p in group["params"]:
                known = state_dict["state"].get(number, {})
                for kind, column in zip(self.remembers, columns, strict=True):
                    who = f"{name}: {kind} of parameter {number}"
                    column.append(_remembered(known.get(kind), self._begin(kind, p), who, p))
                number += 1
            new.append(columns)
        for group, theirs in zip(self.param_groups, state_dict["param_groups"], strict=True):
            group.update(_settings(theirs, group))
        self._memory = new

    def __repr__(self) -> str:
        groups = [
            ", ".join(f"{key}={value}" for key, value in group.items() if key != "params")
            for group in self.param_groups
        ]
        return f"{type(self).__name__}({'; '.join(groups)})"


def _settings(theirs: Mapping[str, Any], mine: Group) -> Group:
    """Return those settings of another optimizer's group that this group has too, without the parameters."""
    return {key: value for key, value in theirs.items() if key in mine and key != "params"}


def _remembered(value: Any, start: Tensor | None, who: str, parameter: Tensor) -> Tensor | None:
    """Return a loaded tensor, or `start` if there is none. ValueError for another shape."""
    if value is None:
        return start
    array = np.asarray(value.detach() if hasattr(value, "detach") else value)
    shape = tuple(parameter.shape if start is None else start.shape)
    if array.shape != shape:
        raise ValueError(f"{who} needs shape {shape}, got {array.shape}")
    return tensor(array)


def need_range(who: str, least: float, below: float, **settings: float) -> None:
    """Raise ValueError for a setting that is not from `least` to below `below`."""
    for name, value in settings.items():
        if isinstance(value, bool) or not (least <= value < below):
            raise ValueError(f"{who}: needs {name} from {least} to below {below}, got {value}")
