"""Activations of straight pieces as layers: Hardtanh and its kin, Threshold."""

from __future__ import annotations

import warnings

from hello_dl import functional as F
from hello_dl._core import Tensor
from hello_dl._core.types import Refusal
from hello_dl.nn.activations import settings
from hello_dl.nn.module import Module


class Hardtanh(Module):
    """x, limited to the range from min_val to max_val. min_value and max_value are PyTorch's old names.

    inplace=True changes x itself, here and in all layers that have it. ValueError for an empty range.
    """

    def __init__(
        self,
        min_val: float = -1.0,
        max_val: float = 1.0,
        inplace: bool = False,
        min_value: float | None = None,
        max_value: float | None = None,
    ) -> None:
        for old, new in ((min_value, "min_val"), (max_value, "max_val")):
            if old is not None:
                warnings.warn(f"Hardtanh: {new}ue is called {new} today", FutureWarning, stacklevel=2)
        self.min_val = min_val if min_value is None else min_value
        self.max_val = max_val if max_value is None else max_value
        self.inplace = inplace
        if self.max_val <= self.min_val:
            raise Refusal(f"Hardtanh: needs a max_val above min_val {self.min_val}, got {self.max_val}")

    def forward(self, input: Tensor) -> Tensor:
        """Return x, at least min_val and at most max_val."""
        return F.hardtanh(input, self.min_val, self.max_val, self.inplace)

    def extra_repr(self) -> str:
        """Return the settings."""
        return settings(self.inplace, f"min_val={self.min_val}, max_val={self.max_val}")


class ReLU6(Hardtanh):
    """relu(x), but at most 6, for numbers of few bits (Howard et al., 2017)."""

    def __init__(self, inplace: bool = False) -> None:
        super().__init__(0.0, 6.0, inplace)

    def extra_repr(self) -> str:
        """Return the settings."""
        return settings(self.inplace)


class Hardsigmoid(Module):
    """x / 6 + 1/2 between -3 and 3, 0 below and 1 above."""

    def __init__(self, inplace: bool = False) -> None:
        self.inplace = inplace

    def forward(self, input: Tensor) -> Tensor:
        """Return x / 6 + 1/2, between 0 and 1."""
        return F.hardsigmoid(input, self.inplace)


class Hardswish(Module):
    """x times Hardsigmoid's result (Howard et al., 2019)."""

    def __init__(self, inplace: bool = False) -> None:
        self.inplace = inplace

    def forward(self, input: Tensor) -> Tensor:
        """Return x hardsigmoid(x)."""
        return F.hardswish(input, self.inplace)


class Hardshrink(Module):
    """x, and 0 where |x| is at most lambd."""

    def __init__(self, lambd: float = 0.5) -> None:
        self.lambd = lambd

    def forward(self, input: Tensor) -> Tensor:
        """Return x, or 0 where it is small."""
        return F.hardshrink(input, self.lambd)

    def extra_repr(self) -> str:
        """Return the settings."""
        return f"{self.lambd}"


class Softshrink(Module):
    """x, moved towards 0 by lambd, at most to 0."""

    def __init__(self, lambd: float = 0.5) -> None:
        self.lambd = lambd

    def forward(self, input: Tensor) -> Tensor:
        """Return x, closer to 0 by lambd."""
        return F.softshrink(input, self.lambd)

    def extra_repr(self) -> str:
        """Return the settings."""
        return f"{self.lambd}"


class Threshold(Module):
    """x where it is above the threshold, else the number `value`."""

    def __init__(self, threshold: float, value: float, inplace: bool = False) -> None:
        self.threshold, self.value, self.inplace = threshold, value, inplace

    def forward(self, input: Tensor) -> Tensor:
        """Return x, or `value` where x is not above the threshold."""
        return F.threshold(input, self.threshold, self.value, self.inplace)

    def extra_repr(self) -> str:
        """Return the settings."""
        return settings(self.inplace, f"threshold={self.threshold}, value={self.value}")
