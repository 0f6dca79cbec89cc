"""LSTM, a recurrent layer with two states: h, which it shows, and c, which it keeps (chapter 9)."""

from __future__ import annotations

from typing import Any

from hello_dl import _core
from hello_dl import functional as F
from hello_dl._core import Tensor
from hello_dl._core.types import Refusal
from hello_dl.nn.packed import PackedSequence
from hello_dl.nn.recurrent import Lengths, Recurrent
from hello_dl.tensors.creation import zeros
from hello_dl.tensors.shapes import stack


class LSTM(Recurrent):
    """Long short-term memory: a second state c that changes only through gates (Hochreiter 1997).

    i, f, o = s(W x + b + W_h h + b_h) each, g = tanh of such a sum, c' = f c + i g, h' = o tanh(c'), with the
    sigmoid s. The weights hold the gates in the order i, f, g, o. All else is as in RNN, but hx and the
    second result are pairs (h, c). With proj_size, h' = W_hr (o tanh(c')) has that many features (Sak et al.,
    2014, section 2); such a layer is composed of small ops, step by step, and slower.
    """

    gates = 4
    states = 2

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        proj_size: int = 0,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        if not 0 <= proj_size < max(hidden_size, 1):
            raise Refusal(f"LSTM: needs a proj_size from 0 to below hidden_size, got {proj_size}")
        self.proj_size = proj_size
        super().__init__(
            input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional, device, dtype
        )

    def forward(
        self, input: Any, hx: tuple[Tensor, Tensor] | None = None, lengths: Lengths | None = None
    ) -> tuple[Any, tuple[Tensor, Tensor]]:
        """Return the outputs of all steps and the last pair of h and c; packed input gives packed outputs."""
        if isinstance(input, PackedSequence):
            return self._of_packed(input, hx)
        if hx is not None and (isinstance(hx, Tensor) or len(hx) != 2):
            raise Refusal("LSTM: needs hx as a pair (h0, c0)")
        output, (h, c) = self._run(input, hx, lengths)
        return output, (h, c)

    def _op(self, x: Tensor, weights: Any, states: Any, lengths: Tensor | None, reverse: bool) -> Tensor:
        w_ih, w_hh, b_ih, b_hh = weights
        return _core.lstm(x, w_ih, w_hh, b_ih, b_hh, states[0], states[1], lengths, reverse)

    def _layer(
        self, x: Tensor, weights: Any, states: Any, lengths: Tensor | None, reverse: bool
    ) -> tuple[Tensor, list[Tensor]]:
        if not self.proj_size:
            return super()._layer(x, weights, states, lengths, reverse)
        w_ih, w_hh, b_ih, b_hh, w_hr = weights
        n, steps, _ = x.shape
        h, c = (
            zeros(n, size) if s is None else s for s, size in zip(states, self._state_sizes(), strict=True)
        )
        outputs = [h] * steps
        for t in range(steps)[:: -1 if reverse else 1]:
            sums = F.linear(x[:, t], w_ih, b_ih) + F.linear(h, w_hh, b_hh)
            i, f, g, o = sums.chunk(4, 1)
            new_c = f.sigmoid() * c + i.sigmoid() * g.tanh()
            new_h = F.linear(o.sigmoid() * new_c.tanh(), w_hr)
            if lengths is not None:  # a sequence that has ended, or not begun from its end, keeps its state
                runs = (lengths > t).unsqueeze(1)
                outputs[t] = _core.where(runs, new_h, 0.0)
                new_h, new_c = _core.where(runs, new_h, h), _core.where(runs, new_c, c)
            else:
                outputs[t] = new_h
            h, c = new_h, new_c
        return stack(outputs, 1) if steps else zeros(n, 0, self.proj_size), [h, c]
