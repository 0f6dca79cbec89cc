"""Losses of two shapes warn and are broadcast, as in PyTorch; layers may have no inputs or no outputs."""

from __future__ import annotations

import numpy as np
import pytest

import hello_dl as h
from hello_dl import functional as F
from hello_dl import nn

LOSSES = ("mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss")


@pytest.mark.parametrize("name", LOSSES)
def test_two_shapes_warn_and_are_broadcast(name: str) -> None:
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(0)
    a, b = (rng.standard_normal(shape).astype(np.float32) for shape in ((3, 1), (3,)))
    x, y = h.tensor(a, requires_grad=True), h.tensor(b, requires_grad=True)
    u, v = (torch.tensor(numbers, requires_grad=True) for numbers in (a, b))
    with pytest.warns(
        UserWarning, match=rf"{name}: the target's shape \(3,\) differs from the input's \(3, 1\)"
    ):
        ours = getattr(F, name)(x, y)
    with pytest.warns(UserWarning, match="different to the input size"):
        theirs = getattr(torch.nn.functional, name)(u, v)
    assert ours.item() == pytest.approx(theirs.item(), rel=1e-5)
    (ours * ours).backward()
    (theirs * theirs).backward()
    for mine, other in ((x, u), (y, v)):
        np.testing.assert_allclose(mine.grad.numpy(), other.grad.numpy(), rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("name", LOSSES)
def test_shapes_that_do_not_broadcast_are_refused(name: str) -> None:
    with pytest.warns(UserWarning, match="differs"), pytest.raises(ValueError, match=r"\(2,\) and \(3,\)"):
        getattr(F, name)(h.zeros(2), h.zeros(3))


def test_a_layer_may_have_no_inputs_or_no_outputs() -> None:
    assert nn.Linear(3, 0)(h.zeros(2, 3)).shape == (2, 0)
    layer = nn.Linear(0, 3)
    assert layer(h.zeros(2, 0)).numpy().tolist() == [[0.0] * 3] * 2
    with pytest.raises(ValueError, match="out_features of at least 0, got -1"):
        nn.Linear(3, -1)


def test_permute_needs_axes() -> None:
    with pytest.raises(TypeError, match="permute: needs the axes"):
        h.tensor(3.0).permute()
    assert h.tensor(3.0).permute(()).shape == ()
