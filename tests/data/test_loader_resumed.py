"""An iteration can begin at a later batch, without loading those before."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from hello_dl.data.datasets import IterableDataset, TensorDataset
from hello_dl.data.loader import DataLoader


@pytest.mark.parametrize("kind", ["items", "stream"])
def test_an_iteration_can_begin_at_a_later_batch(kind: str) -> None:
    class Seen(TensorDataset):
        loaded = 0

        def batch(self, indices: Any) -> Any:
            self.loaded += len(indices)
            return super().batch(indices)

    class Stream(IterableDataset):
        def __iter__(self) -> Iterator[int]:
            return iter(range(10))

    items = Seen(np.arange(10))
    loaders = [
        DataLoader(items, 3, shuffle=True, seed=4) if kind == "items" else DataLoader(Stream(), 3)
        for _ in range(2)
    ]
    rest = [batch[0].tolist() if kind == "items" else batch.tolist() for batch in loaders[0].starting_at(2)]
    assert kind == "stream" or items.loaded == 4
    whole = [batch[0].tolist() if kind == "items" else batch.tolist() for batch in loaders[1]]
    assert rest == whole[2:]
