"""The table of layers and losses: how each is made, and the inputs that it gets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from table import Array, Kind, apart, integers, positive, real


@dataclass(frozen=True)
class Layer:
    """A layer of PyTorch and hello_dl with its settings; inputs are made anew for each of the tuples."""

    name: str
    args: tuple[Any, ...]
    settings: dict[str, Any]
    inputs: tuple[tuple[Any, ...], ...]  # kinds of random numbers, or numbers

    def __str__(self) -> str:
        settings = [*map(repr, self.args), *(f"{k}={v!r}" for k, v in self.settings.items())]
        return f"{self.name}({', '.join(settings)})"


LAYERS: list[Layer] = []


def layer(name: str, *args: Any, on: Any, **settings: Any) -> None:
    """Add a layer. `on` is one input, a tuple of inputs, or a list of several of either."""
    every = on if isinstance(on, list) else [on]
    inputs = tuple(one if isinstance(one, tuple) else (one,) for one in every)
    LAYERS.append(Layer(name, args, settings, inputs))


def signs(*shape: int) -> Array:
    """Return 1 and -1 by turns."""
    return np.resize(np.array([1, -1, -1]), shape)


def made(one: Any, rng: np.random.Generator) -> Array:
    """Return the numbers of one input, float32 or int64."""
    numbers = one.make(rng) if isinstance(one, Kind) else np.asarray(one)
    return numbers.astype(np.float32) if numbers.dtype == np.float64 else numbers


LINE, IMAGE, VOLUME = real(2, 4, 9), real(2, 4, 6, 7), real(2, 4, 4, 5, 6)
ONE_LINE, ONE_IMAGE = real(4, 9), real(4, 6, 7)
FAR, ROWS = apart(4, 6), real(4, 6)

# ---- activations -------------------------------------------------------------------------------------------

for name in (
    "ReLU6", "Hardsigmoid", "Hardswish", "Hardtanh", "CELU", "SELU", "Mish", "LeakyReLU", "ELU", "SiLU",
):  # fmt: skip
    layer(name, on=[FAR, real(3)])
    if name not in ("Hardsigmoid", "Hardswish"):  # whose repr is silent about it in PyTorch
        layer(name, inplace=False, on=real(2, 3, 2))
for name in ("Hardshrink", "Softshrink", "Softsign", "Tanhshrink", "LogSigmoid", "GLU"):
    layer(name, on=[FAR, real(2, 3, 4)])
layer("Hardtanh", -0.5, 2.0, on=FAR)
layer("CELU", 2.0, on=ROWS)
layer("Hardshrink", 0.2, on=FAR)
layer("Softshrink", 0.2, on=FAR)
layer("Threshold", 0.3, 7.0, on=FAR)
layer("GLU", 0, on=ROWS)
layer("Softmin", 1, on=ROWS)
layer("Softmin", dim=-1, on=LINE)
layer("Softmax2d", on=[IMAGE, ONE_IMAGE])
layer("PReLU", on=[FAR, real(5)])
layer("PReLU", 4, 0.1, on=IMAGE)

# ---- convolutions, pooling, padding, resizing --------------------------------------------------------------

layer("Conv1d", 4, 6, 3, on=[LINE, ONE_LINE])
layer("Conv1d", 4, 6, 3, stride=2, padding=1, dilation=2, groups=2, bias=False, on=LINE)
layer("Conv1d", 4, 6, 4, padding="same", on=LINE)
layer("Conv3d", 4, 3, 2, stride=(1, 2, 1), padding=(0, 1, 1), on=VOLUME)
layer("ConvTranspose1d", 4, 6, 3, stride=2, padding=1, output_padding=1, on=[LINE, ONE_LINE])
layer("ConvTranspose2d", 4, 6, 2, stride=2, on=[IMAGE, ONE_IMAGE])
layer("ConvTranspose2d", 4, 6, (3, 2), padding=(1, 0), groups=2, dilation=2, bias=False, on=IMAGE)
layer("ConvTranspose3d", 4, 2, 2, stride=2, on=VOLUME)
for mode in ("zeros", "reflect", "replicate", "circular"):
    layer("Conv2d", 4, 3, 3, padding=(1, 2), padding_mode=mode, on=[IMAGE, ONE_IMAGE])
    layer("Conv1d", 4, 3, 4, padding="same", padding_mode=mode, on=LINE)
layer("MaxPool1d", 2, on=[LINE, ONE_LINE])
layer("MaxPool1d", 3, 2, 1, ceil_mode=True, on=LINE)
layer("MaxPool3d", 2, on=VOLUME)
layer("AvgPool1d", 3, 2, 1, count_include_pad=False, on=[LINE, ONE_LINE])
layer("AvgPool3d", 2, padding=1, on=VOLUME)
for axes, image in ((1, LINE), (2, IMAGE), (3, VOLUME)):
    layer(f"AdaptiveAvgPool{axes}d", 1, on=image)
    layer(f"AdaptiveAvgPool{axes}d", 3, on=image)
    layer(f"LPPool{axes}d", 2, 2, on=image)
    layer(f"AdaptiveMaxPool{axes}d", 3, on=image)
layer("AdaptiveAvgPool2d", (None, 2), on=[IMAGE, ONE_IMAGE])
layer("LPPool2d", 3.0, (2, 3), stride=2, ceil_mode=True, on=positive(2, 4, 6, 7))
places = np.stack([np.stack([np.array([[0, 3], [13, 14]])] * 4)] * 2)
layer("MaxUnpool2d", 2, on=(real(2, 4, 2, 2), places))
for axes, image in ((1, LINE), (2, IMAGE), (3, VOLUME)):
    widths = (2, 1, 0, 1, 1, 0)[: 2 * axes]
    for kind in ("Zero", "Reflection", "Replication", "Circular"):
        layer(f"{kind}Pad{axes}d", 1, on=image)
        layer(f"{kind}Pad{axes}d", widths, on=image)
    layer(f"ConstantPad{axes}d", widths, 1.5, on=image)
layer("ZeroPad2d", (-1, 1, 0, -2), on=[IMAGE, ONE_IMAGE])
for mode, image in (("nearest", LINE), ("linear", LINE), ("nearest", IMAGE), ("bilinear", IMAGE)):
    layer("Upsample", scale_factor=2, mode=mode, on=image)
layer("Upsample", (9, 5), mode="bilinear", align_corners=True, on=IMAGE)
layer("UpsamplingNearest2d", scale_factor=2, on=IMAGE)
layer("UpsamplingBilinear2d", (12, 9), on=IMAGE)
layer("PixelShuffle", 2, on=[IMAGE, ONE_IMAGE])
layer("PixelUnshuffle", 2, on=real(2, 3, 4, 6))
layer("ChannelShuffle", 2, on=[IMAGE, LINE])
layer("Unfold", 3, padding=1, stride=2, on=IMAGE)
layer("Fold", (5, 4), 2, on=real(2, 12, 12))
layer("Unflatten", 1, (2, 3), on=ROWS)
layer("Unflatten", -1, (2, -1), on=ROWS)

# ---- normalisation -----------------------------------------------------------------------------------------

layer("BatchNorm3d", 4, on=VOLUME)
layer("GroupNorm", 2, 4, on=[IMAGE, LINE, real(3, 4)])
layer("GroupNorm", 4, 4, affine=False, eps=1e-3, on=IMAGE)
layer("GroupNorm", 1, 4, bias=False, on=LINE)
for axes, image in ((1, LINE), (2, IMAGE), (3, VOLUME)):
    layer(f"InstanceNorm{axes}d", 4, on=image)
    layer(f"InstanceNorm{axes}d", 4, affine=True, track_running_stats=True, momentum=0.3, on=image)
layer("InstanceNorm1d", 4, on=ONE_LINE)
layer("LocalResponseNorm", 3, alpha=0.5, on=[IMAGE, LINE])
layer("LocalResponseNorm", 2, 0.1, 0.5, 2.0, on=IMAGE)

# ---- two inputs, tables ------------------------------------------------------------------------------------

PAIR = (real(5, 3), real(5, 3))
layer("CosineSimilarity", on=[PAIR, (real(5, 3, 2), real(1, 3, 2))])
layer("CosineSimilarity", dim=-1, on=PAIR)
layer("PairwiseDistance", on=[PAIR, (real(3), real(3))])
layer("PairwiseDistance", p=1.0, keepdim=True, on=PAIR)
layer("Bilinear", 3, 4, 2, on=[(real(5, 3), real(5, 4)), (real(2, 5, 3), real(2, 5, 4)), (real(3), real(4))])
layer("Bilinear", 3, 4, 2, bias=False, on=(real(5, 3), real(5, 4)))
layer("Embedding", 6, 3, max_norm=1.0, on=integers(6, 2, 4))
layer("Embedding", 6, 3, scale_grad_by_freq=True, padding_idx=2, on=np.array([[1, 1, 2, 5], [1, 0, 2, 2]]))
BAGS = (np.array([0, 4, 2, 2, 5, 1, 0]), np.array([0, 2, 2, 5]))
for mode in ("sum", "mean", "max"):
    layer("EmbeddingBag", 6, 3, mode=mode, on=[integers(6, 4, 5), BAGS])
    layer("EmbeddingBag", 6, 3, mode=mode, padding_idx=2, on=[integers(6, 4, 5), BAGS])
layer("EmbeddingBag", 6, 3, mode="sum", include_last_offset=True, on=(BAGS[0], np.array([0, 2, 2, 7])))
layer("EmbeddingBag", 6, 3, max_norm=0.5, on=integers(6, 2, 4))

# ---- losses ------------------------------------------------------------------------------------------------

SHARES = positive(5, 3)
for words in (
    {}, {"reduction": "none"}, {"reduction": "sum"}, {"size_average": False}, {"reduce": False},
):  # fmt: skip
    layer("MarginRankingLoss", margin=0.3, on=(real(5), real(5), signs(5)), **words)
    layer("HingeEmbeddingLoss", on=(real(5, 3), signs(5, 3)), **words)
    layer("CosineEmbeddingLoss", margin=0.1, on=(*PAIR, signs(5)), **words)
    layer("SoftMarginLoss", on=(real(5, 3), signs(5, 3)), **words)
    layer("MultiMarginLoss", on=[(real(5, 4), integers(4, 5)), (real(4), np.array(2))], **words)
    layer("MultiLabelMarginLoss", on=(real(2, 4), np.array([[3, 0, -1, 1], [-1, 2, 2, 2]])), **words)
    layer("MultiLabelSoftMarginLoss", on=[(ROWS, integers(2, 4, 6)), (real(4), integers(2, 4))], **words)
    layer("TripletMarginLoss", on=[(*PAIR, real(5, 3)), (real(3), real(3), real(3))], **words)
    layer("KLDivLoss", on=(real(5, 3), SHARES), **words)
    layer("PoissonNLLLoss", on=(real(5, 3), integers(5, 5, 3)), **words)
for reduction in ("mean", "none", "sum"):
    layer("GaussianNLLLoss", reduction=reduction, on=[(*PAIR, SHARES), (*PAIR, positive(5, 1))])
    layer("TripletMarginWithDistanceLoss", reduction=reduction, swap=True, on=(*PAIR, real(5, 3)))
layer("MultiMarginLoss", 2, 0.7, on=(real(5, 4), integers(4, 5)))
layer("TripletMarginLoss", 0.5, 1.0, swap=True, on=(*PAIR, real(5, 3)))
layer("KLDivLoss", reduction="batchmean", log_target=True, on=PAIR)
layer("PoissonNLLLoss", log_input=False, full=True, on=(SHARES, integers(5, 5, 3)))
layer("GaussianNLLLoss", full=True, eps=0.8, on=(*PAIR, SHARES))

# ---- transformers ------------------------------------------------------------------------------------------

SMALL = (8, 2, 16, 0.0)
TWO = (real(5, 2, 8), real(4, 2, 8))
layer("TransformerDecoderLayer", *SMALL, on=[TWO, (real(5, 8), real(4, 8))])
layer(
    "TransformerDecoderLayer",
    *SMALL,
    "gelu",
    batch_first=True,
    norm_first=True,
    on=(real(2, 5, 8), real(2, 4, 8)),
)
layer("TransformerDecoderLayer", *SMALL, bias=False, on=TWO)
layer("Transformer", 8, 2, 1, 2, 16, 0.0, on=TWO)
layer(
    "Transformer",
    8,
    2,
    2,
    1,
    16,
    0.0,
    "gelu",
    batch_first=True,
    norm_first=True,
    on=(real(2, 5, 8), real(2, 4, 8)),
)
