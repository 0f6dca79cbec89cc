"""Says in one line what went wrong."""

from __future__ import annotations

import os

# Types of errors that this package raises on purpose, with a message for the user. Other types show a mistake
# in the program.
EXPECTED = (ValueError, TypeError, IndexError, OSError, ImportError, ArithmeticError)


def debugging() -> bool:
    """Return whether errors are to be shown with their traceback: --traceback, or HELLO_DL_DEBUG=1."""
    return os.environ.get("HELLO_DL_DEBUG", "0") not in ("", "0")


def describe(error: BaseException) -> str:
    """Return one line that says what went wrong; an unexpected error is called by its type."""
    message = " ".join(str(error).split())
    if isinstance(error, OSError) and error.strerror and error.filename:
        return f"{error.filename}: {error.strerror}"
    if isinstance(error, MemoryError):
        return "not enough memory; take smaller batches, fewer images or a smaller picture"
    if isinstance(error, EXPECTED) and message:
        return message
    return f"unexpected {type(error).__name__}: {message or 'no message'}; --traceback shows where it arose"
