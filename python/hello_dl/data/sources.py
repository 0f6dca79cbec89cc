"""Turns a SOURCE, as it is written on the command line, into labelled images.

builtin, builtin:N          N characters drawn by the embedded generator (no file, no network)
mnist, fashion-mnist, emnist-letters, emnist-digits, emnist-balanced
                            downloaded once; :train or :test after the name chooses the part
PATH, PATH:CODE             PATH-images-idx3-ubyte[.gz] and PATH-labels-idx1-ubyte[.gz]; CODE says how the
                            labels are numbered: digits, letters26, byclass62, balanced47 or fashion10.
                            CODE-transposed, such as letters26-transposed, says as well that the images are
                            stored transposed, CODE-upright that they are not
"""

from __future__ import annotations

import os
import re
import warnings
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hello_dl.data import download
from hello_dl.data.idx import read_idx
from hello_dl.data.images import CODES, SIDE, Code, Images, concatenate
from hello_dl.data.orientation import lies_on_its_side

GRAMMAR = f"builtin[:N], {', '.join(download.NAMES)}, or PATH[:CODE]"
BUILTIN_ITEMS = {"train": 20_000, "test": 5_000}  # characters that `builtin` draws without :N
BUILTIN_TEST_SEED = 1 << 32  # added to the seed for the test part, so that it has other writers
DOWNLOAD_CODES = {  # data set: the code of its labels
    "mnist": "digits",
    "fashion-mnist": "fashion10",
    "emnist-letters": "letters26",
    "emnist-digits": "digits",
    "emnist-balanced": "balanced47",
}
# EMNIST's own files store their images transposed; their names begin so, in letters of either case.
EMNIST_NAME = re.compile(r"emnist[-_. ]([a-z]+)", re.IGNORECASE)
# The word after "emnist-" in these names: the code of their labels.
EMNIST_CODES = {
    "letters": "letters26",
    "digits": "digits",
    "mnist": "digits",
    "balanced": "balanced47",
    "bymerge": "balanced47",
    "byclass": "byclass62",
}
ENDINGS = {  # of file names, without .gz; some archives have a dot in place of a dash
    "images": ("-images-idx3-ubyte", "-images.idx3-ubyte"),
    "labels": ("-labels-idx1-ubyte", "-labels.idx1-ubyte"),
}
FILE_NAME = re.compile(r"-(images[-.]idx3|labels[-.]idx1)-ubyte(\.gz)?$", re.IGNORECASE)
STORED = {"-transposed": True, "-upright": False}  # behind a code: whether the images are stored transposed


class UnknownSource(ValueError):
    """A text is no source of data; the message says which there are."""


def load(
    *sources: str | os.PathLike[str],
    classes: Sequence[str] | None = None,
    split: str = "train",
    seed: int = 0,
    progress: bool = True,
) -> Images:
    """Load one source of data, or join several.

    classes    names of the classes to keep, ignoring the case of letters; labels index them. Items of other
               classes are left out and counted (`Images.dropped`). None keeps all
    split      "train" or "test": the part of a downloaded set; builtin draws other writers for "test"; of a
               PATH all items are taken
    seed       of builtin
    progress   whether a download shows a bar

    Raises UnknownSource (a ValueError) for an unknown source, ValueError for damaged data, DownloadError (an
    OSError) if a download fails.
    """
    if not sources:
        raise ValueError(f"data: needs at least one source: {GRAMMAR}")
    if split not in download.SPLITS:
        raise ValueError(f"data: needs split train or test, got {split!r}")
    parts = [_load_one(os.fspath(source), classes, split, seed, progress) for source in sources]
    return concatenate(parts if classes is None else [part.only(classes) for part in parts])


