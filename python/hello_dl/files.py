"""Writes files whole or not at all, and says in words why a place cannot be written to."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO


@contextmanager
def write_aside(path: Path) -> Iterator[BinaryIO]:
    """Open a file next to `path` and rename it to `path` at the end, so that nobody ever sees half a file."""
    aside = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        with open(aside, "wb") as file:
            yield file
        os.replace(aside, path)
    finally:
        aside.unlink(missing_ok=True)


def check_file(path: Path, option: str = "--out") -> Path:
    """Make sure that a file can be written, before the work whose result it will hold.

    Raises OSError that says why not: its folder is missing or write-protected, or something else is there.
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
    """Make a folder, and make sure that files can be written into it. Raises OSError that says why not."""
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
    """Try it: permissions alone do not tell of full or read-only disks."""
    try:
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        raise OSError(
            f"{option}: cannot write into {folder} ({error.strerror}); choose another place"
        ) from None


def save_picture(image: Any, path: Path) -> None:
    """Write a Pillow image whole or not at all, in the format that its name ends in."""
    from PIL import Image

    kind = Image.registered_extensions()[path.suffix.lower()]
    try:
        with write_aside(path) as file:
            image.save(file, format=kind)
    except OSError as error:
        raise OSError(
            f"{path}: cannot be written ({error.strerror or error}); choose another place"
        ) from None
