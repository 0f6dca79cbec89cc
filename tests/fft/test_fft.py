"""hello_dl.fft against PyTorch's complex numbers, seen as pairs: values and gradients."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import hello_dl
from hello_dl import fft

rng = np.random.default_rng(0)
LINES, PAIRS = rng.normal(size=(3, 7)), rng.normal(size=(3, 5, 2))


def agree(name: str, numbers: Any, **options: Any) -> bool:
    """Return whether values and gradients of a function agree with PyTorch's."""
    torch = pytest.importorskip("torch")
    theirs = torch.tensor(numbers, dtype=torch.float32, requires_grad=True)
    ours = hello_dl.tensor(numbers, requires_grad=True)
    a = getattr(torch.fft, name)(torch.view_as_complex(theirs) if numbers.ndim == 3 else theirs, **options)
    a = torch.view_as_real(a) if a.is_complex() else a
    b = getattr(fft, name)(ours, **options)
    seed = rng.normal(size=b.shape).astype(np.float32)
    a.backward(torch.tensor(seed))
    b.backward(hello_dl.tensor(seed))
    pairs = ((a, b), (theirs.grad, ours.grad))
    return all(np.allclose(x.detach().numpy(), y.detach().numpy(), atol=1e-4) for x, y in pairs)


@pytest.mark.parametrize("norm", [None, "ortho", "forward"])
@pytest.mark.parametrize("n", [None, 4, 9])
def test_fourier_transforms_are_pytorchs(norm: str | None, n: int | None) -> None:
    for dim in (0, -1):
        assert agree("rfft", LINES, n=n, norm=norm, dim=dim)
        for name in ("irfft", "fft", "ifft"):
            assert agree(name, PAIRS, n=n, norm=norm, dim=dim)
    assert agree("fft", LINES, n=n, norm=norm)


def test_there_and_back() -> None:
    x = hello_dl.tensor(LINES)
    assert np.allclose(fft.irfft(fft.rfft(x), n=7).numpy(), x.numpy(), atol=1e-5)
    assert fft.ifftshift(fft.fftshift(x)).equal(x)
    assert np.allclose(fft.rfftfreq(4, 0.5).numpy(), [0.0, 0.5, 1.0])


def test_refusals() -> None:
    with pytest.raises(ValueError, match=r"irfft: needs pairs \(\.\.\., frequencies, 2\)"):
        fft.irfft(hello_dl.ones(3, 5))
    with pytest.raises(ValueError, match="rfft: norm needs"):
        fft.rfft(hello_dl.ones(4), norm="half")
    with pytest.raises(AttributeError, match=r"torch\.fft\.hfft"):
        _ = fft.hfft
