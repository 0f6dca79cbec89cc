"""Loads any picture safely: file, Pillow image or array becomes upright grey, 0 = black .. 1 = white."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from hello_dl.reading.image.arrays import Grey

Source = str | os.PathLike[str] | Image.Image | NDArray[np.generic]

FULL_PIXELS = 25_000_000  # up to here a picture is read at its full size, above it is reduced
MAX_PIXELS = 178_000_000  # above, it is refused; Pillow's guard against decompression bombs lies just over it
MIN_SIDE = 8  # pixels; less cannot hold a letter

_WHAT = "a picture such as JPEG, PNG or TIFF"


@dataclass(frozen=True)
class Picture:
    """A picture made ready for reading.

    `grey` is (H, W) in 0 = black .. 1 = white; `scale` says how many pixels of the original one of its pixels
    spans (1 unless the original is huge); `size` is the upright original's (width, height); `name` is for
    messages; `notes` say in words what was done with an animation or a huge picture.
    """

    grey: Grey
    scale: float
    size: tuple[int, int]
    name: str
    notes: tuple[str, ...] = ()


def load_picture(source: Source) -> Grey:
    """Returns the picture as (H, W) float32, 0 = black .. 1 = white, upright and without transparency.

    Takes a path, a Pillow image, or an array (H, W) or (H, W, 3 or 4), uint8, uint16, bool, or float in 0..1.
    What is transparent becomes white paper; of an animation the first frame counts; pictures above 25
    megapixels come reduced (`open_picture` says how much). Raises FileNotFoundError or ValueError.
    """
    return open_picture(source).grey


def open_picture(source: Source) -> Picture:
    """Loads a picture as `load_picture` does, and keeps its original size, its scale and its name."""
    if isinstance(source, np.ndarray):
        return _from_array(source)
    if isinstance(source, Image.Image):
        return _from_image(source, "the picture", draft=False)
    if not isinstance(source, str | os.PathLike):
        raise TypeError(f"read: needs a path, a Pillow image or an array, got {type(source).__name__}")
    path = Path(source)
    _check_file(path)
    with _opened(path) as image:
        return _from_image(image, str(path), draft=True)


def open_image(source: Source) -> Image.Image:
    """Returns the picture in colour as an upright Pillow RGB image of its original size (to draw on)."""
    if isinstance(source, np.ndarray):
        picture = open_picture(source)
        if source.ndim == 3 and source.dtype == np.uint8:
            return _flatten(Image.fromarray(np.ascontiguousarray(source))).convert("RGB")
        return (
            Image.fromarray(np.rint(picture.grey * 255).astype(np.uint8)).convert("RGB").resize(picture.size)
        )
    if isinstance(source, Image.Image):
        return _to_rgb(source)
    path = Path(source)
    _check_file(path)
    with _opened(path) as image:
        _check_size(image.width, image.height, str(path))
        try:
            return _to_rgb(image)
        except Exception as error:  # decoders raise what they like on broken data
            raise ValueError(_broken(str(path), error)) from None


@contextmanager
def _opened(path: Path) -> Iterator[Image.Image]:
    """Opens a picture file, silently, or says in one sentence why it cannot be one."""
    with warnings.catch_warnings():
        # Pillow warns of large pictures and odd metadata: neither matters, we bound the size ourselves.
        warnings.simplefilter("ignore")
        try:
            image = Image.open(path)
        except UnidentifiedImageError:
            raise ValueError(
                f"{path}: not a picture that can be opened, expected {_WHAT}: convert it first"
            ) from None
        except Image.DecompressionBombError:
            raise ValueError(_too_large(str(path), "far too many")) from None
        except Exception as error:
            raise ValueError(_broken(str(path), error)) from None
        with image:
            yield image


def _check_file(path: Path) -> None:
    """Says in one sentence why `path` cannot be a picture, if a look at the file system shows it."""
    if path.is_dir():
        raise ValueError(f"{path}: a folder, expected {_WHAT}: name the picture files in it")
    if not path.exists():
        raise FileNotFoundError(f"{path}: no such file, expected {_WHAT}: check the name")
    if not os.access(path, os.R_OK):
        raise ValueError(f"{path}: may not be read, expected {_WHAT}: check the file's permissions")
    if path.is_file() and path.stat().st_size == 0:
        raise ValueError(f"{path}: the file is empty, expected {_WHAT}: copy or download it again")


def _broken(name: str, error: Exception) -> str:
    why = str(error).strip().splitlines()
    return (
        f"{name}: the picture is damaged or cut short ({why[0] if why else type(error).__name__}), "
        f"expected {_WHAT}: copy or download it again"
    )


def _too_large(name: str, pixels: str) -> str:
    return (
        f"{name}: the picture has {pixels} pixels, expected at most {MAX_PIXELS // 1_000_000} million: "
        "make it smaller, 12 million are plenty for a page"
    )


def _check_size(width: int, height: int, name: str) -> None:
    if min(width, height) < MIN_SIDE:
        raise ValueError(
            f"{name}: the picture is {width} x {height} pixels, expected at least {MIN_SIDE} x {MIN_SIDE}: "
            "letters need 15 pixels of height or more"
        )
    if width * height > MAX_PIXELS:
        raise ValueError(_too_large(name, f"{width * height / 1e6:.0f} million"))


def _reduction(width: int, height: int) -> int:
    """The smallest whole number by which both sides must be divided to stay within FULL_PIXELS."""
    k = 1
    while width * height > FULL_PIXELS * k * k:
        k += 1
    return k


def _from_image(image: Image.Image, name: str, draft: bool) -> Picture:
    width, height = image.size
    _check_size(width, height, name)
    k = _reduction(width, height)
    try:
        if draft and image.mode in ("L", "RGB", "YCbCr"):
            # JPEG only: decode just the brightness, at 1/2, 1/4 or 1/8 of the size if that is enough.
            image.draft("L", (-(-width // k), -(-height // k)))
        # Pixels first: asking a PNG for its EXIF note would load them too, and hide what is wrong with them.
        image.load()
        turn = _orientation(image)
        grey = _image_grey(image, max(1, round(k * image.width / width)))
    except MemoryError:
        raise ValueError(
            _too_large(name, f"{width * height / 1e6:.0f} million (more than memory holds)")
        ) from None
    except Exception as error:  # decoders raise what they like on broken data
        raise ValueError(_broken(name, error)) from None
    if turn is not None:
        grey = np.ascontiguousarray(turn(grey))
    size = (height, width) if turn in _SWAPPING else (width, height)
    return Picture(grey, size[0] / grey.shape[1], size, name, _notes(image, k))


def _notes(image: Image.Image, k: int) -> tuple[str, ...]:
    """What the user should know about how the picture was taken."""
    notes = []
    frames = getattr(image, "n_frames", 1)
    if frames > 1 and image.format != "MPO":  # a phone's MPO holds the same photo several times
        notes.append(f"holds {frames} pictures: only the first is read")
    if k > 1:
        notes.append(f"is huge: read at 1/{k} of its size")
    return tuple(notes)


def _orientation(image: Image.Image) -> _Turn | None:
    """How to turn the pixels so that they stand upright, from the camera's EXIF note (0x0112), if any."""
    try:
        return _TURNS.get(image.getexif().get(0x0112, 1))
    except Exception:  # a damaged note is as good as none
        return None


