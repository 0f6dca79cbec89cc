"""What all tests share: the seed, the engine's switches as they were before, and `inside`."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

import hello_dl
from command import Answer, Inside
from hello_dl import _core
from hello_dl.commands.main import run

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


@pytest.fixture
def inside(capsys: pytest.CaptureFixture[str]) -> Inside:
    """Run hello-dl in this process, which is faster: for what is decided before much happens."""

    def call(*args: object) -> Answer:
        code = run([str(arg) for arg in args])
        return Answer(code, *capsys.readouterr())

    return call
