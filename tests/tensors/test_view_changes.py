"""Every kind of view with every change in place, of the view and of its base, agrees with PyTorch."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import hello_dl as h

A = np.random.default_rng(0).standard_normal((3, 4)).astype(np.float32)
G = np.random.default_rng(1).standard_normal(24).astype(np.float32)  # gradients to hand in

TAKE: dict[str, Callable[[Any], Any]] = {
    "x[1]": lambda x: x[1],
    "x[-1]": lambda x: x[-1],
    "x[0:2]": lambda x: x[0:2],
    "x[:, 1]": lambda x: x[:, 1],
    "x[..., ::2]": lambda x: x[..., ::2],
    "x[1:, 1:3]": lambda x: x[1:, 1:3],
    "x[::2, 1::2]": lambda x: x[::2, 1::2],
    "x[2:2]": lambda x: x[2:2],
    "x[1, 2]": lambda x: x[1, 2],
    "x[None, 1]": lambda x: x[None, 1],
    "x[1:2, :, None]": lambda x: x[1:2, :, None],
    "x[:]": lambda x: x[:],
    "x[...]": lambda x: x[...],
    "view": lambda x: x.view(2, -1),
    "view_as": lambda x: x.view_as(x),
    "reshape": lambda x: x.reshape(-1, 2),
    "flatten": lambda x: x.flatten(),
    "unflatten": lambda x: x.unflatten(1, (2, -1)),
    "squeeze": lambda x: x.squeeze(),
    "unsqueeze": lambda x: x.unsqueeze(1),
    "t": lambda x: x.t(),
    "T": lambda x: x.T,
    "mT": lambda x: x.mT,
    "transpose": lambda x: x.transpose(0, 1),
    "transpose of one axis": lambda x: x.transpose(0, 0),
    "permute": lambda x: x.permute(1, 0),
    "swapaxes": lambda x: x.swapaxes(0, -1),
    "movedim": lambda x: x.movedim(0, 1),
    "expand to its own shape": lambda x: x.expand(3, 4),
    "select": lambda x: x.select(0, 1),
    "narrow": lambda x: x.narrow(1, 1, 2),
    "chunk": lambda x: x.chunk(2, 1)[1],
    "split": lambda x: x.split([1, 3], 1)[1],
    "unbind": lambda x: x.unbind(0)[2],
    "loop": lambda x: list(x)[1],
    "detach": lambda x: x.detach(),
    "detach()[1]": lambda x: x.detach()[1],
    "contiguous": lambda x: x.contiguous(),
    "float": lambda x: x.float(),
}
COPIES: dict[str, Callable[[Any], Any]] = {
    "clone": lambda x: x.clone(),
    "repeat": lambda x: x.repeat(1, 1),
    "contiguous after t": lambda x: x.t().contiguous(),
    "reshape after t": lambda x: x.t().reshape(-1),
    "x[[0, 2]]": lambda x: x[[0, 2]],
}


def plus_equals(v: Any, m: Any) -> None:
    """Change v by an operator."""
    del m
    v += 2


CHANGE: dict[str, Callable[[Any, Any], Any]] = {
    "+=": plus_equals,
    "fill_": lambda v, m: v.fill_(3.0),
    "zero_": lambda v, m: v.zero_(),
    "add_": lambda v, m: v.add_(1.5, alpha=2),
    "sub_": lambda v, m: v.sub_(v * 0.5),
    "mul_": lambda v, m: v.mul_(2.0),
    "div_": lambda v, m: v.div_(2.0),
    "pow_": lambda v, m: v.pow_(2),
    "exp_": lambda v, m: v.exp_(),
    "relu_": lambda v, m: v.relu_(),
    "clamp_": lambda v, m: v.clamp_(-0.5, 0.5),
    "lerp_": lambda v, m: v.lerp_(m.zeros(v.shape), 0.25),
    "addcmul_": lambda v, m: v.addcmul_(m.ones(v.shape), m.ones(v.shape), value=0.5),
    "addcdiv_": lambda v, m: v.addcdiv_(m.ones(v.shape), m.ones(v.shape) * 4),
    "masked_fill_": lambda v, m: v.masked_fill_(v > 0, 9.0),
    "copy_": lambda v, m: v.copy_(m.zeros(v.shape) + 4),
    "v[...] = y": lambda v, m: v.__setitem__(..., 7.0),
    "v[0] = y": lambda v, m: v.__setitem__(0, 7.0),
    "v[v > 0] = y": lambda v, m: v.__setitem__(v > 0, 7.0),
}
BASES = ["leaf", "computed", "result", "parameter", "recorded"]


def made(kind: str, m: Any) -> tuple[Any, Any]:
    """Return a tensor of this kind in this library, and the leaf that gets its gradient, if any."""
    x = m.tensor(A)
    if kind in ("parameter", "recorded"):
        x.requires_grad_()
        return (x, x) if kind == "parameter" else (x * 1.5, x)
    if kind != "leaf":
        x = x * 1.0
    if kind == "computed":
        x.tolist()
    return x, None


def outcome(
    m: Any, kind: str, take: Any, change: Any, of_base: bool, recorded: bool
) -> dict[str, Any] | None:
    """Take a view, change it or its base; return all numbers and the gradient, or None if it is refused."""
    x, leaf = made(kind, m)
    other, another = x[1:], x.t()
    try:
        v = take(x)
        with m.enable_grad() if recorded else m.no_grad():
            change(x if of_base else v, m)
    except (ValueError, RuntimeError, IndexError, TypeError):
        return None
    named = {"base": x, "view": v, "rows": other, "turned": another}
    found = {name: t.detach().numpy().copy() for name, t in named.items()}
    if leaf is not None:
        total = sum((t * m.tensor(G[: t.numel()]).reshape(t.shape)).sum() for t in (x, v, other))
        total.backward()
        found["gradient"] = leaf.grad.numpy()
    return found


@pytest.mark.parametrize("recorded", [True, False], ids=["recorded", "no_grad"])
@pytest.mark.parametrize("of_base", [False, True], ids=["view", "base"])
@pytest.mark.parametrize("kind", BASES)
def test_a_change_is_seen_by_all_that_share_the_numbers(kind: str, of_base: bool, recorded: bool) -> None:
    torch = pytest.importorskip("torch")
    compared = 0
    for name, take in {**TAKE, **COPIES}.items():
        for how, change in CHANGE.items():
            try:
                with warnings.catch_warnings(action="ignore"):
                    theirs = outcome(torch, kind, take, change, of_base, recorded)
            except RuntimeError:
                continue  # PyTorch cannot differentiate: it has overwritten what it needs for it
            try:
                ours = outcome(h, kind, take, change, of_base, recorded)
            except ValueError as error:
                if name in COPIES and "was changed in place" in str(error):
                    continue  # computed, or differentiated, after what it was copied from has changed
                raise
            assert (ours is None) == (theirs is None), (name, how)
            for part, numbers in (theirs or {}).items():
                assert np.allclose(ours[part], numbers, 1e-4, 1e-5), (name, how, part)
            compared += 1
    assert compared > 0.75 * len(TAKE) * len(CHANGE)
