"""Writes files whole or not at all, and says in words why a place cannot be written to."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from PIL.Image import Image


@contextmanager
def write_aside(path: Path) -> Iterator[BinaryIO]:
    """Open a temporary file for writing that becomes `path` when the block ends without an error.

    The file lies in the same folder and is renamed at the end, which the operating system does in one step:
    other programs see the old content or the new one, never half of it. After an error it is removed, and
    `path` is as before. An OSError within the block, such as a full disk or a folder that is not there, is
    raised again with a message that names `path`.
    """
    aside = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        with aside.open("wb") as file:
            yield file
        aside.replace(path)
    except OSError as error:
        why = error.strerror or error
        raise type(error)(f"{path}: cannot be written ({why}); choose another place") from None
    finally:
        with suppress(OSError):
            aside.unlink()


def write_text(path: Path, text: str) -> None:
    """Write text as UTF-8, whole or not at all. Raises OSError with a message that names `path`."""
    with write_aside(path) as file:
        file.write(text.encode())


def save_picture(image: Image, path: Path) -> None:
    """Write a Pillow image whole or not at all, in the format that its name ends in.

    Raises ValueError for an ending that Pillow does not know, OSError with a message that names `path`.
    """
    from PIL import Image

    kind = Image.registered_extensions().get(path.suffix.lower())
    if kind is None:
        raise ValueError(f"{path}: needs a name that ends in .png, .jpg or .webp")
    with write_aside(path) as file:
        image.save(file, format=kind)


def check_file(path: Path, option: str = "--out") -> Path:
    """Make sure that a file can be written, before the work whose result it will hold.

    Returns `path`. Raises OSError that says why not: its folder is missing or write-protected, or something
    else is there. `option` names the command's option in the message.
    """
    if path.is_dir():
        raise IsADirectoryError(f"{option} {path}: this is a folder; add a file name")
    if path.exists() and not path.is_file():
        raise OSError(f"{option} {path}: this is no ordinary file; choose another name")
    if path.exists() and not os.access(path, os.W_OK):
        raise PermissionError(f"{option} {path}: the file is there and write-protected; choose another name")
    if not path.parent.is_dir():
        raise FileNotFoundError(f"{option} {path}: there is no folder {path.parent}; make it first")
    _check_writable(path.parent, option)
    return path


def make_folder(path: Path, option: str = "--out") -> Path:
    """Make a folder unless it is there, and make sure that files can be written into it.

    Returns `path`. Raises OSError that says why not; `option` names the command's option in the message.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise FileExistsError(f"{option} {path}: a file of that name is there; choose another name") from None
    except OSError as error:
        raise OSError(
            f"{option} {path}: cannot make this folder ({error.strerror}); choose another"
        ) from None
    _check_writable(path, option)
    return path


def _check_writable(folder: Path, option: str) -> None:
    """Raise OSError if no file can be made in a folder. It tries: permissions do not tell of a full disk."""
    try:
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        raise OSError(
            f"{option}: cannot write into {folder} ({error.strerror}); choose another place"
        ) from None
