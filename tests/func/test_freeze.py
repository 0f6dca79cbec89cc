"""freeze: what a network computes, planned once. The model itself is the oracle."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import hello_dl
from hello_dl import nn
from hello_dl.models import digits_mlp, letters_cnn
from hello_dl.nn import functional as F
from hello_dl.reading.lines.network import LineNetwork
from hello_dl.text import GPT

RNG = np.random.default_rng(7)


def floats(*shape: int) -> np.ndarray[Any, Any]:
    return RNG.random(shape, dtype=np.float32)


def plainly(model: Callable[..., Any], *arrays: Any) -> Any:
    with hello_dl.no_grad():
        result = model(*(hello_dl.tensor(x) for x in arrays))
    return result.numpy() if isinstance(result, hello_dl.Tensor) else tuple(y.numpy() for y in result)


def check(mine: Any, right: Any, close: float = 2e-6) -> None:
    assert (mine.shape, mine.dtype) == (right.shape, right.dtype)
    assert np.abs(mine - right).max() <= close * np.abs(right).max()


def normed() -> nn.Module:
    """Return a network with batch norms whose statistics are not 0 and 1, and a residual block."""
    hello_dl.manual_seed(3)
    inner = nn.Sequential(nn.Conv2d(20, 20, 3, padding=1), nn.BatchNorm2d(20), nn.Tanh())
    net = nn.Sequential(
        nn.Conv2d(1, 20, 3, padding=1, bias=False),
        nn.BatchNorm2d(20),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Residual(inner),
        nn.GELU(),
        nn.Conv2d(20, 40, 3, stride=2),
        nn.BatchNorm2d(40),
        nn.MaxPool2d(3, stride=2),
        nn.Flatten(),
        nn.Linear(40 * 2 * 2, 5),
    )
    for _ in range(3):
        net(hello_dl.randn(8, 1, 28, 28) * 3 + 1).numpy()
    return net.eval()


def wide() -> nn.Module:
    """Return convolutions whose channels and lines fit no block of the inner loop, some Winograd's."""
    hello_dl.manual_seed(4)
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1),
        nn.Conv2d(16, 33, 3, padding=1),
        nn.Conv2d(33, 48, 3),
        nn.MaxPool2d(3, ceil_mode=True),
        nn.Conv2d(48, 32, 3, padding=2),
        nn.Sigmoid(),
        nn.Conv2d(32, 64, (2, 3), groups=2, dilation=2),
    )


MODELS = {
    "letters": (letters_cnn, (1, 28, 28)),
    "digits": (digits_mlp, (1, 28, 28)),
    "normed": (normed, (1, 28, 28)),
    "wide": (wide, (1, 17, 23)),
}


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("batch", [1, 2, 5, 40])
def test_images(name: str, batch: int) -> None:
    make, shape = MODELS[name]
    hello_dl.manual_seed(1)
    model = make().eval()
    frozen = hello_dl.freeze(model, floats(1, *shape))
    x = floats(batch, *shape) - np.float32(0.5)
    check(frozen(x), plainly(model, x))


def test_layers_are_joined() -> None:
    frozen = hello_dl.freeze(letters_cnn(), floats(1, 1, 28, 28))
    assert frozen.steps.count("fused_conv2d") == 3
    assert not {"gelu", "max_pool2d", "conv2d", "filter_panels"} & set(frozen.steps)


@pytest.mark.parametrize("name", MODELS)
def test_threads_never_show(name: str) -> None:
    make, shape = MODELS[name]
    model, x = make().eval(), floats(1, *shape)
    frozen = hello_dl.freeze(model, x)
    many = floats(30, *shape)
    before, results = hello_dl.get_num_threads(), []
    try:
        for threads in (1, 2, 3):
            hello_dl.set_num_threads(threads)
            results.append((frozen(x), frozen(many)))
    finally:
        hello_dl.set_num_threads(before)
    for one, all_ in results[1:]:
        np.testing.assert_array_equal(one, results[0][0])
        np.testing.assert_array_equal(all_, results[0][1])


