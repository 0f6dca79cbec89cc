"""hello_dl.special against PyTorch: values and gradients of functions of one number, and known values."""

from __future__ import annotations

import math

import numpy as np
import pytest

import hello_dl
from hello_dl import special

rng = np.random.default_rng(0)
SHARES, NUMBERS = rng.uniform(0.05, 0.95, 9), rng.normal(size=9) * 4
OF_SHARES = ("entr", "logit", "ndtri", "erfinv", "gammaln", "psi", "log1p")
OF_NUMBERS = ("erfc", "expit", "i0", "log_ndtr", "ndtr", "sinc", "digamma", "gammaln", "erf", "exp2")


@pytest.mark.parametrize("name", [*OF_SHARES, *(f"{name} " for name in OF_NUMBERS)])
def test_special_functions_are_pytorchs(name: str) -> None:
    torch = pytest.importorskip("torch")
    numbers, name = (NUMBERS if name.endswith(" ") else SHARES), name.strip()
    theirs = torch.tensor(numbers, dtype=torch.float32, requires_grad=True)
    ours = hello_dl.tensor(numbers, requires_grad=True)
    a, b = getattr(torch.special, name)(theirs), getattr(special, name)(ours)
    seed = rng.normal(size=9).astype(np.float32)
    a.backward(torch.tensor(seed))
    b.backward(hello_dl.tensor(seed))
    assert np.allclose(a.detach().numpy(), b.detach().numpy(), rtol=1e-4, atol=1e-5)
    assert np.allclose(theirs.grad.numpy(), ours.grad.numpy(), rtol=1e-3, atol=1e-4)


def test_known_values() -> None:
    assert special.gammaln(hello_dl.tensor(5.0)).item() == pytest.approx(math.log(24))
    assert special.ndtr(hello_dl.tensor(0.0)).item() == 0.5
    assert special.xlogy(0, hello_dl.tensor(0.0)).item() == 0
    assert special.log_ndtr(hello_dl.tensor(-40.0)).item() == pytest.approx(-804.608, rel=1e-5)
    assert special.multigammaln(hello_dl.tensor(3.0), 1).item() == pytest.approx(math.log(2))


def test_what_is_missing_is_named() -> None:
    with pytest.raises(AttributeError, match=r"torch\.special\.airy_ai"):
        _ = special.airy_ai
