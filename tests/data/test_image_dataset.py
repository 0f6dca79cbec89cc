"""Labelled images in the form that networks take: normalised, and changed by an augmentation."""

from __future__ import annotations

import numpy as np
import pytest

from hello_dl.data import DataLoader, ImageDataset, Images


def make_images() -> Images:
    pixels = np.random.default_rng(0).integers(0, 256, (5, 28, 28), dtype=np.uint8)
    return Images(pixels, np.array([0, 1, 2, 1, 0]), ("a", "b", "c"))


def test_images_become_normalised_batches() -> None:
    images = make_images()
    (x, y), (rest, _) = DataLoader(ImageDataset(images, mean=0.2, std=0.5), batch_size=4)
    assert x.numpy().shape == (4, 1, 28, 28)
    assert x.numpy().dtype == np.float32
    expected = (images.images[:4, None] / 255 - 0.2) / 0.5
    np.testing.assert_allclose(x.numpy(), expected, atol=1e-6)
    assert y.numpy().tolist() == [0, 1, 2, 1]
    assert rest.numpy().shape == (1, 1, 28, 28)
    assert images.images.dtype == np.uint8  # and untouched
    x, label = ImageDataset(images)[4]
    np.testing.assert_allclose(x.numpy()[0] * 255, images.images[4], atol=1e-4)
    assert label == 0
    assert len(list(ImageDataset(images))) == 5


def test_augment_replaces_the_pictures_of_each_batch() -> None:
    dataset = ImageDataset(make_images(), augment=lambda pixels: 255 - pixels)
    ((x, _),) = DataLoader(dataset, batch_size=5)
    np.testing.assert_allclose(x.numpy()[:, 0], 1 - make_images().images / 255, atol=1e-6)


@pytest.mark.parametrize(("mean", "std"), [(0.0, 0.0), (0.0, -1.0), (float("nan"), 1.0), (0.0, float("inf"))])
def test_a_normalisation_that_cannot_be_is_refused(mean: float, std: float) -> None:
    with pytest.raises(ValueError, match="a finite mean and a std above 0"):
        ImageDataset(make_images(), mean, std)
