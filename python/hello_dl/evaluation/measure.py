"""Measure a trained model on labelled data, let it predict, and make the batches that it is given."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from hello_dl import functional as F
from hello_dl import nn
from hello_dl._core import Tensor
from hello_dl.data.collate import Items
from hello_dl.data.datasets import ImageDataset, TensorDataset, normalise
from hello_dl.data.images import Images
from hello_dl.data.loader import DataLoader
from hello_dl.data.samplers import BalancedSampler
from hello_dl.tensors.creation import tensor
from hello_dl.tensors.grad_mode import no_grad

Data: TypeAlias = Images | Items | tuple[Any, Any]  # labelled images, a dataset of (x, y), or arrays x and y


class Augment(Protocol):
    """A function that changes images at random, such as data.augment.Augmentation."""

    def __call__(self, images: NDArray[np.uint8], /, *, seed: int, step: int) -> NDArray[np.uint8]:
        """Return changed images (n, 28, 28) uint8; the same seed and step change them in the same way."""


Loss: TypeAlias = Callable[[Tensor, Tensor], Tensor]


@dataclass(frozen=True)
class Result:
    """How a model did on n items: accuracy (the share of right answers, 0 to 1), mean loss, confusion matrix.

    confusion (classes, classes) counts at [i, j] the items of class i that were taken for class j. labels and
    answers (n,) are the right class and the given one of each item, in the order of the data.
    """

    n: int
    accuracy: float
    loss: float
    confusion: NDArray[np.int64]
    labels: NDArray[np.int64] = field(repr=False)
    answers: NDArray[np.int64] = field(repr=False)


def evaluate(
    model: nn.Module,
    data: Data,
    *,
    batch_size: int = 1000,
    normalisation: tuple[float, float] = (0.0, 1.0),
    loss: Loss = F.cross_entropy,
) -> Result:
    """Measure a model on labelled data: accuracy, mean loss, confusion matrix. The model does not change.

    `normalisation` is the (mean, std) of pixels / 255 in training, which History and weights files hold.
    `loss` takes scores (n, classes) and labels (n,) and returns their mean loss.
    """
    total, labels, answers, classes = 0.0, [], [], 0
    with using(model):
        for x, y in batches(data, batch_size, 0, normalisation, shuffle=False):
            scores = model(x)
            total += loss(scores, y).item() * len(y)
            labels.append(y.numpy())
            answers.append(scores.numpy().argmax(1))
            classes = scores.shape[1]
    truth, answered = np.concatenate(labels), np.concatenate(answers)
    confusion = confusion_matrix(truth, answered, classes)
    n = len(truth)
    return Result(n, float(np.trace(confusion)) / n, total / n, confusion, truth, answered)


def confusion_matrix(
    labels: NDArray[np.integer], answers: NDArray[np.integer], classes: int
) -> NDArray[np.int64]:
    """Return the confusion matrix (classes, classes): row i, column j counts items of class i called class j.

    labels (n,) are the right class numbers and answers (n,) those given, 0 to classes - 1. IndexError for a
    larger number.
    """
    counts = np.zeros((classes, classes), np.int64)
    np.add.at(counts, (labels, answers), 1)
    return counts


def predict(
    model: nn.Module,
    images: Images | NDArray[Any] | Tensor,
    *,
    batch_size: int = 1000,
    normalisation: tuple[float, float] = (0.0, 1.0),
    temperature: float = 1.0,
) -> NDArray[np.float32]:
    """Return the probability of every class for every image, (n, classes): softmax(scores / temperature).

    Images or uint8 pixels (n, 28, 28) are normalised; floats (n, ...) go to the model as they are. The
    temperature, which weights files hold, calibrates the probabilities (Guo et al., 2017, equation 9).
    ValueError if there are no images.
    """
    parts = _each_batch(model, images, batch_size, normalisation)
    return np.concatenate([F.softmax(scores / temperature, dim=1).numpy() for scores in parts])


def predict_scores(
    model: nn.Module,
    images: Images | NDArray[Any] | Tensor,
    *,
    batch_size: int = 1000,
    normalisation: tuple[float, float] = (0.0, 1.0),
) -> NDArray[np.float32]:
    """Return the model's scores for every image, (n, classes), before the softmax; images as in `predict`."""
    parts = _each_batch(model, images, batch_size, normalisation)
    return np.concatenate([scores.numpy() for scores in parts])


def _each_batch(
    model: nn.Module,
    images: Images | NDArray[Any] | Tensor,
    batch_size: int,
    normalisation: tuple[float, float],
) -> Iterator[Tensor]:
    """Yield the model's scores (batch_size, classes), batch by batch."""
    x = images.images if isinstance(images, Images) else np.asarray(images)
    if len(x) == 0:
        raise ValueError("predict: needs at least one image")
    with using(model):
        for start in range(0, len(x), batch_size):
            part = x[start : start + batch_size]
            yield model(tensor(normalise(part, *normalisation) if part.dtype == np.uint8 else part))


class using:
    """In a block `with using(model):` no gradients are recorded and the model is in eval mode.

    After the block every module is in the mode that it had before.
    """

    def __init__(self, model: nn.Module) -> None:
        self._model, self._modes, self._no_grad = model, list(model.modules()), no_grad()

    def __enter__(self) -> None:
        self._before = [module.training for module in self._modes]
        self._model.eval()
        self._no_grad.__enter__()

    def __exit__(self, *error: object) -> None:
        self._no_grad.__exit__(*error)
        for module, training in zip(self._modes, self._before, strict=True):
            module.training = training


def batches(
    data: Data,
    batch_size: int,
    seed: int,
    normalisation: tuple[float, float],
    augment: Augment | None = None,
    balanced: bool = False,
    shuffle: bool = True,
    sampler: Iterable[int] | None = None,
) -> DataLoader:
    """Return the batches (x, y) of any kind of data that `fit` and `evaluate` take.

    Of Images, x is (n, 1, 28, 28), normalised, and augmented if asked for; with `balanced`, each class is
    drawn equally often. A sampler that is given fixes the order of the items instead of shuffle and balanced.
    """
    dataset: Items
    if isinstance(data, tuple):
        dataset = TensorDataset(*data)
    elif isinstance(data, Images):
        changed = None if augment is None else _StepByStep(augment, seed)
        dataset = ImageDataset(data, *normalisation, augment=changed)
        if balanced and sampler is None:
            sampler = BalancedSampler(data.labels, seed)
    else:
        dataset = data
    return DataLoader(dataset, batch_size, shuffle and sampler is None, sampler=sampler, seed=seed)


class _StepByStep:
    """Augments pixels, with the steps 0, 1, 2, ...; `step` is the number of the next one."""

    def __init__(self, augment: Augment, seed: int) -> None:
        self.augment, self.seed, self.step = augment, seed, 0

    def __call__(self, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
        step, self.step = self.step, self.step + 1
        return self.augment(pixels, seed=self.seed, step=step)
