"""The rows of the table of ops for what layers are made of: products, images, normalisation."""

from __future__ import annotations

from math import prod
from typing import Any

from table import apart, case, ones, real, refused, refused_shapes, same

CUBE = (real(5, 4, 3),)

# ---- products ----------------------------------------------------------------------------------------------

for a, b in (
    ((3,), (3,)), ((3,), (3, 4)), ((3,), (5, 3, 4)), ((5, 3), (3,)), ((2, 5, 3), (3,)), ((5, 3), (3, 4)),
    ((40, 30), (30, 50)), ((6, 5, 3), (3, 4)), ((6, 5, 3), (6, 3, 4)), ((1, 5, 3), (6, 3, 4)),
    ((6, 5, 3), (1, 3, 4)),
    ((5, 3), (6, 3, 4)), ((6, 2, 5, 3), (6, 2, 3, 4)), ((6, 2, 5, 3), (2, 3, 4)),
    ((6, 2, 5, 3), (6, 1, 3, 4)),
    ((1, 2, 5, 3), (6, 1, 3, 4)), ((2, 5, 3), (6, 1, 3, 4)), ((6, 2, 5, 3), (3, 4)), ((6, 2, 5, 3), (3,)),
    ((0, 3), (3, 4)), ((0, 5, 3), (0, 3, 4)),
    ((4, 2, 3, 5, 3), (4, 2, 3, 3, 2)), ((4, 1, 3, 5, 3), (2, 3, 3, 2)), ((5, 3), (2, 1, 3, 3, 2)),
    ((3, 2, 2, 2, 4, 3), (3,)), ((4, 2, 3, 5, 3), (3, 2)), ((2, 1, 2, 4, 0), (2, 3, 2, 0, 2)),
):  # fmt: skip
    same("matmul", (real(*a), real(*b)))
same(
    "linear", (real(7, 3), real(4, 3), real(4)), (real(7, 2, 3), real(4, 3), real(4)),
    (real(3), real(4, 3), real(4)),
    (real(7, 3), real(4, 3)), (real(70, 30), real(40, 30)), at="nn.functional.linear",
)  # fmt: skip
refused_shapes("matmul", "on the right, got (2, 3) and (2, 3)", (2, 3), (2, 3))
refused_shapes("matmul", "one axis or more on both sides, got () and (2,)", (), (2,))
refused_shapes("matmul", "matmul: needs shapes that are", (2, 4, 3), (3, 3, 2))
refused_shapes("linear", "(out, in), got (2, 3) and (4, 2)", (2, 3), (4, 2))
refused_shapes("linear", "shape (4,), got (3,)", (2, 3), (4, 3), (3,))

# ---- images ------------------------------------------------------------------------------------------------

conv: dict[str, Any] = {"at": "nn.functional.conv2d"}
options: dict[str, Any]
for options in (
    {}, {"stride": 2}, {"padding": 1}, {"dilation": 2}, {"padding": 3, "stride": 3},
    {"stride": (2, 1), "padding": (0, 2), "dilation": (1, 2)},
):  # fmt: skip
    same(
        "conv2d", (real(4, 3, 7, 8), real(5, 3, 3, 3), real(5)),
        (real(2, 1, 6, 9), real(16, 1, 3, 2), real(16)),
        (real(3, 2, 5, 6), real(2, 2, 1, 1), real(2)), **conv, **options,
    )  # fmt: skip