class _Turn:
    """One of EXIF's eight orientations as array operations: perhaps transpose, then flip rows or columns."""

    def __init__(self, transpose: bool, flip_rows: bool, flip_columns: bool) -> None:
        self.transpose = transpose
        self.step = (slice(None, None, -1 if flip_rows else 1), slice(None, None, -1 if flip_columns else 1))

    def __call__(self, grey: Grey) -> Grey:
        return (grey.T if self.transpose else grey)[self.step]


_TURNS = {
    2: _Turn(False, False, True),
    3: _Turn(False, True, True),
    4: _Turn(False, True, False),
    5: _Turn(True, False, False),
    6: _Turn(True, False, True),
    7: _Turn(True, True, True),
    8: _Turn(True, True, False),
}
_SWAPPING = tuple(_TURNS[i] for i in (5, 6, 7, 8))


def _flatten(image: Image.Image) -> Image.Image:
    """Lays a picture with transparency over white paper; others come back as they are."""
    if image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info:
        rgba = image.convert("RGBA")
        white = Image.new("RGBA", rgba.size, "white")
        white.alpha_composite(rgba)
        return white.convert("RGB")
    return image


def _to_rgb(image: Image.Image) -> Image.Image:
    upright = ImageOps.exif_transpose(image)
    if upright.mode in ("I", "F") or upright.mode.startswith("I;"):
        return Image.fromarray(np.rint(_deep_grey(upright, 1) * 255).astype(np.uint8)).convert("RGB")
    return _flatten(upright).convert("RGB")


def _image_grey(image: Image.Image, k: int) -> Grey:
    """(H, W) float32 grey of an opened image, every k x k pixels averaged to one."""
    if image.mode in ("I", "F") or image.mode.startswith("I;"):
        return _deep_grey(image, k)
    if k > 1:
        if image.mode in ("1", "P", "PA"):
            image = image.convert("RGBA" if "transparency" in image.info or image.mode == "PA" else "L")
        image = image.reduce(k)
    values = np.asarray(_flatten(image).convert("L"))
    grey: Grey = np.divide(values, np.float32(255), dtype=np.float32)
    return grey


def _deep_grey(image: Image.Image, k: int) -> Grey:
    """Grey of images with more than 8 bits, which Pillow would cut off at 255 instead of scaling."""
    return _scaled(_mean_blocks(np.asarray(image), k))


def _mean_blocks(values: NDArray[np.generic], k: int) -> Grey:
    if k == 1:
        return values.astype(np.float32)
    height, width = values.shape[0] // k, values.shape[1] // k
    blocks = values[: height * k, : width * k].reshape(height, k, width, k, *values.shape[2:])
    mean: Grey = blocks.mean(axis=(1, 3), dtype=np.float32)
    return mean


def _scaled(values: Grey) -> Grey:
    """Brings deep pixel values to 0..1: as they are when they fit, else by the depth that holds them."""
    if not np.isfinite(values).all() or values.min() < 0:
        raise ValueError("pixel values below zero or not finite")
    top = float(values.max())
    full = next((depth for depth in (1.0, 255.0, 65535.0) if top <= depth), top)
    return values / np.float32(full)


def _from_array(array: NDArray[np.generic]) -> Picture:
    name = "the picture"
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[:, :, 0]
    if array.ndim not in (2, 3) or (array.ndim == 3 and array.shape[2] not in (3, 4)):
        raise ValueError(f"read: needs an array (H, W) or (H, W, 3 or 4), got shape {array.shape}")
    if array.dtype.kind not in "buif":
        raise ValueError(f"read: needs an array of numbers, got dtype {array.dtype}")
    height, width = array.shape[:2]
    _check_size(width, height, name)
    k = _reduction(width, height)
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
        alpha = values[:, :, 3] if values.shape[2] == 4 else np.float32(1)
        luma = values[:, :, :3] @ np.array([0.299, 0.587, 0.114], dtype=np.float32)
        values = (luma * alpha + (1 - alpha)).astype(np.float32)
    return Picture(values, width / values.shape[1], (width, height), name)
