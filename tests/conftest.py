"""What every test starts from: the same seed, and the engine's switches as they were when it ends."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

import hello_dl
from hello_dl import _core

# Tests that are started in the background may have Ctrl-C ignored; what they start would inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def fresh_engine() -> Iterator[None]:
    threads = _core.get_num_threads()
    hello_dl.manual_seed(0)
    yield
    _core.set_num_threads(threads)
    _core.set_slice_units(0)
    _core.set_grad_enabled(True)
