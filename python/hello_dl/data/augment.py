"""More images out of those there are: each is moved, bent, thickened or blotted at random (chapter 7)."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from hello_dl import _core


@dataclass(frozen=True)
class Augmentation:
    """How images are changed at random; call it to change some: (n, h, w) uint8 gives (n, h, w) uint8.

    Each setting does nothing at its default. Lengths are in pixels, n is the number of images, 255 is ink.

    shift       moved by up to so far in x and y (whole pixels and parts of them)
    degrees     turned by up to so many degrees either way
    shear       leant by up to so many pixels sideways for each pixel of height
    scale       (least, most): width and height each stretched by a factor in between
    elastic     bent by a smooth random field of this standard deviation (Simard, Steinkraus, Platt 2003)
    thickness   strokes grow or shrink by up to so much on each side
    contrast    ink times a factor between 1 - contrast and 1 + contrast
    coarse      chance that the image is seen through coarse black or white pixels, as in an old scan
    noise       standard deviation of what is added to each pixel, as a share of full ink
    flip        so many pixels, never one twice, are turned into their opposite
    erase       chance that a random rectangle is blotted out (Zhong et al. 2020)

    What happens to image i depends on `seed`, `step` and i alone, not on the number of threads. The kernel is
    cpp/augment.cc. Raises ValueError naming a setting that makes no sense.
    """

    shift: float = 0.0
    degrees: float = 0.0
    shear: float = 0.0
    scale: tuple[float, float] = (1.0, 1.0)
    elastic: float = 0.0
    thickness: float = 0.0
    contrast: float = 0.0
    coarse: float = 0.0
    noise: float = 0.0
    flip: int = 0
    erase: float = 0.0

    def __post_init__(self) -> None:
        least, most = self.scale
        if not (0 < least <= most < math.inf):
            raise ValueError(f"Augmentation: needs a scale (least, most) above 0, got {self.scale}")
        for name in (field.name for field in fields(self) if field.name != "scale"):
            value = getattr(self, name)
            limit = 1.0 if name in ("coarse", "erase", "contrast") else 180.0 if name == "degrees" else 1e6
            if not 0 <= value <= limit:
                raise ValueError(f"Augmentation: needs {name} from 0 to {limit:g}, got {value}")

    def __call__(self, images: NDArray[np.uint8], *, seed: int = 0, step: int = 0) -> NDArray[np.uint8]:
        """Return the images changed: the same seed and step give the same changes."""
        if images.ndim != 3 or images.dtype != np.uint8:
            raise ValueError(f"augment: needs uint8 images (n, h, w), got {images.dtype} {images.shape}")
        how = [float(number) for field in fields(self) for number in np.atleast_1d(getattr(self, field.name))]
        return _core.augment(np.ascontiguousarray(images), seed % 2**64, step % 2**64, how)


# What handwriting of different people, pens and cameras looks like.
HANDWRITING = Augmentation(
    shift=2.0,
    degrees=12.0,
    shear=0.3,
    scale=(0.8, 1.1),
    elastic=0.7,
    thickness=0.7,
    contrast=0.2,
    noise=0.02,
)
