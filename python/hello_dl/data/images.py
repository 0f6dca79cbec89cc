"""Labelled 28x28 images and the codes their labels are written in."""

from __future__ import annotations

import string
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hello_dl.data.shuffle import permutation

SIDE = 28


class NoneLeft(ValueError):
    """None of the images is of a class that is wanted."""


@dataclass(frozen=True)
class Code:
    """How labels are written in files: `classes` in order, counted from `first`.

    Those in `merged` stand for the capital and the small letter alike.
    """

    name: str
    classes: tuple[str, ...]
    first: int = 0
    merged: frozenset[str] = frozenset()


_TOLD_APART = "abdefghnqrt"  # the small letters that EMNIST balanced keeps apart from their capitals
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
    """Labelled images: `images` (n, 28, 28) uint8, 0 = paper, 255 = ink; `labels` (n,) index `classes`.

    `merged` are the classes that stand for a capital and its small letter alike; `dropped` counts the items
    that `only` has left out. Raises TypeError or ValueError if the parts do not fit together, or if there are
    no items.
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
        """Return the items at these places, in this order."""
        return replace(self, images=self.images[indices], labels=self.labels[indices])

    def only(self, classes: Sequence[str], case_insensitive: bool = True) -> Images:
        """Keep the items whose class is among `classes`, with labels that index `classes` instead.

        Where only the other case of a letter is among `classes`, that is taken ("A" becomes "a"), unless
        `case_insensitive` is False. An item that stands for "a" and "A" alike has no place where both are
        classes. The items left out are added to `dropped`. Raises NoneLeft, a ValueError, if no item stays.
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
        """Return the new label of one of our classes, -1 for none."""
        other = name.swapcase() if len(name) == 1 else name
        if name in self.merged and name != other and name in wanted and other in wanted:
            return -1
        if name in wanted:
            return wanted[name]
        return wanted.get(other, -1) if case_insensitive or name in self.merged else -1

    def split(self, fraction: float, seed: int = 0) -> tuple[Images, Images]:
        """Shuffle and cut in two: the first part has `fraction` of the items, the second the rest."""
        cut = round(len(self) * fraction)
        if not 0 < cut < len(self):
            raise ValueError(f"split: a fraction {fraction} of {len(self)} items leaves one part empty")
        order = permutation(len(self), seed)
        return self.take(order[:cut]), self.take(order[cut:])

    def mean_std(self) -> tuple[float, float]:
        """Return mean and standard deviation of all pixels / 255 (never 0, so that one can divide)."""
        counts = np.zeros(256, np.int64)
        for start in range(0, len(self), 1024):  # in pieces: bincount makes 8 bytes of every pixel
            counts += np.bincount(self.images[start : start + 1024].reshape(-1), minlength=256)
        share, values = counts / self.images.size, np.arange(256) / 255
        mean = float(share @ values)
        return mean, max(float(np.sqrt(share @ (values - mean) ** 2)), 1e-6)


def concatenate(parts: Sequence[Images]) -> Images:
    """Join several sets of images with the same classes into one."""
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