def _load_one(text: str, classes: Sequence[str] | None, split: str, seed: int, progress: bool) -> Images:
    """Load the source that `text` names."""
    name, _, option = text.partition(":")
    if name == "builtin":
        return _draw(text, option, classes, split, seed)
    if name in download.NAMES:
        if option not in ("", *download.SPLITS):
            raise UnknownSource(f"data source {text!r}: needs train or test after the colon, got {option!r}")
        prefix = download.fetch(name, option or split, progress)
        return read_pair(prefix, DOWNLOAD_CODES[name], name)
    prefix, code = split_code(text)
    return read_pair(prefix, code)


def _draw(text: str, option: str, classes: Sequence[str] | None, split: str, seed: int) -> Images:
    """Draw characters with the embedded generator, of the smallest code that has all of `classes`."""
    if option and not (option.isdecimal() and int(option) > 0):
        raise UnknownSource(f"data source {text!r}: needs a number of images after the colon, got {option!r}")
    from hello_dl.data import builtin

    n = int(option) if option else BUILTIN_ITEMS[split]
    wanted = set(classes or CODES["byclass62"].classes)
    name = next((c for c in ("digits", "letters26") if wanted <= {*CODES[c].classes}), "byclass62")
    images, labels = builtin.generate(n, name, seed + (BUILTIN_TEST_SEED if split == "test" else 0))
    return _images(images, labels, CODES[name], "builtin")


def split_code(text: str) -> tuple[Path, str | None]:
    r"""Split PATH[:CODE] into path and code; C:\data\t10k has no code.

    PATH may be the common prefix of the two files, or one of them. Raises UnknownSource for an unknown code.
    """
    path, colon, code = text.rpartition(":")
    if not colon or len(path) <= 1 or re.search(r"[/\\]", code):
        path, code = text, ""
    else:
        _read_code(code, f"data source {text!r}")
    return Path(FILE_NAME.sub("", path)).expanduser(), code or None


def _read_code(text: str, what: str) -> tuple[Code, bool | None]:
    """Return the code that a text such as letters26-transposed names, and whether images are transposed.

    The latter is None if the text does not tell. UnknownSource, with `what` in its message, for another text.
    """
    ending = next((ending for ending in STORED if text.endswith(ending)), "")
    code = CODES.get(text.removesuffix(ending))
    if code is None:
        known = ", ".join(CODES)
        raise UnknownSource(f"{what}: unknown code {text!r}, needs one of {known}, or one with -transposed")
    return code, STORED.get(ending)


def read_pair(prefix: str | os.PathLike[str], code: str | None = None, name: str | None = None) -> Images:
    """Read the two files, images and labels, whose paths begin with `prefix`.

    `code` says how the labels are numbered; if None, it is guessed from the labels. Images that are stored
    transposed are turned upright: those of a code such as letters26-transposed, and those of files that are
    named like EMNIST's own (emnist-letters-train-...), whose names tell the code, too. A warning says if the
    characters then seem to lie on their side.

    Raises UnknownSource if there are no such files or no such code, ValueError, with the path, if the files
    do not fit together.
    """
    prefix = Path(prefix)
    paths = {kind: _find(prefix, kind) for kind in ENDINGS}
    images_path, labels_path = paths["images"], paths["labels"]
    if images_path is None or labels_path is None:
        raise UnknownSource(_not_there(prefix, paths))
    images, labels = read_idx(images_path), read_idx(labels_path)
    if images.dtype != np.uint8 or images.ndim != 3 or images.shape[1:] != (SIDE, SIDE):
        raise ValueError(
            f"{images_path}: needs uint8 images (n, {SIDE}, {SIDE}), got {images.dtype} {images.shape}"
        )
    if labels.dtype.kind not in "iu" or labels.ndim != 1:
        raise ValueError(
            f"{labels_path}: needs whole numbers (n,) as labels, got {labels.dtype} {labels.shape}"
        )
    if len(images) != len(labels):
        raise ValueError(
            f"{images_path} has {len(images)} images, but {labels_path} has {len(labels)} labels"
        )
    if len(images) == 0:
        raise ValueError(f"{images_path}: holds no images")
    emnist = EMNIST_NAME.match(prefix.name)
    if code is None and emnist is not None:
        code = EMNIST_CODES.get(emnist[1].lower())
    numbering, transposed = _read_code(code, str(prefix)) if code else (_guess(labels, prefix), None)
    if transposed is None:
        transposed = emnist is not None
    if transposed:
        images = np.ascontiguousarray(images.transpose(0, 2, 1))
    read = _images(images, labels, numbering, name or str(prefix), labels_path)
    if lies_on_its_side(read):
        why = ", though they were turned as their name or code says" if transposed else ""
        other = "upright" if transposed else "transposed"
        warnings.warn(
            f"{prefix}: the characters seem to lie on their side{why}; if they do, write"
            f" {prefix}:{numbering.name}-{other}",
            stacklevel=2,
        )
    return read


