"""Messages between processes, of which each sends something to each; their bytes are counted."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hello_dl.distributed.world import abort, timeout, world, world_size

Array = NDArray[Any]
TRIES = 200  # looks at a message before this process sleeps: about 0.1 ms, less than a sleep takes
NAP = 5e-5  # seconds of sleep between two looks; more frees the processor for others, but tells later
_sent = 0  # bytes that this process has sent to others


def bytes_sent() -> int:
    """Return how many bytes this process has sent to others so far, without MPI's own headers."""
    return _sent


def all_to_all(parts: Array, counts: list[int], from_counts: list[int]) -> Array:
    """Send to each process its part of an array: `counts` numbers to each, `from_counts` come from each.

    Returns what has come, one process's after the other's.
    """
    came = np.empty(sum(from_counts), parts.dtype)
    rank = world().Get_rank()
    wait(world().Ialltoallv([parts, counts], [came, from_counts]))
    count((len(parts) - counts[rank]) * parts.itemsize)
    return came


def all_gather(mine: Array, counts: list[int]) -> Array:
    """Return the arrays of all processes, one after the other; process i has `counts[i]` numbers."""
    came = np.empty(sum(counts), mine.dtype)
    wait(world().Iallgatherv(mine, [came, counts]))
    count((world_size() - 1) * mine.nbytes)
    return came


def wait(request: Any) -> None:
    """Wait for a message; between looks this process sleeps, so that others can compute."""
    for _ in range(TRIES):
        if request.Test():
            return
    begin = time.monotonic()
    while not request.Test():
        time.sleep(NAP)
        if time.monotonic() - begin > timeout():
            abort(f"waited {timeout():g} s for the others in vain; is a machine cut off?")


def count(size: int) -> None:
    """Take note of bytes that this process has sent."""
    global _sent
    _sent += size