same("conv2d", (real(5, 2, 4, 4), real(3, 2, 4, 4)), (real(3, 40, 5, 5), real(33, 40, 3, 3)), **conv)
for groups in (2, 4):
    same("conv2d", (real(3, 4, 5, 6), real(8, 4 // groups, 3, 3)), **conv, groups=groups, padding=1)
windows: tuple[dict[str, Any], ...] = (
    {"kernel_size": 2}, {"kernel_size": 3, "stride": 2}, {"kernel_size": 3, "stride": 2, "padding": 1},
    {"kernel_size": 2, "ceil_mode": True}, {"kernel_size": (2, 3), "stride": (3, 1), "padding": (1, 0)},
    {"kernel_size": 3, "stride": 2, "padding": 1, "ceil_mode": True}, {"kernel_size": (1, 2), "stride": 3},
)  # fmt: skip
for options in windows:
    same("max_pool2d", (apart(3, 2, 7, 8),), (apart(2, 9, 5, 4),), at="nn.functional.max_pool2d", **options)
    same("avg_pool2d", (real(3, 2, 7, 8),), (real(2, 9, 5, 4),), at="nn.functional.avg_pool2d", **options)
same("avg_pool2d", (real(3, 2, 7, 8),), at="nn.functional.avg_pool2d", args=(3, 2, 1, True, False))
for op in ("max_pool2d", "avg_pool2d"):
    for words, args in (
        ("window of 5", (5,)), ("stride from 1", (2, 0)), ("half the window", (2, 2, 2)),
        ("one or two numbers", ((1, 2, 3),)),
    ):  # fmt: skip
        refused(op, lambda c, n=op, a=args: getattr(c, n)(ones(c, 2, 1, 4, 4), *a), words)
    refused(op, lambda c, n=op: getattr(c, n)(ones(c, 2, 3, 4), 2), "images (N, C, H, W), got (2, 3, 4)")
for words, x, w, options in (
    ("conv2d: needs x (N, C, H, W)", (2, 3, 4), (1, 3, 3, 3), {}),
    ("conv2d: needs", (2, 3, 4, 4), (1, 2, 3, 3), {}),
    ("at least as large as the kernel", (2, 3, 4, 4), (1, 3, 5, 3), {}),
    ("conv2d: needs", (2, 4, 4, 4), (3, 2, 3, 3), {"groups": 2}),
    ("stride from 1", (2, 3, 4, 4), (1, 3, 3, 3), {"stride": 0}),
    ("one or two numbers", (2, 3, 4, 4), (1, 3, 3, 3), {"padding": (1, 1, 1)}),
):
    refused_shapes("conv2d", words, x, w, **options)
refused_shapes("conv2d", "(1,), got (2,)", (2, 3, 4, 4), (1, 3, 3, 3), (2,))

# ---- normalisation -----------------------------------------------------------------------------------------


def layer_norm(*inputs: Any, size: tuple[int, ...], weight: bool = True, eps: float = 1e-5) -> None:
    def ours(c: Any, x: Any, *rest: Any) -> Any:
        return c.layer_norm(x, prod(size), *((None,) if not weight and rest else ()), *rest, eps=eps)

    def theirs(t: Any, x: Any, *rest: Any) -> Any:
        return t.nn.functional.layer_norm(x, size, *((None,) if not weight and rest else ()), *rest, eps=eps)

    case("layer_norm", ours, theirs, *inputs)


layer_norm(CUBE, (real(7, 3),), (real(3),), size=(3,))
layer_norm((*CUBE, real(4, 3), real(4, 3)), (real(2, 5, 4, 3), real(4, 3), real(4, 3)), size=(4, 3), eps=1e-3)
layer_norm((*CUBE, real(5, 4, 3)), size=(5, 4, 3))
layer_norm((real(9, 40), real(40)), size=(40,), weight=False)
refused_shapes("layer_norm", "lines of 4, got (2, 3)", (2, 3), size=4)
refused("layer_norm", lambda c: c.layer_norm(ones(c, 2, 3), 3, ones(c, 2)), "weight of 3 numbers, got (2,)")
refused("layer_norm", lambda c: c.layer_norm(ones(c, 2, 3), 3, None, ones(c, 2)), "bias of 3 numbers")


def per_channel(x: Any, c: Any) -> Any:
    return c.reshape(1, -1, *[1] * (x.ndim - 2))


case(
    "channel_variance",
    lambda c, x: c.channel_variance(x, c.mean(x, (0, *range(2, x.ndim)))),
    lambda t, x: x.transpose(0, 1).flatten(1).var(1, correction=0),
    (real(7, 3),), (real(3, 4, 5, 2),), (real(2, 9, 3, 3),),
)  # fmt: skip


def moments(images: Any) -> tuple[Any, Any]:
    pixels = images.flatten(2)
    return pixels.mean(2), pixels.var(2, correction=0)


case(
    "image_moments",
    lambda c, x: c.image_moments(x),
    lambda t, x: t.stack(moments(x), 1),
    (real(3, 4, 5, 2),), (real(2, 9, 3, 3),), (real(3, 2, 1, 1),),
)  # fmt: skip
refused_shapes("image_moments", "needs images (n, c, h, w), got (2, 3)", (2, 3))
case(
    "channel_affine",
    lambda c, x, a, b: c.channel_affine(x, a, b),
    lambda t, x, a, b: x * per_channel(x, a) + per_channel(x, b),
    (real(7, 3), real(3), real(3)), (real(3, 4, 5, 2), real(4), real(4)),
    (real(2, 9, 3, 3), real(9), real(9)),
)  # fmt: skip
refused_shapes("channel_variance", "needs mean of shape (3,)", (2, 3), (2,))
refused_shapes("channel_affine", "needs shift of shape (3,)", (2, 3), (3,), (2,))
refused_shapes("channel_affine", "(n, c) or (n, c, h, w)", (3,), (3,), (3,))
