"""Mixed precision: all is computed in float32, so these change nothing, and a program runs as it is."""

from __future__ import annotations

import functools
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from hello_dl._core import Tensor


class autocast:
    """Change nothing, as a `with` block or above a function: all is computed in float32.

    The results are those that PyTorch has without autocast; with it, PyTorch rounds to 16 bits.
    """

    def __init__(self, device_type: str = "cpu", *_: Any, **__: Any) -> None:
        self.device = device_type

    def __enter__(self) -> autocast:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def __call__(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return a function that does the same."""

        @functools.wraps(function)
        def wrapped(*args: Any, **named: Any) -> Any:
            return function(*args, **named)

        return wrapped


class GradScaler:
    """Scale by 1: float32 gradients do not become 0, so there is nothing to scale."""

    def __init__(self, *_: Any, **__: Any) -> None:
        pass

    def scale(self, outputs: Any) -> Any:
        """Return the loss itself."""
        return outputs

    def step(self, optimizer: Any, *args: Any, **named: Any) -> Any:
        """Call optimizer.step()."""
        return optimizer.step(*args, **named)

    def unscale_(self, optimizer: Any) -> None:
        """Do nothing."""

    def update(self, new_scale: float | Tensor | None = None) -> None:
        """Do nothing."""

    def is_enabled(self) -> bool:
        """Return False, as PyTorch does where there is no accelerator."""
        return False

    def get_scale(self) -> float:
        """Return 1."""
        return 1.0

    def state_dict(self) -> dict[str, Any]:
        """Return an empty dict, as PyTorch does where there is no accelerator."""
        return {}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Do nothing: there is no state."""


def is_autocast_available(device_type: str) -> bool:
    """Return whether the device is the CPU; autocast changes nothing on it."""
    return device_type == "cpu"


def is_autocast_enabled(device_type: str | None = None) -> bool:  # noqa: ARG001
    """Return False: everything is computed in float32."""
    return False


def custom_fwd(fwd: Any = None, **_: Any) -> Any:
    """Return the function itself."""
    return fwd if fwd is not None else lambda function: function


custom_bwd = custom_fwd
cuda = cpu = SimpleNamespace(
    autocast=functools.partial(autocast, "cpu"),
    GradScaler=GradScaler,
    custom_fwd=custom_fwd,
    custom_bwd=custom_bwd,
)
