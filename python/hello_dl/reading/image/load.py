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
from PIL import Image, UnidentifiedImageError

from hello_dl.reading.image.arrays import Grey
from hello_dl.reading.image.file_kind import FIRST, HEIC, HEIF, RAW, is_raw, kind_of
from hello_dl.reading.image.formats import array_to_grey, image_to_grey, image_to_rgb, is_empty, turn_of

Source = str | os.PathLike[str] | Image.Image | NDArray[np.generic]

FULL_PIXELS = 25_000_000  # pixels up to which a picture is read at its full size; larger ones are reduced
MAX_PIXELS = 178_000_000  # larger pictures are refused; Pillow's guard against decompression bombs is as high
MIN_SIDE = 8  # pixels of a side; smaller pictures cannot hold a letter and are refused

_WHAT = "a picture such as JPEG, PNG or TIFF"


@dataclass(frozen=True)
class Picture:
    """A picture made ready for reading.

    `grey` is (H, W) from 0 = black to 1 = white; `scale` says how many pixels of the original one of its
    pixels spans (1 unless the original is huge); `size` is the upright original's (width, height); `name` is
    for messages; `notes` say in words what was done with an animation or a huge picture.
    """

    grey: Grey
    scale: float
    size: tuple[int, int]
    name: str
    notes: tuple[str, ...] = ()


def load_picture(source: Source) -> Grey:
    """Return a picture as (H, W) float32, 0 = black .. 1 = white, upright and without transparency.

    Takes a path, a Pillow image, or an array (H, W) or (H, W, 3 or 4), uint8, uint16, bool, or float in 0..1.
    What is transparent becomes paper: white, or black if all ink is light; of an animation the first frame
    counts; pictures above 25 megapixels come reduced (`open_picture` says how much). Raises FileNotFoundError
    or ValueError.
    """
    return open_picture(source).grey


def open_picture(source: Source) -> Picture:
    """Load a picture as `load_picture` does, with its original size, its scale and its name."""
    if isinstance(source, np.ndarray):
        return _from_array(source)
    if isinstance(source, Image.Image):
        return _from_image(source, "the picture")
    if not isinstance(source, str | os.PathLike):
        raise TypeError(f"read: needs a path, a Pillow image or an array, got {type(source).__name__}")
    path = Path(source)
    check_readable(path)
    with opened(path) as image:
        return _from_image(image, str(path), path)


def open_image(source: Source) -> Image.Image:
    """Return a picture in colour, as an upright Pillow RGB image of its original size, to draw on.

    Raises as `load_picture`.
    """
    if isinstance(source, np.ndarray):
        picture = open_picture(source)
        if source.ndim == 3 and source.dtype == np.uint8:
            return image_to_rgb(Image.fromarray(np.ascontiguousarray(source)))
        grey = Image.fromarray(np.rint(picture.grey * 255).astype(np.uint8))
        return grey.convert("RGB").resize(picture.size)
    if isinstance(source, Image.Image):
        return image_to_rgb(source)
    path = Path(source)
    check_readable(path)
    with opened(path) as image:
        _check_size(image.width, image.height, str(path))
        try:
            return image_to_rgb(image)
        except Exception as error:  # Pillow's decoders raise errors of many kinds for broken data
            raise ValueError(_broken(str(path), error, path)) from None


