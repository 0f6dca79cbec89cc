"""The functions behind the layers, against PyTorch where it is there, and what they refuse."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import hello_dl as h
from hello_dl import functional as F
from hello_dl import nn

rng = np.random.default_rng(0)


def numbers(*shape: int) -> np.ndarray[Any, Any]:
    return rng.standard_normal(shape).astype(np.float32)


def check(mine: Any, theirs: Any, inputs: list[np.ndarray[Any, Any]]) -> None:
    """Compare value and gradients of a function of float tensors with PyTorch's."""
    torch = pytest.importorskip("torch")
    torch.set_num_threads(1)
    ours = [h.tensor(x, requires_grad=True) for x in inputs]
    others = [torch.tensor(x, requires_grad=True) for x in inputs]
    y, expected = mine(*ours), theirs(*others)
    assert y.shape == tuple(expected.shape)
    g = numbers(*y.shape)
    y.backward(h.tensor(g))
    expected.backward(torch.tensor(g))
    assert np.allclose(y.numpy(), expected.detach().numpy(), 1e-4, 1e-5)
    for a, b in zip(ours, others, strict=True):
        assert a.grad is not None
        assert np.allclose(a.grad.numpy(), b.grad.numpy(), 1e-4, 1e-5)


def theirs() -> Any:
    return pytest.importorskip("torch").nn.functional


CALLS: dict[str, tuple[list[tuple[int, ...]], Any]] = {
    "relu": ([(3, 4)], lambda f, x: f.relu(x)),
    "gelu": ([(3, 4)], lambda f, x: f.gelu(x)),
    "gelu tanh": ([(3, 4)], lambda f, x: f.gelu(x, approximate="tanh")),
    "sigmoid": ([(3, 4)], lambda f, x: f.sigmoid(x)),
    "tanh": ([(3, 4)], lambda f, x: f.tanh(x)),
    "leaky_relu": ([(3, 4)], lambda f, x: f.leaky_relu(x, 0.2)),
    "elu": ([(3, 4)], lambda f, x: f.elu(x, 1.5)),
    "silu": ([(3, 4)], lambda f, x: f.silu(x)),
    "softplus": ([(3, 4)], lambda f, x: f.softplus(x * 30, 2)),
    "logsigmoid": ([(3, 4)], lambda f, x: f.logsigmoid(x * 30)),
    "softmax": ([(3, 4)], lambda f, x: f.softmax(x, 0)),
    "log_softmax": ([(2, 3, 4)], lambda f, x: f.log_softmax(x, dim=1)),
    "linear": ([(2, 3, 4), (5, 4), (5,)], lambda f, x, w, b: f.linear(x, w, b)),
    "conv2d": ([(2, 3, 6, 7), (4, 3, 3, 2), (4,)], lambda f, x, w, b: f.conv2d(x, w, b, 2, (1, 0))),
    "conv2d same": ([(2, 3, 6, 7), (4, 3, 3, 5)], lambda f, x, w: f.conv2d(x, w, padding="same")),
    "conv2d valid": ([(2, 3, 6, 7), (4, 3, 3, 5)], lambda f, x, w: f.conv2d(x, w, padding="valid")),
    "conv2d groups": ([(2, 4, 6, 6), (6, 2, 3, 3)], lambda f, x, w: f.conv2d(x, w, groups=2, dilation=2)),
    "max_pool2d": ([(2, 3, 7, 7)], lambda f, x: f.max_pool2d(x, 3, 2, 1)),
    "max_pool2d ceil": ([(2, 3, 7, 7)], lambda f, x: f.max_pool2d(x, 2, ceil_mode=True)),
    "avg_pool2d": ([(2, 3, 7, 7)], lambda f, x: f.avg_pool2d(x, 3, 2, 1, True, False)),
    "layer_norm": ([(3, 4, 5), (4, 5), (4, 5)], lambda f, x, w, b: f.layer_norm(x, (4, 5), w, b)),
    "group_norm": ([(3, 4, 5, 2), (4,), (4,)], lambda f, x, w, b: f.group_norm(x, 2, w, b)),
    "normalize": ([(3, 4)], lambda f, x: f.normalize(x, dim=1)),
    "normalize 1": ([(3, 4)], lambda f, x: f.normalize(x, p=1.0, dim=0)),
    "attention": (
        [(2, 3, 4), (2, 3, 4), (2, 3, 5)],
        lambda f, q, k, v: f.scaled_dot_product_attention(q, k, v, is_causal=True),
    ),
    "mse": ([(3, 4), (3, 4)], lambda f, x, t: f.mse_loss(x, t)),
    "l1": ([(3, 4), (3, 4)], lambda f, x, t: f.l1_loss(x, t, reduction="sum")),
    "huber": ([(3, 4), (3, 4)], lambda f, x, t: f.huber_loss(x, t, delta=0.5)),
    "smooth_l1": ([(3, 4), (3, 4)], lambda f, x, t: f.smooth_l1_loss(x, t, reduction="none", beta=0.5)),
    "bce": ([(3, 4), (3, 4)], lambda f, x, t: f.binary_cross_entropy(x.sigmoid(), t.sigmoid())),
    "bce logits": ([(3, 4), (3, 4)], lambda f, x, t: f.binary_cross_entropy_with_logits(x * 50, t)),
    "bce weights": (
        [(3, 4), (3, 4)],
        lambda f, x, t: f.binary_cross_entropy_with_logits(x, t, pos_weight=x.detach()[0], reduction="none"),
    ),
    "probabilities": (
        [(3, 4), (3, 4)],
        lambda f, x, t: f.cross_entropy(x, t.softmax(1), label_smoothing=0.1),
    ),
}


