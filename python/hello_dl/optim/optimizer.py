"""What all optimizers share: groups of parameters, settings, memory, and how these are saved."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any, TypeAlias

import numpy as np

from hello_dl._core import Tensor, neg
from hello_dl.nn.module import clear_gradients
from hello_dl.nn.parameter import UninitializedParameter
from hello_dl.tensors import view_changes
from hello_dl.tensors.clones import before_change
from hello_dl.tensors.creation import tensor
from hello_dl.tensors.dtypes import REAL
from hello_dl.tensors.grad_mode import enable_grad

Group: TypeAlias = dict[str, Any]
Params: TypeAlias = Iterable[Tensor] | Iterable[tuple[str, Tensor]] | Iterable[Group]
Memory: TypeAlias = list[list[Any]]  # for each kind of memory a list: a tensor or None for each parameter

# What a group may hold beside its settings: its name, and what schedules write into it.
NOTES = ("name", "param_names", "initial_lr", "max_lr", "min_lr", "base_momentum", "max_momentum")


class Optimizer:
    """Base class: parameters in groups, each with its settings, and what is remembered for each parameter.

    `params` are tensors, pairs of name and tensor (model.named_parameters()), or dicts {"params": tensors,
    "lr": ...} for groups with different settings. With maximize, steps go up the gradient instead of down.
    `param_groups[0]["lr"] = 0.01` changes a setting. A parameter without gradient does not change. ValueError
    if there are no parameters, or one twice, or one that is computed from others.
    foreach, fused and capturable are PyTorch's, and change nothing here; ValueError for differentiable.

    An optimizer of your own needs an `__init__` that hands params and defaults to this one, and a `step`. It
    may keep what it likes in `self.state[parameter]`, a dict that state_dict saves.
    """

    def __init__(
        self,
        params: Params,
        defaults: Group,
        *,
        foreach: bool | None = None,
        fused: bool | None = None,
        capturable: bool = False,
        differentiable: bool = False,
    ) -> None:
        if differentiable:
            raise ValueError(f"{type(self).__name__}: hello_dl has no differentiable steps")
        del fused, capturable
        self._one_by_one = not foreach
        self.defaults = {key: self._plain(key, value) for key, value in defaults.items()}
        self.param_groups: list[Group] = []
        self._memory: list[Memory] = []
        self._own: defaultdict[Tensor, dict[str, Any]] = defaultdict(dict)
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

    # The optimizers here define these: the names of what is remembered for each parameter, those among them
    # that are one number, and three methods.
    remembers: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ("step",)

    def _check(self, group: Group) -> None:
        """Raise ValueError for a setting of a group that is out of range."""

    def _begin(self, kind: str, parameter: Tensor) -> Tensor | None:
        """Return what is remembered under the name `kind` before the first step; None: nothing yet."""
        raise NotImplementedError

    def _memory_shape(self, kind: str, parameter: Tensor) -> tuple[int, ...] | None:
        """Return the shape of what is remembered; None for what this parameter does without."""
        return () if kind in self.numbers else tuple(parameter.shape)

    def _update(self, group: Group, memory: Memory) -> None:
        """Take one step: change the group's parameters and what is remembered for them."""
        raise NotImplementedError(f"{type(self).__name__} has no step(self) that changes its parameters")

    def add_param_group(self, group: Group) -> None:
        """Add a group of parameters: {"params": tensors} and any settings that differ from the defaults."""
        name = type(self).__name__
        unknown = set(group) - set(self.defaults) - {"params", *NOTES}
        if "params" not in group or unknown:
            wrong = f"unknown settings {', '.join(sorted(map(str, unknown)))}" if unknown else "no 'params'"
            raise ValueError(f"{name}: a group needs 'params' and any of {', '.join(self.defaults)}; {wrong}")
        given = group["params"]
        params = [given] if isinstance(given, Tensor) else list(given)
        names = [p[0] for p in params if _is_named(p)]
        params = [p[1] if _is_named(p) else p for p in params]
        with_names = bool(names) or "param_names" in group
        if (names and len(names) != len(params)) or any(
            ("param_names" in other) != with_names for other in self.param_groups
        ):
            raise ValueError(f"{name}: needs a name for every parameter of all groups, or for none")
        known = {p.id for other in self.param_groups for p in other["params"]}
        for p in params:
            if not isinstance(p, Tensor):
                raise TypeError(f"{name}: parameters must be tensors, got {type(p).__name__}")
            if not p.is_leaf:
                raise ValueError(f"{name}: can only change leaves, got a tensor computed by {p.op}")
            if p.id in known:
                raise ValueError(f"{name}: a parameter of shape {tuple(p.shape)} is there twice")
            known.add(p.id)
        settings = {key: self._plain(key, value) for key, value in group.items() if key != "params"}
        full = {**self.defaults, **settings, "params": params}
        if names:
            full["param_names"] = names
        self._check(full)
        self.param_groups.append(full)
        memory = [[self._begin(kind, p) for p in params] for kind in self.remembers]
        self._memory.append(memory)
        for i, p in enumerate(params):
            if isinstance(p, UninitializedParameter):
                p.when_known(partial(self._begin_later, memory, i, p))

    def _begin_later(self, memory: Memory, place: int, parameter: Tensor) -> None:
        """Begin the memory of a lazy layer's parameter, whose shape is known by now."""
        for kind, column in zip(self.remembers, memory, strict=True):
            column[place] = self._begin(kind, parameter)

    def _plain(self, key: str, value: Any) -> Any:
        """Return a setting with tensors of one number as numbers. ValueError for one that PyTorch refuses."""
        name = type(self).__name__
        several = value if isinstance(value, tuple | list) else (value,)
        tensors = [isinstance(v, Tensor) for v in several]
        if not any(tensors):
            return value
        if not all(tensors):
            raise ValueError(f"{name}: needs {key} as numbers or as tensors, got both")
        if not self._one_by_one:
            raise ValueError(f"{name}: a tensor as {key} needs foreach=False; a number does for both")
        if any(v.numel() != 1 for v in several):
            shapes = [tuple(v.shape) for v in several]
            raise ValueError(f"{name}: needs {key} of one number, got shapes {shapes}")
        numbers = tuple(v.item() for v in several)
        return numbers if isinstance(value, tuple | list) else numbers[0]

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Change every parameter that has a gradient. `closure` computes the loss, which is returned."""
        loss = None
        if closure is not None:
            with enable_grad():
                loss = closure()
        before_change()
        for group, memory in zip(self.param_groups, self._memory, strict=True):
            if group.get("maximize"):
                self._update_upwards(group, memory)
            else:
                self._update(group, memory)
            view_changes.after_step(group["params"])
        return loss

    def _update_upwards(self, group: Group, memory: Memory) -> None:
        """Take one step with the negative gradients, and give the parameters their gradients back."""
        gradients = [p.grad for p in group["params"]]
        for p, g in zip(group["params"], gradients, strict=True):
            p.grad = None if g is None else neg(g)
        try:
            self._update(group, memory)
        finally:
            for p, g in zip(group["params"], gradients, strict=True):
                p.grad = g

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Remove the gradients of the last step; backward() would add to them."""
        for group in self.param_groups:
            clear_gradients(group["params"], set_to_none)

    @property
    def state(self) -> dict[Tensor, dict[str, Any]]:
        """What is remembered for each parameter: a dict of names and tensors."""
        return self._remembered_for() if self.remembers else self._own

    def _remembered_for(self) -> dict[Tensor, dict[str, Any]]:
        """Return by parameter what is remembered for it. A parameter without memory is not there."""
        state = {}
        for group, memory in zip(self.param_groups, self._memory, strict=True):
            for i, p in enumerate(group["params"]):
                known = {kind: m[i] for kind, m in zip(self.remembers, memory, strict=True)}
                if any(t is not None for t in known.values()):
                    state[p] = {kind: t for kind, t in known.items() if t is not None}
        return state

    def state_dict(self) -> dict[str, Any]:
        """Return settings and memory in PyTorch's layout; parameters are numbered through all groups."""
        remembered = self.state
        state: dict[int, dict[str, Any]] = {}
        groups, first = [], 0
        for group in self.param_groups:
            numbers = list(range(first, first + len(group["params"])))
            for number, p in zip(numbers, group["params"], strict=True):
                if p in remembered:
                    known = remembered[p].items()
                    state[number] = {k: v.detach() if isinstance(v, Tensor) else v for k, v in known}
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
        own: defaultdict[Tensor, dict[str, Any]] = defaultdict(dict)
        for group, theirs in zip(self.param_groups, state_dict["param_groups"], strict=True):
            self._check({**group, **_settings(theirs, group)})
            columns: Memory = [[] for _ in self.remembers]
            for p in group["params"]:
                known = state_dict["state"].get(number, {})
                if known and not self.remembers:
                    own[p] = {key: _as_tensor(value) for key, value in known.items()}
                for kind, column in zip(self.remembers, columns, strict=True):
                    who = f"{name}: {kind} of parameter {number}"
                    shape = self._memory_shape(kind, p)
                    column.append(_remembered(known.get(kind), self._begin(kind, p), who, shape))
                number += 1
            new.append(columns)
        for group, theirs in zip(self.param_groups, state_dict["param_groups"], strict=True):
            group.update(_settings(theirs, group))
        self._memory, self._own = new, own

    def __repr__(self) -> str:
        groups = [
            ", ".join(f"{key}={value}" for key, value in group.items() if key != "params")
            for group in self.param_groups
        ]
        return f"{type(self).__name__}({'; '.join(groups)})"


