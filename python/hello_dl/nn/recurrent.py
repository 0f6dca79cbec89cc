"""Recurrent layers: RNN and GRU read a sequence step by step and keep a state (chapter 9); lstm.py has LSTM.

Each layer and direction is one op of the engine over the whole sequence (cpp/ops/recurrent.hh). The same
cells composed of small ops, one step at a time, are in cells.py.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from hello_dl import _core
from hello_dl import functional as F
from hello_dl._core import Tensor
from hello_dl._core.types import Refusal
from hello_dl.nn import init
from hello_dl.nn.linear import need_place, need_sizes
from hello_dl.nn.module import Module
from hello_dl.nn.packed import PackedSequence, packed_like, pad_packed_sequence
from hello_dl.nn.parameter import Parameter
from hello_dl.tensors.creation import empty
from hello_dl.tensors.shapes import stack

Lengths = Tensor | Sequence[int] | np.ndarray[Any, Any]


class Recurrent(Module):
    """What RNN, GRU and LSTM share: parameters by PyTorch's names, several layers, one or two directions."""

    gates = 1  # blocks of hidden_size rows in each weight
    states = 1  # h, or h and c
    proj_size = 0  # of h, if LSTM projects it to another size than hidden_size

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        name = type(self).__name__
        need_place(name, device, dtype)
        need_sizes(name, input_size=input_size, hidden_size=hidden_size, num_layers=num_layers)
        if not 0 <= dropout <= 1:
            raise Refusal(f"{name}: needs a dropout from 0 to 1, got {dropout}")
        self.input_size, self.hidden_size, self.num_layers = input_size, hidden_size, num_layers
        self.bias, self.batch_first = bias, batch_first
        self.dropout, self.bidirectional = dropout, bidirectional
        for layer in range(num_layers):
            before = input_size if layer == 0 else self._state_sizes()[0] * len(self._directions())
            for direction in self._directions():
                end, rows = f"_l{layer}{direction}", self.gates * hidden_size
                setattr(self, f"weight_ih{end}", Parameter(empty(rows, before)))
                setattr(self, f"weight_hh{end}", Parameter(empty(rows, self._state_sizes()[0])))
                if bias:
                    setattr(self, f"bias_ih{end}", Parameter(empty(rows)))
                    setattr(self, f"bias_hh{end}", Parameter(empty(rows)))
                if self.proj_size:
                    setattr(self, f"weight_hr{end}", Parameter(empty(self.proj_size, hidden_size)))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw all parameters anew, uniformly between +-1/sqrt(hidden_size)."""
        bound = 1 / math.sqrt(self.hidden_size)
        for parameter in self.parameters():
            init.uniform_(parameter, -bound, bound)

    def _directions(self) -> tuple[str, ...]:
        """Return the ends of the parameters' names, one for each direction."""
        return ("", "_reverse") if self.bidirectional else ("",)

    def _state_sizes(self) -> tuple[int, ...]:
        """Return the number of features of each state: h, and c if there is one."""
        return ((self.proj_size or self.hidden_size), self.hidden_size)[: self.states]

    def _weights(self) -> Iterator[tuple[tuple[Tensor | None, ...], bool]]:
        """Yield the parameters of each layer and direction, and whether it reads backwards."""
        for layer in range(self.num_layers):
            for direction in self._directions():
                kinds = (
                    "weight_ih",
                    "weight_hh",
                    "bias_ih",
                    "bias_hh",
                    *["weight_hr"] * bool(self.proj_size),
                )
                yield (
                    tuple(getattr(self, f"{k}_l{layer}{direction}", None) for k in kinds),
                    bool(direction),
                )

    def _op(self, x: Tensor, weights: Any, states: Any, lengths: Tensor | None, reverse: bool) -> Tensor:
        """Run one layer in one direction: x (n, t, in) gives (n, t + states, hidden_size)."""
        raise NotImplementedError

    def _layer(
        self, x: Tensor, weights: Any, states: Any, lengths: Tensor | None, reverse: bool
    ) -> tuple[Tensor, list[Tensor]]:
        """Run one layer in one direction: return the outputs (n, t, size) and the last states (n, size)."""
        n, steps, _ = x.shape
        y = self._op(x, weights, states, lengths, reverse)
        ends = [_core.slice(y, 1, steps + s, steps + s + 1) for s in range(self.states)]
        return _core.slice(y, 1, 0, steps), [_core.reshape(end, (n, self.hidden_size)) for end in ends]

    def _run(
        self, x: Tensor, first: tuple[Tensor, ...] | None, lengths: Lengths | None
    ) -> tuple[Tensor, tuple[Tensor, ...]]:
        """Run all layers: return the outputs, and the last h (and c) of each layer and direction."""
        single = x.ndim == 2
        if single:  # one sequence without a batch
            x = _core.reshape(x, (1, *x.shape) if self.batch_first else (x.shape[0], 1, x.shape[1]))
            first = first and tuple(_core.reshape(s, (s.shape[0], 1, *s.shape[1:])) for s in first)
        if x.ndim != 3 or x.shape[2] != self.input_size:
            axes = "(n, t, in)" if self.batch_first else "(t, n, in)"
            raise Refusal(f"{type(self).__name__}: needs x {axes} with in={self.input_size}, got {x.shape}")
        if not self.batch_first:
            x = _core.permute(x, (1, 0, 2))
        n, steps = x.shape[:2]
        if first is not None:
            self._check_states(first, n)
        ends = None if lengths is None else _as_lengths(lengths, n, steps, type(self).__name__)
        last: list[list[Tensor]] = [[] for _ in range(self.states)]
        sides: list[Tensor] = []
        for k, (weights, reverse) in enumerate(self._weights()):
            states = [None if first is None else first[s][k] for s in range(self.states)]
            y, finals = self._layer(x, weights, states, ends, reverse)
            sides.append(y)
            for kept, end in zip(last, finals, strict=True):
                kept.append(end)
            if len(sides) < len(self._directions()):
                continue
            x = sides[0] if len(sides) == 1 else _core.cat(sides, 2)
            sides = []
            if k + 1 < self.num_layers * len(self._directions()):
                x = F.dropout(x, self.dropout, self.training)
        if not self.batch_first:
            x = _core.permute(x, (1, 0, 2))
        final = tuple(stack(kept) for kept in last)
        if single:
            x = _core.reshape(x, (steps, x.shape[2]))
            final = tuple(_core.reshape(s, (s.shape[0], s.shape[2])) for s in final)
        return x, final

    def _of_packed(self, packed: PackedSequence, hx: Any) -> tuple[PackedSequence, Any]:
        """Run all layers on packed sequences; the outputs are packed alike."""
        x, lengths = pad_packed_sequence(packed, self.batch_first)
        output, last = self.forward(x, hx, lengths)
        return packed_like(output, packed, self.batch_first), last

    def flatten_parameters(self) -> None:
        """Do nothing: PyTorch's call that puts a GPU's weights side by side."""

    @property
    def _flat_weights_names(self) -> list[str]:
        """The names of all parameters, layer by layer."""
        return [name for name, _ in self._own_parameters()]

    @property
    def _flat_weights(self) -> list[Parameter]:
        """All parameters, layer by layer."""
        return [parameter for _, parameter in self._own_parameters()]

    @property
    def all_weights(self) -> list[list[Parameter]]:
        """The parameters of each layer and direction."""
        return [[p for p in weights if isinstance(p, Parameter)] for weights, _ in self._weights()]

    def _check_states(self, first: tuple[Tensor, ...], n: int) -> None:
        """Raise ValueError unless the first states are (layers * directions, n, size)."""
        for name, state, size in zip(("h0", "c0"), first, self._state_sizes(), strict=False):
            wanted = (self.num_layers * len(self._directions()), n, size)
            if tuple(state.shape) != wanted:
                raise Refusal(f"{type(self).__name__}: needs {name} of shape {wanted}, got {state.shape}")

    def extra_repr(self) -> str:
        """Return the sizes, and those settings that are not as usual."""
        usual = {
            **{"proj_size": 0, "num_layers": 1, "bias": True},
            **{"batch_first": False, "dropout": 0, "bidirectional": False},
        }
        others = [
            f", {name}={getattr(self, name)}" for name, value in usual.items() if getattr(self, name) != value
        ]
        return f"{self.input_size}, {self.hidden_size}{''.join(others)}"


