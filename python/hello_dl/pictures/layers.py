"""Looking over a network's shoulder: what its layers are given and what they make of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hello_dl import nn
from hello_dl._core import Tensor
from hello_dl.data.datasets import normalise
from hello_dl.evaluation import using
from hello_dl.tensors.creation import tensor

BATCH = 256


@dataclass(frozen=True)
class Seen:
    """One use of a layer: its name in the network, the layer, what it was given, what it returned."""

    name: str
    layer: nn.Module
    x: Tensor
    y: Tensor


@contextmanager
def watching(model: nn.Module, kind: type[nn.Module]) -> Iterator[list[Seen]]:
    """For a block, note every use of the model's layers of a kind, in the order in which they are used.

    with watching(model, nn.Conv2d) as seen: model(x)
    """
    seen: list[Seen] = []
    layers = [(name, layer) for name, layer in model.named_modules() if isinstance(layer, kind)]

    def noting(name: str, layer: nn.Module) -> Any:
        forward = layer.forward

        def noted(x: Tensor) -> Tensor:
            y: Tensor = forward(x)
            seen.append(Seen(name, layer, x, y))
            return y

        return noted

    try:
        for name, layer in layers:
            layer.forward = noting(name, layer)  # type: ignore[method-assign]  # hides the class's own
        yield seen
    finally:
        for _, layer in layers:
            layer.__dict__.pop("forward", None)


def activations(
    model: nn.Module, images: NDArray[np.uint8], normalisation: tuple[float, float]
) -> NDArray[np.float32]:
    """Return what the network's last linear layer is given for each image, (n, features).

    That is all that the network knows of an image when it decides; alike images are close together there.
    Raises ValueError for a network without a linear layer.
    """
    parts = []
    with using(model), watching(model, nn.Linear) as seen:
        for start in range(0, len(images), BATCH):
            model(tensor(normalise(images[start : start + BATCH], *normalisation)))
            if not seen:
                raise ValueError("activations: needs a network with a linear layer, this one has none")
            parts.append(seen[-1].x.numpy().reshape(len(images[start : start + BATCH]), -1))
            seen.clear()
    return np.concatenate(parts)