def _images(
    images: NDArray[np.uint8], labels: NDArray[np.integer], code: Code, name: str, path: Path | None = None
) -> Images:
    """Return images whose labels index the classes of a code; ValueError for labels that it has not."""
    low, high = code.first, code.first + len(code.classes) - 1
    if labels.min() < low or labels.max() > high:
        raise ValueError(
            f"{path or name}: the code {code.name} has labels from {low} to {high},"
            f" got {labels.min()} to {labels.max()}"
        )
    return Images(images, labels.astype(np.int64) - low, code.classes, name, code.merged)


def _guess(labels: NDArray[np.integer], prefix: Path) -> Code:
    """Return the code of a file's labels, guessed from their values.

    Among the codes that have all these labels, it is the only one whose every class occurs, or any if all of
    them read the labels in the same way. Raises ValueError if there is no such code, or more than one.
    """
    values = np.unique(labels)
    fitting = [
        code for code in CODES.values() if code.name != "fashion10" and code.first <= values[0]
        and values[-1] < code.first + len(code.classes)
    ]  # fmt: skip
    if not fitting:
        raise ValueError(f"{prefix}: no code has labels {values[0]} to {values[-1]}; byclass62 has 0 to 61")
    readings = {tuple(code.classes[value - code.first] for value in values) for code in fitting}
    full = [code for code in fitting if len(code.classes) == len(values)]
    if len(full) == 1 or len(readings) == 1:
        return (full or fitting)[0]
    raise ValueError(
        f"{prefix}: labels {values[0]} to {values[-1]} can be {' or '.join(code.name for code in fitting)};"
        f" say which, as in {prefix}:{fitting[0].name}"
    )


def _find(prefix: Path, kind: str) -> Path | None:
    """Return the path of the file of images or of labels, plain or gzipped; None if there is none.

    The case of the letters in its name does not count, but a file whose name is the same comes first.
    """
    if not prefix.name or not prefix.parent.is_dir():
        return None
    names = [prefix.name + ending + zipped for ending in ENDINGS[kind] for zipped in ("", ".gz")]
    same = [path for name in names if (path := prefix.with_name(name)).is_file()]
    if same:
        return same[0]
    wanted = {name.lower() for name in names}
    return min((path for path in prefix.parent.iterdir() if path.name.lower() in wanted), default=None)


def _not_there(prefix: Path, paths: dict[str, Path | None]) -> str:
    """Return the message for a source that is not there: what is missing, and what there is instead."""
    for kind, other in (("images", "labels"), ("labels", "images")):
        if paths[kind] is None and paths[other] is not None:
            return f"{prefix}: there is {paths[other]}, but no {prefix}{ENDINGS[kind][0]}[.gz] to go with it"
    folder = prefix if prefix.is_dir() else prefix.parent
    message = f"unknown data source {str(prefix)!r}: needs {GRAMMAR}; "
    if not folder.is_dir():
        return message + f"there is no folder {folder}"
    pairs = {FILE_NAME.sub("", path.name) for path in folder.iterdir() if FILE_NAME.search(path.name)}
    found = sorted(str(folder / pair) for pair in pairs)
    if found:
        return message + f"{folder} has {', '.join(found[:8])}"
    return message + f"there is no {prefix}-images-idx3-ubyte[.gz]"
