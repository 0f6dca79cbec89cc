"""Switches that turn the recording of gradients on and off, as in `with no_grad():`."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

from hello_dl import _core

P = ParamSpec("P")
R = TypeVar("R")


class _GradMode:
    """What the switches share: they hold in a `with` block or a decorated function, in this thread alone."""

    def __init__(self, enabled: bool) -> None:
        self._enabled = bool(enabled)
        self._before: list[bool] = []  # a stack: one object may be entered again inside itself

    def __enter__(self) -> None:
        self._before.append(_core.is_grad_enabled())
        _core.set_grad_enabled(self._enabled)

    def __exit__(self, *_: object) -> None:
        _core.set_grad_enabled(self._before.pop())

    def __call__(self, function: Callable[P, R]) -> Callable[P, R]:
        enabled = self._enabled

        @functools.wraps(function)
        def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
            with _GradMode(enabled):
                return function(*args, **kwargs)

        return wrapped


class no_grad(_GradMode):
    """Record no gradients: `with no_grad():` around a block, or `@no_grad()` above a function."""

    def __new__(cls, function: Callable[..., Any] | None = None) -> Any:
        """Make a switch; for `@no_grad` without brackets, wrap the function at once."""
        return super().__new__(cls) if function is None else _GradMode(False)(function)

    def __init__(self) -> None:
        super().__init__(False)


class enable_grad(_GradMode):
    """Record gradients again, inside a no_grad."""

    def __new__(cls, function: Callable[..., Any] | None = None) -> Any:
        """Make a switch; for `@enable_grad` without brackets, wrap the function at once."""
        return super().__new__(cls) if function is None else _GradMode(True)(function)

    def __init__(self) -> None:
        super().__init__(True)


class inference_mode(_GradMode):
    """The same as no_grad here; with mode=False it changes nothing."""

    def __new__(cls, mode: bool | Callable[..., Any] = True) -> Any:
        """Make a switch; for `@inference_mode` without brackets, wrap the function at once."""
        return _GradMode(False)(mode) if callable(mode) else super().__new__(cls)

    def __init__(self, mode: bool = True) -> None:
        super().__init__(not mode and _core.is_grad_enabled())


class set_grad_enabled(_GradMode):
    """Switch the recording on or off from now on; in a `with` block, until its end."""

    def __init__(self, mode: bool) -> None:
        super().__init__(mode)
        self._at_call = _core.is_grad_enabled()
        _core.set_grad_enabled(self._enabled)

    def __enter__(self) -> None:
        self._before.append(self._at_call)
        _core.set_grad_enabled(self._enabled)

    def __call__(self, function: Callable[P, R]) -> Callable[P, R]:
        """Wrap a function; outside it, recording is as it was before set_grad_enabled was called."""
        _core.set_grad_enabled(self._at_call)
        return super().__call__(function)


is_grad_enabled = _core.is_grad_enabled
