"""torch.profiler: measures the time of a block as a whole, so that programs with a profiler run.

Single operations are not seen: the engine computes a graph at once, and hello_dl.last_run() tells how.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

ProfilerActivity = SimpleNamespace(CPU="CPU", CUDA="CUDA", XPU="XPU")


class record_function:
    """Measure the time of a `with` block under a name."""

    def __init__(self, name: str, args: Any = None) -> None:
        del args
        self.name = name

    def __enter__(self) -> record_function:
        self._start = time.perf_counter()
        return self

    def __exit__(self, *_: object) -> None:
        if profile.current is not None:
            profile.current.spans.append((self.name, time.perf_counter() - self._start))


class profile:
    """Measure the time of a `with` block, and of each record_function within it."""

    current: profile | None = None

    def __init__(self, *_: Any, on_trace_ready: Callable[[profile], object] | None = None, **__: Any) -> None:
        self.spans: list[tuple[str, float]] = []  # name and seconds
        self._on_trace_ready = on_trace_ready

    def start(self) -> None:
        """Begin to measure."""
        profile.current, self._start = self, time.perf_counter()

    def stop(self) -> None:
        """End the measurement."""
        self.spans.append(("whole block", time.perf_counter() - self._start))
        profile.current = None
        if self._on_trace_ready is not None:
            self._on_trace_ready(self)

    def __enter__(self) -> profile:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def step(self) -> None:
        """Do nothing: steps are not told apart."""

    def key_averages(self, *_: Any, **__: Any) -> profile:
        """Return the profile itself, whose table() shows the times."""
        return self

    def table(self, *_: Any, **__: Any) -> str:
        """Return a line for each name: how often it ran, and milliseconds in all."""
        names = dict.fromkeys(name for name, _ in self.spans)
        lines = [f"{'Name':<40} {'Calls':>8} {'CPU total':>12}"]
        for name in names:
            times = [seconds for other, seconds in self.spans if other == name]
            lines.append(f"{name:<40} {len(times):>8} {sum(times) * 1e3:>9.3f} ms")
        return "\n".join(lines)

    def total_average(self) -> profile:
        """Return the profile itself."""
        return self

    def export_chrome_trace(self, path: str) -> None:
        """Refuse: there is no trace of single operations. NotImplementedError."""
        raise NotImplementedError(
            f"export_chrome_trace: hello_dl has no trace of operations to write to {path}"
        )

    __str__ = table


def schedule(**_: Any) -> None:
    """Do nothing: steps are not told apart."""


def tensorboard_trace_handler(*_: Any, **__: Any) -> Callable[[profile], None]:
    """Return a function that writes nothing: there is no trace of single operations."""
    return lambda _: None


class emit_nvtx(profile):
    """Measure nothing of an accelerator, since there is none."""
