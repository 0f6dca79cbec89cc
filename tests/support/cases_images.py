"""Rows of the second table: convolutions by other names, pooling to a size, resizing, patches."""

from __future__ import annotations

from typing import Any

from table import Case, Inputs, apart, real

ROWS: list[Case] = []


def functional(name: str, *inputs: Inputs, args: tuple[Any, ...] = (), **options: Any) -> None:
    """Add a row: the function of this name with these arguments, called in both packages."""

    def call(h: Any, *x: Any) -> Any:
        return getattr(h.nn.functional, name)(*x, *args, **options)

    ROWS.append(Case(name, call, call, inputs, composed=True))


LINES, IMAGES, VOLUMES = (real(3, 2, 7),), (real(3, 2, 5, 6),), (real(2, 2, 4, 5, 6),)

for pads in ((1, 2), (-1, 2, 0, 1)):
    functional("pad", IMAGES, LINES, pad=pads, value=0.5)
for mode in ("reflect", "replicate", "circular"):
    functional("pad", IMAGES, pad=(2, 1, -1, 2), mode=mode)

functional("conv1d", (*LINES, real(4, 2, 3), real(4)), stride=2, padding=1)
functional("conv1d", (real(2, 4, 7), real(6, 2, 2)), dilation=2, groups=2, padding="same")
functional("conv3d", (*VOLUMES, real(3, 2, 2, 3, 2), real(3)), stride=(1, 2, 1), padding=1)
functional("conv_transpose1d", (*LINES, real(2, 4, 3), real(4)), stride=2, padding=1, output_padding=1)
functional("conv_transpose2d", (*IMAGES, real(2, 4, 4, 4), real(4)), stride=2, padding=1)
functional("conv_transpose2d", (real(2, 4, 3, 4), real(4, 3, 2, 3)), groups=2, stride=(1, 3), dilation=2)
functional("conv_transpose2d", (*IMAGES, real(2, 3, 2, 2)), padding=2)
functional("conv_transpose3d", (real(2, 2, 2, 3, 2), real(2, 3, 2, 2, 2)), stride=2)

functional("max_pool1d", (apart(3, 2, 7),), kernel_size=3, stride=2, padding=1)
functional("avg_pool1d", LINES, kernel_size=3, stride=2, padding=1, count_include_pad=False)
functional("max_pool3d", (apart(2, 2, 4, 5, 3),), kernel_size=2, stride=2, ceil_mode=True)
functional("avg_pool3d", VOLUMES, kernel_size=(2, 3, 2), stride=2, padding=1)
functional("adaptive_avg_pool1d", LINES, output_size=3)
for size in (1, 2, (4, 5), (3, None)):
    functional("adaptive_avg_pool2d", IMAGES, output_size=size)
    functional("adaptive_max_pool2d", (apart(3, 2, 5, 4),), output_size=size)
functional("adaptive_avg_pool3d", VOLUMES, output_size=(2, 3, 1))
functional("adaptive_max_pool1d", (apart(3, 2, 7),), output_size=3)
functional("adaptive_max_pool3d", (apart(2, 2, 4, 5, 3),), output_size=(3, 2, None))

for mode in ("nearest", "nearest-exact", "area", "bilinear", "bicubic"):
    functional("interpolate", IMAGES, size=(8, 4), mode=mode)
    functional("interpolate", IMAGES, scale_factor=1.7, mode=mode)
functional("interpolate", IMAGES, scale_factor=2, mode="bilinear", align_corners=True)
functional("interpolate", LINES, size=11, mode="linear")
functional("interpolate", VOLUMES, size=(3, 6, 6), mode="trilinear")
functional("affine_grid", (real(3, 2, 3),), size=(3, 2, 4, 5), align_corners=False)
for outside in ("zeros", "border", "reflection"):
    functional("grid_sample", (*IMAGES, real(3, 4, 2, 2)), padding_mode=outside, align_corners=False)
functional("grid_sample", (*IMAGES, real(3, 4, 2, 2)), mode="bicubic", align_corners=True)

functional("unfold", IMAGES, kernel_size=(2, 3), padding=1, stride=2)
functional("unfold", IMAGES, kernel_size=2, dilation=2)
functional("fold", (real(3, 12, 16),), output_size=(5, 6), kernel_size=(2, 3))
functional("fold", (real(3, 8, 12),), output_size=(5, 6), kernel_size=2, padding=1, stride=2)
functional("pixel_shuffle", (real(3, 8, 2, 3),), args=(2,))
functional("pixel_unshuffle", (real(3, 2, 4, 6),), args=(2,))
functional("channel_shuffle", (real(3, 6, 2, 2),), args=(3,))


def pooled_and_back(h: Any, x: Any) -> Any:
    y, places = h.nn.functional.max_pool2d(x, 2, return_indices=True)
    return h.nn.functional.max_unpool2d(y * y, places, 2)


ROWS.append(Case("max_unpool2d", pooled_and_back, pooled_and_back, ((apart(2, 2, 4, 6),),), composed=True))
