"""Arguments are PyTorch's: names, order, and what they do."""

from __future__ import annotations

import inspect
import math
from typing import Any

import numpy as np
import pytest

import hello_dl as h
from hello_dl import functional as F
from hello_dl import nn, optim

rng = np.random.default_rng(0)
OUR_FUNCTIONS = ("attention_weights", "heads_attention", "flatten", "rotary", "sinusoidal_positions")
# In PyTorch bases of layers, which no program makes; and NLLLoss2d takes any arguments there.
BASES = ("RNNBase", "RNNCellBase", "NLLLoss2d")
OURS = (
    *BASES,
    "Residual",
    "LearnedPositions",
    "RotaryPositions",
    "SinusoidalPositions",
    "ModuleDict",
    "ModuleList",
)


def numbers(*shape: int) -> np.ndarray[Any, Any]:
    return rng.standard_normal(shape).astype(np.float32)


def places(function: Any) -> list[str]:
    """Return the names of the arguments that may come by place."""
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return [p.name for p in inspect.signature(function).parameters.values() if p.kind in kinds]


# PyTorch's functions that are written in C++ have no signature that Python can read.
IN_CPP = {
    "adaptive_avg_pool1d": "input output_size",
    "avg_pool1d": "input kernel_size stride padding ceil_mode count_include_pad",
    "avg_pool3d": "input kernel_size stride padding ceil_mode count_include_pad divisor_override",
    "bilinear": "input1 input2 weight bias",
    "celu_": "input alpha",
    "channel_shuffle": "input groups",
    "conv1d": "input weight bias stride padding dilation groups",
    "conv3d": "input weight bias stride padding dilation groups",
    **dict.fromkeys(
        ("conv_transpose1d", "conv_transpose2d", "conv_transpose3d"),
        "input weight bias stride padding output_padding groups dilation",
    ),
    "cosine_similarity": "x1 x2 dim eps",
    "elu_": "input alpha",
    **dict.fromkeys(
        ("fractional_max_pool2d", "fractional_max_pool3d"),
        "input kernel_size output_size output_ratio return_indices _random_samples",
    ),
    "hardshrink": "input lambd",
    "hardtanh_": "input min_val max_val",
    "leaky_relu_": "input negative_slope",
    "pairwise_distance": "x1 x2 p eps keepdim",
    "pdist": "input p",
    "pixel_shuffle": "input upscale_factor",
    "pixel_unshuffle": "input downscale_factor",
    "prelu": "input weight",
    "relu_": "input",
    "rrelu_": "input lower upper training",
    "selu_": "input",
    "softshrink": "input lambd",
    "threshold_": "input threshold value",
    **dict.fromkeys(
        ("max_pool1d", "max_pool3d"), "input kernel_size stride padding dilation ceil_mode return_indices"
    ),
    **dict.fromkeys([f"adaptive_max_pool{n}d" for n in (1, 2, 3)], "input output_size return_indices"),
    "avg_pool2d": "input kernel_size stride padding ceil_mode count_include_pad divisor_override",
    "conv2d": "input weight bias stride padding dilation groups",
    "gelu": "input approximate",
    "linear": "input weight bias",
    "logsigmoid": "input",
    "max_pool2d": "input kernel_size stride padding dilation ceil_mode return_indices",
    "one_hot": "tensor num_classes",
    "scaled_dot_product_attention": "query key value attn_mask dropout_p is_causal scale enable_gqa",
    "softplus": "input beta threshold",
}
OF_CLASSES = {
    "RNN": """
        input_size hidden_size num_layers nonlinearity bias batch_first dropout bidirectional device dtype""",
    "GRU": "input_size hidden_size num_layers bias batch_first dropout bidirectional device dtype",
    "LSTM": """
        input_size hidden_size num_layers bias batch_first dropout bidirectional proj_size device dtype""",
}


@pytest.mark.parametrize("name", [n for n in F.__all__ if n not in OUR_FUNCTIONS])
def test_functions_take_arguments_by_place_as_pytorchs_do(name: str) -> None:
    theirs = getattr(pytest.importorskip("torch").nn.functional, name)
    wanted = IN_CPP[name].split() if name in IN_CPP else places(theirs)
    assert places(getattr(F, name)) == [n for n in wanted if n != "out"]


