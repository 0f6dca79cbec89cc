"""Recurrent cells: one step each, composed of small ops. The fast layers in recurrent.py compute the same."""

from __future__ import annotations

import math
from typing import Any

from hello_dl import functional as F
from hello_dl._core import Tensor
from hello_dl._core.types import Refusal
from hello_dl.nn import init
from hello_dl.nn.linear import need_place, need_sizes
from hello_dl.nn.module import Module
from hello_dl.nn.parameter import Parameter
from hello_dl.tensors.creation import empty, zeros


class _Cell(Module):
    """What all cells share: weights (gates * hidden_size, ...) and biases, named as in PyTorch."""

    gates = 1
    bias_ih: Parameter | None
    bias_hh: Parameter | None

    def __init__(
        self, input_size: int, hidden_size: int, bias: bool = True, device: Any = None, dtype: Any = None
    ) -> None:
        need_place(type(self).__name__, device, dtype)
        need_sizes(type(self).__name__, input_size=input_size, hidden_size=hidden_size)
        self.input_size, self.hidden_size = input_size, hidden_size
        rows = self.gates * hidden_size
        self.weight_ih = Parameter(empty(rows, input_size))
        self.weight_hh = Parameter(empty(rows, hidden_size))
        self.bias_ih = Parameter(empty(rows)) if bias else None
        self.bias_hh = Parameter(empty(rows)) if bias else None
        for parameter in self.parameters():
            init.uniform_(parameter, -1 / math.sqrt(hidden_size), 1 / math.sqrt(hidden_size))

    def _checked(self, x: Tensor, h: Tensor | None) -> Tensor:
        """Return the state h, zeros if there is none. ValueError if the shapes do not fit."""
        if x.ndim not in (1, 2) or x.shape[-1] != self.input_size:
            raise Refusal(f"{type(self).__name__}: needs x (n, {self.input_size}), got {x.shape}")
        wanted = (*x.shape[:-1], self.hidden_size)
        if h is not None and tuple(h.shape) != wanted:
            raise Refusal(f"{type(self).__name__}: needs a state of shape {wanted}, got {h.shape}")
        return zeros(wanted) if h is None else h

    def _sums(self, x: Tensor, h: Tensor) -> tuple[Tensor, Tensor]:
        """Return W_ih x + b_ih and W_hh h + b_hh, (n, gates * hidden_size) each."""
        return F.linear(x, self.weight_ih, self.bias_ih), F.linear(h, self.weight_hh, self.bias_hh)

    def extra_repr(self) -> str:
        """Return the sizes, and those settings that are not as usual."""
        text = f"{self.input_size}, {self.hidden_size}" + ", bias=False" * (self.bias_ih is None)
        return text + ", nonlinearity=relu" * (getattr(self, "nonlinearity", "tanh") == "relu")


RNNCellBase = _Cell  # PyTorch's name


class RNNCell(_Cell):
    """One step of nn.RNN: x (n, input_size) and h (n, hidden_size) give the next h."""

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        nonlinearity: str = "tanh",
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(input_size, hidden_size, bias, device, dtype)
        if nonlinearity not in ("tanh", "relu"):
            raise Refusal(f"RNNCell: nonlinearity needs 'tanh' or 'relu', got {nonlinearity!r}")
        self.nonlinearity = nonlinearity

    def forward(self, input: Tensor, hx: Tensor | None = None) -> Tensor:
        """Return h after this step."""
        from_x, from_h = self._sums(input, self._checked(input, hx))
        return F.tanh(from_x + from_h) if self.nonlinearity == "tanh" else F.relu(from_x + from_h)


class GRUCell(_Cell):
    """One step of nn.GRU: x (n, input_size) and h (n, hidden_size) give the next h (Cho et al., 2014)."""

    gates = 3

    def forward(self, input: Tensor, hx: Tensor | None = None) -> Tensor:
        """Return h after this step."""
        h = self._checked(input, hx)
        from_x, from_h = self._sums(input, h)
        xr, xz, xn = from_x.chunk(3, -1)
        hr, hz, hn = from_h.chunk(3, -1)
        r = F.sigmoid(xr + hr)  # reset gate: how much of h the candidate sees
        z = F.sigmoid(xz + hz)  # update gate: how much of h stays
        n = F.tanh(xn + r * hn)  # candidate for the new h
        return (1 - z) * n + z * h


class LSTMCell(_Cell):
    """One step of nn.LSTM: x (n, input_size) and (h, c) give the next (h, c) (Hochreiter et al. 1997)."""

    gates = 4

    def forward(self, input: Tensor, hx: tuple[Tensor, Tensor] | None = None) -> tuple[Tensor, Tensor]:
        """Return h and c after this step."""
        h, c = (self._checked(input, s) for s in (hx or (None, None)))
        from_x, from_h = self._sums(input, h)
        i, f, g, o = (from_x + from_h).chunk(4, -1)
        c = F.sigmoid(f) * c + F.sigmoid(i) * F.tanh(g)
        return F.sigmoid(o) * F.tanh(c), c
