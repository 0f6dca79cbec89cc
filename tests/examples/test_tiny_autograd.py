"""The engine and chapter 3's page of scalars compute the same values and gradients."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import hello_dl
from example import run
from hello_dl.examples.tiny_autograd import Value

# Each takes three numbers, of either kind.
EXPRESSIONS: dict[str, Callable[[Any, Any, Any], Any]] = {
    "sum": lambda a, b, c: a + b + c,
    "product": lambda a, b, c: a * b * c,
    "exp": lambda a, b, c: (a * b + c).exp(),
    "tanh": lambda a, b, c: (a * b + c).tanh(),
    "an input used twice": lambda a, b, c: a * a + a * b + c * (a + a),
    "a diamond": lambda a, b, c: (lambda d: d.exp() * d.tanh() + d * c)(a * b),
    "a neuron": lambda a, b, c: (a * b + b * c + a).tanh() * (a * b + b * c + a).tanh(),
    "tanh by exp": lambda a, b, c: ((a + b).exp() * (a + b).exp() + c).tanh(),
}


def both(build: Callable[[list[Any]], Any], numbers: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Build an expression of Values and of Tensors; return [value, gradients ...] of each."""
    values = [Value(float(number)) for number in numbers]
    y = build(values)
    y.backward()
    tensors = [hello_dl.tensor(number, requires_grad=True) for number in numbers]
    z = build(tensors)
    z.backward()
    gradients = [0.0 if t.grad is None else t.grad.item() for t in tensors]
    return np.array([y.data, *(v.grad for v in values)]), np.array([z.item(), *gradients])


@pytest.mark.parametrize("name", EXPRESSIONS)
def test_the_engine_agrees_with_scalars(name: str) -> None:
    random = np.random.default_rng(0)
    for _ in range(20):
        numbers = random.uniform(-1, 1, 3).astype(np.float32)
        scalars, engine = both(lambda x: EXPRESSIONS[name](*x), numbers)
        np.testing.assert_allclose(engine, scalars, rtol=1e-5, atol=1e-5)


OPERATIONS: tuple[Callable[[Any, Any], Any], ...] = (
    lambda a, b: a + b,
    lambda a, b: a * b,
    lambda a, _: a.tanh(),
    lambda a, _: a.tanh().exp(),
)


def random_expression(seed: int, inputs: list[Any]) -> Any:
    """Apply operations to numbers made so far, all drawn with the seed; return a sum of all results."""
    random, made = np.random.default_rng(seed), list(inputs)
    for _ in range(12):
        a, b = (made[i] for i in random.integers(len(made), size=2))
        made.append(OPERATIONS[random.integers(len(OPERATIONS))](a, b))
    y = made[len(inputs)]
    for x in made[len(inputs) + 1 :]:
        y = y + x.tanh()
    return y.tanh()


@pytest.mark.parametrize("seed", range(30))
def test_the_engine_agrees_with_scalars_in_random_graphs(seed: int) -> None:
    numbers = np.random.default_rng(seed).uniform(-1, 1, 4).astype(np.float32)
    scalars, engine = both(lambda x: random_expression(seed, x), numbers)
    np.testing.assert_allclose(engine, scalars, rtol=1e-5, atol=1e-5)


def test_a_long_chain_needs_no_recursion() -> None:
    x = y = Value(1.0)
    for _ in range(20_000):
        y = y + x
    y.backward()
    assert y.data == x.grad == 20_001


def test_the_example_learns_the_logical_and() -> None:
    text = run("tiny_autograd")
    losses = [float(loss) for loss in re.findall(r"loss (\d\.\d+)", text)]
    assert losses == sorted(losses, reverse=True)
    answers = re.findall(r"wanted +(-?1), neuron +(-?\d\.\d+)", text)
    assert len(answers) == 4
    assert all(abs(float(answer) - float(wanted)) < 0.1 for wanted, answer in answers)