@pytest.mark.parametrize("name", [n for n in nn.__all__ if n[0].isupper() and n not in OURS])
def test_layers_take_arguments_by_place_as_pytorchs_do(name: str) -> None:
    theirs = getattr(pytest.importorskip("torch").nn, name)
    mine = places(getattr(nn, name))
    wanted = OF_CLASSES[name].split() if name in OF_CLASSES else places(theirs)
    assert mine == (["data", "requires_grad"] if name == "Parameter" else wanted)


@pytest.mark.parametrize("name", ["SGD", "Adam", "AdamW"])
def test_optimizers_take_arguments_by_place_as_pytorchs_do(name: str) -> None:
    theirs = getattr(pytest.importorskip("torch").optim, name)
    assert places(getattr(optim, name)) == places(theirs)
    mine = set(inspect.signature(getattr(optim, name)).parameters)
    assert mine == set(inspect.signature(theirs).parameters)


@pytest.mark.parametrize("name", optim.lr_scheduler.__all__)
def test_schedules_take_arguments_by_place_as_pytorchs_do(name: str) -> None:
    torch = pytest.importorskip("torch")
    theirs = getattr(torch.optim.lr_scheduler, name)
    assert places(getattr(optim.lr_scheduler, name)) == places(theirs)


# ---- what they do ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("dims", "axis"), [(0, 0), (1, 0), (2, 1), (3, 0), (4, 1)])
@pytest.mark.parametrize("name", ["softmax", "log_softmax"])
def test_without_an_axis_softmax_takes_pytorchs_and_says_so(name: str, dims: int, axis: int) -> None:
    x = h.tensor(numbers(*range(2, 2 + dims)))
    with pytest.warns(UserWarning, match=f"{name}: name the axis, .* axis {axis} is taken"):
        y = getattr(F, name)(x)
    assert (y == getattr(F, name)(x, axis)).all()
    layer = {"softmax": nn.Softmax, "log_softmax": nn.LogSoftmax}[name]()
    with pytest.warns(UserWarning, match="name the axis"):
        assert (layer(x) == y).all()
    with pytest.raises(TypeError, match=f"{name}: needs an axis"):
        getattr(x, name)()


@pytest.mark.parametrize("name", ["relu", "leaky_relu", "elu", "silu", "dropout"])
def test_in_place_changes_the_tensor_itself(name: str) -> None:
    x = h.tensor([-1.0, 2.0])
    options = {"p": 1.0} if name == "dropout" else {}
    right = getattr(F, name)(x, **options).tolist()
    assert x.tolist() == [-1, 2]
    assert getattr(F, name)(x, **options, inplace=True) is x
    assert x.tolist() == right
    layers = {
        "relu": nn.ReLU,
        "leaky_relu": nn.LeakyReLU,
        "elu": nn.ELU,
        "silu": nn.SiLU,
        "dropout": nn.Dropout,
    }
    z = h.tensor([-1.0, 2.0])
    layer = layers[name](**options, inplace=True)
    assert layer(z) is z
    assert z.tolist() == right
    assert repr(layer).endswith("inplace=True)")


def test_the_old_words_for_a_reduction() -> None:
    x, t = h.tensor([1.0, 3.0]), h.tensor([0.0, 0.0])
    assert F.mse_loss(x, t, None, None, "sum").item() == 10
    assert F.mse_loss(x, t, False).item() == 10
    assert F.mse_loss(x, t, True).item() == 5
    assert F.mse_loss(x, t, reduce=False).tolist() == [1, 9]
    assert nn.L1Loss(False)(x, t).item() == 4
    assert nn.CrossEntropyLoss(None, None, 0)(h.zeros(2, 2), h.tensor([0, 1])).item() == pytest.approx(
        math.log(2)
    )
    assert nn.BCEWithLogitsLoss(reduction="sum")(h.zeros(2), t).item() == pytest.approx(2 * math.log(2))
    with pytest.raises(ValueError, match="reduction needs"):
        F.mse_loss(x, t, reduction="average")


