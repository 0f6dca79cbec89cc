"""A network written down: its steps, its constants, its lengths, and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import hello_dl
from hello_dl import functional as F
from hello_dl import models, nn
from hello_dl.shipping.graph import Graph
from hello_dl.shipping.simplify import simplified
from hello_dl.shipping.trace import trace
from hello_dl.shipping.vary import trace_varying

IMAGES = np.random.default_rng(1).random((2, 1, 28, 28), np.float32)


def ops(graph: Graph) -> list[str]:
    return [step.op for step in graph.steps]


def test_steps_come_in_order_with_their_arguments() -> None:
    graph = trace(nn.Sequential(nn.Conv2d(1, 3, 5, stride=2), nn.GELU("tanh")).eval(), IMAGES)
    assert ops(graph) == ["conv2d", "gelu"]
    conv, gelu = graph.steps
    assert conv["stride"] == [2, 2]
    assert gelu["approximate"] == "tanh"
    assert gelu["x"] is conv.output
    assert conv["weight"].name == "0.weight"
    assert conv["weight"].numbers.shape == (3, 1, 5, 5)
    assert graph.outputs[0].shape == (2, 3, 12, 12)


def test_steps_without_gradient_are_among_them() -> None:
    graph = trace(lambda x: F.relu(x).argmax(1).eq(0), IMAGES)
    assert ops(graph) == ["relu", "argmax", "eq"]
    assert graph.steps[1]["dim"] == 1
    assert graph.outputs[0].dtype == "bool"


def test_what_does_not_depend_on_the_input_is_constant_and_what_nothing_needs_is_left_out() -> None:
    w = hello_dl.tensor([1.0, 2.0])

    def model(x: Any) -> Any:
        x.exp()
        return x * (w.exp() + 1)

    graph = trace(model, np.ones((3, 2), np.float32))
    assert ops(graph) == ["mul"]
    np.testing.assert_allclose(graph.steps[0]["other"].numbers, np.exp([1.0, 2.0]) + 1, 1e-6)


def test_slices_copies_and_views_are_steps() -> None:
    def model(x: Any) -> Any:
        first, second = x.chunk(2, 1)
        return (first[0].clone() + second[1].detach()).long().t()

    graph = trace(model, np.ones((2, 6, 4), np.float32))
    assert {"slice", "add", "copy", "permute"} <= set(ops(graph))
    assert graph.outputs[0].shape == (4, 3)
    assert graph.outputs[0].dtype == "int64"


def test_batch_norm_becomes_part_of_the_layer_before_it() -> None:
    model = models.letters_resnet().eval()
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            hello_dl.nn.init.uniform_(module.running_mean, -1, 1)
            hello_dl.nn.init.uniform_(module.running_var, 0.5, 2)
    graph = trace(model, IMAGES)
    assert ops(graph).count("channel_affine") == 8
    short = simplified(graph)
    assert "channel_affine" not in ops(short)
    assert len(short.steps) == len(graph.steps) - 8


def test_batch_norm_stays_where_another_step_needs_what_comes_before_it() -> None:
    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv, self.norm = nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2)

        def forward(self, x: Any) -> Any:
            y = self.conv(x)
            return y + self.norm(y)

    assert "channel_affine" in ops(simplified(trace(Net().eval(), IMAGES)))


def test_lengths_follow_those_of_the_input() -> None:
    graph, lengths = trace_varying(
        lambda x: x.reshape(x.shape[0], -1, 2)[:, 1:].sum(2),
        np.ones((1, 6), np.float32),
        {"batch": [(0, 0)], "width": [(0, 1)]},
    )
    assert lengths == {"batch": (2, 3, 5, 2, 2), "width": (12, 12, 12, 18, 30)}
    assert graph.outputs[0].shape == ((2, 3, 5, 2, 2), (5, 5, 5, 8, 14))


def test_a_constant_that_is_repeated_for_each_row_is_kept_once() -> None:
    token = hello_dl.tensor(np.arange(4.0)).reshape(1, 1, 4)
    graph, _ = trace_varying(
        lambda x: hello_dl.cat([token.expand(x.shape[0], 1, 4), x], 1),
        np.ones((1, 3, 4), np.float32),
        {"batch": [(0, 0)]},
    )
    assert graph.steps[0]["tensors"][0].numbers.shape == (1, 1, 4)
    assert graph.steps[0]["tensors"][0].shape == ((2, 3, 5), 1, 4)


# ---- what is refused ---------------------------------------------------------------------------------------


class OnValues(nn.Module):
    """Goes another way for another input."""

    def forward(self, x: Any) -> Any:
        return x if x.sum() > 0 else -x


@pytest.mark.parametrize(
    ("model", "words"),
    [
        (OnValues(), ["depend on its input", "__bool__", "x.sum() > 0", "test_trace.py"]),
        (lambda x: x * x.max().item(), ["item", "depend on its input"]),
        (lambda x: x * float(x.numpy().mean()), ["numpy", "depend on its input"]),
        (lambda x: hello_dl.tensor(np.asarray(x)), ["depend on its input"]),
        (lambda x: x.sort()[0], ["sort is computed by numpy"]),
        (lambda x: hello_dl.fft.rfft(x).abs(), ["computed by numpy"]),
        (lambda x: x + hello_dl.randn(3), ["draws random numbers"]),
        (lambda x: F.dropout(x, 0.5, True), ["draws random numbers"]),
        (models.digits_mlp(), ["training mode", ".eval()"]),
        (nn.Sequential(nn.Sequential(nn.Dropout(0.5)), nn.ReLU()), ["training mode"]),
    ],
)
def test_a_network_without_a_fixed_graph_is_refused_in_words(model: Any, words: list[str]) -> None:
    if type(model) is OnValues:
        model.eval()
    with pytest.raises(ValueError, match="export: ") as caught:
        trace(model, np.ones((2, 3), np.float32))
    for word in words:
        assert word in str(caught.value)


def test_after_a_refusal_tensors_are_read_again() -> None:
    with pytest.raises(ValueError, match="depend on its input"):
        trace(lambda x: x * x.max().item(), np.ones((2, 3), np.float32))
    assert (hello_dl.ones(3) * 2).sum().item() == 6
    assert ops(trace(F.relu, np.ones((2, 3), np.float32))) == ["relu"]


def test_an_error_of_the_network_itself_is_told_as_it_is() -> None:
    with pytest.raises(ValueError, match="linear: needs"):
        trace(nn.Linear(3, 2).eval(), np.ones((2, 4), np.float32))


@pytest.mark.parametrize("example", [(), "text", 3.0, [np.float32(1)]])
def test_an_example_is_a_tensor_or_several(example: Any) -> None:
    with pytest.raises(TypeError, match="needs an example input"):
        trace(F.relu, example)


@pytest.mark.parametrize("answer", [3, "text", None])
def test_the_network_returns_tensors(answer: Any) -> None:
    with pytest.raises(TypeError, match="needs a network that returns tensors"):
        trace(lambda x: answer, np.ones((2, 3), np.float32))


@pytest.mark.parametrize(
    ("model", "words"),
    [
        (
            lambda x: x if x.shape[0] < 5 else x + x,
            "takes other steps for an input of batch 6 than of batch 4",
        ),
        (
            lambda x: x + hello_dl.tensor(np.arange(x.shape[0], dtype=np.float32)[:, None]),
            "uses other numbers",
        ),
        (lambda x: x / x.shape[0], "uses other numbers for an input of batch 6 than of batch 4"),
    ],
)
def test_a_network_that_does_something_else_for_another_length_is_refused(model: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        trace_varying(model, np.ones((2, 3), np.float32), {"batch": [(0, 0)]})
