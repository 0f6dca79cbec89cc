"""The table of special points: numbers at which a composed function is most likely to be wrong.

The rows are in tests/functional/test_special_points.py. Each is one line of PyTorch, run on `h`, which is
hello_dl once and torch once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from table import Array

INF, NAN = float("inf"), float("nan")

# Zeros, kinks, ends of ranges; where e^x is 0, inf or 1 in a float; thresholds; huge and tiny numbers.
POINTS: tuple[float, ...] = (
    0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 2.0, -2.0, 3.0, -3.0, 6.0, -6.0, 10.0, -10.0, 16.0, -16.0, 17.0, -17.0,
    20.0, -20.0, 20.5, -20.5, 88.0, -88.0, 89.0, -89.0, 104.0, -104.0, 1e-3, -1e-3, 1e-8, -1e-8, 1e-20,
    -1e-20, 1e-38, -1e-38, 1e5, -1e5, 1e10, -1e10, 1e20, -1e20, 3e38, -3e38, INF, -INF, NAN,
)  # fmt: skip

# Rows of numbers: constants, ties, several of the largest, overflow and underflow of squares and of e^x.
ROWS: tuple[tuple[float, ...], ...] = (
    (0.0, 0.0, 0.0, 0.0), (-0.0, 0.0, -0.0, 0.0), (5.0, 5.0, 5.0, 5.0), (-5.0, -5.0, -5.0, -5.0),
    (0.0, 0.0, 0.0, 1.0), (3.0, 3.0, -3.0, 1.0), (1.0, 2.0, 2.0, 1.0), (0.0, 3.0, -4.0, 0.0),
    (1e-30, 0.0, 0.0, 0.0), (1e-12, -1e-12, 0.0, 0.0), (1e10, -1e10, 1e10, 0.0), (1e20, 1e20, 0.0, 0.0),
    (100.0, 0.0, -100.0, 0.0), (1e4, 1e4 + 1, 1e4 - 1, 1e4),
    (INF, 1.0, 2.0, 3.0), (-INF, 1.0, 2.0, 3.0), (-INF, -INF, -INF, -INF), (INF, -INF, 0.0, 0.0),
    (NAN, 1.0, 2.0, 3.0), (1.0, NAN, NAN, -1.0),
)  # fmt: skip


@dataclass(frozen=True)
class Row:
    """A function to try at special points."""

    name: str  # the function's name, so that a test can say which function has no row
    call: Callable[..., Any]  # of h and the inputs
    inputs: tuple[Array, ...]  # the first one gets a gradient
    note: str = ""  # how it is called, for the name of the test

    def __str__(self) -> str:
        return f"{self.name} {self.note}".strip()


@dataclass(frozen=True)
class Difference:
    """Where a function differs from PyTorch's, and why that is accepted."""

    names: tuple[str, ...]
    reason: str
    where: Callable[[Array], Array]  # of the first input (n, ...), which of the n points or rows
    gradient_only: bool = True
    notes: tuple[str, ...] = ()  # of which rows of these names; all if there are none


def column(numbers: Sequence[float]) -> Array:
    """Return numbers as float32 (16 n,), each 16 times: in different places of the vector registers."""
    return np.tile(np.array(numbers, np.float32), 16)


def pairs(first: Sequence[float], second: Sequence[float]) -> tuple[Array, Array]:
    """Return all pairs of two lists, as two arrays (16 n,)."""
    a, b = np.meshgrid(np.float32(first), np.float32(second), indexing="ij")
    return column(a.reshape(-1)), column(b.reshape(-1))


def any_of(x: Array, which: Callable[[Array], Array]) -> Array:
    """Return for each point or row of x whether one of its numbers is so."""
    with np.errstate(all="ignore"):
        return np.asarray(which(x).reshape(len(x), -1).any(1))


def results(h: Any, row: Row, from_numpy: Callable[[Array], Any]) -> tuple[Array, Array]:
    """Return the value, and the gradient of its sum for the first input."""
    first, *others = (from_numpy(x) for x in row.inputs)
    first.requires_grad = True
    y = row.call(h, first, *others)
    y.backward(h.ones(tuple(y.shape)))
    gradient = np.zeros_like(row.inputs[0]) if first.grad is None else first.grad.numpy()
    return np.asarray(y.detach().numpy()), np.asarray(gradient)


def same_numbers(a: Array, b: Array, atol: float) -> Array:
    """Return for each number whether two agree: equal, both NaN, or close."""
    a, b = a.astype(np.float64), b.astype(np.float64)
    with np.errstate(all="ignore"):
        close = np.abs(a - b) <= atol + 1e-4 * np.abs(b)
    return np.asarray((a == b) | (np.isnan(a) & np.isnan(b)) | (close & np.isfinite(a) & np.isfinite(b)))


# What has no row among the special points, and why.
ELSEWHERE = {
    "shapes, places and copies: the numbers stay": """
        cat embedding expand flatten gather index_select multiply permute pick reshape slice tril triu""",
    "no gradient": """
        all allclose any argmax argmin argsort bincount eq equal ge gt isfinite isinf isnan le logical_not lt
        ne nonzero one_hot unique""",
    "sums of products": "conv2d dot linear matmul",
    "sums by index, the transposes of gather and index_select": "index_sum scatter_sum",
    "of images, in tests/support/cases_images.py": """
        adaptive_avg_pool1d adaptive_avg_pool2d adaptive_avg_pool3d adaptive_max_pool1d adaptive_max_pool2d
        adaptive_max_pool3d affine_grid avg_pool1d avg_pool3d channel_shuffle conv1d conv3d conv_transpose1d
        conv_transpose2d conv_transpose3d fold grid_sample interpolate max_pool1d max_pool3d max_unpool1d
        max_unpool2d max_unpool3d pad pixel_shuffle pixel_unshuffle unfold upsample upsample_bilinear
        upsample_nearest""",
    "other names for functions with rows": "divide subtract true_divide",
    "layers of a whole sequence, in tests/nn/": "gru lstm rnn",
    "a loss of a whole sequence, in test_ctc.py": "ctc ctc_loss",
    "attention, in tests/nn/test_attention.py": """
        attention attention_weights heads_attention scaled_dot_product_attention""",
    "drawn at random, in test_dropouts.py": """
        alpha_dropout dropout1d dropout2d dropout3d feature_alpha_dropout gumbel_softmax""",
    "at random places, in test_fractional.py": "fractional_max_pool2d fractional_max_pool3d",
    "changes in place, of functions with rows": """
        celu_ elu_ hardtanh_ leaky_relu_ relu_ rrelu_ selu_ threshold_""",
    "of layers and losses with rows in cases_modules.py": """
        bilinear cosine_embedding_loss cosine_similarity embedding_bag gaussian_nll_loss instance_norm
        local_response_norm lp_pool1d lp_pool2d lp_pool3d margin_ranking_loss multi_margin_loss
        multilabel_margin_loss multilabel_soft_margin_loss pairwise_distance pdist triplet_margin_loss
        triplet_margin_with_distance_loss""",
    "positions": "rotary sinusoidal_positions",
    "parts of batch_norm": "channel_affine channel_variance image_moments",
    "no function of numbers": "backward",
}