def test_weights_of_losses() -> None:
    x, t, w = h.tensor([1.0, 3.0]), h.zeros(2), h.tensor([1.0, 3.0])
    assert F.mse_loss(x, t, weight=w).item() == (1 + 3 * 9) / 4
    assert F.l1_loss(x, t, weight=w, reduction="sum").item() == 10
    assert F.huber_loss(x, t, weight=w).item() == (0.5 + 3 * 2.5) / 2  # divided by the number of losses
    with pytest.raises(ValueError, match="mse_loss: weight: needs two tensors of one shape"):
        F.mse_loss(x, t, weight=h.ones(3))


def test_softplus_above_its_threshold_is_x() -> None:
    assert F.softplus(h.tensor([1.0, 3.0]), 2.0, 5.0).tolist() == pytest.approx(
        [math.log1p(math.exp(2)) / 2, 3]
    )
    assert F.softplus(h.tensor([3e38]), 2.0).item() == pytest.approx(3e38)
    assert repr(nn.Softplus(2, 5)) == "Softplus(beta=2, threshold=5)"
    with pytest.raises(ValueError, match="softplus: needs a beta other than 0"):
        F.softplus(h.ones(1), 0)


# ---- images ------------------------------------------------------------------------------------------------


def test_the_padding_row_starts_at_zero_and_stays() -> None:
    table = nn.Embedding(4, 3, padding_idx=-1)
    assert table.padding_idx == 3
    assert repr(table) == "Embedding(4, 3, padding_idx=3)"
    assert table.weight[3].tolist() == [0, 0, 0]
    table(h.tensor([[0, 3], [3, 1]])).sum().backward()
    assert table.weight.grad is not None
    assert table.weight.grad[:, 0].tolist() == [1, 1, 0, 0]
    frozen = nn.Embedding.from_pretrained(h.ones(2, 3))
    assert not frozen.weight.requires_grad
    assert frozen(h.tensor([1])).tolist() == [[1, 1, 1]]
    with pytest.raises(ValueError, match="Embedding: needs a padding_idx within 4, got 4"):
        nn.Embedding(4, 3, padding_idx=4)
    with pytest.raises(ValueError, match="one_hot: needs num_classes of 1 or more"):
        F.one_hot(h.tensor([0]), 0)


def test_attention_broadcasts_and_shares_heads() -> None:
    torch = pytest.importorskip("torch")
    q, k, v = numbers(2, 4, 5, 8), numbers(2, 2, 6, 8), numbers(2, 2, 6, 3)
    mine = F.scaled_dot_product_attention(*map(h.tensor, (q, k, v)), enable_gqa=True)
    theirs = torch.nn.functional.scaled_dot_product_attention(*map(torch.tensor, (q, k, v)), enable_gqa=True)
    assert np.allclose(mine.numpy(), theirs.numpy(), 1e-4, 1e-5)
    wide = F.scaled_dot_product_attention(*map(h.tensor, (q, k[:1, :1], v[:, :1])))
    assert wide.shape == (2, 4, 5, 3)
    with pytest.raises(ValueError, match="axes before the last two are equal or 1"):
        F.scaled_dot_product_attention(*map(h.tensor, (q, k, v)))
    with pytest.raises(ValueError, match="enable_gqa needs"):
        F.scaled_dot_product_attention(*map(h.tensor, (q[:, :3], k, v)), enable_gqa=True)


@pytest.mark.parametrize("options", [{"device": "cuda"}, {"dtype": h.int64}, {"dtype": "complex64"}], ids=str)
@pytest.mark.parametrize(
    "layer",
    [
        nn.Linear,
        nn.RNN,
        nn.GRU,
        nn.LSTM,
        nn.LSTMCell,
        nn.Embedding,
        nn.MultiheadAttention,
        nn.TransformerEncoderLayer,
    ],
)
def test_another_device_or_dtype_is_refused_by_the_layer(layer: Any, options: Any) -> None:
    assert layer(4, 2, device="cpu", dtype=h.float32) is not None
    with pytest.raises((ValueError, TypeError), match=f"^{layer.__name__}: .*got"):
        layer(4, 2, **options)
