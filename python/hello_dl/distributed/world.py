"""The processes that work together: how many there are, which one this is, and how they end together."""

from __future__ import annotations

import math
import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from types import TracebackType
from typing import Any

from hello_dl import _core

# Variables that a launcher of MPI processes sets: those of MPICH and Intel MPI, Open MPI, and PMIx.
LAUNCHED = ("PMI_SIZE", "OMPI_COMM_WORLD_SIZE", "PMIX_RANK")
PATIENCE = 0.5  # seconds that others wait for the words of process 0 before they say their own
LAST = 5.0  # seconds in which MPI must have ended a process
_timeout = math.inf  # seconds that a process waits for the others
_world: Any = None  # MPI's communicator of all processes; None as long as this process is alone


def is_launched() -> bool:
    """Return whether mpiexec has started this process, with others or alone."""
    return any(name in os.environ for name in LAUNCHED)


def is_initialized() -> bool:
    """Return whether `init` has joined this process with others."""
    return _world is not None


def init(backend: str = "mpi", timeout: float | timedelta = 600.0) -> None:
    """Join the processes that mpiexec has started; a process that was started without it stays alone.

    An error that nobody catches ends all of them from now on, since the others would wait for ever. Where
    several processes share a machine, each gets its part of the threads, unless a number was set. `timeout`
    is how long (seconds) a process waits for the others before it takes them for lost, and ends; it must be
    longer than anything that one process does by itself. ImportError if mpi4py is not there.
    """
    global _world, _timeout
    if backend != "mpi":
        raise ValueError(f"init: needs the backend 'mpi', got {backend!r}")
    if _world is not None or not is_launched():
        return
    try:
        from mpi4py import MPI
    except ImportError:
        raise ImportError("several processes need mpi4py: pip install 'hello-dl[mpi]'") from None
    _world = MPI.COMM_WORLD
    _timeout = timeout.total_seconds() if isinstance(timeout, timedelta) else float(timeout)
    sys.excepthook = _end_all
    here = _world.Split_type(MPI.COMM_TYPE_SHARED).Get_size()
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if _core.get_num_threads() == cores:  # nobody has set another number
        _core.set_num_threads(max(1, cores // here))


def rank() -> int:
    """Return the number of this process, from 0. Process 0 alone writes files."""
    return 0 if _world is None else int(_world.Get_rank())


def world_size() -> int:
    """Return how many processes there are; 1 if this one is alone."""
    return 1 if _world is None else int(_world.Get_size())


def timeout() -> float:
    """Return how many seconds a process waits for the others."""
    return _timeout


def world() -> Any:
    """Return MPI's communicator of all processes; None if this process is alone."""
    return _world


def abort(words: str) -> None:
    """Write words about an error to stderr, and end all processes at once.

    An error that all processes have is told once: the others wait a moment for process 0 to end them.
    """
    if world_size() > 1:
        if rank() > 0:
            time.sleep(PATIENCE)
        print(f"process {rank()} of {world_size()}: {words}; all processes end", file=sys.stderr, flush=True)
    if _world is not None:
        last = threading.Timer(LAST, os._exit, [1])  # if MPI cannot reach the others to end them
        last.daemon = True
        last.start()
        _world.Abort(1)


@contextmanager
def ending_together() -> Iterator[None]:
    """In this block, an error of this process ends all of them; a process alone has its error as ever."""
    try:
        yield
    except Exception as error:
        if world_size() > 1:
            abort(" ".join(f"{type(error).__name__}: {error}".split()))
        raise


def _end_all(kind: type[BaseException], error: BaseException, where: TracebackType | None) -> None:
    """Show an error that nobody has caught, and end all processes."""
    if rank() == 0 or world_size() == 1:
        sys.__excepthook__(kind, error, where)
    abort(" ".join(f"{kind.__name__}: {error}".split()))
