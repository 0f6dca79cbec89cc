"""Changes of images by chance: cuts, flips, turns. The random numbers are those of the global generator."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from hello_dl.pytorch.vision import images
from hello_dl.pytorch.vision.images import InterpolationMode, get_image_size
from hello_dl.pytorch.vision.transforms import Transform
from hello_dl.tensors.random import default_generator


def chance() -> np.random.Generator:
    """Return the generator that manual_seed seeds."""
    return default_generator.numpy


def _range(value: Any) -> tuple[float, float]:
    """Return (-d, d) for one number d, and two numbers as they are."""
    return (-value, value) if isinstance(value, int | float) else (value[0], value[1])


def _between(limits: Sequence[float]) -> float:
    """Return a random number between two limits."""
    return float(chance().uniform(limits[0], limits[1]))


class RandomHorizontalFlip(Transform):
    """Exchange left and right with probability p."""

    def __init__(self, p: float = 0.5) -> None:
        self.p = p

    def __call__(self, img: Any) -> Any:
        """Return the image, flipped or not."""
        return images.hflip(img) if chance().random() < self.p else img


class RandomVerticalFlip(RandomHorizontalFlip):
    """Exchange top and bottom with probability p."""

    def __call__(self, img: Any) -> Any:
        """Return the image, flipped or not."""
        return images.vflip(img) if chance().random() < self.p else img


class RandomCrop(Transform):
    """Cut out a part of a size (h, w) at a random place, after adding a margin if one is given."""

    def __init__(
        self,
        size: int | Sequence[int],
        padding: int | Sequence[int] | None = None,
        pad_if_needed: bool = False,
        fill: Any = 0,
        padding_mode: str = "constant",
    ) -> None:
        self.size, self.padding, self.pad_if_needed = images._pair(size), padding, pad_if_needed
        self.fill, self.padding_mode = fill, padding_mode

    def __call__(self, img: Any) -> Any:
        """Return the part. ValueError if it is larger than the image."""
        if self.padding is not None:
            img = images.pad(img, self.padding, self.fill, self.padding_mode)
        h, w = self.size
        if self.pad_if_needed:
            width, height = get_image_size(img)
            img = images.pad(img, [max(w - width, 0), max(h - height, 0)], self.fill, self.padding_mode)
        width, height = get_image_size(img)
        if h > height or w > width:
            raise ValueError(f"RandomCrop: needs an image of at least {(h, w)}, got {(height, width)}")
        top, left = chance().integers(0, height - h + 1), chance().integers(0, width - w + 1)
        return images.crop(img, int(top), int(left), h, w)


class RandomResizedCrop(Transform):
    """Cut out a part of random size and shape, and change it to `size`."""

    def __init__(
        self,
        size: int | Sequence[int],
        scale: Sequence[float] = (0.08, 1.0),
        ratio: Sequence[float] = (3 / 4, 4 / 3),
        interpolation: Any = InterpolationMode.BILINEAR,
        antialias: bool | None = True,
    ) -> None:
        self.size, self.scale, self.ratio = images._pair(size), scale, ratio
        self.interpolation, self.antialias = interpolation, antialias

    def __call__(self, img: Any) -> Any:
        """Return the part in the new size; after ten tries that do not fit, the whole image."""
        width, height = get_image_size(img)
        for _ in range(10):
            area = width * height * _between(self.scale)
            ratio = math.exp(chance().uniform(math.log(self.ratio[0]), math.log(self.ratio[1])))
            w, h = round(math.sqrt(area * ratio)), round(math.sqrt(area / ratio))
            if 0 < w <= width and 0 < h <= height:
                top, left = chance().integers(0, height - h + 1), chance().integers(0, width - w + 1)
                img = images.crop(img, int(top), int(left), h, w)
                break
        return images.resize(img, self.size, self.interpolation)


class RandomRotation(Transform):
    """Turn by a random angle in degrees, from -d to d or between two numbers."""

    def __init__(
        self,
        degrees: float | Sequence[float],
        interpolation: Any = InterpolationMode.NEAREST,
        expand: bool = False,
        center: Sequence[float] | None = None,
        fill: Any = 0,
    ) -> None:
        self.degrees, self.interpolation, self.expand = _range(degrees), interpolation, expand
        self.center, self.fill = center, fill

    def __call__(self, img: Any) -> Any:
        """Return the turned image."""
        angle = _between(self.degrees)
        return images.rotate(img, angle, self.interpolation, self.expand, self.center, self.fill)


class RandomAffine(Transform):
    """Turn, move, scale and shear at random, around the middle of the image.

    degrees     the angle, from -d to d or between two numbers
    translate   the longest move, as parts of width and height
    scale       smallest and largest factor
    shear       degrees along x, from -s to s or between two numbers; four numbers are for x and for y
    """

    def __init__(
        self,
        degrees: float | Sequence[float],
        translate: Sequence[float] | None = None,
        scale: Sequence[float] | None = None,
        shear: float | Sequence[float] | None = None,
        interpolation: Any = InterpolationMode.NEAREST,
        fill: Any = 0,
        center: Sequence[float] | None = None,
    ) -> None:
        self.degrees, self.translate, self.scale = _range(degrees), translate, scale
        if shear is None:
            self.shear: tuple[float, ...] | None = None
        else:
            self.shear = tuple(shear) if isinstance(shear, Sequence) else _range(shear)
        self.interpolation, self.fill, self.center = interpolation, fill, center

    def __call__(self, img: Any) -> Any:
        """Return the changed image."""
        width, height = get_image_size(img)
        far = self.translate or (0, 0)
        move = [round(chance().uniform(-d, d)) for d in (far[0] * width, far[1] * height)]
        shear = [0.0, 0.0]
        if self.shear is not None:
            shear[0] = chance().uniform(self.shear[0], self.shear[1])
            if len(self.shear) == 4:
                shear[1] = chance().uniform(self.shear[2], self.shear[3])
        return images.affine(
            img,
            _between(self.degrees),
            move,
            _between(self.scale) if self.scale else 1.0,
            shear,
            self.interpolation,
            self.fill,
            self.center,
        )


class RandomApply(Transform):
    """Make all of the changes with probability p, else none."""

    def __init__(self, transforms: Sequence[Callable[[Any], Any]], p: float = 0.5) -> None:
        self.transforms, self.p = transforms, p

    def __call__(self, img: Any) -> Any:
        """Return the image, changed or not."""
        if chance().random() < self.p:
            for transform in self.transforms:
                img = transform(img)
        return img


class RandomChoice(Transform):
    """Make one of the changes."""

    def __init__(self, transforms: Sequence[Callable[[Any], Any]]) -> None:
        self.transforms = transforms

    def __call__(self, img: Any) -> Any:
        """Return the changed image."""
        return self.transforms[int(chance().integers(len(self.transforms)))](img)
