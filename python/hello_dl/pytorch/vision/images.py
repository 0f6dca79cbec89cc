"""Changes of one image, a Pillow image or a tensor (channels, h, w), as torchvision.transforms.functional."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from enum import Enum
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from hello_dl._core import Tensor
from hello_dl.tensors.creation import tensor


class InterpolationMode(Enum):
    """How pixels between pixels are guessed; the values are torchvision's."""

    NEAREST = "nearest"
    NEAREST_EXACT = "nearest-exact"
    BILINEAR = "bilinear"
    BICUBIC = "bicubic"
    BOX = "box"
    HAMMING = "hamming"
    LANCZOS = "lanczos"


def _resample(mode: Any) -> Any:
    """Return Pillow's constant for an InterpolationMode, or for one of Pillow's own numbers."""
    if isinstance(mode, InterpolationMode):
        return Image.Resampling[mode.name.removesuffix("_EXACT")]
    return Image.Resampling(mode)


def _through_pillow(img: Any, change: Callable[[Image.Image], Image.Image]) -> Any:
    """Return an image changed by a function of Pillow images; a tensor channel by channel."""
    if not isinstance(img, Tensor):
        return change(img)
    array = img.numpy().astype(np.float32)
    planes = array.reshape(-1, *array.shape[-2:])
    changed = np.stack([np.asarray(change(Image.fromarray(plane))) for plane in planes])
    result = changed.reshape(*array.shape[:-2], *changed.shape[1:])
    return tensor(result if img.is_floating_point() else np.rint(result).astype(np.int64))


def get_image_size(img: Any) -> list[int]:
    """Return [width, height]."""
    return [img.shape[-1], img.shape[-2]] if isinstance(img, Tensor) else list(img.size)


def to_tensor(pic: Any) -> Tensor:
    """Return a Pillow image or an array (h, w, channels) as a tensor (channels, h, w).

    Pixels from 0 to 255 become numbers from 0 to 1.
    """
    if isinstance(pic, Image.Image) and pic.mode == "1":
        pic = pic.convert("L")
    array = np.asarray(pic)
    array = array[None] if array.ndim == 2 else array.transpose(2, 0, 1)
    return tensor(array / np.float32(255) if array.dtype == np.uint8 else array)


def pil_to_tensor(pic: Any) -> Tensor:
    """Return a Pillow image as a tensor (channels, h, w) of its pixels, integers from 0 to 255."""
    array = np.asarray(pic)
    return tensor(array[None] if array.ndim == 2 else array.transpose(2, 0, 1))


def to_pil_image(pic: Any, mode: str | None = None) -> Image.Image:
    """Return a tensor (channels, h, w) of numbers from 0 to 1, or an array (h, w, channels), as an image."""
    if isinstance(pic, Tensor):
        array = pic.detach().numpy()
        array = array[None] if array.ndim == 2 else array
        array = (array * 255).astype(np.uint8) if array.dtype.kind == "f" else array.astype(np.uint8)
        array = array.transpose(1, 2, 0)
    else:
        array = np.asarray(pic)
    image = Image.fromarray(array[..., 0] if array.ndim == 3 and array.shape[2] == 1 else array)
    return image if mode is None else image.convert(mode)


def normalize(x: Tensor, mean: Sequence[float], std: Sequence[float], inplace: bool = False) -> Tensor:
    """Return (x - mean) / std, with one of each for a channel. ValueError for a deviation of 0."""
    if not isinstance(x, Tensor):
        raise TypeError(f"normalize: needs a tensor, got {type(x).__name__}; put ToTensor() before it")
    middle, spread = (np.array(values, np.float32).reshape(-1, 1, 1) for values in (mean, std))
    if not spread.all():
        raise ValueError(f"normalize: needs deviations other than 0, got {std}")
    y = (x - middle) / spread
    return x.copy_(y) if inplace else y


def resize(
    img: Any,
    size: int | Sequence[int],
    interpolation: Any = InterpolationMode.BILINEAR,
    max_size: int | None = None,
    antialias: bool | None = True,  # noqa: ARG001
) -> Any:
    """Return an image of `size` (h, w); a number alone is the length of the shorter side."""
    w, h = get_image_size(img)
    sizes = [size] if not isinstance(size, Sequence) else list(size)
    if len(sizes) == 1:
        shorter, longer = sorted((w, h))
        other = int(sizes[0] * longer / shorter)
        if max_size is not None and other > max_size:
            sizes, other = [int(max_size * sizes[0] / other)], max_size
        new_w, new_h = (sizes[0], other) if w <= h else (other, sizes[0])
    else:
        new_h, new_w = sizes
    if (new_w, new_h) == (w, h):
        return img
    return _through_pillow(img, lambda image: image.resize((new_w, new_h), _resample(interpolation)))


def crop(img: Any, top: int, left: int, height: int, width: int) -> Any:
    """Return a part of an image; what lies outside of it is 0."""
    if not isinstance(img, Tensor):
        return img.crop((left, top, left + width, top + height))
    w, h = get_image_size(img)
    before = (max(-left, 0), max(-top, 0), max(left + width - w, 0), max(top + height - h, 0))
    if any(before):
        img, top, left = pad(img, list(before)), top + before[1], left + before[0]
    return img[..., top : top + height, left : left + width]


