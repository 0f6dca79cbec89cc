"""Changes of an image's colours by chance, blur, and holes; the random numbers are the global generator's."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageEnhance

from hello_dl._core import Tensor
from hello_dl.pytorch.vision import images
from hello_dl.pytorch.vision.moves import _between, chance
from hello_dl.pytorch.vision.transforms import Transform
from hello_dl.tensors.creation import tensor
from hello_dl.tensors.functions import stack


def _as_image(img: Any, change: Callable[[Image.Image], Image.Image]) -> Any:
    """Return an image changed by a function of Pillow images; a tensor by way of one, a batch one by one."""
    if isinstance(img, Tensor) and img.ndim > 3:
        return stack([_as_image(one, change) for one in img])
    return change(img) if isinstance(img, Image.Image) else images.to_tensor(change(images.to_pil_image(img)))


def adjust_brightness(img: Any, brightness_factor: float) -> Any:
    """Return the image with all numbers times a factor."""
    return _as_image(img, lambda image: ImageEnhance.Brightness(image).enhance(brightness_factor))


def adjust_contrast(img: Any, contrast_factor: float) -> Any:
    """Return the image with all differences from its mean grey times a factor."""
    return _as_image(img, lambda image: ImageEnhance.Contrast(image).enhance(contrast_factor))


def adjust_saturation(img: Any, saturation_factor: float) -> Any:
    """Return the image with all differences from its grey form times a factor."""
    return _as_image(img, lambda image: ImageEnhance.Color(image).enhance(saturation_factor))


def adjust_hue(img: Any, hue_factor: float) -> Any:
    """Return the image with its hues turned by a part of the circle of colours, from -0.5 to 0.5."""
    if not -0.5 <= hue_factor <= 0.5:
        raise ValueError(f"adjust_hue: needs a hue_factor from -0.5 to 0.5, got {hue_factor}")

    def turned(image: Image.Image) -> Image.Image:
        if image.mode in ("L", "1", "I", "F"):  # grey has no hue
            return image
        h, s, v = image.convert("HSV").split()
        h = Image.fromarray((np.asarray(h, np.int64) + int(hue_factor * 255)).astype(np.uint8))
        return Image.merge("HSV", (h, s, v)).convert(image.mode)

    return _as_image(img, turned)


class ColorJitter(Transform):
    """Change brightness, contrast and saturation at random by factors from 1 - x to 1 + x, hue by -x to x.

    Each may also be a pair of limits. The four are done in random order.
    """

    def __init__(self, brightness: Any = 0, contrast: Any = 0, saturation: Any = 0, hue: Any = 0) -> None:
        self.brightness, self.contrast, self.saturation, self.hue = brightness, contrast, saturation, hue

    def __call__(self, img: Any) -> Any:
        """Return the changed image; a tensor by way of a Pillow image."""
        todo = [
            (adjust_brightness, self.brightness, 1.0),
            (adjust_contrast, self.contrast, 1.0),
            (adjust_saturation, self.saturation, 1.0),
            (adjust_hue, self.hue, 0.0),
        ]
        for k in chance().permutation(len(todo)):
            change, by, middle = todo[k]
            if by:
                low, high = (middle - by, middle + by) if isinstance(by, int | float) else by
                img = change(img, _between((max(0.0, low) if middle else low, high)))
        return img


class RandomGrayscale(Transform):
    """Make the image grey, with as many channels as before, with probability p."""

    def __init__(self, p: float = 0.1) -> None:
        self.p = p

    def __call__(self, img: Any) -> Any:
        """Return the image, grey or not."""
        channels = img.shape[-3] if isinstance(img, Tensor) else len(img.getbands())
        return images.to_grayscale(img, channels) if chance().random() < self.p else img


def _bell(size: int, sigma: float) -> NDArray[np.float32]:
    """Return the weights of `size` neighbours: a normal distribution of width `sigma`, with the sum 1."""
    x = np.arange(size) - (size - 1) / 2
    weights = np.exp(-0.5 * (x / sigma) ** 2)
    return np.asarray(weights / weights.sum(), np.float32)


def gaussian_blur(img: Any, kernel_size: int | Sequence[int], sigma: Any = None) -> Any:
    """Return the image blurred: each pixel is a mean of its neighbours, weighted by a normal distribution.

    kernel_size (width, height) are odd numbers of neighbours, sigma its widths in pixels; the edges are
    mirrored. ValueError for even sizes.
    """
    width, height = (kernel_size,) * 2 if isinstance(kernel_size, int) else tuple(kernel_size)
    if width % 2 == 0 or height % 2 == 0:
        raise ValueError(f"gaussian_blur: needs odd kernel sizes, got {kernel_size}")
    sigmas = [0.15 * n + 0.35 for n in (width, height)] if sigma is None else sigma
    sigmas = [sigmas] * 2 if isinstance(sigmas, int | float) else list(sigmas) * (2 // len(sigmas))
    x = images.pil_to_tensor(img) if isinstance(img, Image.Image) else img
    y = x.detach().numpy().astype(np.float32)
    for axis, size, width_ in ((-1, width, sigmas[0]), (-2, height, sigmas[1])):
        margin = [(0, 0)] * y.ndim
        margin[axis] = (size // 2, size // 2)
        windows = np.lib.stride_tricks.sliding_window_view(np.pad(y, margin, "reflect"), size, axis)
        y = windows @ _bell(size, float(width_))
    if x.is_floating_point():
        return tensor(np.asarray(y, np.float32))
    y = np.rint(y)
    return images.to_pil_image(tensor(y.astype(np.int64))) if img is not x else tensor(y.astype(np.int64))


class GaussianBlur(Transform):
    """Blur the image; sigma is drawn between two limits, in pixels."""

    def __init__(self, kernel_size: int | Sequence[int], sigma: Any = (0.1, 2.0)) -> None:
        self.kernel_size = kernel_size
        self.sigma = (sigma, sigma) if isinstance(sigma, int | float) else tuple(sigma)

    def __call__(self, img: Any) -> Any:
        """Return the blurred image."""
        return gaussian_blur(img, self.kernel_size, _between(self.sigma))


class RandomErasing(Transform):
    """Set a random rectangle of a tensor to `value` with probability p (Zhong et al., 2017).

    scale and ratio are limits of its area, as a part of the image's, and of its height over its width. value
    is a number, one for each channel, or "random" for normal noise.
    """

    def __init__(
        self,
        p: float = 0.5,
        scale: Sequence[float] = (0.02, 0.33),
        ratio: Sequence[float] = (0.3, 3.3),
        value: Any = 0,
        inplace: bool = False,
    ) -> None:
        self.p, self.scale, self.ratio, self.value, self.inplace = p, scale, ratio, value, inplace

    def __call__(self, img: Tensor) -> Tensor:
        """Return the tensor (..., channels, h, w); without a hole after ten tries that do not fit."""
        if not isinstance(img, Tensor):
            raise TypeError(
                f"RandomErasing: needs a tensor, got {type(img).__name__}; put ToTensor() before it"
            )
        if chance().random() >= self.p:
            return img
        channels, height, width = img.shape[-3:]
        for _ in range(10):
            area = height * width * _between(self.scale)
            ratio = math.exp(_between([math.log(r) for r in self.ratio]))
            h, w = round(math.sqrt(area * ratio)), round(math.sqrt(area / ratio))
            if h < height and w < width:
                top, left = (int(chance().integers(0, n + 1)) for n in (height - h, width - w))
                y = img if self.inplace else img.clone()
                y[..., top : top + h, left : left + w] = self._filling((channels, h, w))
                return y
        return img

    def _filling(self, shape: tuple[int, ...]) -> Tensor:
        """Return what is put into the hole."""
        if self.value == "random":
            return tensor(chance().standard_normal(shape, np.float32))
        return tensor(np.broadcast_to(np.asarray(self.value, np.float32).reshape(-1, 1, 1), shape).copy())
