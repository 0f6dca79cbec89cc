"""Sizes whose products do not fit 64 bits are refused: they would become small numbers in silence."""

from __future__ import annotations

from collections.abc import Callable

import pytest

import hello_dl as h
from hello_dl import functional as F

HUGE = 2**62


def image(side: int = 4) -> h.Tensor:
    return h.ones(1, 1, side, side)


@pytest.mark.parametrize(
    "make",
    [
        lambda: h.ones(1).expand(2**40, 2**40),
        lambda: h.zeros(0).reshape(2**40, 2**40),
        lambda: F.linear(h.ones(1, 1).expand(2**47, 1), h.ones(4, 1)),
    ],
)
def test_more_numbers_than_a_machine_can_address_are_refused(make: Callable[[], h.Tensor]) -> None:
    with pytest.raises(ValueError, match=r"needs a shape of at most 2\^48 numbers, got \("):
        make()


@pytest.mark.parametrize(
    ("make", "argument"),
    [
        (lambda n: F.conv2d(image(), h.ones(1, 1, 3, 3), stride=n), "stride from 1"),
        (lambda n: F.conv2d(image(), h.ones(1, 1, 3, 3), padding=(1, n)), "padding from 0"),
        (lambda n: F.conv2d(image(), h.ones(1, 1, 3, 3), dilation=n), "dilation from 1"),
        (lambda n: F.max_pool2d(image(), n), "kernel_size from 1"),
        (lambda n: F.max_pool2d(image(), 2, (n, 1)), "stride from 1"),
        (lambda n: F.max_pool2d(image(), 2, padding=n), "padding from 0"),
        (lambda n: F.avg_pool2d(image(), n), "kernel_size from 1"),
        (lambda n: F.avg_pool2d(image(), 2, n), "stride from 1"),
        (lambda n: F.avg_pool2d(image(), 2, padding=(0, n)), "padding from 0"),
    ],
)
@pytest.mark.parametrize("number", [HUGE, 2**24 + 1, -1, -HUGE])
def test_windows_too_large_or_too_small_are_refused(
    make: Callable[[int], h.Tensor], argument: str, number: int
) -> None:
    with pytest.raises(ValueError, match=rf"needs {argument} to 16777216, got {number}"):
        make(number)


def test_a_padding_that_no_memory_holds_is_refused() -> None:
    with pytest.raises(ValueError, match=r"2\^48 numbers"):
        F.conv2d(image(), h.ones(1, 1, 3, 3), padding=2**24)


def test_a_large_window_costs_only_the_pixels_inside() -> None:
    assert F.max_pool2d(image(), 2**24, padding=2**23).item() == 1


@pytest.mark.parametrize("pool", [F.max_pool2d, F.avg_pool2d])
def test_the_last_window_may_reach_beyond_a_small_image(pool: Callable[..., h.Tensor]) -> None:
    assert pool(image(2), 3, 2, ceil_mode=True).tolist() == [[[[1]]]]
    with pytest.raises(ValueError, match="at least as large as the window of 3"):
        pool(image(2), 3, 2)
    with pytest.raises(ValueError, match="at least one pixel"):
        pool(h.ones(1, 1, 0, 4), 2, padding=1)


def test_far_steps_and_far_diagonals_are_no_overflow() -> None:
    assert h.arange(4)[:: 2**63 - 1].tolist() == [0]
    assert h.arange(6).reshape(3, 2)[1 :: 2**62].tolist() == [[2, 3]]
    assert h.ones(2, 3).tril(2**63 - 1).sum().item() == 6
    assert h.ones(2, 3).triu(2**63 - 1).sum().item() == 0
    assert h.ones(2, 3).tril(-(2**63)).sum().item() == 0
    assert h.ones(2, 3).triu(-(2**63)).sum().item() == 6