def center_crop(img: Any, output_size: int | Sequence[int]) -> Any:
    """Return the middle of an image, in a size (h, w); a number alone stands for both."""
    h, w = _pair(output_size)
    width, height = get_image_size(img)
    return crop(img, round((height - h) / 2), round((width - w) / 2), h, w)


def pad(img: Any, padding: int | Sequence[int], fill: Any = 0, padding_mode: str = "constant") -> Any:
    """Return an image with a margin: one width, (left and right, top and bottom), or four from the left."""
    p = [padding] if not isinstance(padding, Sequence) else list(padding)
    left, top, right, bottom = p * 4 if len(p) == 1 else [*p, *p] if len(p) == 2 else p
    is_tensor = isinstance(img, Tensor)
    array = img.numpy() if is_tensor else np.asarray(img)
    sides = [(top, bottom), (left, right)]
    around = [(0, 0)] * (array.ndim - 2) + sides if is_tensor else sides + [(0, 0)] * (array.ndim - 2)
    options: Any = {"constant_values": fill} if padding_mode == "constant" else {}
    mode: Any = "symmetric" if padding_mode == "symmetric" else padding_mode
    wider = np.pad(array, around, mode, **options)
    return tensor(wider) if is_tensor else Image.fromarray(wider)


def hflip(img: Any) -> Any:
    """Return an image with left and right exchanged."""
    if isinstance(img, Tensor):
        return tensor(img.numpy()[..., ::-1])
    return img.transpose(Image.Transpose.FLIP_LEFT_RIGHT)


def vflip(img: Any) -> Any:
    """Return an image with top and bottom exchanged."""
    if isinstance(img, Tensor):
        return tensor(img.numpy()[..., ::-1, :])
    return img.transpose(Image.Transpose.FLIP_TOP_BOTTOM)


def rotate(
    img: Any,
    angle: float,
    interpolation: Any = InterpolationMode.NEAREST,
    expand: bool = False,
    center: Sequence[float] | None = None,
    fill: Any = None,
) -> Any:
    """Return an image turned by an angle in degrees, against the clock."""
    middle = None if center is None else (center[0], center[1])
    return _through_pillow(
        img, lambda image: image.rotate(angle, _resample(interpolation), expand, middle, fillcolor=fill)
    )


def affine(
    img: Any,
    angle: float,
    translate: Sequence[float],
    scale: float,
    shear: Sequence[float],
    interpolation: Any = InterpolationMode.NEAREST,
    fill: Any = None,
    center: Sequence[float] | None = None,
) -> Any:
    """Return an image turned with the clock (degrees), moved (pixels), scaled and sheared (degrees)."""
    w, h = get_image_size(img)
    cx, cy = (w / 2, h / 2) if center is None else center
    inverse = _inverse_matrix(angle, scale, shear)
    # Where a pixel of the result comes from: back by the move, then turned back around the middle.
    shift = inverse @ np.array([-cx - translate[0], -cy - translate[1]]) + np.array([cx, cy])
    data = (*inverse[0], shift[0], *inverse[1], shift[1])
    return _through_pillow(
        img,
        lambda image: image.transform(
            image.size, Image.Transform.AFFINE, data, _resample(interpolation), fillcolor=fill
        ),
    )


def _inverse_matrix(angle: float, scale: float, shear: Sequence[float]) -> NDArray[np.float64]:
    """Return the inverse of rotation times shear along y times shear along x times scale, (2, 2)."""
    turn, sx, sy = (math.radians(degrees) for degrees in (angle, shear[0], shear[1]))
    rotation = np.array([[math.cos(turn), -math.sin(turn)], [math.sin(turn), math.cos(turn)]])
    along_y = np.array([[1, 0], [-math.tan(sy), 1]])
    along_x = np.array([[1, -math.tan(sx)], [0, 1]])
    inverse: NDArray[np.float64] = np.linalg.inv(scale * rotation @ along_y @ along_x)
    return inverse


def to_grayscale(img: Any, num_output_channels: int = 1) -> Any:
    """Return an image in grey, 0.299 red + 0.587 green + 0.114 blue, in one channel or the same in three."""
    if isinstance(img, Tensor):
        grey = img
        if img.shape[-3] == 3:
            weights = np.array([0.299, 0.587, 0.114], np.float32).reshape(3, 1, 1)
            grey = tensor((img.numpy() * weights).sum(-3, keepdims=True).astype(img.numpy().dtype))
        return grey if num_output_channels == 1 else tensor(np.repeat(grey.numpy(), 3, axis=-3))
    grey = img.convert("L")
    return grey if num_output_channels == 1 else grey.convert("RGB")


rgb_to_grayscale = to_grayscale


def _pair(size: Any) -> tuple[int, int]:
    """Return (h, w) for one number, (n,) or (h, w)."""
    sizes = [operator.index(size)] if not isinstance(size, Sequence) else list(size)
    return (sizes[0], sizes[-1])
