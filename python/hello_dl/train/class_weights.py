"""Class weights: every class counts as much, however many items it has."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hello_dl._core import Tensor
from hello_dl.data.images import Images
from hello_dl.evaluation import Loss
from hello_dl.tensors.creation import tensor


def balancing_weights(data: Images) -> NDArray[np.float64]:
    """Return class weights for `fit` that make all classes count equally, (classes,).

    n / (k n_c) for n items, n_c of them of class c, k classes that have any: their mean over the items is 1.
    """
    counts = np.bincount(data.labels, minlength=len(data.classes))
    return len(data) / (np.count_nonzero(counts) * np.maximum(counts, 1))


def weighted(loss: Loss, class_weights: Sequence[float] | NDArray[Any]) -> Loss:
    """Return the loss with class weights, which it must know as `weight`, as cross_entropy does."""
    numbers = np.asarray(class_weights, np.float32)
    if numbers.ndim != 1 or not (np.isfinite(numbers).all() and (numbers > 0).all()):
        raise ValueError(
            f"fit: class_weights must be numbers above 0, one a class, got {list(class_weights)}"
        )
    with_weights: Callable[..., Tensor] = loss
    return partial(with_weights, weight=tensor(numbers))