def _from_image(image: Image.Image, name: str, path: Path | None = None) -> Picture:
    """Make an opened image ready; a JPEG that was opened from `path` may be decoded at a part of its size."""
    width, height = image.size
    _check_size(width, height, name)
    k = _reduction(width, height)
    try:
        if path is not None and image.mode in ("L", "RGB", "YCbCr"):
            # JPEG only: decode just the brightness, at 1/2, 1/4 or 1/8 of the size if that is enough.
            image.draft("L", (-(-width // k), -(-height // k)))
        # Pixels first: asking a PNG for its EXIF note would load them too, and hide what is wrong with them.
        image.load()
        turn = turn_of(image)
        grey = image_to_grey(image, max(1, round(k * image.width / width)))
    except MemoryError:
        pixels = f"{width * height / 1e6:.0f} million, which is more than memory holds"
        raise ValueError(_too_large(name, pixels)) from None
    except Exception as error:  # Pillow's decoders raise errors of many kinds for broken data
        raise ValueError(_broken(name, error, path)) from None
    size = (width, height)
    if turn is not None:
        grey = np.ascontiguousarray(turn(grey))
        size = (height, width) if turn.transpose else size
    return Picture(grey, size[0] / grey.shape[1], size, name, _notes(image, k))


def _from_array(array: NDArray[np.generic]) -> Picture:
    """Make an array ready."""
    name = "the picture"
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[:, :, 0]
    if array.ndim not in (2, 3) or (array.ndim == 3 and array.shape[2] not in (3, 4)):
        raise ValueError(f"read: needs an array (H, W) or (H, W, 3 or 4), got shape {array.shape}")
    if array.dtype.kind not in "buif":
        raise ValueError(f"read: needs an array of numbers, got dtype {array.dtype}")
    height, width = array.shape[:2]
    _check_size(width, height, name)
    grey = array_to_grey(array, _reduction(width, height))
    return Picture(grey, width / grey.shape[1], (width, height), name)


def _notes(image: Image.Image, k: int) -> tuple[str, ...]:
    """Say what the user should know about how the picture was loaded."""
    notes = []
    frames = getattr(image, "n_frames", 1)
    if frames > 1 and image.format != "MPO":  # a phone's MPO holds the same photo several times
        notes.append(f"holds {frames} pictures: only the first is read")
    if is_empty(image):
        notes.append("is transparent everywhere: there is nothing to see in it")
    if k > 1:
        notes.append(f"is huge: read at 1/{k} of its size")
    return tuple(notes)


@contextmanager
def opened(path: Path) -> Iterator[Image.Image]:
    """Open a picture file without warnings; raise ValueError in one sentence if it is none.

    HEIC and HEIF need pillow-heif (the extra `heif`); without it, the sentence says so.
    """
    with warnings.catch_warnings():
        # Pillow warns of large pictures, whose size is checked here, and of odd metadata, which is not used.
        warnings.simplefilter("ignore")
        try:
            image: Image.Image = Image.open(path)
        except UnidentifiedImageError:
            image = _open_heif(path, _kind_of_file(path))
        except Image.DecompressionBombError:
            raise ValueError(_too_large(str(path), "far more")) from None
        except Exception as error:
            raise ValueError(_broken(str(path), error, path)) from None
        with image:
            if is_raw(image):
                raise ValueError(_no_picture(path, RAW))
            yield image


def _open_heif(path: Path, kind: str | None) -> Image.Image:
    """Open a file that Pillow alone does not know, if it is HEIC or HEIF; `kind` is that of `kind_of`."""
    if kind in (HEIC, HEIF):
        try:
            from pillow_heif import register_heif_opener
        except ImportError:
            pass
        else:
            register_heif_opener()
            try:
                return Image.open(path)
            except Exception as error:
                raise ValueError(_broken(str(path), error, path)) from None
    raise ValueError(_no_picture(path, kind))


def check_readable(path: Path) -> None:
    """Raise in one sentence if the file system shows that there can be no picture at `path`."""
    if path.is_dir():
        raise ValueError(f"{path}: needs {_WHAT}, got a folder; name the picture files in it")
    if not path.exists():
        raise FileNotFoundError(f"{path}: no such file, needs {_WHAT}; check the name")
    if not os.access(path, os.R_OK):
        raise ValueError(f"{path}: needs {_WHAT}, got a file that may not be read; check its permissions")
    if path.is_file() and path.stat().st_size == 0:
        raise ValueError(f"{path}: needs {_WHAT}, got an empty file; copy or download it again")


def _check_size(width: int, height: int, name: str) -> None:
    """Raise ValueError for a picture that is too small or too large to be read."""
    if min(width, height) < MIN_SIDE:
        raise ValueError(
            f"{name}: needs at least {MIN_SIDE} x {MIN_SIDE} pixels, got {width} x {height}; "
            "letters need 15 pixels of height or more"
        )
    if width * height > MAX_PIXELS:
        raise ValueError(_too_large(name, f"{width * height / 1e6:.0f} million"))


def _reduction(width: int, height: int) -> int:
    """Return the smallest whole number by which both sides must be divided to stay within FULL_PIXELS."""
    k = 1
    while width * height > FULL_PIXELS * k * k:
        k += 1
    return k


def _kind_of_file(path: Path) -> str | None:
    """Return what a file holds if it is no picture that can be opened, and what to do; None if not known."""
    with path.open("rb") as file:
        return kind_of(file.read(FIRST))


def _no_picture(path: Path, kind: str | None) -> str:
    """Return the message for a file that is no picture; `kind` is that of `kind_of`."""
    if kind is None:
        return f"{path}: not a picture that can be opened, needs {_WHAT}; convert it first"
    return f"{path}: not a picture that can be opened, needs {_WHAT}, got {kind}"


def _broken(name: str, error: Exception, path: Path | None) -> str:
    """Return the message for a picture that a decoder gave up on, which was opened from `path`, if any."""
    kind = None if path is None else _kind_of_file(path)
    if path is not None and kind is not None:  # Pillow knows this kind by name only
        return _no_picture(path, kind)
    why = str(error).strip().splitlines()
    return (
        f"{name}: needs {_WHAT}, got one that is damaged or cut short "
        f"({why[0] if why else type(error).__name__}); copy or download it again"
    )


def _too_large(name: str, pixels: str) -> str:
    """Return the message for a picture with too many pixels."""
    return (
        f"{name}: needs at most {MAX_PIXELS // 1_000_000} million pixels, got {pixels}; "
        "make it smaller, 12 million are plenty for a page"
    )
