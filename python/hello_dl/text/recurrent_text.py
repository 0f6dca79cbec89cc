"""Recurrent networks that write text, letter by letter (chapter 9)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from hello_dl import nn
from hello_dl._core import Tensor, from_numpy
from hello_dl.nn.linear import need_sizes
from hello_dl.tensors.grad_mode import no_grad

State = Any  # h (layers, B, width) of a GRU; (h, c) of an LSTM
CELLS: dict[str, type[nn.GRU] | type[nn.LSTM]] = {"gru": nn.GRU, "lstm": nn.LSTM}


class RecurrentText(nn.Module):
    """A GRU or LSTM that predicts, for every token of a text, the token after it.

    ids int64 (B, T) and the state after the tokens before (None: there are none) give the scores
    (B, T, vocabulary) and the new state. `embedding` is the number of features of a token, `width` that of
    each layer's state, `dropout` the probability that an output of a layer is set to 0 in training.
    """

    kind = "RecurrentText"

    def __init__(
        self,
        vocabulary: int,
        cell: str = "gru",
        width: int = 256,
        layers: int = 3,
        embedding: int = 64,
        dropout: float = 0.0,
    ) -> None:
        need_sizes("RecurrentText", vocabulary=vocabulary, width=width, layers=layers, embedding=embedding)
        if cell not in CELLS:
            raise ValueError(f"RecurrentText: needs a cell of {', '.join(CELLS)}, got {cell!r}")
        self.settings: dict[str, Any] = {
            "vocabulary": vocabulary,
            "cell": cell,
            "width": width,
            "layers": layers,
            "embedding": embedding,
            "dropout": dropout,
        }
        self.vocabulary = vocabulary
        self.embedding = nn.Embedding(vocabulary, embedding)
        self.cell = CELLS[cell](embedding, width, layers, batch_first=True, dropout=dropout)
        self.drop = nn.Dropout(dropout)
        self.output = nn.Linear(width, vocabulary)

    def forward(self, ids: Tensor, state: State = None) -> tuple[Tensor, State]:
        """Return scores (B, T, vocabulary) and the state after the last step."""
        y, state = self.cell(self.embedding(ids), state)
        return self.output(self.drop(y)), state

    def reader(self) -> RecurrentReader:
        """Return a reader of one text, token by token."""
        return RecurrentReader(self)


def detached(state: State) -> State:
    """Return the state without its graph: gradients end here (truncated back-propagation through time)."""
    return tuple(s.detach() for s in state) if isinstance(state, tuple) else state.detach()


class RecurrentReader:
    """Reads a text token by token; it keeps the state, so each token costs one step."""

    def __init__(self, model: RecurrentText) -> None:
        self._model, self._state = model, None

    def read(self, ids: Sequence[int]) -> np.ndarray[Any, Any]:
        """Return the scores (vocabulary,) of the token after `ids`, which follow all ids read before."""
        if not ids:
            raise ValueError("read: needs at least one token")
        self._model.eval()
        with no_grad():
            scores, state = self._model(from_numpy(np.array([ids])), self._state)
            numbers = np.array(scores[0, -1].numpy())
            self._state = detached(state)
        return numbers
