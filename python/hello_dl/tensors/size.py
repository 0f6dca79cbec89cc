"""Size: the shape of a tensor as PyTorch prints it."""

from __future__ import annotations

import math
from typing import Any


class Size(tuple[int, ...]):
    """The sizes of a tensor's axes: a tuple of integers that prints as PyTorch's does.

    Within a text, as in f"{x.shape}", it is written as a tuple, (2, 3): so it stands in messages. Under
    `hello-dl run` it is written as PyTorch's there, too.
    """

    __slots__ = ()
    in_texts = tuple.__repr__  # how it is written within a text

    def numel(self) -> int:
        """Return how many numbers a tensor of this size has."""
        return math.prod(self)

    def __repr__(self) -> str:
        return f"torch.Size([{', '.join(map(str, self))}])"

    def __format__(self, spec: str) -> str:
        return format(type(self).in_texts(self), spec)

    def __getitem__(self, key: Any) -> Any:
        part = super().__getitem__(key)
        return Size(part) if isinstance(key, slice) else part

    def __add__(self, other: Any) -> Any:
        return Size(super().__add__(tuple(other)))
