"""What all processes do together: sum arrays, give all the same numbers, wait for each other."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from hello_dl._core import Tensor
from hello_dl.distributed.messages import count, wait
from hello_dl.distributed.tree import sum_over_processes
from hello_dl.distributed.world import world, world_size
from hello_dl.tensors.grad_mode import no_grad

Array = NDArray[Any]


def barrier() -> None:
    """Wait until all processes are here."""
    if world() is not None:
        wait(world().Ibarrier())


def broadcast(tensor: Any, src: int = 0) -> None:
    """Give all processes the numbers of process `src`, in place; a tensor or an array of the same shape."""
    if world_size() == 1:
        return
    numbers = _numbers(tensor)
    wait(world().Ibcast(numbers, root=src))
    count(numbers.nbytes)  # each process but the last hands it on once, in a chain or a tree
    _put(tensor, numbers)


def broadcast_bytes(content: bytes, src: int = 0) -> bytes:
    """Return the bytes of process `src`, on all processes."""
    if world_size() == 1:
        return content
    size = np.array([len(content)])
    broadcast(size, src)
    numbers = np.empty(int(size[0]), np.uint8)
    numbers[: len(content)] = np.frombuffer(content, np.uint8)[: len(numbers)]
    broadcast(numbers, src)
    return numbers.tobytes()


def all_reduce(tensor: Any) -> None:
    """Replace the numbers by their sum over all processes, in place; the same bits on each of them.

    The order of the sums depends on the number of processes; for sums that do not, see tree.py.
    """
    if world_size() == 1:
        return
    numbers = _numbers(tensor)
    rank = world().Get_rank()
    total = sum_over_processes({(rank, rank + 1): numbers.reshape(-1)}, world_size())
    _put(tensor, total.reshape(numbers.shape))


def _numbers(tensor: Any) -> Array:
    """Return the numbers of a tensor or an array in one piece of memory."""
    return np.ascontiguousarray(tensor.detach().numpy() if isinstance(tensor, Tensor) else tensor).copy()


def _put(tensor: Any, numbers: Array) -> None:
    """Set the numbers of a tensor or an array."""
    if isinstance(tensor, Tensor):
        with no_grad():
            tensor.copy_(numbers.reshape(tensor.shape))
    else:
        tensor[...] = numbers.reshape(tensor.shape)