@pytest.mark.parametrize("name", CALLS)
def test_it_is_pytorchs_function(name: str) -> None:
    shapes, call = CALLS[name]
    f = theirs()
    check(lambda *t: call(F, *t), lambda *t: call(f, *t), [numbers(*s) for s in shapes])


@pytest.mark.parametrize("shape", [(6, 5), (5,), (2, 5, 3), (2, 5, 3, 2)], ids=str)
@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("smoothing", [0.0, 0.2])
def test_cross_entropy_is_pytorchs(shape: Any, reduction: str, weighted: bool, smoothing: float) -> None:
    torch = pytest.importorskip("torch")
    wanted = rng.integers(0, 5, (shape[0], *shape[2:]) if len(shape) > 1 else ())
    if wanted.size > 3:
        wanted.flat[1] = -100
    w = rng.random(5).astype(np.float32) if weighted else None
    options = {"reduction": reduction, "label_smoothing": smoothing}
    check(
        lambda x: F.cross_entropy(x, h.tensor(wanted), None if w is None else h.tensor(w), **options),
        lambda x: torch.nn.functional.cross_entropy(
            x, torch.tensor(wanted), None if w is None else torch.tensor(w), **options
        ),
        [numbers(*shape)],
    )


def test_nll_loss_is_cross_entropy_after_log_softmax() -> None:
    x, t, w = h.tensor(numbers(6, 5)), h.tensor(rng.integers(0, 5, 6)), h.rand(5)
    loss = F.cross_entropy(x, t, w, ignore_index=2)
    assert np.allclose(F.nll_loss(x.log_softmax(1), t, w, ignore_index=2).numpy(), loss.numpy())


def test_the_usual_cross_entropy_is_four_ops() -> None:
    loss = F.cross_entropy(h.tensor(numbers(6, 5), requires_grad=True), h.tensor(rng.integers(0, 5, 6)))
    ops = []
    node = loss
    while node.inputs:
        ops.append(node.op)
        node = node.inputs[0]
    assert ops == ["mul", "mean", "pick", "log_softmax"]


def test_all_labels_ignored_gives_nan_as_in_pytorch() -> None:
    assert np.isnan(F.cross_entropy(h.zeros(2, 3), h.tensor([-100, -100])).item())


