"""Draws batches in advance, by another thread, while a network trains on the last one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import TypeVar

T = TypeVar("T")

AHEAD = 4  # batches that are drawn in advance


def in_advance(draw: Callable[[int], T], first: int = 0) -> Iterator[T]:
    """Yield draw(first), draw(first + 1), ... without end."""
    with ThreadPoolExecutor(1) as pool:
        waiting = [pool.submit(draw, number) for number in range(first, first + AHEAD)]
        for number in count(first + AHEAD):
            waiting.append(pool.submit(draw, number))
            yield waiting.pop(0).result()
