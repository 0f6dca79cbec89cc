"""functional under the name that PyTorch programs import: import hello_dl.nn.functional as F."""

from typing import TYPE_CHECKING, Any

from hello_dl import functional as _functional
from hello_dl.functional import __all__ as __all__

if TYPE_CHECKING:
    from hello_dl.functional import *  # noqa: F403


def __getattr__(name: str) -> Any:
    """Return the function of hello_dl.functional, or its error for a name that is missing."""
    found = getattr(_functional, name)
    if name in __all__:
        globals()[name] = found  # the next time Python finds it without asking here
    return found


def __dir__() -> list[str]:
    """Return the names of all functions."""
    return sorted({*globals(), *__all__})
