"""A moving average of a model's weights: steadier than the weights of any single step, at no cost in use."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hello_dl import nn


class MovingAverage:
    """The exponential moving average of a model's parameters and running statistics.

    After each optimizer step call `update()`: average = d average + (1 - d) weights, with d = `decay`, or
    (1 + t) / (10 + t) while that is less at step t, so that the start is soon forgotten (Polyak, Juditsky
    1992; Tarvainen, Valpola 2017). `with average.in_use():` the model has the averages. Raises ValueError
    unless 0 < decay < 1.
    """

    def __init__(self, model: nn.Module, decay: float = 0.999) -> None:
        if not 0 < decay < 1:
            raise ValueError(f"MovingAverage: needs a decay between 0 and 1, got {decay}")
        self.model, self.decay, self.steps = model, decay, 0
        self.state = self._weights(copy=True)

    def _weights(self, copy: bool = False) -> dict[str, NDArray[np.float32]]:
        state = {name: t.numpy() for name, t in self.model.state_dict().items()}
        return {name: a.copy() for name, a in state.items()} if copy else state

    def update(self) -> None:
        """Take in the weights as they are now."""
        self.steps += 1
        share = 1 - min(self.decay, (1 + self.steps) / (10 + self.steps))
        for name, weights in self._weights().items():
            mean = self.state[name]
            if mean.dtype.kind == "f":
                mean += np.float32(share) * (weights - mean)
            else:
                mean[...] = weights  # a count of batches has no average

    def state_dict(self) -> dict[str, Any]:
        """Return the averages, and how many steps they are of."""
        return {"steps": self.steps, "averages": self.state}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Go on from what state_dict returned. ValueError for averages of another model."""
        averages = state_dict["averages"]
        if {n: a.shape for n, a in averages.items()} != {n: a.shape for n, a in self.state.items()}:
            raise ValueError("MovingAverage: needs averages of the same names and shapes")
        self.steps = state_dict["steps"]
        self.state = {name: np.array(averages[name]) for name in self.state}

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """Give the model the averages for a block, and its own weights back afterwards."""
        own = self._weights(copy=True)
        self.model.load_state_dict(self.state)
        try:
            yield
        finally:
            self.model.load_state_dict(own)
