"""Turn a SOURCE, as it is written on the command line, into labelled images.

builtin, builtin:N          N drawn characters from the embedded generator (no file, no network)
mnist, fashion-mnist, emnist-letters, emnist-digits, emnist-balanced
                            downloaded once; :train or :test behind the name chooses the part
PATH, PATH:CODE             PATH-images-idx3-ubyte[.gz] and PATH-labels-idx1-ubyte[.gz], labels written in
CODE:
                            digits, letters26, byclass62, balanced47 or fashion10
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hello_dl.data import download
from hello_dl.data.idx import read_idx
from hello_dl.data.images import CODES, SIDE, Code, Images, concatenate

GRAMMAR = f"builtin[:N], {', '.join(download.NAMES)}, or PATH[:CODE]"
BUILTIN_ITEMS = {"train": 20_000, "test": 5_000}
BUILTIN_TEST_SEED = 1 << 32  # added to the seed for the test part: other writers than any training seed has
DOWNLOAD_CODES = {
    "mnist": "digits",
    "fashion-mnist": "fashion10",
    "emnist-letters": "letters26",
    "emnist-digits": "digits",
    "emnist-balanced": "balanced47",
}
# EMNIST's own files say in their name how they are labelled, and store every image transposed.
EMNIST_CODES = {
    "letters": "letters26",
    "digits": "digits",
    "mnist": "digits",
    "balanced": "balanced47",
    "bymerge": "balanced47",
    "byclass": "byclass62",
}
ENDINGS = {
    "images": ("-images-idx3-ubyte", "-images.idx3-ubyte"),
    "labels": ("-labels-idx1-ubyte", "-labels.idx1-ubyte"),
}
FILE_NAME = r"-(images[-.]idx3|labels[-.]idx1)-ubyte(\.gz)?$"


class UnknownSource(ValueError):
    """What was written is no source of data; the message says what is."""


def load(
    *sources: str | os.PathLike[str],
    classes: Sequence[str] | None = None,
    split: str = "train",
    seed: int = 0,
    progress: bool = True,
) -> Images:
    """Load one source or several, joined.

    With `classes` given, labels index those, case-insensitively, and items of other classes are dropped and
    counted (`Images.dropped`). `split`, train or test, chooses the part of a downloaded set; builtin draws
    other writers for test; a PATH is taken whole. `seed` is builtin's. Raises UnknownSource (a
    ValueError) for an unknown source, ValueError for damaged data, DownloadError (an OSError) where the
    network is needed and missing.
    """
    if not sources:
        raise ValueError(f"data: needs at least one source: {GRAMMAR}")
    if split not in download.SPLITS:
        raise ValueError(f"data: needs split train or test, got {split!r}")
    parts = [_load_one(os.fspath(source), classes, split, seed, progress) for source in sources]
    return concatenate(parts if classes is None else [part.only(classes) for part in parts])


def _load_one(text: str, classes: Sequence[str] | None, split: str, seed: int, progress: bool) -> Images:
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
    """Let the embedded generator draw characters, of the smallest code that has all of `classes`."""
    if option and not (option.isdecimal() and int(option) > 0):
        raise UnknownSource(f"data source {text!r}: needs a number of images after the colon, got {option!r}")
    from hello_dl.data import builtin

    n = int(option) if option else BUILTIN_ITEMS[split]
    wanted = set(classes or CODES["byclass62"].classes)
    name = next((c for c in ("digits", "letters26") if wanted <= {*CODES[c].classes}), "byclass62")
    images, labels = builtin.generate(n, name, seed + (BUILTIN_TEST_SEED if split == "test" else 0))
    return _images(images, labels, CODES[name], "builtin")


def split_code(text: str) -> tuple[Path, str | None]:
    """Split PATH[:CODE]; PATH may also be one of the two files, and C:\\data\\t10k has no code."""
    path, colon, code = text.rpartition(":")
    if not colon or len(path) <= 1 or re.search(r"[/\\]", code):
        path, code = text, ""
    elif code not in CODES:
        raise UnknownSource(f"data source {text!r}: unknown code {code!r}, needs one of {', '.join(CODES)}")
    return Path(re.sub(FILE_NAME, "", path)).expanduser(), code or None


def read_pair(prefix: str | os.PathLike[str], code: str | None = None, name: str | None = None) -> Images:
    """Read the images and labels whose files begin with `prefix`, labels written in `code` (guessed if None).

    Files with the names of EMNIST's own (emnist-letters-train-...) are turned upright and know their code.
    Raises ValueError, with the path, if there is no such pair or its two files do not fit together.
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
    if emnist := re.match(r"emnist-([a-z]+)", prefix.name):
        images = np.ascontiguousarray(images.transpose(0, 2, 1))
        code = code or EMNIST_CODES.get(emnist[1])
    return _images(
        images, labels, CODES[code] if code else _guess(labels, prefix), name or str(prefix), labels_path
    )


def _images(
    images: NDArray[np.uint8], labels: NDArray[np.integer], code: Code, name: str, path: Path | None = None
) -> Images:
    """Bring labels from the numbers of a code to indices that count from 0."""
    low, high = code.first, code.first + len(code.classes) - 1
    if labels.min() < low or labels.max() > high:
        raise ValueError(
            f"{path or name}: the code {code.name} has labels from {low} to {high},"
            f" got {labels.min()} to {labels.max()}"
        )
    return Images(images, labels.astype(np.int64) - low, code.classes, name, code.merged)


def _guess(labels: NDArray[np.integer], prefix: Path) -> Code:
    """Find the code that a file's labels are written in, from their values.

    Of the codes that have all these labels, it is the one whose every class occurs; or any, if all read the
    same.
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
    """Find the file of images or labels, plain or gzipped, with a dash or (in some archives) a dot."""
    names = [prefix.name + ending + zipped for ending in ENDINGS[kind] for zipped in ("", ".gz")]
    return (
        next((path for name in names if (path := prefix.with_name(name)).is_file()), None)
        if prefix.name
        else None
    )


def _not_there(prefix: Path, paths: dict[str, Path | None]) -> str:
    """Say why there is no such source, and what there is instead."""
    for kind, other in (("images", "labels"), ("labels", "images")):
        if paths[kind] is None and paths[other] is not None:
            return f"{prefix}: there is {paths[other]}, but no {prefix}{ENDINGS[kind][0]}[.gz] to go with it"
    folder = prefix if prefix.is_dir() else prefix.parent
    message = f"unknown data source {str(prefix)!r}: needs {GRAMMAR}; "
    if not folder.is_dir():
        return message + f"there is no folder {folder}"
    pairs = {re.sub(FILE_NAME, "", path.name) for path in folder.iterdir() if re.search(FILE_NAME, path.name)}
    found = sorted(str(folder / pair) for pair in pairs)
    if found:
        return message + f"{folder} has {', '.join(found[:8])}"
    return message + f"there is no {prefix}-images-idx3-ubyte[.gz]"
