"""hello_dl.func is torch.func: the same functions of functions, nested as one likes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import hello_dl
from hello_dl import func, nn

RNG = np.random.default_rng(0)
X, W = (RNG.normal(size=shape).astype(np.float32) for shape in ((3, 4), (4, 2)))


def same(a: Any, b: Any) -> None:
    """Compare tensors, or structures of them."""
    if isinstance(b, dict):
        assert a.keys() == b.keys()
        for key in b:
            same(a[key], b[key])
    elif isinstance(b, tuple | list):
        assert len(a) == len(b)
        for x, y in zip(a, b, strict=True):
            same(x, y)
    elif isinstance(b, str):
        assert a == b
    else:
        assert tuple(a.shape) == tuple(b.shape)
        assert a.requires_grad == b.requires_grad
        np.testing.assert_allclose(a.detach(), b.detach(), rtol=1e-4, atol=1e-5)


def loss(x: Any, w: Any) -> Any:
    return ((x @ w).tanh() ** 2).sum()


CALLS: dict[str, Any] = {
    "grad": lambda f, x, w: f.grad(loss)(x, w),
    "grad by both": lambda f, x, w: f.grad(loss, argnums=(0, 1))(x, w),
    "grad of dicts": lambda f, x, w: f.grad(lambda p: loss(p["x"], p["w"]))({"x": x, "w": w}),
    "grad with more": lambda f, x, w: f.grad(lambda x: (loss(x, w), x.exp()), has_aux=True)(x),
    "grad and value": lambda f, x, w: f.grad_and_value(loss, 1)(x, w),
    "value and more": lambda f, x, w: f.grad_and_value(lambda x: (loss(x, w), x.exp()), has_aux=True)(x),
    "grad of grad": lambda f, x, w: f.grad(lambda t: f.grad(lambda s: (s**4 * x).sum())(t) * t)(w.sum()),
    "three times": lambda f, x, w: f.grad(f.grad(f.grad(lambda t: t.exp() * t)))(x[0, 0]),
    "grad of a leaf": lambda f, x, w: f.grad(loss)(x.requires_grad_(), w),
    "grad beside a leaf": lambda f, x, w: f.grad(loss)(x, w.requires_grad_()),
    "vjp": lambda f, x, w: f.vjp(lambda x, w: x @ w, x, w)[1]((x @ w).exp()),
    "vjp's value": lambda f, x, w: f.vjp(lambda x: x.exp(), x)[0],
    "jvp": lambda f, x, w: f.jvp(lambda x, w: (x @ w).sin(), (x, w), (x + 1, w * 2)),
    "jvp of a dict": lambda f, x, w: f.jvp(lambda x: {"a": x.sin(), "b": x.sum()}, (x,), (x + 1,)),
    "jacrev": lambda f, x, w: f.jacrev(lambda x, w: (x @ w).sin(), argnums=(0, 1))(x, w),
    "jacrev with more": lambda f, x, w: f.jacrev(lambda x: (x.sin(), x.exp()), has_aux=True)(x[0]),
    "jacfwd": lambda f, x, w: f.jacfwd(lambda x, w: (x @ w).sin(), argnums=1)(x, w),
    "jacfwd by both": lambda f, x, w: f.jacfwd(lambda x, w: (x @ w).sin(), argnums=(0, 1))(x, w),
    "hessian": lambda f, x, w: f.hessian(loss)(x, w),
    "hessian by both": lambda f, x, w: f.hessian(loss, (0, 1))(x, w),
    "jacobians of several": lambda f, x, w: [
        jacobian(lambda x: {"a": x.sin(), "b": (x.sum(), x * x)})(x[0]) for jacobian in (f.jacrev, f.jacfwd)
    ],
    "jacrev of jacrev": lambda f, x, w: f.jacrev(f.jacrev(lambda w: loss(x, w)))(w),
    "a gradient for each sample": lambda f, x, w: f.vmap(f.grad(loss, 1), in_dims=(0, None))(x, w),
    "vmap": lambda f, x, w: f.vmap(lambda a, b: (a @ w, {"b": b}), in_dims=(0, 1), out_dims=(1, 0))(x, x.t()),
}


@pytest.mark.filterwarnings("ignore:.*torch.jit.script:DeprecationWarning")
@pytest.mark.parametrize("name", CALLS)
def test_it_is_what_torch_says(name: str) -> None:
    torch = pytest.importorskip("torch")
    same(
        CALLS[name](func, hello_dl.tensor(X), hello_dl.tensor(W)),
        CALLS[name](torch.func, torch.tensor(X), torch.tensor(W)),
    )


def test_a_network_as_a_function_of_its_weights() -> None:
    torch = pytest.importorskip("torch")
    results = []
    for h, f in ((hello_dl, func), (torch, torch.func)):
        net = h.nn.Sequential(h.nn.Linear(4, 3), h.nn.Tanh(), h.nn.Linear(3, 1))
        start = np.random.default_rng(1)
        weights = {
            name: h.tensor(start.normal(size=tuple(p.shape)).astype(np.float32)).requires_grad_()
            for name, p in net.named_parameters()
        }
        x = h.tensor(X)

        def step(loss: Any, weights: Any, h: Any = h) -> Any:
            slopes = h.autograd.grad(loss, list(weights.values()), create_graph=True)
            return {name: w - 0.1 * g for (name, w), g in zip(weights.items(), slopes, strict=True)}

        later = step((f.functional_call(net, weights, (x,)) ** 2).mean(), weights)
        (f.functional_call(net, later, x).exp().mean()).backward()
        assert all(p.grad is None for p in net.parameters())
        results.append({name: w.grad for name, w in weights.items()})
    same(*results)


def test_the_module_keeps_its_own_weights() -> None:
    net = nn.Sequential(nn.Linear(4, 3), nn.BatchNorm1d(3))
    before = {name: p.id for name, p in net.named_parameters()}
    zeros = {"0.weight": hello_dl.zeros(3, 4), "1.running_mean": hello_dl.ones(3)}
    func.functional_call(net.eval(), zeros, hello_dl.tensor(X))
    assert {name: p.id for name, p in net.named_parameters()} == before
    assert net.state_dict()["1.running_mean"].tolist() == [0.0] * 3
    with pytest.raises(ValueError, match=r"the module has no 5\.weight"):
        func.functional_call(net, {"5.weight": hello_dl.zeros(1)}, hello_dl.tensor(X))
    with pytest.raises(ValueError, match=r"strict, but 0\.bias, .* are not given"):
        func.functional_call(net, zeros, hello_dl.tensor(X), strict=True)
    assert {name: p.id for name, p in net.named_parameters()} == before


def test_what_makes_no_sense_is_refused() -> None:
    x = hello_dl.tensor(X)
    with pytest.raises(ValueError, match=r"grad: needs a func that returns one number, got shape \(3, 4\)"):
        func.grad(lambda x: x * 2)(x)
    with pytest.raises(TypeError, match="grad: needs a func that returns a tensor, got int"):
        func.grad(lambda x: 3)(x)
    with pytest.raises(TypeError, match="needs tensors, or dicts, lists or tuples of them, got str"):
        func.grad(lambda x: 3)("x")
    with pytest.raises(TypeError, match="as many tangents"):
        func.jvp(lambda x: x, (x,), ())
    with pytest.raises(ValueError, match=r"vmap: needs one number of samples, got \[3, 4\]"):
        func.vmap(lambda a, b: a)(x, x.t())
    with pytest.raises(AttributeError, match=r"no func\.linearize"):
        func.linearize  # noqa: B018