@pytest.mark.parametrize("label", [3, -1])
@pytest.mark.parametrize("options", [{}, {"reduction": "sum"}, {"weight": h.ones(3)}])
def test_a_label_that_is_no_class_is_named_at_once(label: int, options: Any) -> None:
    with pytest.raises(
        IndexError, match=rf"label {label} at position 1 is out of range for 3 classes \(0 to 2\)"
    ):
        F.cross_entropy(h.zeros(2, 3), h.tensor([0, label]), **options)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: F.cross_entropy(h.zeros(2, 3), h.tensor([1])), ValueError, "one class number for each row"),
        (lambda: F.cross_entropy(h.zeros(2, 3), h.zeros(2)), TypeError, "int64 class numbers"),
        (
            lambda: F.cross_entropy(h.zeros(2, 3), h.tensor([0, 1]), h.ones(2)),
            ValueError,
            "weight for each of 3",
        ),
        (lambda: F.cross_entropy(h.zeros(2, 3), h.tensor([0, 1]), reduction="avg"), ValueError, "'avg'"),
        (lambda: F.binary_cross_entropy(h.zeros(2), h.zeros(3)), ValueError, "one shape"),
        (lambda: F.dropout(h.zeros(2), 1.5), ValueError, "from 0 to 1"),
        (lambda: F.conv2d(h.zeros(1, 1, 5, 5), h.zeros(1, 1, 3, 3), padding="full"), ValueError, "'full'"),
        (
            lambda: F.conv2d(h.zeros(1, 1, 5, 5), h.zeros(1, 1, 3, 3), stride=2, padding="same"),
            ValueError,
            "stride",
        ),
        (lambda: F.max_pool2d(h.zeros(1, 1, 5, 5), 3, dilation=3), ValueError, "dilation"),
        (
            lambda: F.embedding(h.tensor([0, 4]), h.zeros(4, 2)),
            IndexError,
            "index 4 at position 1 is out of range for 4 rows",
        ),
        (lambda: F.embedding(h.tensor([0.5]), h.zeros(4, 2)), TypeError, "integers"),
        (lambda: F.one_hot(h.tensor([3]), 3), IndexError, "3 classes"),
        (lambda: F.layer_norm(h.zeros(2, 3), 4), ValueError, r"last axes are \(4,\)"),
        (
            lambda: F.batch_norm(h.zeros(1, 3), h.zeros(3), h.ones(3), training=True),
            ValueError,
            "more than one number",
        ),
        (lambda: F.group_norm(h.zeros(2, 3), 2), ValueError, "2 groups"),
    ],
)
def test_mistakes_are_named(call: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        call()


def test_dropout_zeroes_its_share_and_scales_the_rest() -> None:
    x = h.ones(100, 200)
    y = F.dropout(x, 0.3)
    values, counts = np.unique(y.numpy(), return_counts=True)
    assert np.allclose(values, [0, 1 / 0.7])
    assert abs(counts[0] / 20_000 - 0.3) < 0.02
    assert F.dropout(x, 0.3, training=False) is x
    assert not F.dropout(x, 1.0).numpy().any()
    assert (F.dropout(x, 0.3) != F.dropout(x, 0.3)).any()
    h.manual_seed(3)
    first = F.dropout(x, 0.5).numpy()
    h.manual_seed(3)
    assert (F.dropout(x, 0.5).numpy() == first).all()


def test_tables_and_one_hot() -> None:
    w = h.tensor(numbers(5, 3), requires_grad=True)
    index = h.tensor([[0, 4], [4, 4]])
    y = F.embedding(index, w)
    assert np.array_equal(y.numpy(), w.numpy()[index.numpy()])
    y.sum().backward()
    assert w.grad is not None
    assert w.grad[:, 0].tolist() == [1, 0, 0, 0, 3]
    assert F.one_hot(h.tensor([1, 0]), 3).tolist() == [[0, 1, 0], [1, 0, 0]]
    assert F.one_hot(h.tensor([2])).shape == (1, 3)


# ---- batch norm --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(6, 4), (5, 4, 7), (3, 4, 5, 6)], ids=str)
def test_batch_norm_is_pytorchs_over_several_steps(shape: Any) -> None:
    torch = pytest.importorskip("torch")
    mean, var = h.zeros(4), h.ones(4)
    their_mean, their_var = torch.zeros(4), torch.ones(4)
    batch_norm = torch.nn.functional.batch_norm
    for _ in range(4):
        check(
            lambda x, w, b: F.batch_norm(x, mean, var, w, b, training=True),
            lambda x, w, b: batch_norm(x, their_mean, their_var, w, b, training=True),
            [numbers(*shape) * 3 + 1, numbers(4), numbers(4)],
        )
    assert np.allclose(mean.numpy(), their_mean.numpy(), 1e-5)
    assert np.allclose(var.numpy(), their_var.numpy(), 1e-5)
    assert mean.is_leaf
    assert not mean.requires_grad
    check(
        lambda x: F.batch_norm(x, mean, var),
        lambda x: batch_norm(x, their_mean, their_var),
        [numbers(*shape)],
    )


def test_running_statistics_cost_no_pass_of_their_own() -> None:
    x, mean, var = h.tensor(numbers(8, 4), requires_grad=True), h.zeros(4), h.ones(4)
    y = F.batch_norm(x * 2, mean, var, training=True)
    assert not mean.is_computed
    assert not y.is_computed
    y.sum().backward()
    batch = mean.inputs[1].inputs[0]
    assert batch.op == "mean"
    assert batch.is_computed
    assert not mean.is_computed
    assert np.allclose(mean.numpy(), 0.2 * x.numpy().mean(0), atol=1e-6)


def test_a_pass_that_nobody_asked_for_leaves_no_trace() -> None:
    w, mean, var = h.ones(4, requires_grad=True), h.zeros(4), h.ones(4)
    x = h.tensor(numbers(8, 4))
    assert F.batch_norm(x * w, mean, var, training=True).shape == (8, 4)  # made, looked at, and dropped
    with h.no_grad():
        w *= 2
    F.batch_norm(x * w, mean, var, training=True).sum().backward()
    assert np.allclose(mean.numpy(), 0.2 * x.numpy().mean(0), atol=1e-6)


def test_two_passes_before_one_backward_both_count() -> None:
    w, mean, var = h.ones(4, requires_grad=True), h.zeros(4), h.ones(4)
    a, b = h.tensor(numbers(8, 4)), h.tensor(numbers(8, 4))
    first = F.batch_norm(a * w, mean, var, training=True)
    second = F.batch_norm(b * w, mean, var, training=True)
    (first * second).sum().backward()
    expected = 0.9 * 0.1 * a.numpy().mean(0) + 0.1 * b.numpy().mean(0)
    assert np.allclose(mean.numpy(), expected, atol=1e-6)


def test_statistics_are_collected_without_gradients_too() -> None:
    mean, var = h.zeros(4), h.ones(4)
    batches = [h.tensor(numbers(8, 4)) for _ in range(3)]
    with h.no_grad():
        for x in batches:
            F.batch_norm(x, mean, var, training=True)
    expected = np.zeros(4)
    for x in batches:
        expected = 0.9 * expected + 0.1 * x.numpy().mean(0)
    assert np.allclose(mean.numpy(), expected, atol=1e-6)


@pytest.mark.parametrize("module", [F, nn.functional])
def test_a_missing_function_is_named(module: Any) -> None:
    assert not hasattr(module, "grouped_mm")
    with pytest.raises(
        AttributeError, match=r"functional has no 'grouped_mm' .*PyTorch's torch\.nn\.functional\.grouped_mm"
    ):
        module.grouped_mm(h.ones(1), 1)
    for private in ("_pair", "__wrapped__"):
        with pytest.raises(AttributeError, match=f"^hello_dl.functional has no '{private}'$"):
            getattr(module, private)
