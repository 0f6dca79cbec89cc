"""Data augmentation: images are moved, bent, thickened or partly erased at random (chapter 7)."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from hello_dl import _core
from hello_dl.tensors.random import default_generator


@dataclass(frozen=True)
class Augmentation:
    """How images are changed at random. Calling it changes images (n, h, w) uint8 with 255 = ink.

    At its default, each setting changes nothing.

    shift       most pixels by which an image is moved in x and in y
    degrees     largest angle by which it is turned, to either side
    shear       most pixels by which it is slanted sideways, for each pixel of height
    scale       (least, most) factor by which width and height are stretched, each on its own
    elastic     standard deviation in pixels of a smooth random field that bends the image (Simard,
                Steinkraus, Platt 2003)
    thickness   most pixels by which strokes grow or shrink on each side
    contrast    ink is multiplied by a factor between 1 - contrast and 1 + contrast
    coarse      probability that the image becomes coarse black and white pixels, as in an old scan
    noise       standard deviation of the noise on each pixel, as a share of full ink
    flip        number of different pixels that are inverted
    erase       probability that a random rectangle is erased (random erasing, Zhong et al. 2020)

    What happens to image i depends only on `seed`, `step` and i, not on the number of threads. Without a
    seed, one is drawn from the global generator: each call changes the images in another way, and
    `hello_dl.manual_seed` repeats them all. The C++ is in cpp/outside_graph/augment.cc.

    Raises ValueError that names a setting outside its range.
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

    def __call__(
        self, images: NDArray[np.uint8], *, seed: int | None = None, step: int = 0
    ) -> NDArray[np.uint8]:
        """Return the images with random changes, (n, h, w) uint8; same seed and step, same changes.

        Raises ValueError if `images` is not (n, h, w) uint8.
        """
        if images.ndim != 3 or images.dtype != np.uint8:
            raise ValueError(f"augment: needs uint8 images (n, h, w), got {images.dtype} {images.shape}")
        if seed is None:
            seed = default_generator.next_key()
        how = [float(number) for field in fields(self) for number in np.atleast_1d(getattr(self, field.name))]
        return _core.augment(np.ascontiguousarray(images), seed % 2**64, step % 2**64, how)


# Changes as large as the differences between people, pens and cameras.
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
