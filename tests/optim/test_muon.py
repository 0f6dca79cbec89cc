"""Muon against singular value decompositions, and against PyTorch's, which computes in bfloat16."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import hello_dl
from hello_dl import nn, optim
from hello_dl.optim.muon import orthogonal

rng = np.random.default_rng(0)
USUAL = (3.4445, -4.775, 2.0315)


@pytest.mark.parametrize("shape", [(4, 4), (3, 7), (9, 2), (1, 1)])
@pytest.mark.parametrize("steps", [1, 5])
def test_singular_values_go_through_a_polynomial_and_vectors_stay(shape: Any, steps: int) -> None:
    u = rng.normal(size=shape)
    left, s, right = np.linalg.svd(u, full_matrices=False)
    s = s / np.sqrt((s**2).sum())
    a, b, c = USUAL
    for _ in range(steps):
        s = a * s + b * s**3 + c * s**5
    y = orthogonal(u, USUAL, steps, 1e-7)
    np.testing.assert_allclose(y, left @ np.diag(s) @ right, rtol=1e-9, atol=1e-9)


def test_a_step_by_hand() -> None:
    w = nn.Parameter(np.asarray([[1.0, 2.0]], np.float32))
    optimizer = optim.Muon([w], lr=0.1, weight_decay=0.5, ns_coefficients=(1.0, 0.0, 0.0))
    w.grad = hello_dl.tensor([[3.0, 4.0]])  # the iteration changes nothing but its length, which is 1 then
    optimizer.step()
    np.testing.assert_allclose(w.detach(), [[0.95 - 0.06, 1.9 - 0.08]], rtol=1e-6)
    assert list(optimizer.state_dict()["state"][0]) == ["momentum_buffer"]
    np.testing.assert_allclose(
        optimizer.state_dict()["state"][0]["momentum_buffer"], [[0.15, 0.2]], rtol=1e-6
    )


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"nesterov": False, "weight_decay": 0.0, "momentum": 0.8},
        {"adjust_lr_fn": "match_rms_adamw", "ns_steps": 3},
        {"adjust_lr_fn": "original", "weight_decay": 0.3},
    ],
    ids=str,
)
@pytest.mark.parametrize("shape", [(6, 4), (5, 5), (3, 8)])
def test_steps_are_pytorchs_as_exactly_as_it_computes(shape: Any, settings: dict[str, Any]) -> None:
    torch = pytest.importorskip("torch")
    start = rng.normal(size=shape).astype(np.float32)
    mine, theirs = nn.Parameter(start.copy()), torch.nn.Parameter(torch.tensor(start))
    a, b = optim.Muon([mine], lr=0.1, **settings), torch.optim.Muon([theirs], lr=0.1, **settings)
    for _ in range(4):
        g = rng.normal(size=shape).astype(np.float32)
        mine.grad, theirs.grad = hello_dl.tensor(g), torch.tensor(g)
        a.step()
        b.step()
    moved = np.abs(mine.detach().numpy() - start).max()
    np.testing.assert_allclose(mine.detach(), theirs.detach(), atol=0.03 * moved)


def test_a_state_resumes() -> None:
    def walk(optimizer: Any, w: Any, seeds: range) -> None:
        for seed in seeds:
            w.grad = hello_dl.tensor(np.random.default_rng(seed).normal(size=(3, 2)).astype(np.float32))
            optimizer.step()

    straight, first = (nn.Parameter(np.ones((3, 2), np.float32)) for _ in range(2))
    walk(optim.Muon([straight]), straight, range(4))
    before = optim.Muon([first])
    walk(before, first, range(2))
    after = optim.Muon([first], lr=7.0)
    after.load_state_dict(before.state_dict())
    walk(after, first, range(2, 4))
    assert first.tolist() == straight.tolist()


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: optim.Muon([nn.Parameter([1.0])]), r"Muon: needs matrices as parameters, got shape \(1,\)"),
        (lambda: optim.Muon([nn.Parameter([[1.0]])], adjust_lr_fn="adam"), "adjust_lr_fn needs .*'adam'"),
        (lambda: optim.Muon([nn.Parameter([[1.0]])], momentum=-1.0), "momentum"),
        (
            lambda: optim.Adafactor([nn.Parameter([1.0])], beta2_decay=0.1),
            "beta2_decay of at most 0, got 0.1",
        ),
        (lambda: optim.Adafactor([nn.Parameter([1.0])], d=0.5), "Adafactor: .*d"),
    ],
)
def test_what_cannot_be_is_refused(make: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        make()


def test_sparse_adam_is_refused_with_what_to_use() -> None:
    with pytest.raises(AttributeError, match="SparseAdam; instead: Adam; gradients are never sparse here"):
        optim.SparseAdam  # noqa: B018
