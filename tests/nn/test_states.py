"""States of modules: hooks around taking and loading them, and lazy layers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import hello_dl as h
from hello_dl import nn, optim

CALLS = [
    "before taking 0.",
    "before taking ",
    "after taking ",
    "after taking 0.",
    "before loading 0. True",
    "after loading []",
]


def hooked(library: Any) -> list[str]:
    """Return what hooks of a network see, in one of both libraries."""
    seen: list[str] = []
    net = library.nn.Sequential(library.nn.Linear(2, 2), library.nn.Tanh())

    def rename(module: Any, state: Any, prefix: str, *rest: Any) -> None:
        del module
        seen.append(f"before loading {prefix} {rest[1]}")
        if "0.old" in state:
            state["0.weight"] = state.pop("0.old")

    net[0].register_state_dict_pre_hook(lambda m, prefix, keep: seen.append(f"before taking {prefix}"))
    net.register_state_dict_pre_hook(lambda m, prefix, keep: seen.append(f"before taking {prefix}"))
    net[0]._register_state_dict_hook(lambda m, s, prefix, meta: seen.append(f"after taking {prefix}"))
    net.register_state_dict_post_hook(lambda m, s, prefix, meta: seen.append(f"after taking {prefix}"))
    net[0].register_load_state_dict_pre_hook(rename)
    net.register_load_state_dict_post_hook(lambda m, keys: seen.append(f"after loading {keys[0]}"))
    state = dict(net.state_dict())
    state["0.old"] = state.pop("0.weight")
    net.load_state_dict(state)
    return seen


def test_hooks_see_states_as_in_pytorch() -> None:
    torch = pytest.importorskip("torch")
    assert sorted(hooked(h)) == sorted(hooked(torch)) == sorted(CALLS)


def test_hooks_change_states_and_can_be_removed() -> None:
    layer = nn.Linear(2, 3)
    handle = layer.register_state_dict_post_hook(lambda m, s, prefix, meta: {"renamed": s["weight"]})
    assert list(layer.state_dict()) == ["renamed"]
    handle.remove()
    assert list(layer.state_dict()) == ["weight", "bias"]
    layer._register_load_state_dict_pre_hook(lambda state, prefix, *rest: rest[-1].append("not today"))
    with pytest.raises(ValueError, match="does not fit this Linear: not today"):
        layer.load_state_dict(layer.state_dict())


LAZY = {
    "linear": (lambda: nn.LazyLinear(4), lambda: nn.Linear(3, 4), (2, 3)),
    "convolution in groups": (
        lambda: nn.LazyConv2d(6, 3, groups=3),
        lambda: nn.Conv2d(9, 6, 3, groups=3),
        (2, 9, 5, 5),
    ),
    "transposed": (lambda: nn.LazyConvTranspose1d(4, 2), lambda: nn.ConvTranspose1d(3, 4, 2), (2, 3, 5)),
    "norm": (lambda: nn.LazyBatchNorm1d(), lambda: nn.BatchNorm1d(3), (4, 3)),
    "norm without weights": (
        lambda: nn.LazyBatchNorm1d(affine=False),
        lambda: nn.BatchNorm1d(3, affine=False),
        (4, 3),
    ),
}


@pytest.mark.parametrize("name", LAZY)
def test_a_lazy_layer_takes_its_size_from_a_state(name: str) -> None:
    lazy, plain, shape = LAZY[name]
    layer, pattern = lazy(), plain()
    optimizer = optim.Adam(layer.parameters()) if list(layer.parameters()) else None
    assert repr(layer.load_state_dict(pattern.state_dict())) == "<All keys matched successfully>"
    assert type(layer) is type(pattern)
    x = h.randn(*shape)
    np.testing.assert_allclose(layer(x).detach(), pattern(x).detach())
    if optimizer is not None:
        (layer(x) ** 2).mean().backward()
        before = next(layer.parameters()).detach().clone()
        optimizer.step()
        assert (next(layer.parameters()) != before).any()


@pytest.mark.parametrize(
    "name", ["SGD", "Adam", "AdamW", "RMSprop", "Adagrad", "Adadelta", "NAdam", "Rprop", "ASGD", "LBFGS"]
)
def test_an_optimizer_may_be_made_before_the_size_is_known(name: str) -> None:
    losses = []
    for lazily in (True, False):
        h.manual_seed(0)
        net = nn.Sequential(nn.LazyLinear(5) if lazily else nn.Linear(3, 5), nn.Tanh(), nn.Linear(5, 1))
        x = h.linspace(-1, 1, 12).reshape(4, 3)
        if not lazily:
            optimizer = getattr(optim, name)(net.parameters(), lr=0.1)
        else:
            optimizer = getattr(optim, name)(net.parameters(), lr=0.1)
            net(x)
        for i, p in enumerate(net.parameters()):
            p.data.copy_(h.linspace(-1, 1, p.numel()).reshape(p.shape) * (i + 1) / 4)
        for _ in range(3):

            def closure(net: Any = net, x: Any = x, optimizer: Any = optimizer) -> Any:
                optimizer.zero_grad()
                loss = ((net(x) - 1) ** 2).mean()
                loss.backward()
                return loss

            loss = optimizer.step(closure)
        losses.append(float(loss))
    assert losses[0] == pytest.approx(losses[1], rel=1e-6)
