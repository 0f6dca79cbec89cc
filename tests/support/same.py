"""What the tests of tensors share: some numbers, a leaf, and the comparison with numpy's answer."""

from __future__ import annotations

from typing import Any

import numpy as np

import hello_dl as h

CUBE = np.arange(24, dtype=np.float32).reshape(2, 3, 4)


def leaf(*shape: int) -> h.Tensor:
    """Return random numbers that require a gradient."""
    return h.randn(*shape, requires_grad=True)


def same(t: h.Tensor, array: Any) -> bool:
    """Whether a tensor has exactly the shape and the numbers of an array, a list or a number."""
    array = np.asarray(array)
    return t.shape == array.shape and bool((t.numpy() == array).all())
