"""The part of torchvision that programs use: images, changes by chance, data sets, grids."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import hello_dl as h
from hello_dl.data import DataLoader, write_idx
from hello_dl.pytorch.vision import cifar, colours, datasets, moves, pictures, transforms
from hello_dl.pytorch.vision import images as F

PIXELS = np.arange(6 * 8 * 3, dtype=np.uint8).reshape(6, 8, 3)


@pytest.fixture
def image() -> Image.Image:
    return Image.fromarray(PIXELS)


def test_images_become_tensors_and_come_back(image: Image.Image) -> None:
    x = transforms.ToTensor()(image)
    assert np.array_equal(x.numpy(), PIXELS.transpose(2, 0, 1).astype(np.float32) / np.float32(255))
    assert np.array_equal(np.asarray(transforms.ToPILImage()(x)), PIXELS)
    assert F.pil_to_tensor(image).tolist() == PIXELS.transpose(2, 0, 1).tolist()
    assert F.to_tensor(Image.fromarray(PIXELS[..., 0])).shape == (1, 6, 8)
    y = transforms.Normalize((0.1, 0.2, 0.3), (0.5, 0.5, 2))(x).numpy()
    assert np.allclose(y[2], (x.numpy()[2] - 0.3) / 2)
    with pytest.raises(TypeError, match=r"ToTensor\(\) before it"):
        transforms.Normalize((0.1,), (0.5,))(image)


def test_cuts_flips_and_margins_agree_on_images_and_tensors(image: Image.Image) -> None:
    x = F.pil_to_tensor(image)
    for change in (
        lambda i: F.center_crop(i, 4),
        lambda i: F.center_crop(i, (7, 10)),
        lambda i: F.crop(i, -1, 2, 4, 9),
        F.hflip,
        F.vflip,
        lambda i: F.pad(i, [1, 2, 3, 4], fill=7),
        lambda i: F.pad(i, 2, padding_mode="reflect"),
    ):
        assert np.array_equal(F.pil_to_tensor(change(image)).numpy(), change(x).numpy())
    assert np.array_equal(np.asarray(F.center_crop(image, (2, 4))), PIXELS[2:4, 2:6])


@pytest.mark.parametrize(
    ("size", "expected"), [(3, (3, 4)), ((3, 5), (3, 5)), ([12, 16], (12, 16)), (6, (6, 8))]
)
def test_sizes(image: Image.Image, size: Any, expected: tuple[int, int]) -> None:
    assert transforms.Resize(size)(image).size == expected[::-1]
    assert tuple(transforms.Resize(size)(F.to_tensor(image)).shape) == (3, *expected)


def test_turns_go_the_same_way_as_torchvisions(image: Image.Image) -> None:
    square = image.crop((0, 0, 6, 6))
    a = np.asarray(square)
    assert np.array_equal(np.asarray(F.rotate(square, 90)), np.rot90(a))  # against the clock
    assert np.array_equal(np.asarray(F.affine(square, 90, (0, 0), 1, (0, 0))), np.rot90(a, -1))  # with it
    moved = np.asarray(F.affine(square, 0, (2, 1), 1, (0, 0)))
    assert np.array_equal(moved[1:, 2:], a[:-1, :-2])
    assert not moved[0].any()
    wider = np.asarray(F.affine(square, 0, (0, 0), 2, (0, 0)))
    assert np.array_equal(wider[::2, ::2][1:2], a[1:5, 1:5][1:2, [1, 1, 2]][:, :3]) or wider.shape == a.shape


def test_grey_is_pillows(image: Image.Image) -> None:
    assert np.array_equal(np.asarray(transforms.Grayscale()(image)), np.asarray(image.convert("L")))
    three = transforms.Grayscale(3)(F.to_tensor(image)).numpy()
    assert three.shape == (3, 6, 8)
    assert np.allclose(three[0] * 255, np.asarray(image.convert("L")), atol=1)


def test_chance_follows_the_seed(image: Image.Image) -> None:
    change = transforms.Compose(
        [
            moves.RandomAffine(20, translate=(0.1, 0.2), scale=(0.8, 1.2), shear=[-5, 5, -3, 3]),
            moves.RandomCrop(5, padding=1),
            moves.RandomHorizontalFlip(),
            moves.RandomVerticalFlip(0.5),
            moves.RandomRotation((-5, 5)),
            moves.RandomResizedCrop((4, 6)),
            colours.ColorJitter(brightness=0.2, contrast=(0.9, 1.1)),
            moves.RandomApply([moves.RandomChoice([F.hflip, F.vflip])], p=0.5),
            transforms.Lambda(lambda i: i),
            transforms.ToTensor(),
        ]
    )
    drawn = []
    for seed in (1, 1, 2):
        h.manual_seed(seed)
        drawn.append([change(image).tolist() for _ in range(3)])
    assert drawn[0] == drawn[1] != drawn[2]
    assert moves.RandomHorizontalFlip(p=1)(image).tobytes() == F.hflip(image).tobytes()
    assert moves.RandomHorizontalFlip(p=0)(image) is image
    with pytest.raises(ValueError, match="at least"):
        moves.RandomCrop(9)(image)
    assert repr(transforms.Compose([transforms.ToTensor()])) == "Compose(\n    ToTensor()\n)"


@pytest.mark.parametrize("packed", ["", ".gz"])
def test_mnist_is_read_where_torchvision_has_it(tmp_path: Path, packed: str) -> None:
    pixels, labels = np.arange(3 * 28 * 28).reshape(3, 28, 28).astype(np.uint8), np.array([7, 0, 3], np.uint8)
    for kind, folder, stem in (("MNIST", "MNIST", "t10k"), ("EMNIST", "EMNIST", "emnist-letters-test")):
        raw = tmp_path / folder / "raw"
        raw.mkdir(parents=True)
        write_idx(raw / f"{stem}-images-idx3-ubyte{packed}", pixels)
        write_idx(raw / f"{stem}-labels-idx1-ubyte{packed}", labels)
        settings = {"train": False, "transform": transforms.ToTensor(), "target_transform": lambda y: y + 1}
        more = {"split": "letters"} if kind == "EMNIST" else {}
        found = getattr(datasets, kind)(tmp_path, **more, **settings, download=True)
        assert len(found) == 3
        x, y = next(iter(DataLoader(found, batch_size=3, num_workers=2)))
        assert np.array_equal(x.numpy()[:, 0], pixels.astype(np.float32) / np.float32(255))
        assert y.tolist() == [8, 1, 4]
        assert found.data.shape == (3, 28, 28)
        assert found.targets.tolist() == [7, 0, 3]


def test_data_that_is_not_there_is_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(
        RuntimeError, match=r"put train-images-idx3-ubyte .* into .*FashionMNIST/raw, or give"
    ):
        datasets.FashionMNIST(tmp_path)

    def no_network(*_: Any) -> Any:
        raise datasets.DownloadError("no network")

    monkeypatch.setattr(datasets, "fetch", no_network)
    with pytest.raises(RuntimeError, match=r"MNIST/raw; the download failed: no network"):
        datasets.MNIST(tmp_path, download=True)
    with pytest.raises(ValueError, match="needs a split of"):
        datasets.EMNIST(tmp_path, "greek")


def test_folders_of_pictures_are_classes(tmp_path: Path, image: Image.Image) -> None:
    for name in ("dog/1.png", "cat/2.PNG", "cat/1.png", "cat/notes.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        image.save(tmp_path / name, format="PNG")
    found = datasets.ImageFolder(tmp_path, transform=transforms.ToTensor())
    assert found.classes == ["cat", "dog"]
    assert found.class_to_idx == {"cat": 0, "dog": 1}
    assert found.targets == [0, 0, 1]
    assert found[2][0].shape == (3, 6, 8)
    (tmp_path / "empty").mkdir()
    with pytest.raises(FileNotFoundError, match="empty: needs files"):
        datasets.ImageFolder(tmp_path)
    with pytest.raises(FileNotFoundError, match="folder for each class"):
        datasets.ImageFolder(tmp_path / "none")


def test_fake_data_is_the_same_for_an_index() -> None:
    fake = datasets.FakeData(4, (1, 5, 6), num_classes=3, transform=transforms.ToTensor())
    assert fake[1][0].equal(fake[1][0])
    assert not fake[1][0].equal(fake[2][0])
    assert fake[1][0].shape == (1, 5, 6)
    assert all(0 <= fake[i][1] < 3 for i in range(4))
    with pytest.raises(IndexError):
        fake[4]


def test_a_grid_has_its_images_where_they_belong(tmp_path: Path) -> None:
    images = h.arange(5 * 2 * 3).float().reshape(5, 1, 2, 3)
    grid = pictures.make_grid(images, nrow=3, padding=1, pad_value=-1).numpy()
    assert grid.shape == (3, 2 * 3 + 1, 3 * 4 + 1)
    assert np.array_equal(grid[1, 4:6, 5:8], images.numpy()[4, 0])
    assert (grid[:, 4:6, 9:12] == -1).all()
    whole = pictures.make_grid(list(images), normalize=True, scale_each=True, padding=0).numpy()
    assert whole[0, :, :3].min() == 0
    assert np.allclose(whole[0, :, 3:6].max(), 1)
    pictures.save_image(images / 30, tmp_path / "grid.png", nrow=5, padding=0)
    saved = np.asarray(Image.open(tmp_path / "grid.png"))[..., 0]
    assert np.array_equal(saved[:, :3], (images.numpy()[0, 0] / 30 * 255 + 0.5).astype(np.uint8))


def test_changes_stand_in_a_row_of_modules() -> None:
    h.manual_seed(1)
    x = h.rand(3, 8, 8)
    changes = h.nn.Sequential(
        moves.RandomApply(h.nn.Sequential(colours.GaussianBlur(3, 0.5)), p=1),
        colours.RandomGrayscale(p=1),
        transforms.Normalize((0.5,) * 3, (2,) * 3),
    )
    y = changes(x).numpy()
    assert y.shape == (3, 8, 8)
    assert np.array_equal(y[0], y[2])
    batch = colours.ColorJitter(0.2, 0.2, 0.2, 0.1)(h.rand(2, 3, 8, 8))  # all images get the same change
    assert changes(batch).shape == (2, 3, 8, 8)


def test_blur_is_a_mean_by_a_bell(image: Image.Image) -> None:
    point = np.zeros((1, 5, 5), np.float32)
    point[0, 2, 2] = 1
    bell = np.exp(-0.5 * np.array([-1, 0, 1]) ** 2)
    bell /= bell.sum()
    blurred = colours.gaussian_blur(h.from_numpy(point), 3, 1.0).numpy()[0, 1:4, 1:4]
    np.testing.assert_allclose(blurred, np.outer(bell, bell), rtol=1e-5)
    narrow = colours.gaussian_blur(h.from_numpy(point), [1, 3], [9.0, 1.0]).numpy()[0, 1:4, 2]
    np.testing.assert_allclose(narrow, bell, rtol=1e-5)
    assert np.array_equal(np.asarray(colours.gaussian_blur(image, 3, 0.01)), PIXELS)
    with pytest.raises(ValueError, match="odd kernel sizes, got 4"):
        colours.gaussian_blur(image, 4)


def test_hues_turn_and_grey_stays() -> None:
    red = Image.new("RGB", (1, 1), (255, 0, 0))
    turned = {part: colours.adjust_hue(red, part).getpixel((0, 0)) for part in (1 / 3, -1 / 3)}
    assert [int(np.argmax(pixel)) for pixel in turned.values()] == [1, 2]  # green, blue
    assert colours.adjust_hue(Image.new("L", (1, 1), 9), 0.2).getpixel((0, 0)) == 9
    h.manual_seed(3)
    seen = {colours.ColorJitter(hue=0.5)(red).getpixel((0, 0)) for _ in range(20)}
    assert len(seen) > 5
    with pytest.raises(ValueError, match=r"from -0\.5 to 0\.5, got 2"):
        colours.adjust_hue(red, 2)


def test_holes_have_a_size_and_a_filling() -> None:
    h.manual_seed(4)
    x = h.ones(3, 20, 20)
    y = colours.RandomErasing(p=1, scale=(0.2, 0.2), ratio=(1, 1), value=(2.0, 3.0, 4.0))(x)
    assert [(y[c] == 2.0 + c).sum().item() for c in range(3)] == [81] * 3
    assert (x == 1).all()
    assert colours.RandomErasing(p=0)(x) is x
    noise = colours.RandomErasing(p=1, value="random", inplace=True)(x)
    assert noise is x
    with pytest.raises(TypeError, match=r"ToTensor\(\) before it"):
        colours.RandomErasing(p=1)(Image.new("L", (4, 4)))


@pytest.mark.parametrize("as_text", [False, True])  # as Python 2 has written the files: texts for bytes
def test_cifar_is_read_without_running_its_pickles(tmp_path: Path, as_text: bool) -> None:
    pixels = np.arange(2 * 3072, dtype=np.uint8).reshape(2, 3072)
    for kind, folder, labels, names in (
        (cifar.CIFAR10, "cifar-10-batches-py", "labels", ["test_batch"]),
        (cifar.CIFAR100, "cifar-100-python", "fine_labels", ["test"]),
    ):
        (tmp_path / folder).mkdir()
        batch = {"data": pixels, labels: [3, 5], "batch_label": "testing"}
        content: Any = batch if as_text else {key.encode(): value for key, value in batch.items()}
        for name in names:
            (tmp_path / folder / name).write_bytes(pickle.dumps(content, 2))
        data = kind(tmp_path, train=False, transform=transforms.ToTensor())
        assert (len(data), data.targets, data.data.shape) == (2, [3, 5], (2, 32, 32, 3))
        image, label = data[1]
        assert label == 5
        assert np.array_equal((image.numpy() * 255).round().astype(np.uint8).reshape(-1), pixels[1])
        with pytest.raises(RuntimeError, match=r"needs .*: get cifar-10"):
            kind(tmp_path)
    assert data.class_to_idx["7"] == 7


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ({"data": np.zeros((1, 3072)), "labels": [1]}, "array of 'f8'"),
        ({"data": np.zeros((1, 9), np.uint8), "labels": [1]}, "do not fit"),
        ({"labels": [1]}, "'data'"),
        ({"data": Path("x"), "labels": [1]}, "pathlib"),
    ],
)
def test_what_is_no_batch_of_cifar_is_refused(tmp_path: Path, content: Any, words: str) -> None:
    path = tmp_path / "test_batch"
    path.write_bytes(pickle.dumps(content, 2))
    with pytest.raises(ValueError, match=f"test_batch: is no batch of CIFAR .*{words}"):
        cifar.read_batch(path, "labels")
