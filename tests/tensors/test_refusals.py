"""What does not fit is a ValueError, and a RuntimeError, too, as programs written for PyTorch catch it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

import hello_dl as h
from hello_dl import nn

WRONG: dict[str, Callable[[], object]] = {
    "product": lambda: h.ones(2, 3) @ h.ones(2, 3),
    "sum": lambda: h.ones(3) + h.ones(4),
    "view": lambda: h.ones(2, 3).view(4, 2),
    "layer": lambda: nn.Linear(3, 2)(h.ones(2, 4)),
    "joined": lambda: h.cat([h.ones(2, 3), h.ones(3, 2)]),
    "truth of several": lambda: bool(h.ones(2)),
    "state": lambda: nn.Linear(3, 2).load_state_dict({}),
    "backward": lambda: h.ones(2).backward(),
}


@pytest.mark.parametrize("name", WRONG)
def test_refusals_are_both(name: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011  the messages are tested where they are raised
        WRONG[name]()
    assert isinstance(caught.value, RuntimeError)
    assert type(caught.value).__name__ == "ValueError"
