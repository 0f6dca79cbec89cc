"""Size: the shape of a tensor as PyTorch prints it."""

from __future__ import annotations

import math
from typing import Any


class Size(tuple[int, ...]):
    """The sizes of a tensor's axes: a tuple of integers that prints as PyTorch's does.

    Tensors have plain tuples as shapes; under `hello-dl run` and `as_torch` they have these.
    """

    __slots__ = ()

    def numel(self) -> int:
        """Return how many numbers a tensor of this size has."""
        return math.prod(self)

    def __repr__(self) -> str:
        return f"torch.Size([{', '.join(map(str, self))}])"

    def __getitem__(self, key: Any) -> Any:
        part = super().__getitem__(key)
        return Size(part) if isinstance(key, slice) else part

    def __add__(self, other: Any) -> Any:
        return Size(super().__add__(tuple(other)))
