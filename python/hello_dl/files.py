"""Reads text as any system writes it, writes files whole or not at all, and tells why a place is no good."""

from __future__ import annotations

import codecs
import importlib
import io
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from PIL.Image import Image


PACKED = {b"\x1f\x8b": "gzip", b"BZh": "bz2", b"\xfd7zXZ\0": "lzma"}  # first bytes of a file: Python's module
PACKED_OTHERWISE = {b"PK\x03\x04": "zip", b"\x28\xb5\x2f\xfd": "zstd", b"7z\xbc\xaf": "7z"}
# Byte order marks: the encoding that each one tells. The mark of UTF-32 begins like that of UTF-16.
MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
# What Python raises where data from outside have another form than their reader expects: a missing key, a
# text for a number, Infinity for an integer, lists nested deeper than Python goes.
MISSHAPEN = (KeyError, TypeError, ValueError, AttributeError, IndexError, OverflowError, RecursionError)
MOST_TEXT = 1 << 29  # bytes that a packed text may have: a few kilobytes could become any size
LINE_END = re.compile(r"\r\n|\r|\n")  # of Windows, of old Macs, of all others
CONTROL = re.compile(r"[\x00-\x06\x0e-\x19\x1c-\x1f]")  # characters that no text has
END_OF_FILE = "\x1a"  # Ctrl-Z, which DOS wrote after the last line


def read_text(path: Path, needs: str = "text", latin1: bool = False, most: int = MOST_TEXT) -> str:
    r"""Return the text of a file, with \n at the end of each line, whatever system has written it.

    The text is in UTF-8, or in the encoding that a byte order mark tells. It may be packed with gzip, bzip2
    or xz, which is seen from the content. With `latin1`, what is not UTF-8 is taken for Latin-1, in which
    every byte is a character; so use it only where a wrong character changes nothing.

    `needs` says in messages what the file should hold; a packed file must not hold more than `most` bytes.
    Raises OSError, or ValueError that names the file, and the line if its content is no text.
    """
    content = _unpacked(path, needs, most)
    encoding = next((name for mark, name in MARKS.items() if content.startswith(mark)), "utf-8")
    no_text = "\0"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        if encoding != "utf-8" or not latin1:
            raise ValueError(_not_decoded(path, needs, content, encoding, error.start)) from None
        text, no_text = content.decode("latin-1"), CONTROL.pattern
    if wrong := re.search(no_text, text):
        raise ValueError(
            f"{path}: is no text, or in UTF-16 without a byte order mark: it holds {wrong[0]!r} in line"
            f" {_line(text[: wrong.start()])}; needs {needs} in UTF-8; convert it, e.g. with iconv -f utf-16"
        )
    text = text.replace("\r\n", "\n").replace("\r", "\n").removesuffix(END_OF_FILE)
    return text.replace("\n\ufeff", "\n")  # byte order marks of files that were joined


def _unpacked(path: Path, needs: str, most: int) -> bytes:
    """Return the content of a file, unpacked. Raises OSError, or ValueError if it cannot be unpacked."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise type(error)(f"{path}: cannot be read ({error.strerror or error}); needs {needs}") from None
    for start, name in PACKED_OTHERWISE.items():
        if content.startswith(start):
            raise ValueError(f"{path}: is packed with {name}; unpack it first")
    for start, module in PACKED.items():
        if content.startswith(start):
            try:
                with importlib.import_module(module).open(io.BytesIO(content)) as file:
                    unpacked: bytes = file.read(most + 1)
            except Exception as error:  # each module has its own kinds of error
                raise ValueError(f"{path}: damaged {module} file ({error}); get the file again") from None
            if len(unpacked) > most:
                raise ValueError(
                    f"{path}: unpacks to more than {most:,} bytes; unpack it first, if that is right"
                )
            return unpacked
    return content


def zip_errors() -> tuple[type[Exception], ...]:
    """Return what Python raises for a zip file (npz is one) that is damaged, or packed in a way it lacks."""
    import zipfile
    import zlib
    from lzma import LZMAError

    damaged = (
        zipfile.BadZipFile,
        EOFError,
        OSError,
        ValueError,
        TypeError,
        AttributeError,
        zlib.error,
        LZMAError,
    )
    return *damaged, NotImplementedError, RuntimeError


def _not_decoded(path: Path, needs: str, content: bytes, encoding: str, place: int) -> str:
    """Return the message about a byte that does not belong into text of this encoding."""
    line = _line(content[:place].decode(encoding, "ignore"))
    marked = "" if encoding == "utf-8" else f", or in {encoding.upper()}, as its byte order mark says"
    return (
        f"{path}: needs {needs} in UTF-8{marked}; byte {content[place]:#04x} in line {line}"
        f" (byte {place:,} of the file) is none; convert it, e.g. with iconv -f latin1 -t utf-8"
    )


def _line(before: str) -> int:
    """Return the number of the line, from 1, in which the text `before` ends."""
    return len(LINE_END.findall(before)) + 1


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