RNNBase = Recurrent  # PyTorch's name


def _as_lengths(lengths: Lengths, n: int, steps: int, who: str) -> Tensor:
    """Return the lengths of n sequences as a tensor (n,). ValueError unless each is from 1 to steps."""
    array = np.asarray(lengths.numpy() if isinstance(lengths, Tensor) else lengths)
    if array.shape != (n,) or array.dtype.kind not in "iu":
        raise Refusal(f"{who}: needs a whole number as length of each of {n} sequences, got {array.shape}")
    if n and (array.min() < 1 or array.max() > steps):
        raise Refusal(f"{who}: needs lengths from 1 to {steps}, got {int(array.min())} to {int(array.max())}")
    return _core.from_numpy(array)


class _OneState(Recurrent):
    """What RNN and GRU share: their state is h alone."""

    def forward(
        self, input: Any, hx: Tensor | None = None, lengths: Lengths | None = None
    ) -> tuple[Any, Tensor]:
        """Return the outputs of all steps and the last h; a PackedSequence gives a packed output."""
        if isinstance(input, PackedSequence):
            return self._of_packed(input, hx)
        output, (h,) = self._run(input, None if hx is None else (hx,), lengths)
        return output, h


class RNN(_OneState):
    """The plain recurrent layer: h' = tanh(W_ih x + b_ih + W_hh h + b_hh) at each step (Elman, 1990).

    x (t, n, input_size), or (n, t, input_size) with batch_first, or one sequence (t, input_size). Gives the
    outputs (t, n, hidden_size) of the last layer, forward and backward side by side if bidirectional, and
    the last h (num_layers * directions, n, hidden_size), which can be the next call's hx. dropout is applied
    between layers, in training. Parameters are named, shaped and started as in PyTorch.

    lengths (n,): sequence i ends after lengths[i] steps. Its later outputs are 0, its last h is that at its
    own end, and the reverse direction starts there. PyTorch does the same with pack_padded_sequence. The
    lengths need no order. ValueError for shapes or lengths that do not fit.
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        nonlinearity: str = "tanh",
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        if nonlinearity not in ("tanh", "relu"):
            raise Refusal(f"RNN: nonlinearity needs 'tanh' or 'relu', got {nonlinearity!r}")
        self.nonlinearity = nonlinearity
        super().__init__(
            input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional, device, dtype
        )

    def _op(self, x: Tensor, weights: Any, states: Any, lengths: Tensor | None, reverse: bool) -> Tensor:
        w_ih, w_hh, b_ih, b_hh = weights
        return _core.rnn(x, w_ih, w_hh, b_ih, b_hh, states[0], lengths, reverse, self.nonlinearity)


class GRU(_OneState):
    """The gated recurrent unit: gates choose what to forget (r) and what to keep (z) (Cho et al., 2014).

    r = s(W_ir x + b_ir + W_hr h + b_hr), z likewise, n = tanh(W_in x + b_in + r (W_hn h + b_hn)),
    h' = (1 - z) n + z h, with the sigmoid s. The weights hold the gates in the order r, z, n. Shapes, layers,
    directions, hx and lengths are as in RNN. Chapter 9 writes text with three layers of it.
    """

    gates = 3

    def _op(self, x: Tensor, weights: Any, states: Any, lengths: Tensor | None, reverse: bool) -> Tensor:
        w_ih, w_hh, b_ih, b_hh = weights
        return _core.gru(x, w_ih, w_hh, b_ih, b_hh, states[0], lengths, reverse)
