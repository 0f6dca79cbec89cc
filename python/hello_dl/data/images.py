"""Labelled images of 28 x 28 pixels, and the codes by which files number their classes."""

from __future__ import annotations

import string
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hello_dl.data.shuffle import permutation

SIDE = 28  # pixels: width and height of an image


class NoneLeft(ValueError):
    """No image is of one of the classes that were asked for."""


@dataclass(frozen=True)
class Code:
    """How a file numbers its classes: `classes` in order, counted from `first`.

    A class in `merged` holds both the capital and the small letter.
    """

    name: str
    classes: tuple[str, ...]
    first: int = 0
    merged: frozenset[str] = frozenset()


_TOLD_APART = "abdefghnqrt"  # small letters that have a class of their own in EMNIST balanced
_CLOTHES = "T-shirt/top,Trouser,Pullover,Dress,Coat,Sandal,Shirt,Sneaker,Bag,Ankle boot"
CODES = {
    code.name: code
    for code in (
        Code("digits", tuple(string.digits)),
        Code("letters26", tuple(string.ascii_lowercase), first=1, merged=frozenset(string.ascii_lowercase)),
        Code("byclass62", tuple(string.digits + string.ascii_uppercase + string.ascii_lowercase)),
        Code(
            "balanced47",
            tuple(string.digits + string.ascii_uppercase + _TOLD_APART),
            merged=frozenset(string.ascii_uppercase) - frozenset(_TOLD_APART.upper()),
        ),
        Code("fashion10", tuple(_CLOTHES.split(","))),
    )
}


@dataclass(frozen=True, eq=False)
class Images:
    """A set of labelled images.

    images    (n, 28, 28) uint8, 0 = paper, 255 = ink
    labels    (n,) int64, indices into `classes`
    classes   the names of the classes
    name      what messages call the set
    merged    classes that hold both a capital and its small letter
    dropped   number of items that `only` has left out

    Raises TypeError for other types of numbers, ValueError for other shapes, a label outside the classes, or
    no image.
    """

    images: NDArray[np.uint8]
    labels: NDArray[np.int64]
    classes: tuple[str, ...]
    name: str = "images"
    merged: frozenset[str] = frozenset()
    dropped: int = 0

    def __post_init__(self) -> None:
        images, labels = np.asarray(self.images), np.asarray(self.labels)
        if images.dtype != np.uint8 or labels.dtype.kind not in "iu":
            raise TypeError(
                f"{self.name}: needs uint8 images, integer labels; got {images.dtype}, {labels.dtype}"
            )
        if images.ndim != 3 or images.shape[1:] != (SIDE, SIDE):
            raise ValueError(f"{self.name}: needs images (n, {SIDE}, {SIDE}), got {images.shape}")
        if labels.shape != images.shape[:1]:
            raise ValueError(
                f"{self.name}: needs a label for each of {len(images)} images, got {labels.shape}"
            )
        if len(images) == 0:
            raise ValueError(f"{self.name}: holds no images")
        if labels.min() < 0 or labels.max() >= len(self.classes):
            raise ValueError(
                f"{self.name}: needs labels from 0 to {len(self.classes) - 1},"
                f" got {labels.min()} to {labels.max()}"
            )
        object.__setattr__(self, "images", images)
        object.__setattr__(self, "labels", labels.astype(np.int64, copy=False))
        object.__setattr__(self, "classes", tuple(self.classes))

    def __len__(self) -> int:
        return len(self.images)

    def __repr__(self) -> str:
        dropped = f", {self.dropped} dropped" if self.dropped else ""
        return f"Images({self.name!r}, {len(self)} of {len(self.classes)} classes{dropped})"

    def take(self, indices: NDArray[Any] | Sequence[int] | slice) -> Images:
        """Return the items at `indices`, in this order."""
        return replace(self, images=self.images[indices], labels=self.labels[indices])

    def only(self, classes: Sequence[str], case_insensitive: bool = True) -> Images:
        """Return the items whose class is among `classes`, with labels that index `classes` instead.

        If only the other case of a letter is among `classes`, its items get that class ("A" becomes "a"),
        unless `case_insensitive` is False. Items of a merged class, which are "a" or "A", are left out if
        both are among `classes`. The number of items left out is added to `dropped`. Raises NoneLeft, a
        ValueError, if no item is left.
        """
        wanted = {name: i for i, name in enumerate(classes)}
        if len(wanted) < len(classes) or not wanted:
            raise ValueError(
                f"only: needs different classes, at least one; got {', '.join(classes) or 'none'}"
            )
        table = np.array([self._place(name, wanted, case_insensitive) for name in self.classes])
        labels = table[self.labels]
        kept = labels >= 0
        if not kept.any():
            raise NoneLeft(
                f"{self.name}: none of its {len(self)} items is one of the {len(classes)} classes"
                f" {' '.join(classes)}; it holds {' '.join(self.classes)}"
            )
        taken = [(name, classes[i]) for name, i in zip(self.classes, table, strict=True) if i >= 0]
        merged = {new for name, new in taken if name != new or name in self.merged}
        return Images(
            self.images if kept.all() else self.images[kept],
            labels[kept],
            tuple(classes),
            self.name,
            frozenset(merged),
            self.dropped + int((~kept).sum()),
        )

    def _place(self, name: str, wanted: dict[str, int], case_insensitive: bool) -> int:
        """Return the new label of a class: its index in `wanted`, or -1 if its items are left out."""
        other = name.swapcase() if len(name) == 1 else name
        if name in self.merged and name != other and name in wanted and other in wanted:
            return -1
        if name in wanted:
            return wanted[name]
        return wanted.get(other, -1) if case_insensitive or name in self.merged else -1

    def split(self, fraction: float, seed: int = 0) -> tuple[Images, Images]:
        """Shuffle and cut in two: the first part has `fraction` of the items, the second the rest.

        Raises ValueError if one part would be empty.
        """
        cut = round(len(self) * fraction)
        if not 0 < cut < len(self):
            raise ValueError(f"split: a fraction {fraction} of {len(self)} items leaves one part empty")
        order = permutation(len(self), seed)
        return self.take(order[:cut]), self.take(order[cut:])

    def mean_std(self) -> tuple[float, float]:
        """Return mean and standard deviation of all pixels / 255; the latter is at least 1e-6."""
        counts = np.zeros(256, np.int64)
        for start in range(0, len(self), 1024):  # in pieces, since bincount needs 8 bytes for each pixel
            counts += np.bincount(self.images[start : start + 1024].reshape(-1), minlength=256)
        share, values = counts / self.images.size, np.arange(256) / 255
        mean = float(share @ values)
        return mean, max(float(np.sqrt(share @ (values - mean) ** 2)), 1e-6)


def concatenate(parts: Sequence[Images]) -> Images:
    """Join several sets of images into one. Raises ValueError unless they have the same classes."""
    if not parts:
        raise ValueError("concatenate: needs at least one set of images")
    first = parts[0]
    for part in parts:
        if part.classes != first.classes:
            raise ValueError(
                f"concatenate: {first.name} has {len(first.classes)} classes,"
                f" {part.name} has {len(part.classes)} others; first use .only(classes) on both"
            )
    if len(parts) == 1:
        return first
    return Images(
        np.concatenate([part.images for part in parts]),
        np.concatenate([part.labels for part in parts]),
        first.classes,
        " + ".join(part.name for part in parts),
        frozenset[str]().union(*(part.merged for part in parts)),
        sum(part.dropped for part in parts),
    )
