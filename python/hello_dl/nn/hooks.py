"""Hooks of modules: functions that are called before and after a module's `forward`, to look or to change."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, Self

Arguments = tuple[tuple[Any, ...], dict[str, Any]]  # of a call: those by place, and those by name


class Hook(NamedTuple):
    """A function that a module calls."""

    function: Callable[..., Any]
    with_kwargs: bool  # whether it gets the named arguments as well
    always_call: bool = False  # whether it is called after an error in forward, too

    def __call__(self, module: Any, arguments: Arguments, *result: Any) -> Any:
        """Call the function with the module, its arguments and, after forward, its result."""
        args, kwargs = arguments
        return self.function(module, args, *([kwargs] if self.with_kwargs else []), *result)


class HookHandle:
    """What registering a hook returns: `remove()`, or the end of a `with` block, takes the hook away."""

    def __init__(self, hooks: list[Hook], hook: Hook, first: bool) -> None:
        if not callable(hook.function):
            raise TypeError(f"a hook needs to be a function, got {type(hook.function).__name__}")
        hooks.insert(0 if first else len(hooks), hook)
        self._hooks, self._hook = hooks, hook

    def remove(self) -> None:
        """Take the hook away. Removing it again changes nothing."""
        self._hooks[:] = [hook for hook in self._hooks if hook is not self._hook]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.remove()


class Hooks(NamedTuple):
    """All hooks of a module, in the order in which they are called."""

    before: list[Hook]
    after: list[Hook]
    before_backward: list[Hook]
    after_backward: list[Hook]


class Hookable:
    """The part of a Module that keeps and calls hooks. Calling `forward` itself calls none."""

    forward: Callable[..., Any]
    _hooks: Hooks | None = None  # a module gets its own with its first hook

    def register_forward_pre_hook(
        self, hook: Callable[..., Any], *, prepend: bool = False, with_kwargs: bool = False
    ) -> HookHandle:
        """Have `hook(module, args)` called before each forward; what it returns, unless None, replaces args.

        With `with_kwargs` it is hook(module, args, kwargs), and returns None or (args, kwargs). `prepend`
        calls it before the hooks there are. Return a handle whose `remove()` takes it away.
        """
        return HookHandle(self._own_hooks().before, Hook(hook, with_kwargs), prepend)

    def register_forward_hook(
        self,
        hook: Callable[..., Any],
        *,
        prepend: bool = False,
        with_kwargs: bool = False,
        always_call: bool = False,
    ) -> HookHandle:
        """Have `hook(module, args, y)` called after each forward; what it returns, unless None, replaces y.

        With `with_kwargs` it is hook(module, args, kwargs, y); with `always_call` it is called after an
        error, too, with y None. `prepend` calls it before the hooks there are. Return a handle whose
        `remove()` takes it away.
        """
        return HookHandle(self._own_hooks().after, Hook(hook, with_kwargs, always_call), prepend)

    def register_full_backward_hook(self, hook: Callable[..., Any], prepend: bool = False) -> HookHandle:
        """Have `hook(module, grad_input, grad_output)` called in each backward, after the module's own part.

        Both are tuples: dL/d(argument) for each argument by place (None for those without a gradient), and
        dL/d(result) for each result. What it returns, unless None, replaces grad_input. Return a handle whose
        `remove()` takes it away. The arguments and results of a module with such a hook are computed at once.
        """
        return HookHandle(self._own_hooks().after_backward, Hook(hook, False), prepend)

    def register_full_backward_pre_hook(self, hook: Callable[..., Any], prepend: bool = False) -> HookHandle:
        """Have `hook(module, grad_output)` called in each backward, before the module's own part.

        What it returns, unless None, replaces grad_output. Return a handle whose `remove()` takes it away.
        """
        return HookHandle(self._own_hooks().before_backward, Hook(hook, False), prepend)

    register_backward_hook = register_full_backward_hook  # PyTorch's old name

    def _own_hooks(self) -> Hooks:
        """Return the hooks of this module alone."""
        if self._hooks is None:
            self._hooks = Hooks([], [], [], [])
        return self._hooks

    def _call_with_hooks(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Return forward's result, with the hooks before and after it."""
        before, after, *of_backward = self._own_hooks()
        arguments = (args, kwargs)
        watch = _watch(self, *of_backward) if any(of_backward) else None
        try:
            for hook in list(before):
                arguments = _changed(hook, hook(self, arguments), arguments)
            if watch is not None:
                arguments = (watch.arguments(arguments[0]), arguments[1])
            result = self.forward(*arguments[0], **arguments[1])
        except BaseException:
            for hook in after:
                if hook.always_call:
                    hook(self, arguments, None)
            raise
        for hook in list(after):
            changed = hook(self, arguments, result)
            result = result if changed is None else changed
        return result if watch is None else watch.results(result)


def _watch(module: Any, before: list[Hook], after: list[Hook]) -> Any:
    """Return what shows the gradients of one call to hooks; imported when it is first used."""
    from hello_dl.nn.backward_hooks import Watch

    return Watch(module, before, after)


def _changed(hook: Hook, new: Any, arguments: Arguments) -> Arguments:
    """Return the arguments as a hook before forward leaves them; `new` is what it has returned."""
    if new is None:
        return arguments
    if not hook.with_kwargs:
        return (new if isinstance(new, tuple) else (new,)), arguments[1]
    if not (isinstance(new, tuple) and len(new) == 2):
        raise TypeError(
            f"register_forward_pre_hook: a hook with_kwargs returns None or (args, kwargs), got {new!r}"
        )
    return new
