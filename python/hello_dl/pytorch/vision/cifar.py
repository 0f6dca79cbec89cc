"""CIFAR10 and CIFAR100: small photos of ten and of a hundred things, in torchvision's files."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from hello_dl.files import MISSHAPEN
from hello_dl.pytorch.vision.datasets import Change, VisionDataset
from hello_dl.weights.pickles import Machine, Refused

HOME = "https://www.cs.toronto.edu/~kriz/cifar.html"
PIXELS = 3 * 32 * 32  # numbers of an image: all of red, then green, then blue


class _Bytes:
    """An array of a pickle while it is read: its numbers come after it."""

    numbers: NDArray[np.uint8]

    def fill(self, state: Any) -> None:
        """Take the numbers from the state (version, shape, type, order of axes, bytes)."""
        _, shape, kind, by_columns, content = state
        raw = content if isinstance(content, bytes) else content.encode("latin-1")
        if kind is not np.uint8 or by_columns or math.prod(shape) != len(raw):
            raise Refused(f"an array of shape {shape} is not made of so many bytes")
        self.numbers = np.frombuffer(raw, np.uint8).reshape(shape)


class _ArrayMachine(Machine):
    """Reads a pickle of plain containers and arrays of bytes; see weights/pickles.py."""

    def __init__(self) -> None:
        allowed: dict[str, Any] = {"numpy.dtype": self._kind, "_codecs.encode": str.encode}
        for module in ("numpy.core.multiarray", "numpy._core.multiarray"):
            allowed[f"{module}._reconstruct"] = lambda *_: _Bytes()
        super().__init__(allowed, {"numpy.ndarray": np.ndarray})

    @staticmethod
    def _kind(name: Any, *_: Any) -> Any:
        """Return numpy's type of bytes. Refused for other numbers."""
        if str(name) not in ("u1", "|u1"):
            raise Refused(f"it holds an array of {name!r}, where bytes are needed")
        return np.uint8

    def _build(self, _: Any) -> None:
        state = self.stack.pop()
        if isinstance(self.stack[-1], _Bytes):
            self.stack[-1].fill(state)
        elif self.stack[-1] is not np.uint8:
            raise Refused("it changes an object that is no array")


def read_batch(path: Path, labels: str) -> tuple[NDArray[np.uint8], list[int]]:
    """Return the images (n, 32, 32, 3) and labels of one file. ValueError if it is damaged."""
    try:
        with path.open("rb") as file:
            found = _ArrayMachine().run(file)
        found = {key.decode() if isinstance(key, bytes) else key: value for key, value in found.items()}
        images, numbers = found["data"].numbers, [int(label) for label in found[labels]]
        if images.shape != (len(numbers), PIXELS):
            raise Refused(f"{len(numbers)} labels do not fit to images {images.shape}")
    except MISSHAPEN as error:
        raise ValueError(f"{path}: is no batch of CIFAR ({error}); get it again from {HOME}") from None
    return images.reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1), numbers


class CIFAR10(VisionDataset):
    """Photos of ten things, 32x32 in colour: 50,000 to train with, 10,000 to test.

    The files are looked for in root/cifar-10-batches-py, where torchvision has them. RuntimeError, which says
    what to put where, if they are not there: hello_dl does not download them. `data` (n, 32, 32, 3) are all
    pixels as bytes, `targets` the labels.
    """

    base_folder, labels, archive = "cifar-10-batches-py", "labels", "cifar-10-python.tar.gz"
    train_files: tuple[str, ...] = tuple(f"data_batch_{k}" for k in range(1, 6))
    test_files: tuple[str, ...] = ("test_batch",)
    classes: Sequence[str] = (
        *("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"),
    )

    def __init__(
        self,
        root: str | os.PathLike[str],
        train: bool = True,
        transform: Change = None,
        target_transform: Change = None,
        download: bool = False,  # noqa: ARG002
    ) -> None:
        super().__init__(root, transform, target_transform)
        self.train = train
        folder = Path(self.root) / self.base_folder
        parts = []
        for name in self.train_files if train else self.test_files:
            if not (folder / name).is_file():
                raise RuntimeError(
                    f"{type(self).__name__}: needs {folder / name}: get {self.archive} from {HOME}, and"
                    f" unpack it in {self.root}"
                )
            parts.append(read_batch(folder / name, self.labels))
        self.data = np.concatenate([images for images, _ in parts])
        self.targets = [label for _, labels in parts for label in labels]

    @property
    def class_to_idx(self) -> dict[str, int]:
        """The label of each class."""
        return {name: k for k, name in enumerate(self.classes)}

    def __len__(self) -> int:
        return len(self.data)

    def __getitem__(self, index: int) -> tuple[Any, Any]:
        return self._changed(Image.fromarray(self.data[index]), self.targets[index])


class CIFAR100(CIFAR10):
    """CIFAR10 with a hundred things; the files are in root/cifar-100-python."""

    base_folder, labels, archive = "cifar-100-python", "fine_labels", "cifar-100-python.tar.gz"
    train_files, test_files = ("train",), ("test",)
    classes = tuple(str(k) for k in range(100))
