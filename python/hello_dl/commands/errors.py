"""Says in one line what went wrong."""

from __future__ import annotations

import os


def debugging() -> bool:
    """Whether errors are to be shown with their traceback: --traceback, or HELLO_DL_DEBUG=1."""
    return os.environ.get("HELLO_DL_DEBUG", "0") not in ("", "0")


def describe(error: BaseException) -> str:
    """Say in one line what went wrong; what is no message of ours is called what it is."""
    message = " ".join(str(error).split())
    if isinstance(error, OSError) and error.strerror and error.filename:
        return f"{error.filename}: {error.strerror}"
    if isinstance(error, MemoryError):
        return "not enough memory; take smaller batches, fewer images or a smaller picture"
    if isinstance(error, OURS) and message:
        return message
    return f"unexpected {type(error).__name__}: {message or 'no message'}; --traceback shows where it arose"


# Errors whose messages are sentences of ours.
OURS = (ValueError, TypeError, IndexError, OSError, ImportError, ArithmeticError)
