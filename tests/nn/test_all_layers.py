"""Every row of the table of layers has PyTorch's repr, names of parameters, results and gradients."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import hello_dl
from cases_modules import LAYERS, Layer, made
from hello_dl import nn

pytestmark = pytest.mark.filterwarnings("ignore")  # both say what reductions and old words mean


def random_state(layer: Any, rng: np.random.Generator) -> dict[str, Any]:
    """Return numbers for a layer's state that are nowhere at their start; variances are positive."""
    state: dict[str, Any] = {}
    for name, t in layer.state_dict().items():
        if name.endswith("num_batches_tracked"):
            state[name] = np.array(3)
        else:
            numbers = rng.normal(size=tuple(t.shape)).astype(np.float32)
            state[name] = numbers**2 + 0.1 if "var" in name else 0.5 * numbers
    return state


def of_numbers(make: Any, numbers: np.ndarray[Any, Any]) -> Any:
    """Return a tensor, which records gradients if it is of real numbers."""
    t = make(numbers)
    if numbers.dtype == np.float32:
        t.requires_grad = True
    return t


@pytest.mark.parametrize("case", LAYERS, ids=str)
def test_a_layer_is_pytorchs(case: Layer) -> None:
    torch = pytest.importorskip("torch")
    mine, theirs = (getattr(m, case.name)(*case.args, **case.settings) for m in (nn, torch.nn))
    if "Transformer" not in case.name:  # there PyTorch prints an attention layer's parts
        assert repr(mine) == repr(theirs)
    assert [(k, tuple(t.shape)) for k, t in mine.state_dict().items()] == [
        (k, tuple(t.shape)) for k, t in theirs.state_dict().items()
    ]
    rng = np.random.default_rng(len(str(case)))
    for kinds in case.inputs:
        state = random_state(mine, rng)
        mine.load_state_dict(state)
        theirs.load_state_dict({k: torch.as_tensor(v) for k, v in state.items()})
        for training in (True, False):
            mine.train(training), theirs.train(training)
            same_results(torch, mine, theirs, [made(kind, rng) for kind in kinds], rng)


def same_results(torch: Any, mine: Any, theirs: Any, inputs: list[Any], rng: np.random.Generator) -> None:
    """Compare value, gradients of inputs and parameters, and what the layer keeps."""
    a, b = ([of_numbers(make, x) for x in inputs] for make in (hello_dl.tensor, torch.tensor))
    y, z = mine(*a), theirs(*b)
    assert tuple(y.shape) == tuple(z.shape)
    np.testing.assert_allclose(y.numpy(), z.detach().numpy(), rtol=1e-4, atol=2e-5)
    v = rng.normal(size=tuple(y.shape)).astype(np.float32)
    mine.zero_grad(), theirs.zero_grad()
    (y * hello_dl.tensor(v)).sum().backward(), (z * torch.tensor(v)).sum().backward()
    names = [*(f"input {i}" for i in range(len(a))), *(k for k, _ in theirs.named_parameters())]
    ours, others = [*a, *mine.parameters()], [*b, *theirs.parameters()]
    for name, p, q in zip(names, ours, others, strict=True):
        assert (p.grad is None) == (q.grad is None), name
        if q.grad is not None:
            np.testing.assert_allclose(p.grad.numpy(), q.grad.numpy(), rtol=1e-3, atol=2e-4, err_msg=name)
    for k, t in theirs.state_dict().items():
        np.testing.assert_allclose(mine.state_dict()[k].numpy(), t.numpy(), rtol=1e-4, atol=1e-5, err_msg=k)


def test_a_wrong_layer_is_seen() -> None:
    torch = pytest.importorskip("torch")
    mine, theirs = nn.LeakyReLU(0.2), torch.nn.LeakyReLU(0.1)
    with pytest.raises(AssertionError):
        same_results(torch, mine, theirs, [np.array([-1, 1], np.float32)], np.random.default_rng(0))
