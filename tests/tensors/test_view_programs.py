"""Random programs that take views of views, change them in place and drop them agree with PyTorch."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import hello_dl as h

Step = Callable[
    [Any, Any, dict[str, Any]], Any
]  # a tensor, its library, and all other tensors of the program
SHAPES = [(3, 4), (2, 3, 4), (6,), (4, 2), (1, 3), (2, 1, 3)]


def a_view(r: random.Random, shape: tuple[int, ...]) -> Step:
    """Return a random way to take a view, or a copy, of a tensor of this shape."""
    ways: list[Step] = [
        lambda x, m, all: x[...],
        lambda x, m, all: x[None],
        lambda x, m, all: x.squeeze(),
        lambda x, m, all: x.unsqueeze(-1),
        lambda x, m, all: x.view(-1),
        lambda x, m, all: x.reshape(-1),
        lambda x, m, all: x.detach(),
        lambda x, m, all: x.contiguous(),
        lambda x, m, all: x.clone(),
    ]
    size = math.prod(shape)
    if size:
        parts = r.choice([k for k in range(1, size + 1) if size % k == 0])
        ways.append(lambda x, m, all: x.view(parts, size // parts))
        ways.append(lambda x, m, all: x.reshape(size // parts, parts))
    if size and shape:
        dim = r.randrange(len(shape))
        i, start = r.randrange(-shape[dim], shape[dim]), r.randrange(shape[dim])
        stop, step, pieces = (
            r.randrange(start, shape[dim] + 1),
            r.choice([1, 1, 2]),
            r.randrange(1, shape[dim] + 1),
        )
        key = (slice(None),) * dim
        order = r.sample(range(len(shape)), len(shape))
        ways += [
            lambda x, m, all: x[(*key, i)],
            lambda x, m, all: x[(*key, slice(start, stop, step))],
            lambda x, m, all: x.narrow(dim, start, stop - start),
            lambda x, m, all: x.select(dim, i),
            lambda x, m, all: x.split(pieces, dim)[-1],
            lambda x, m, all: x.chunk(pieces, dim)[0],
            lambda x, m, all: x.unbind(dim)[i],
            lambda x, m, all: x.permute(*order),
            lambda x, m, all: x.transpose(dim, 0),
        ]
    return r.choice(ways)


def add_to_one(x: Any, i: int) -> None:
    """Do x[i] += 1."""
    x[i] += 1


def a_change(r: random.Random, shape: tuple[int, ...], others: list[str]) -> Step:
    """Return a random change in place of a tensor of this shape, perhaps by others of the same shape."""
    ways: list[Step] = [
        lambda x, m, all: x.fill_(0.5),
        lambda x, m, all: x.add_(0.25),
        lambda x, m, all: x.mul_(-0.75),
        lambda x, m, all: x.clamp_(-1, 1),
        lambda x, m, all: x.relu_(),
        lambda x, m, all: x.copy_(m.zeros(shape) + 0.3),
        lambda x, m, all: x.__setitem__(..., 0.125),
    ]
    if shape and shape[0]:
        i = r.randrange(-shape[0], shape[0])
        ways += [
            lambda x, m, all: x.__setitem__(i, 2.0),
            lambda x, m, all: x.__setitem__([i], 1.5),
            lambda x, m, all: x.__setitem__(x > 0.3, -0.5),
            lambda x, m, all: add_to_one(x, i),
        ]
    if others:
        name = r.choice(others)
        ways += [
            lambda x, m, all: x.add_(all[name]),
            lambda x, m, all: x.mul_(all[name]),
            lambda x, m, all: x.copy_(all[name]),
            lambda x, m, all: x.__setitem__(..., all[name]),
        ]
    return r.choice(ways)


def tried(step: Step, x: Any, m: Any, tensors: dict[str, Any], recorded: bool) -> Any:
    """Return the result of a step, or the error that it raised."""
    try:
        with m.enable_grad() if recorded else m.no_grad():
            return step(x, m, tensors)
    except (RuntimeError, ValueError, IndexError) as error:
        return error


class Program:
    """One program in both libraries, for PyTorch first."""

    def __init__(self, torch: Any, seed: int, gradients: bool) -> None:
        self.r = random.Random(seed)
        rng = np.random.default_rng(seed)
        self.libraries = (torch, h)
        self.gradients = gradients
        self.tensors: list[dict[str, Any]] = [{}, {}]
        self.leaves: list[Any] = []
        self.named = 0
        shape = self.r.choice(SHAPES)
        numbers = [rng.standard_normal(shape).astype(np.float32) for _ in "xw"]
        for m, tensors in zip(self.libraries, self.tensors, strict=True):
            leaves = [m.tensor(a, requires_grad=gradients) for a in numbers]
            tensors.update(
                {"x": leaves[0] * 1.5, "w": leaves[1] * 1.0} if seed % 2 or gradients else {"x": leaves[0]}
            )
            self.leaves.append(leaves)
        self.compare()

    def step(self) -> bool:
        """Do one random step in both; return whether the program can go on."""
        r, (theirs, ours) = self.r, self.tensors
        name, what = r.choice([*theirs]), r.random()
        shape = tuple(theirs[name].shape)
        memory = theirs[name].untyped_storage().data_ptr()
        apart = [
            k for k, t in theirs.items() if t.shape == shape and t.untyped_storage().data_ptr() != memory
        ]
        if what > 0.9 and len(theirs) > 1:
            del theirs[name], ours[name]
            return True
        taking = what < 0.5
        step = a_view(r, shape) if taking else a_change(r, shape, apart)
        recorded = taking or r.random() < 0.7
        both = zip(self.libraries, self.tensors, strict=True)
        results = [tried(step, tensors[name], m, tensors, recorded) for m, tensors in both]
        refused = [isinstance(result, Exception) for result in results]
        if refused[0] and not refused[1]:
            return False  # PyTorch refuses some changes that we can do
        assert refused[0] == refused[1], results
        if taking and not refused[0]:
            self.named += 1
            theirs[f"v{self.named}"], ours[f"v{self.named}"] = results
        self.compare()
        return True

    def compare(self) -> None:
        """Assert that all tensors have the same numbers in both libraries."""
        for name, theirs in self.tensors[0].items():
            ours = self.tensors[1][name]
            assert np.allclose((ours + 0).detach().numpy(), theirs.detach().numpy(), 1e-4, 1e-5), name
            assert np.allclose(ours.detach().numpy(), theirs.detach().numpy(), 1e-4, 1e-5), name
            assert ours.shape == theirs.shape

    def gradients_agree(self) -> bool:
        """Compare the gradients of a weighted sum of all tensors; return whether both could compute them."""
        weights = np.random.default_rng(0).standard_normal(64).astype(np.float32)
        for m, tensors in zip(self.libraries, self.tensors, strict=True):
            try:
                parts = [
                    (t * m.tensor(weights[: t.numel()]).reshape(t.shape)).sum() for t in tensors.values()
                ]
                sum(p for p in parts if p.requires_grad).backward()
            except (RuntimeError, AttributeError):
                return False  # PyTorch has overwritten what it needs, or nothing has a gradient
            except ValueError as error:
                if "was changed in place" not in str(error):
                    raise
                return False
        for theirs, ours in zip(*self.leaves, strict=True):
            found = [np.zeros(t.shape) if t.grad is None else t.grad.numpy() for t in (theirs, ours)]
            assert np.allclose(found[1], found[0], 1e-3, 1e-4)
        return True


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("gradients", [False, True], ids=["numbers", "gradients"])
@pytest.mark.parametrize("first", range(0, 400, 100))
def test_random_programs_agree_with_pytorch(gradients: bool, first: int) -> None:
    torch = pytest.importorskip("torch")
    finished = compared = 0
    for seed in range(first, first + 100):
        program = Program(torch, seed, gradients)
        finished += all(program.step() for _ in range(14))
        compared += gradients and program.gradients_agree()
    assert finished > 70
    assert compared > 30 or not gradients
