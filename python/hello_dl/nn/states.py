"""The state of a module: its parameters and buffers by name, taken out, put back, and hooks around both."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from hello_dl._core import Tensor
from hello_dl._core.types import Refusal
from hello_dl.nn.hooks import Hook, HookHandle
from hello_dl.nn.parameter import Parameter
from hello_dl.tensors.creation import tensor
from hello_dl.tensors.grad_mode import no_grad

Array = np.ndarray[Any, Any]


class Incompatible(NamedTuple):
    """Names that load_state_dict(strict=False) missed in the state, and names unknown to the module."""

    missing_keys: list[str]
    unexpected_keys: list[str]

    def __repr__(self) -> str:
        if not self.missing_keys and not self.unexpected_keys:
            return "<All keys matched successfully>"
        return f"Incompatible(missing_keys={self.missing_keys}, unexpected_keys={self.unexpected_keys})"


class StateHooks(NamedTuple):
    """Hooks around taking a module's state out and putting it back."""

    before_taking: list[Hook]
    after_taking: list[Hook]
    before_loading: list[Hook]
    after_loading: list[Hook]


class States:
    """The part of a Module that takes its state out and puts it back."""

    _walk: Callable[..., Iterator[tuple[str, Any]]]
    _own_parameters: Callable[[], Iterator[tuple[str, Parameter]]]
    _own_buffers: Callable[..., Iterator[tuple[str, Tensor]]]
    _state_hooks: StateHooks | None = None  # a module gets its own with its first hook

    def state_dict(
        self, destination: dict[str, Tensor] | None = None, prefix: str = "", keep_vars: bool = False
    ) -> dict[str, Tensor]:
        """Return parameters and buffers by name; they share their memory. Names and shapes are PyTorch's.

        With keep_vars they are the parameters themselves. `destination` is a dict to put them into.
        """
        state = {} if destination is None else destination
        hooked = [(path, module) for path, module in self._walk() if module._state_hooks]
        for path, module in hooked:
            for hook in module._state_hooks.before_taking:
                hook.function(module, prefix + join(path, ""), keep_vars)
        state.update((name, kept if keep_vars else kept.detach()) for name, kept in self._state(prefix))
        for path, module in reversed(hooked):
            for hook in module._state_hooks.after_taking:
                changed = hook.function(module, state, prefix + join(path, ""), {})
                state = state if changed is None else changed
        return state

    def _state(self, prefix: str = "") -> Iterator[tuple[str, Tensor]]:
        """Yield name and tensor of all parameters and persistent buffers."""
        for path, module in self._walk():
            for name, kept in module._own_state():
                yield prefix + join(path, name), kept

    def _own_state(self) -> Iterator[tuple[str, Tensor]]:
        """Yield name and tensor of the parameters and persistent buffers of this module alone."""
        yield from self._own_parameters()
        yield from self._own_buffers(persistent_only=True)

    def load_state_dict(
        self, state_dict: Mapping[str, Any], strict: bool = True, assign: bool = False
    ) -> Incompatible:
        """Copy numbers into parameters and buffers by name, from tensors, arrays or PyTorch's tensors.

        Raises ValueError, and changes nothing, if a shape differs, or (when strict) if a name is missing or
        has no place here. Returns the names of both kinds. A lazy layer gets the size that fits the state.
        """
        del assign  # PyTorch's: take the tensors themselves; their numbers are copied here
        state, report = dict(state_dict), Incompatible([], [])
        modules = list(self._walk())
        wrong: list[str] = []
        for path, module in modules:
            for hook in module._state_hooks.before_loading if module._state_hooks else ():
                first = (module,) if hook.with_kwargs else ()
                hook.function(*first, state, join(path, ""), {}, strict, *report, wrong)
        for path, module in modules:
            module._fit(state, join(path, ""))
        mine = dict(self._state())
        report.missing_keys.extend(name for name in mine if name not in state)
        report.unexpected_keys.extend(name for name in state if name not in mine)
        arrays = {name: _as_array(state[name]) for name in mine if name in state}
        wrong += [f"missing: {', '.join(report.missing_keys)}"] * bool(strict and report.missing_keys)
        wrong += [f"unexpected: {', '.join(report.unexpected_keys)}"] * bool(
            strict and report.unexpected_keys
        )
        wrong += [
            f"{name} needs shape {tuple(mine[name].shape)}, got {array.shape}"
            for name, array in arrays.items()
            if array.shape != tuple(mine[name].shape)
        ]
        if wrong:
            raise Refusal(f"load_state_dict: does not fit this {type(self).__name__}: {'; '.join(wrong)}")
        with no_grad():
            for name, kept in mine.items():
                if (array := arrays.get(name)) is not None:
                    kept.copy_(tensor(array))
        for _, module in reversed(modules):
            for hook in module._state_hooks.after_loading if module._state_hooks else ():
                hook.function(module, report)
        return report

    def _fit(self, state: Mapping[str, Any], prefix: str) -> None:
        """Get ready for a state. A lazy layer, which has no size yet, takes one."""

    # ---- hooks --------------------------------------------------------------------------------------------

    def register_state_dict_pre_hook(self, hook: Callable[..., Any]) -> HookHandle:
        """Have `hook(module, prefix, keep_vars)` called before the state is taken out."""
        return HookHandle(self._own_state_hooks().before_taking, Hook(hook, True), False)

    def register_state_dict_post_hook(self, hook: Callable[..., Any]) -> HookHandle:
        """Have `hook(module, state_dict, prefix, {})` called after the state is taken out, to change it."""
        return HookHandle(self._own_state_hooks().after_taking, Hook(hook, True), False)

    def register_load_state_dict_pre_hook(self, hook: Callable[..., Any]) -> HookHandle:
        """Have a hook called before a state is put back, which may change the names of the state.

        It is hook(module, state_dict, prefix, {}, strict, missing_keys, unexpected_keys, error_msgs).
        """
        return HookHandle(self._own_state_hooks().before_loading, Hook(hook, True), False)

    def register_load_state_dict_post_hook(self, hook: Callable[..., Any]) -> HookHandle:
        """Have `hook(module, incompatible_keys)` called after a state is put back."""
        return HookHandle(self._own_state_hooks().after_loading, Hook(hook, True), False)

    _register_state_dict_hook = register_state_dict_post_hook  # older names, which programs use, too

    def _register_load_state_dict_pre_hook(
        self, hook: Callable[..., Any], with_module: bool = False
    ) -> HookHandle:
        return HookHandle(self._own_state_hooks().before_loading, Hook(hook, with_module), False)

    def _own_state_hooks(self) -> StateHooks:
        """Return the hooks of this module alone."""
        if self._state_hooks is None:
            self._state_hooks = StateHooks([], [], [], [])
        return self._state_hooks


def join(path: str, name: str) -> str:
    """Return path.name, or the name alone for an empty path."""
    return f"{path}.{name}" if path else name


def _as_array(value: Any) -> Array:
    """Return the numbers of a tensor, an array or a tensor of PyTorch."""
    return np.asarray(value.detach() if hasattr(value, "detach") else value)
