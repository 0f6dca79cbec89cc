"""Runs heavy work one after the other in another process, with a limited queue.

The process keeps the page's answers quick, since one evaluation of the engine runs at a time; and if it dies,
it is replaced, and only the work that it did is lost.
"""

from __future__ import annotations

import asyncio
import multiprocessing
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any, TypeVar

from fastapi import HTTPException

T = TypeVar("T")


class Busy(Exception):
    """As much work waits as is allowed."""


async def answer(workers: Workers, function: Callable[..., T], *arguments: Any) -> T:
    """Return function(*arguments) for a request. 503: too much waits, or the process died; 422: refused."""
    try:
        return await workers.run(function, *arguments)
    except (Busy, RuntimeError) as error:
        raise HTTPException(503, str(error)) from None
    except ValueError as error:
        raise HTTPException(422, str(error)) from None


class Workers:
    """One process for heavy work: `await workers.run(function, ...)`; `most` calls may wait."""

    def __init__(self, most: int) -> None:
        self.most, self.waiting = most, 0
        self._turn = asyncio.Lock()
        self._pool: ProcessPoolExecutor | None = None

    async def run(self, function: Callable[..., T], *arguments: Any) -> T:
        """Return function(*arguments), computed in the process. Both must be picklable.

        Raises Busy if too much waits, RuntimeError if the process died, and what the function raised.
        """
        if self.waiting > self.most:
            raise Busy(f"{self.waiting} photos wait already; try again when some are read")
        self.waiting += 1
        try:
            async with self._turn:
                loop = asyncio.get_running_loop()
                try:
                    return await loop.run_in_executor(self._started(), function, *arguments)
                except BrokenProcessPool:
                    self.stop()
                    raise RuntimeError("the process that read this died (out of memory?)") from None
        finally:
            self.waiting -= 1

    def _started(self) -> ProcessPoolExecutor:
        if self._pool is None:
            self._pool = ProcessPoolExecutor(1, multiprocessing.get_context("spawn"))
        return self._pool

    def stop(self) -> None:
        """End the process; work that waits is dropped."""
        if self._pool is not None:
            processes = list((getattr(self._pool, "_processes", None) or {}).values())
            self._pool.shutdown(wait=False, cancel_futures=True)
            for process in processes:
                process.terminate()
            self._pool = None
