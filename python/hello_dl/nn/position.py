"""Encodings of positions: attention by itself does not see the order of a sequence (chapter 10)."""

from __future__ import annotations

from hello_dl import functional as F
from hello_dl._core import Tensor
from hello_dl._core.types import Refusal
from hello_dl.nn import init
from hello_dl.nn.linear import need_sizes
from hello_dl.nn.module import Module
from hello_dl.nn.parameter import Parameter
from hello_dl.tensors.creation import empty


class LearnedPositions(Module):
    """Add a learned vector for each position: x (n, t, dim) gives x + weight[offset:offset+t].

    weight (max_len, dim) starts normally distributed with standard deviation 0.02, as in GPT-2. offset is the
    position of the first step, if earlier ones are cached. ValueError for a position beyond max_len.
    """

    def __init__(self, max_len: int, dim: int) -> None:
        need_sizes("LearnedPositions", max_len=max_len, dim=dim)
        self.max_len, self.dim = max_len, dim
        self.weight = Parameter(init.normal_(empty(max_len, dim), std=0.02))

    def forward(self, x: Tensor, offset: int = 0) -> Tensor:
        """Return x with the vectors of its positions added."""
        steps = x.shape[-2]
        if offset < 0 or offset + steps > self.max_len:
            raise Refusal(
                f"LearnedPositions: needs places within {self.max_len}, got {steps} from {offset} on"
            )
        return x + self.weight[offset : offset + steps]

    def extra_repr(self) -> str:
        """Return the settings."""
        return f"{self.max_len}, {self.dim}"


class SinusoidalPositions(Module):
    """Add fixed sines and cosines to each position: no parameters, and no limit to the length.

    x (n, t, dim); see functional.sinusoidal_positions. ValueError for an odd dim.
    """

    def __init__(self, dim: int, base: float = 10000.0) -> None:
        need_sizes("SinusoidalPositions", dim=dim)
        if dim % 2:
            raise Refusal(f"SinusoidalPositions: needs an even dim, got {dim}")
        self.dim, self.base = dim, base

    def forward(self, x: Tensor, offset: int = 0) -> Tensor:
        """Return x with the sines and cosines of its positions added."""
        return x + F.sinusoidal_positions(x.shape[-2], self.dim, offset, self.base)

    def extra_repr(self) -> str:
        """Return the settings."""
        return f"{self.dim}, base={self.base}"


class RotaryPositions(Module):
    """Rotate queries and keys by their position, so that attention sees distances; see functional.rotary.

    x (..., t, d), d even: the queries or keys of each head, before attention.
    """

    def __init__(self, base: float = 10000.0) -> None:
        self.base = base

    def forward(self, x: Tensor, offset: int = 0) -> Tensor:
        """Return x with each pair of features rotated."""
        return F.rotary(x, offset, self.base)

    def extra_repr(self) -> str:
        """Return the settings."""
        return f"base={self.base}"
