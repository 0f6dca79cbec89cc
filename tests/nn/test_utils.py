"""nn.utils: pruning, parametrizations, normalised weights and vectors of parameters, as in PyTorch."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest

import hello_dl as h
from hello_dl import nn
from hello_dl.nn.utils import parametrizations, parametrize, prune

torch = pytest.importorskip("torch")
pytest.importorskip("torch.nn.utils.prune")
pytestmark = pytest.mark.filterwarnings("ignore")  # PyTorch's newer names
RNG = np.random.default_rng(0)


def twins(make: Any) -> tuple[Any, Any]:
    """Return the same layer of both packages, with the same numbers."""
    mine, theirs = make(nn), make(torch.nn)
    theirs.load_state_dict({k: torch.tensor(v.numpy()) for k, v in mine.state_dict().items()})
    return mine, theirs


def names(layer: Any) -> list[tuple[str, tuple[int, ...]]]:
    return [(k, tuple(t.shape)) for k, t in layer.state_dict().items()]


def same(mine: Any, theirs: Any, *shape: int) -> None:
    """Compare names of the state, results, and gradients of all parameters."""
    assert names(mine) == names(theirs)
    x = RNG.normal(size=shape).astype(np.float32)
    y, z = mine(h.tensor(x)), theirs(torch.tensor(x))
    np.testing.assert_allclose(y.numpy(), z.detach().numpy(), rtol=1e-4, atol=1e-5)
    v = RNG.normal(size=tuple(y.shape)).astype(np.float32)
    (y * h.tensor(v)).sum().backward(), (z * torch.tensor(v)).sum().backward()
    for (name, p), q in zip(mine.named_parameters(), theirs.parameters(), strict=True):
        np.testing.assert_allclose(p.grad.numpy(), q.grad.numpy(), rtol=1e-3, atol=1e-4, err_msg=name)


LAYERS = [
    (lambda m: m.Linear(5, 4), (3, 5)),
    (lambda m: m.Conv2d(2, 4, 3), (2, 2, 6, 6)),
    (lambda m: m.ConvTranspose1d(2, 4, 3), (2, 2, 6)),
]


@pytest.mark.parametrize("dim", [0, 1, None])
@pytest.mark.parametrize(("make", "shape"), LAYERS)
@pytest.mark.parametrize("newer", [False, True])
def test_weight_norm(make: Any, shape: tuple[int, ...], dim: int | None, newer: bool) -> None:
    mine, theirs = twins(make)
    before = mine.weight.numpy().copy()
    path = (lambda m: m.nn.utils.parametrizations) if newer else (lambda m: m.nn.utils)
    for package, layer in ((h, mine), (torch, theirs)):
        assert path(package).weight_norm(layer, dim=dim) is layer
    np.testing.assert_allclose(mine.weight.numpy(), before, rtol=1e-5, atol=1e-7)
    same(mine, theirs, *shape)
    if newer:
        parametrize.remove_parametrizations(mine, "weight")
    else:
        nn.utils.remove_weight_norm(mine)
    assert sorted(k for k, _ in names(mine)) == ["bias", "weight"]
    assert isinstance(mine.weight, nn.Parameter)
    np.testing.assert_allclose(mine.weight.numpy(), before, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize(("make", "shape"), LAYERS)
@pytest.mark.parametrize("newer", [False, True])
def test_spectral_norm(make: Any, shape: tuple[int, ...], newer: bool) -> None:
    mine, theirs = twins(make)
    if newer:
        parametrizations.spectral_norm(mine), torch.nn.utils.parametrizations.spectral_norm(theirs)
    else:
        nn.utils.spectral_norm(mine), torch.nn.utils.spectral_norm(theirs)
    theirs.load_state_dict({k: torch.tensor(v.numpy()) for k, v in mine.state_dict().items()})
    same(mine, theirs, *shape)
    for _ in range(30):
        mine(h.zeros(*shape))
    axis = 1 if "Transpose" in repr(mine) else 0
    weight = np.moveaxis(mine.weight.detach().numpy(), axis, 0)
    largest = np.linalg.svd(weight.reshape(len(weight), -1))[1].max()
    assert abs(largest - 1) < 0.02
    mine.eval()
    state = {k: v.numpy().copy() for k, v in mine.state_dict().items()}
    mine(h.zeros(*shape))
    assert all(np.array_equal(state[k], v.numpy()) for k, v in mine.state_dict().items())


def test_a_parametrization_of_ones_own() -> None:
    def symmetric(m: Any) -> Any:
        class Symmetric(m.Module):  # type: ignore[misc]
            def forward(self, x: Any) -> Any:
                return x.triu() + x.triu(1).transpose(-1, -2)

            def right_inverse(self, x: Any) -> Any:
                return x.triu()

        return Symmetric()

    mine, theirs = twins(lambda m: m.Linear(4, 4))
    parametrize.register_parametrization(mine, "weight", symmetric(nn))
    torch.nn.utils.parametrize.register_parametrization(theirs, "weight", symmetric(torch.nn))
    assert type(mine).__name__ == type(theirs).__name__ == "ParametrizedLinear"
    assert parametrize.type_before_parametrizations(mine) is nn.Linear
    assert np.array_equal(mine.weight.numpy(), mine.weight.numpy().T)
    assert parametrize.is_parametrized(mine, "weight")
    assert not parametrize.is_parametrized(mine, "bias")
    same(mine, theirs, 3, 4)
    with parametrize.cached():
        assert mine.weight is mine.weight
    copied = copy.deepcopy(mine)
    mine.weight = h.eye(4)
    np.testing.assert_array_equal(mine.weight.numpy(), np.eye(4))
    assert not np.array_equal(copied.weight.numpy(), np.eye(4))
    parametrize.remove_parametrizations(mine, "weight")
    assert type(mine) is nn.Linear
    np.testing.assert_array_equal(mine.weight.numpy(), np.eye(4))
    with pytest.raises(ValueError, match="has no parameter 'scale' to parametrize"):
        parametrize.register_parametrization(mine, "scale", symmetric(nn))
    with pytest.raises(ValueError, match="needs the shape"):
        parametrize.register_parametrization(mine, "weight", nn.Flatten(0))


PRUNED: list[tuple[str, tuple[Any, ...]]] = [
    ("l1_unstructured", (0.3,)), ("l1_unstructured", (4,)), ("ln_structured", (0.5, 2, 0)),
    ("ln_structured", (1, 1, 1)), ("identity", ()),
]  # fmt: skip


@pytest.mark.parametrize(("how", "args"), PRUNED)
def test_pruning(how: str, args: tuple[Any, ...]) -> None:
    mine, theirs = twins(lambda m: m.Linear(6, 4))
    for _ in range(2):  # the second time only of what is left
        assert getattr(prune, how)(mine, "weight", *args) is mine
        getattr(torch.nn.utils.prune, how)(theirs, "weight", *args)
        np.testing.assert_array_equal(mine.weight_mask.numpy(), theirs.weight_mask.numpy())
    assert prune.is_pruned(mine)
    same(mine, theirs, 3, 6)
    kept = mine.weight.numpy().copy()
    prune.remove(mine, "weight"), torch.nn.utils.prune.remove(theirs, "weight")
    assert not prune.is_pruned(mine)
    np.testing.assert_array_equal(mine.weight.numpy(), kept)
    same(mine, theirs, 3, 6)


def test_pruning_at_random_and_by_a_mask_and_over_several_layers() -> None:
    layer = prune.random_unstructured(nn.Linear(10, 10), "weight", 0.25)
    assert int((layer.weight == 0).sum().item()) == 25
    prune.random_unstructured(layer, "weight", 25)
    assert int((layer.weight == 0).sum().item()) == 50
    prune.random_structured(layer, "bias", 2, 0)
    assert int((layer.bias == 0).sum().item()) == 2
    mine, theirs = twins(lambda m: m.Sequential(m.Linear(6, 4), m.Linear(4, 3)))
    for net, package in ((mine, prune), (theirs, torch.nn.utils.prune)):
        package.custom_from_mask(net[0], "bias", (h if package is prune else torch).tensor([1, 0, 1, 0]))
        package.global_unstructured(
            [(net[0], "weight"), (net[1], "weight")], pruning_method=package.L1Unstructured, amount=0.4
        )
    same(mine, theirs, 2, 6)
    with pytest.raises(ValueError, match="needs a share from 0 to 1"):
        prune.l1_unstructured(nn.Linear(2, 2), "weight", 1.5)
    with pytest.raises(ValueError, match="has no parameter 'scale'"):
        prune.l1_unstructured(nn.Linear(2, 2), "scale", 0.5)
    with pytest.raises(ValueError, match="has no pruned parameter 'weight'"):
        prune.remove(nn.Linear(2, 2), "weight")


def test_parameters_as_one_vector() -> None:
    net, other = nn.Linear(3, 2), nn.Linear(3, 2)
    vector = nn.utils.parameters_to_vector(net.parameters())
    assert vector.tolist() == [*net.weight.flatten().tolist(), *net.bias.tolist()]
    (vector * h.arange(8.0)).sum().backward()
    assert net.weight.grad.tolist() == [[0, 1, 2], [3, 4, 5]]
    nn.utils.vector_to_parameters(vector, other.parameters())
    assert np.array_equal(other.weight.numpy(), net.weight.numpy())
    assert isinstance(other.weight, nn.Parameter)
    with pytest.raises(ValueError, match="needs 8 numbers, got 3"):
        nn.utils.vector_to_parameters(h.ones(3), net.parameters())
