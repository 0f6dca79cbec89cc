"""Data sets with torchvision's names: MNIST and its like, folders of pictures, random images."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from hello_dl.data import Dataset, DownloadError, fetch, read_idx
from hello_dl.pytorch.vision.images import to_pil_image
from hello_dl.tensors.creation import tensor

PICTURES = (".jpg", ".jpeg", ".png", ".ppm", ".bmp", ".pgm", ".tif", ".tiff", ".webp")
Change = Callable[[Any], Any] | None


class VisionDataset(Dataset):
    """Base class: `transform` changes the image of an item, `target_transform` its label."""

    def __init__(self, root: Any = None, transform: Change = None, target_transform: Change = None) -> None:
        self.root = os.fspath(root) if root is not None else ""
        self.transform, self.target_transform = transform, target_transform

    def _changed(self, image: Any, target: Any) -> tuple[Any, Any]:
        """Return image and label after both changes."""
        if self.transform is not None:
            image = self.transform(image)
        if self.target_transform is not None:
            target = self.target_transform(target)
        return image, target


class MNIST(VisionDataset):
    """Handwritten digits, 28x28: 60,000 to train with, 10,000 to test.

    The files are looked for in root/MNIST/raw, where torchvision has them, packed or not, and in root itself.
    With download=True they are downloaded once, into hello_dl's own folder of data, if they are not there.
    RuntimeError, which says what to put where, if there are none.
    """

    _source = "mnist"
    classes: Sequence[str] = (
        *("0 - zero", "1 - one", "2 - two", "3 - three", "4 - four"),
        *("5 - five", "6 - six", "7 - seven", "8 - eight", "9 - nine"),
    )

    def __init__(
        self,
        root: str | os.PathLike[str],
        train: bool = True,
        transform: Change = None,
        target_transform: Change = None,
        download: bool = False,
    ) -> None:
        super().__init__(root, transform, target_transform)
        self.train = train
        images, labels = self._files(download)
        self._images: NDArray[Any] = read_idx(images)
        self._labels: NDArray[np.int64] = read_idx(labels).astype(np.int64)
        self._data: Any = None

    @property
    def raw_folder(self) -> str:
        """The folder where torchvision has the files."""
        return str(Path(self.root) / type(self).__name__ / "raw")

    @property
    def class_to_idx(self) -> dict[str, int]:
        """The label of each class."""
        return {name: k for k, name in enumerate(self.classes)}

    @property
    def data(self) -> Any:
        """All images as a tensor (n, 28, 28) of integers from 0 to 255."""
        return tensor(self._images) if self._data is None else self._data

    @data.setter
    def data(self, images: Any) -> None:
        self._data, self._images = images, np.asarray(images)

    @property
    def targets(self) -> Any:
        """All labels as a tensor (n,)."""
        return tensor(self._labels)

    @targets.setter
    def targets(self, labels: Any) -> None:
        self._labels = np.asarray(labels)

    train_data = test_data = data
    train_labels = test_labels = targets

    def __len__(self) -> int:
        return len(self._images)

    def __getitem__(self, index: int) -> tuple[Any, Any]:
        return self._changed(Image.fromarray(self._images[index].astype(np.uint8)), int(self._labels[index]))

    def _stem(self) -> str:
        """Return what the names of this part's files begin with."""
        return "train" if self.train else "t10k"

    def _files(self, download: bool) -> tuple[Path, Path]:
        """Return the paths of images and labels. RuntimeError if they are not there."""
        names = [f"{self._stem()}-images-idx3-ubyte", f"{self._stem()}-labels-idx1-ubyte"]
        for folder in (Path(self.raw_folder), Path(self.root) / "raw", Path(self.root)):
            found = [next((p for p in _packed_or_not(folder / name) if p.is_file()), None) for name in names]
            if found[0] is not None and found[1] is not None:
                return found[0], found[1]
        where = (
            f"{type(self).__name__}: put {names[0]} and {names[1]}, packed (.gz) or not, into"
            f" {self.raw_folder}"
        )
        if not download:
            raise RuntimeError(f"{where}, or give download=True")
        try:
            prefix = fetch(self._source, "train" if self.train else "test")
        except (DownloadError, ValueError) as error:
            raise RuntimeError(f"{where}; the download failed: {error}") from None
        images, labels = (
            next(p for p in _packed_or_not(Path(f"{prefix}-{ending}")) if p.is_file())
            for ending in ("images-idx3-ubyte", "labels-idx1-ubyte")
        )
        return images, labels

    def __repr__(self) -> str:
        part = "Train" if self.train else "Test"
        lines = [f"Number of datapoints: {len(self)}", f"Root location: {self.root}", f"Split: {part}"]
        return "\n    ".join([f"Dataset {type(self).__name__}", *lines])