def test_several_threads_of_python() -> None:
    model = letters_cnn().eval()
    frozen = hello_dl.freeze(model, floats(1, 1, 28, 28))
    images = [floats(1 + k % 3, 1, 28, 28) for k in range(8)]
    right = [frozen(x) for x in images]
    wrong: list[int] = []

    def work(k: int) -> None:
        same = [np.array_equal(frozen(images[k]), right[k]) for _ in range(100)]
        wrong.append(100 - sum(same))

    threads = [threading.Thread(target=work, args=(k,)) for k in range(8)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert wrong == [0] * 8


def test_a_gru_and_its_state() -> None:
    gru = nn.GRU(5, 12, num_layers=2)
    frozen = hello_dl.freeze(gru, floats(7, 3, 5))
    for shape in ((7, 3, 5), (2, 1, 5)):
        x = floats(*shape)
        for mine, right in zip(frozen(x), plainly(gru, x), strict=True):
            check(mine, right)


def test_a_gpt_and_an_index_out_of_range() -> None:
    model = GPT(20, context=8, width=16, layers=2, heads=2).eval()
    frozen = hello_dl.freeze(model, np.arange(8)[None])
    ids = RNG.integers(0, 20, (3, 6))
    check(frozen(ids), plainly(model, ids))
    with pytest.raises(IndexError, match="20"):
        frozen(np.full((1, 8), 20))


def test_lines_of_any_width() -> None:
    model = LineNetwork().eval()
    side = floats(1, 1, 48, 64)
    frozen = hello_dl.freeze(model, side)
    for width in (64, 100):
        x = floats(1, 1, 48, width)
        mine, right = frozen(x), plainly(model, x)
        check(mine, right, 1e-5)


def test_sums_over_the_batch_and_constant_results() -> None:
    def model(x: Any) -> Any:
        return (x - x.mean(0)).exp(), x.sum(), hello_dl.ones(2) * 3, x

    frozen = hello_dl.freeze(model, floats(4, 3))
    for batch in (4, 50):
        x = floats(batch, 3)
        for mine, right in zip(frozen(x), plainly(model, x), strict=True):
            np.testing.assert_allclose(mine, right, rtol=1e-6)


def test_the_mode_is_eval_and_comes_back() -> None:
    model = nn.Sequential(nn.Linear(4, 4), nn.Dropout(0.5))
    x = floats(2, 4)
    frozen = hello_dl.freeze(model, x)
    assert all(layer.training for layer in model.modules())
    check(frozen(x), plainly(model[0], x))


def test_changed_parameters_are_followed() -> None:
    model = nn.Linear(4, 3)
    x = floats(2, 4)
    frozen = hello_dl.freeze(model, x)
    with hello_dl.no_grad():
        model.weight.copy_(hello_dl.ones(3, 4))
    check(frozen(x), plainly(model, x))
    optimizer = hello_dl.optim.SGD(model.parameters(), lr=0.5)
    model(hello_dl.tensor(x)).square().mean().backward()
    optimizer.step()
    check(frozen(x), plainly(model, x))
    del optimizer  # it holds the weight that is exchanged now
    model.weight = nn.Parameter(hello_dl.zeros(3, 4))
    check(frozen(x), plainly(model, x))


def branching(x: Any) -> Any:
    return x.relu() if x.sum().item() > 0 else x.tanh()


def reading(x: Any) -> Any:
    return x * float(x.numpy().max())


def clamping(x: Any) -> Any:
    return x.clamp(max=x.sum().item() / 4)


@pytest.mark.parametrize(
    ("model", "what"),
    [
        (branching, "steps depend on its numbers: 'relu"),
        (reading, "numbers that Python has read"),
        (clamping, "numbers that Python has read"),
        (lambda x: x + hello_dl.randn(2, 3), "depends on chance"),
        (lambda x: F.dropout(x, 0.5, training=True), "depends on chance"),
    ],
)
def test_what_cannot_be_frozen(model: Callable[..., Any], what: str) -> None:
    with pytest.raises(ValueError, match=what):
        hello_dl.freeze(model, floats(2, 3) + 1)


def test_refusals() -> None:
    with pytest.raises(ValueError, match="needs an example"):
        hello_dl.freeze(nn.Linear(4, 3))
    with pytest.raises(TypeError, match="returns tensors, or tuples of them, got str"):
        hello_dl.freeze(lambda x: "yes", floats(1))
    with pytest.raises(TypeError, match="dtype <U1"):
        hello_dl.freeze(nn.Linear(4, 3), np.array(["x"]))
    frozen = hello_dl.freeze(nn.Linear(4, 3), floats(2, 4))
    with pytest.raises(TypeError, match="needs floats, as in the example, got dtype int64"):
        frozen(np.ones((3, 4), np.int64))
    with pytest.raises(TypeError, match="needs 1 array"):
        frozen(floats(2, 4), floats(2, 4))
    with pytest.raises(ValueError, match="needs 2 axes"):
        frozen(floats(2, 1, 4))
    with pytest.raises(ValueError, match="linear"):
        frozen(floats(2, 5))


def test_integers_of_the_planned_shape_are_checked_as_well() -> None:
    frozen = hello_dl.freeze(nn.Linear(4, 3), floats(2, 4))
    with pytest.raises(TypeError, match="floats"):
        frozen(np.ones((2, 4), np.int64))
    wide_ = hello_dl.freeze(nn.Embedding(5, 2), np.arange(3))
    with pytest.raises(ValueError, match="16777216"):
        wide_(np.array([0, 1, 2**40]))