def _settings(theirs: Mapping[str, Any], mine: Group) -> Group:
    """Return the settings of another optimizer's group that this group has too, and what schedules wrote."""
    known = {key: value for key, value in theirs.items() if key != "params" and (key in mine or key in NOTES)}
    return {key: _as_number(value) for key, value in known.items()}


def _as_number(value: Any) -> Any:
    """Return a setting with tensors of one number, ours or PyTorch's, as numbers."""
    if isinstance(value, tuple | list):
        return type(value)(_as_number(v) for v in value)
    return value.item() if hasattr(value, "detach") else value


def _is_named(p: Any) -> bool:
    """Whether p is a pair of a name and a parameter."""
    return isinstance(p, tuple) and len(p) == 2 and isinstance(p[0], str)


def _as_tensor(value: Any) -> Any:
    """Return a tensor, ours or PyTorch's, as a tensor of its own; anything else as it is."""
    if hasattr(value, "detach"):
        return tensor(np.asarray(value.detach()).copy())
    return [_as_tensor(v) for v in value] if isinstance(value, list) else value


def _remembered(value: Any, start: Tensor | None, who: str, shape: tuple[int, ...] | None) -> Tensor | None:
    """Return a loaded tensor, or `start` if there is none. ValueError for another shape."""
    if value is None:
        return start
    array = np.asarray(value.detach() if hasattr(value, "detach") else value, dtype=REAL)
    if array.shape != shape:
        raise ValueError(f"{who} needs shape {shape}, got {array.shape}")
    return tensor(array)


def need_range(who: str, least: float, below: float, **settings: float) -> None:
    """Raise ValueError for a setting that is not from `least` to below `below`."""
    for name, value in settings.items():
        if isinstance(value, bool) or not (least <= value < below):
            raise ValueError(f"{who}: needs {name} from {least} to below {below}, got {value}")