class FashionMNIST(MNIST):
    """Pieces of clothing in MNIST's form; the files are in root/FashionMNIST/raw."""

    _source = "fashion-mnist"
    classes = (
        *("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat"),
        *("Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"),
    )


class EMNIST(MNIST):
    """Handwritten letters and digits; the files are in root/EMNIST/raw.

    They have names such as emnist-letters-train-images-idx3-ubyte. split is byclass, bymerge, balanced,
    letters, digits or mnist. As in torchvision the images are transposed, and the labels of letters begin
    with 1.
    """

    splits = ("byclass", "bymerge", "balanced", "letters", "digits", "mnist")

    def __init__(self, root: str | os.PathLike[str], split: str, **settings: Any) -> None:
        if split not in self.splits:
            raise ValueError(f"EMNIST: needs a split of {', '.join(self.splits)}, got {split!r}")
        self.split, self._source = split, f"emnist-{split}"
        super().__init__(root, **settings)
        self.classes = [str(k) for k in range(int(self._labels.max()) + 1)]

    def _stem(self) -> str:
        return f"emnist-{self.split}-{'train' if self.train else 'test'}"


class FakeData(VisionDataset):
    """Random images with random labels, to try a program without data; an index always gives the same."""

    def __init__(
        self,
        size: int = 1000,
        image_size: tuple[int, ...] = (3, 224, 224),
        num_classes: int = 10,
        transform: Change = None,
        target_transform: Change = None,
        random_offset: int = 0,
    ) -> None:
        super().__init__(None, transform, target_transform)
        self.size, self.image_size, self.num_classes = size, image_size, num_classes
        self.random_offset = random_offset

    def __len__(self) -> int:
        return self.size

    def __getitem__(self, index: int) -> tuple[Any, Any]:
        if not 0 <= index < self.size:
            raise IndexError(f"FakeData: needs an index from 0 to {self.size - 1}, got {index}")
        draws = np.random.Generator(np.random.Philox(index + self.random_offset))
        pixels = draws.standard_normal(self.image_size, np.float32)
        image = to_pil_image(tensor((pixels * 255).astype(np.int64) % 256))
        return self._changed(image, int(draws.integers(self.num_classes)))


class DatasetFolder(VisionDataset):
    """Files in a folder for each class: root/dog/1.png, root/cat/2.png. Classes are sorted by name.

    loader opens a file; extensions, or is_valid_file, say which files count. FileNotFoundError if there is no
    class, or a class without a file.
    """

    def __init__(
        self,
        root: str | os.PathLike[str],
        loader: Callable[[str], Any],
        extensions: tuple[str, ...] | None = None,
        transform: Change = None,
        target_transform: Change = None,
        is_valid_file: Callable[[str], bool] | None = None,
        allow_empty: bool = False,
    ) -> None:
        super().__init__(root, transform, target_transform)
        self.loader, self.extensions = loader, extensions
        folders = sorted(p.name for p in Path(root).iterdir() if p.is_dir()) if Path(root).is_dir() else []
        if not folders:
            raise FileNotFoundError(f"{root}: needs a folder for each class, such as {root}/dog")
        self.classes, self.class_to_idx = folders, {name: k for k, name in enumerate(folders)}

        def counts(path: Path) -> bool:
            if is_valid_file is not None:
                return is_valid_file(str(path))
            return path.suffix.lower() in (extensions or (path.suffix.lower(),))

        self.samples: list[tuple[str, int]] = []
        for k, name in enumerate(folders):
            files = sorted(p for p in (Path(root) / name).rglob("*") if p.is_file() and counts(p))
            if not files and not allow_empty:
                raise FileNotFoundError(
                    f"{Path(root) / name}: needs files of {', '.join(extensions or ('data',))}"
                )
            self.samples += [(str(path), k) for path in files]
        self.targets = [label for _, label in self.samples]

    def __len__(self) -> int:
        return len(self.samples)

    def __getitem__(self, index: int) -> tuple[Any, Any]:
        path, target = self.samples[index]
        return self._changed(self.loader(path), target)


class ImageFolder(DatasetFolder):
    """Pictures in a folder for each class, opened in colour."""

    def __init__(
        self,
        root: str | os.PathLike[str],
        transform: Change = None,
        target_transform: Change = None,
        loader: Callable[[str], Any] | None = None,
        is_valid_file: Callable[[str], bool] | None = None,
        allow_empty: bool = False,
    ) -> None:
        super().__init__(
            root, loader or _open, PICTURES, transform, target_transform, is_valid_file, allow_empty
        )
        self.imgs = self.samples


def _open(path: str) -> Image.Image:
    """Return a picture in colour."""
    with Image.open(path) as image:
        return image.convert("RGB")


def _packed_or_not(path: Path) -> tuple[Path, Path]:
    """Return the path of a file and of its packed twin."""
    return path, path.with_name(path.name + ".gz")
