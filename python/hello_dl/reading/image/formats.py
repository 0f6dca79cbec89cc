"""Makes upright grey of what Pillow and numpy hold: any mode, any depth, transparency, EXIF orientation."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from hello_dl.reading.image.arrays import Bytes, Grey

ORIENTATION = 0x0112  # EXIF's tag for how the camera was held: 1 (upright) to 8
LIGHT = 0.7  # brightness, of 1, from which ink can hardly be told from white paper
STRAY = 0.0005  # share of what is visible that may be darker, and the ink still counts as light
LUMA = (0.299, 0.587, 0.114)  # red, green and blue to brightness (ITU-R BT.601), as Pillow does it


class Turn:
    """One of EXIF's eight orientations: perhaps transpose, then flip rows or columns."""

    def __init__(self, transpose: bool, flip_rows: bool, flip_columns: bool) -> None:
        self.transpose, self.flip_rows, self.flip_columns = transpose, flip_rows, flip_columns
        self.step = (slice(None, None, -1 if flip_rows else 1), slice(None, None, -1 if flip_columns else 1))

    def __call__(self, grey: Grey) -> Grey:
        """Return a picture (H, W) turned upright: (H, W), or (W, H) if it is transposed."""
        return (grey.T if self.transpose else grey)[self.step]


TURNS = {
    2: Turn(False, False, True),
    3: Turn(False, True, True),
    4: Turn(False, True, False),
    5: Turn(True, False, False),
    6: Turn(True, False, True),
    7: Turn(True, True, True),
    8: Turn(True, True, False),
}


def turn_of(image: Image.Image) -> Turn | None:
    """Return how to turn an image's pixels so that it stands upright; None if it does, or says nothing."""
    try:
        return TURNS.get(image.getexif().get(ORIENTATION, 1))
    except Exception:  # a damaged EXIF note is treated like a missing one
        return None


def image_to_grey(image: Image.Image, k: int) -> Grey:
    """Return a Pillow image as (H / k, W / k) grey, 0 = black .. 1 = white, each k x k pixels averaged.

    What is transparent becomes paper: white, or black if all ink is light. Raises ValueError for pixels below
    zero or not finite.
    """
    if is_deep(image):
        return _deep_to_grey(image, k)
    if is_transparent(image):
        image = image.convert("RGBA")
    if k > 1:
        image = (image.convert("L") if image.mode in ("1", "P") else image).reduce(k)
    values = np.asarray(_on_paper(image).convert("L"))
    grey: Grey = np.divide(values, np.float32(255), dtype=np.float32)
    return grey


def image_to_rgb(image: Image.Image) -> Image.Image:
    """Return an image in colour, 8 bits a channel, upright, on the paper that `image_to_grey` gives it."""
    upright = ImageOps.exif_transpose(image)
    if is_deep(upright):
        return Image.fromarray(np.rint(_deep_to_grey(upright, 1) * 255).astype(np.uint8)).convert("RGB")
    return _on_paper(upright).convert("RGB")


def array_to_grey(array: NDArray[np.generic], k: int) -> Grey:
    """Return an array (H, W) or (H, W, 3 or 4) as (H / k, W / k) grey, each k x k pixels averaged.

    Values are 0..1 for floats and bools, 0..255 for integers of 8 bits, 0..65535 for longer ones; what is
    transparent becomes paper, as in `image_to_grey`. Raises ValueError for values outside that range.
    """
    values = _mean_blocks(array, k)
    if not np.isfinite(values).all():
        raise ValueError("read: needs an array of finite numbers, got NaN or infinity")
    full = 1.0 if array.dtype.kind in "bf" else 65535.0 if array.dtype.itemsize > 1 else 255.0
    if values.min() < 0 or values.max() > full:
        raise ValueError(
            f"read: needs {array.dtype} values in 0..{full:g}, got {values.min():g}..{values.max():g}"
        )
    values = values / np.float32(full)
    if values.ndim == 3:
        luma = values[:, :, :3] @ np.array(LUMA, dtype=np.float32)
        if values.shape[2] == 3:
            return luma
        alpha = values[:, :, 3]
        paper = 0 if _is_light(luma, alpha) else 1
        values = (luma * alpha + paper * (1 - alpha)).astype(np.float32)
    return values


def is_deep(image: Image.Image) -> bool:
    """Whether an image has more than 8 bits a channel: Pillow would cut these off at 255."""
    return image.mode in ("I", "F") or image.mode.startswith("I;")


def _deep_to_grey(image: Image.Image, k: int) -> Grey:
    """Return a deep image in 0..1: as it is if its values fit, else divided by 255, 65535 or its largest."""
    values = _mean_blocks(np.asarray(image), k)
    if not np.isfinite(values).all() or values.min() < 0:
        raise ValueError("pixel values below zero or not finite")
    top = float(values.max())
    full = next((depth for depth in (1.0, 255.0, 65535.0) if top <= depth), top)
    return values / np.float32(full)


def is_transparent(image: Image.Image) -> bool:
    """Whether an image may be transparent in places: by a channel of its own, or by one of its colours."""
    if is_deep(image):
        return False
    return image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info


def is_empty(image: Image.Image) -> bool:
    """Whether an image is transparent everywhere."""
    return is_transparent(image) and image.convert("RGBA").getchannel("A").getextrema() == (0, 0)


def _on_paper(image: Image.Image) -> Image.Image:
    """Lay an image with transparency over white paper, or over black paper if all that is visible is light.

    Others are returned as they are.
    """
    if not is_transparent(image):
        return image
    rgba = image.convert("RGBA")
    luma: Grey = np.divide(np.asarray(rgba.convert("L")), np.float32(255), dtype=np.float32)
    light = _is_light(luma, np.asarray(rgba.getchannel("A")))
    paper = Image.new("RGBA", rgba.size, "black" if light else "white")
    paper.alpha_composite(rgba)
    return paper.convert("RGB")


def _is_light(luma: Grey, alpha: Bytes | Grey) -> bool:
    """Whether all that is visible is light, such as white ink, which cannot be told from white paper.

    `luma` (H, W) is the brightness in 0..1; `alpha` (H, W) says how opaque each pixel is, on any scale.
    """
    visible = luma[alpha > alpha.max() / 2]
    return bool(visible.size > 0 and np.count_nonzero(visible < LIGHT) <= STRAY * visible.size)


def _mean_blocks(values: NDArray[np.generic], k: int) -> Grey:
    """Return the mean of each block of k x k pixels: (H, W) or (H, W, c) to (H / k, W / k) or with c."""
    if k == 1:
        return values.astype(np.float32)
    height, width = values.shape[0] // k, values.shape[1] // k
    blocks = values[: height * k, : width * k].reshape(height, k, width, k, *values.shape[2:])
    mean: Grey = blocks.mean(axis=(1, 3), dtype=np.float32)
    return mean
