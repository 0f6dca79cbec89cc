"""What the fuzzer knows of a reader of outside data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Reader:
    """`make` writes a valid file at a path, `read` reads it; `ending` is that of its name.

    The files of a slow reader are few: 1 to `share` of those that others read.
    """

    ending: str
    make: Callable[[Path], Any]
    read: Callable[[Path], Any]
    share: int = 1
