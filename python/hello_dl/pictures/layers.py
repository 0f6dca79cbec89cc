"""Observes the layers of a network at work: their inputs and their outputs."""

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

BATCH = 256  # images that go through the network at once


@dataclass(frozen=True)
class Seen:
    """One use of a layer: its name in the network, the layer, its input x and its output y."""

    name: str
    layer: nn.Module
    x: Tensor
    y: Tensor


@contextmanager
def watching(model: nn.Module, kind: type[nn.Module]) -> Iterator[list[Seen]]:
    """For the block, record every use of the model's layers of a kind, in the order of use.

    with watching(model, nn.Conv2d) as seen: model(x)
    """
    seen: list[Seen] = []
    layers = [(name, layer) for name, layer in model.named_modules() if isinstance(layer, kind)]

    def recording(name: str, layer: nn.Module) -> Any:
        """Return a `forward` that also records what goes in and what comes out."""
        forward = layer.forward

        def recorded(x: Tensor) -> Tensor:
            y: Tensor = forward(x)
            seen.append(Seen(name, layer, x, y))
            return y

        return recorded

    try:
        for name, layer in layers:
            layer.forward = recording(name, layer)  # type: ignore[method-assign]  # hides the class's own
        yield seen
    finally:
        for _, layer in layers:
            layer.__dict__.pop("forward", None)


def activations(
    model: nn.Module, images: NDArray[np.uint8], normalisation: tuple[float, float]
) -> NDArray[np.float32]:
    """Return the input of the network's last linear layer for each image, (n, features).

    These features are all that the network decides by; images that it finds alike are close together there.
    images (n, 28, 28) uint8. Raises ValueError for a network without a linear layer.
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
