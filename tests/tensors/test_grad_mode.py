"""The switches that turn the recording of gradients on and off."""

from __future__ import annotations

import pytest

import hello_dl as h
from same import leaf


def test_the_gradient_switches_nest_and_decorate() -> None:
    x = leaf(2)

    @h.no_grad()
    def cut() -> h.Tensor:
        return x * 2

    assert not cut().requires_grad
    assert h.is_grad_enabled()
    with h.no_grad():
        with h.enable_grad():
            assert (x * 2).requires_grad
        assert not (x * 2).requires_grad
        with h.set_grad_enabled(True):
            assert (x * 2).requires_grad
    with pytest.raises(RuntimeError), h.inference_mode():
        raise RuntimeError
    assert h.is_grad_enabled()
    h.set_grad_enabled(False)
    assert not h.is_grad_enabled()


def test_switches_decorate_without_brackets() -> None:
    x = leaf(2)

    @h.enable_grad
    def recorded() -> h.Tensor:
        return x * 2

    @h.inference_mode
    def cut() -> h.Tensor:
        return x * 2

    with h.no_grad():
        assert recorded().requires_grad
    assert not cut().requires_grad
    with h.inference_mode(False):
        assert (x * 2).requires_grad
