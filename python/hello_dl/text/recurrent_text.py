"""Recurrent networks that write, letter by letter (chapter 9)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from hello_dl import nn
from hello_dl._core import Tensor, from_numpy
from hello_dl.nn.linear import need_sizes
from hello_dl.tensors.grad_mode import no_grad
from hello_dl.text.token_reader import Reader

State = Any  # h (layers, B, width) of a GRU; (h, c) of an LSTM
CELLS: dict[str, type[nn.GRU] | type[nn.LSTM]] = {"gru": nn.GRU, "lstm": nn.LSTM}


class RecurrentText(nn.Module):
    """A GRU or LSTM that reads tokens and says what comes next, for each of them.

    ids int64 (B, T) and the state from before (None: at the beginning) give the scores (B, T, vocabulary) and
    the new state. `embedding` numbers stand for a token. A dropout acts on what each layer hands up.
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

    def reader(self) -> Reader:
        """Return what reads text token by token with this network."""
        return RecurrentReader(self)


def detached(state: State) -> State:
    """Return the state's numbers alone: gradients end here, which is what truncates back-propagation."""
    return tuple(s.detach() for s in state) if isinstance(state, tuple) else state.detach()


class RecurrentReader(Reader):
    """Reads with the state carried over: a token costs one step, however long the text has become."""

    def __init__(self, model: RecurrentText) -> None:
        self._model, self._state = model, None

    def read(self, ids: Sequence[int]) -> np.ndarray[Any, Any]:
        """Return the scores of what follows these tokens, (vocabulary,), after all that were read before."""
        if not ids:
            raise ValueError("read: needs at least one token")
        self._model.eval()
        with no_grad():
            scores, state = self._model(from_numpy(np.array([ids])), self._state)
            numbers = np.array(scores[0, -1].numpy())
            self._state = detached(state)
        return numbers
