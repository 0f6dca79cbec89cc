"""Sums over very many rows keep their digits: no error is larger than PyTorch's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from checks import build
from table import Array

h = build()
core: Any = h._core
ULP = float(np.finfo(np.float32).eps)  # of a number from 1 to 2
ROWS = 1_000_000

# ---- numbers


def constant(rows: int, cols: int) -> Array:
    return np.full((rows, cols), 100.5, np.float32)


def tenths(rows: int, cols: int) -> Array:
    return np.full((rows, cols), 0.1, np.float32)


def large_and_small(rows: int, cols: int) -> Array:
    x = np.random.default_rng(1).uniform(0.5, 1.5, (rows, cols))
    x[::2] *= 1e4
    return x.astype(np.float32)


def normal(rows: int, cols: int) -> Array:
    return np.random.default_rng(2).normal(0.3, 1, (rows, cols)).astype(np.float32)


def far_from_zero(rows: int, cols: int) -> Array:
    return np.random.default_rng(3).normal(1000, 1, (rows, cols)).astype(np.float32)


DATA = (constant, tenths, large_and_small, normal, far_from_zero)

# ---- what is summed: the same line runs on the package and on PyTorch

Sum = Callable[[Any, Any], Any]


def slope(leaf: Any, y: Any, g: Any) -> Any:
    """Return the gradient of a leaf, where g is that of y."""
    y.backward(g)
    return leaf.grad


def leaf(h: Any, *shape: int) -> Any:
    """Return ones that require a gradient."""
    y = h.ones(shape)
    y.requires_grad = True
    return y


def functional(h: Any) -> Any:
    return h.nn.functional


SUMS: dict[str, Sum] = {
    "sum": lambda h, x: x.sum(),
    "sum(0)": lambda h, x: x.sum(0),
    "mean": lambda h, x: x.mean(),
    "mean(0)": lambda h, x: x.mean(0),
    "mean of columns": lambda h, x: x.T.mean(1),
    "mean of lines in between": lambda h, x: x.reshape(1, -1, 2).mean(1),
    "mean over outer and inner axes": lambda h, x: x.reshape(len(x) // 4, 4, 2).mean((0, 2)),
    "sum of a sum by rows": lambda h, x: (x * 0.5).sum(1).mean(),
    "var(0)": lambda h, x: x.var(0),
    "std": lambda h, x: x.std(),
    "cumsum(0)": lambda h, x: x.cumsum(0)[-3:],
    "cumsum": lambda h, x: x.flatten().cumsum(0)[-3:],
    "norm": lambda h, x: x.norm(),
    "logsumexp": lambda h, x: (x * 0).logsumexp(0),
    "softmax": lambda h, x: (x * 0).softmax(0)[:2],
    "mse_loss": lambda h, x: functional(h).mse_loss(x, x * 0),
    "l1_loss": lambda h, x: functional(h).l1_loss(x, x * 0 + 0.25),
    "running mean": lambda h, x: running(h, x)[0],
    "running variance": lambda h, x: running(h, x)[1],
    "mean of images": lambda h, x: running(h, x.reshape(10, -1, 2, 1).permute(0, 2, 1, 3))[0],
}


def running(h: Any, x: Any) -> tuple[Any, Any]:
    mean, variance = h.zeros(2), h.zeros(2)
    functional(h).batch_norm(x, mean, variance, training=True, momentum=1.0).sum().item()
    return mean, variance


def of_bias(h: Any, x: Any) -> Any:
    b = leaf(h, 2)
    return slope(b, functional(h).linear(leaf(h, len(x), 1), leaf(h, 2, 1), b), x)


def of_broadcast(h: Any, x: Any) -> Any:
    b = leaf(h, 2)
    return slope(b, (x * 0) + b, x)


def of_number(h: Any, x: Any) -> Any:
    b = leaf(h)
    return slope(b, x * b, x * 0 + 1)


def of_expanded(h: Any, x: Any) -> Any:
    b = leaf(h, 1, 2)
    return slope(b, b.expand(len(x), 2), x)


def of_inner_axis(h: Any, x: Any) -> Any:
    b = leaf(h, 2, 1, 2)
    return slope(b, x.reshape(2, -1, 2) * 0 + b, x.reshape(2, -1, 2))


def of_choice(h: Any, x: Any) -> Any:
    b = leaf(h, 2)
    return slope(b, h.where(x > 0, b, x), x)


def of_filters_bias(h: Any, x: Any) -> Any:
    b = leaf(h, 2)
    images = leaf(h, 10, 1, len(x) // 10, 1)
    y = functional(h).conv2d(images, leaf(h, 2, 1, 1, 1), b)
    return slope(b, y, x.reshape(10, -1, 2, 1).permute(0, 2, 1, 3))


def of_layer_norm(h: Any, x: Any) -> Any:
    w, b = leaf(h, 2), leaf(h, 2)
    by_columns = (x * 0 + 1).cumsum(1)  # 1, 2
    functional(h).layer_norm(by_columns, (2,), w, b).backward(x)
    return h.stack([w.grad, b.grad])


def of_batch_norm(h: Any, x: Any) -> Any:
    w, b = leaf(h, 2), leaf(h, 2)
    functional(h).batch_norm(x, h.zeros(2), h.ones(2), w, b).backward(x * 0 + 1)
    return h.stack([w.grad, b.grad])


def of_table(h: Any, x: Any) -> Any:
    table = leaf(h, 3, 2)
    which = h.tensor([0, 1, 1, 1]).repeat(len(x) // 4)
    return slope(table, functional(h).embedding(which, table), x)


for function in (
    of_bias, of_broadcast, of_number, of_expanded, of_inner_axis, of_choice, of_filters_bias, of_layer_norm,
    of_batch_norm, of_table,
):  # fmt: skip
    SUMS[f"gradient {function.__name__}"] = function

# ---- tests


def numbers(package: Any, name: str, x: Array) -> Array:
    return np.array(SUMS[name](package, package.from_numpy(x)).detach().numpy())


def error(got: Array, exact: Array, x: Array) -> float:
    """Return the largest error, as a share of the largest exact number; or of x, if 0 is exact."""
    size = np.abs(exact).max()
    return float(np.abs(got.astype(float) - exact).max() / (size if size > 1e-9 else np.abs(x).max()))


@pytest.fixture(scope="module")
def double() -> Any:
    return build("double")


@pytest.mark.parametrize("name", SUMS)
def test_no_error_is_larger_than_that_of_pytorch(name: str, double: Any) -> None:
    torch = pytest.importorskip("torch")
    for data in DATA:
        x = data(ROWS if data in (tenths, normal) else ROWS // 10, 2)
        exact = numbers(double, name, x.astype(float))
        ours, theirs = error(numbers(h, name, x), exact, x), error(numbers(torch, name, x), exact, x)
        assert ours <= max(theirs, 1.01 * ULP), f"{name} of {data.__name__}: {ours:.1e}, PyTorch {theirs:.1e}"


@pytest.mark.parametrize("units", [0, 1, 3, 1000])
@pytest.mark.parametrize("name", SUMS)
def test_slices_and_threads_do_not_show(name: str, units: int, double: Any) -> None:
    for data in (tenths, large_and_small):
        x = data(20_000 if units in (1, 3) else 100_000, 2)
        core.set_slice_units(units)
        results = []
        for threads in (1, 2, 3):
            core.set_num_threads(threads)
            results.append(numbers(h, name, x))
        one, *others = (y.tobytes() for y in results)
        assert others == [one, one], f"{name} of {data.__name__} differs from thread to thread"
        off = error(results[0], numbers(double, name, x.astype(float)), x)
        assert off < 20 * ULP, f"{name} of {data.__name__}, in slices of {units}: {off:.1e}"
    core.set_slice_units(0)


def test_the_mean_of_a_million_equal_numbers_is_this_number() -> None:
    for rows in (ROWS, ROWS + 17):
        assert h.full((rows, 2), 100.5).mean(0).tolist() == [100.5, 100.5]
        assert h.full((rows, 2), 0.1).mean().item() == h.tensor(0.1).item()


def test_numbers_that_are_all_the_same_have_no_deviation() -> None:
    x = h.tensor([[0.1] * 48, [-7.3] * 48, [1e4 + 0.1] * 48])
    assert h.nn.functional.layer_norm(x, (48,)).abs().max().item() == 0


@pytest.mark.slow
@pytest.mark.parametrize("cols", [1, 2, 20])
def test_twenty_million_numbers(cols: int) -> None:
    x = constant(20_000_000 // cols, cols)
    assert error(h.from_numpy(x).mean(0).numpy(), x[:1].astype(float), x) <= ULP
    x = normal(20_000_000 // cols, cols)
    exact = x.sum(0, dtype=float)
    assert error(h.from_numpy(x).sum(0).numpy(), exact, x) <= 2 * ULP
    assert error((h.from_numpy(x) * 1).sum(0).numpy(), exact, x) <= 2 * ULP
