"""The networks that find splice junctions: a bidirectional GRU, a convolutional peer, and several as one."""

from __future__ import annotations

import hello_dl
from hello_dl import functional as F
from hello_dl import nn
from hello_dl._core import Tensor
from hello_dl.dna.sequences import CLASSES


def centred(x: Tensor, hide: float, training: bool) -> Tensor:
    """Subtract 1/4, so that an unknown base, N, is all zeros; in training, hide bases at random, as zeros.

    x (n, length, 4) gives the same shape; `hide` is the probability for each base. A network that cannot
    count on any single base looks at all.
    """
    x = x - 1 / 4
    if training and hide > 0:
        x = x * F.dropout(hello_dl.ones(x.shape[0], x.shape[1], 1), hide)
    return x


class SpliceGRU(nn.Module):
    """Reads a sequence from both ends with a GRU (chapter 9), and keeps what it knows at every base.

    x (n, length, 4), y (n, 3). The states of both directions at each base, 2 x hidden numbers, are narrowed
    to `narrow`, and a linear layer weighs them all by where they are: the junction, if there is one, is in
    the middle.
    """

    def __init__(
        self, length: int = 60, hidden: int = 32, narrow: int = 16, hide: float = 0.1, p: float = 0.4
    ) -> None:
        super().__init__()
        self.hide = hide
        self.gru = nn.GRU(len("ACGT"), hidden, batch_first=True, bidirectional=True)
        self.narrow = nn.Linear(2 * hidden, narrow)
        self.drop = nn.Dropout(p)
        self.scores = nn.Linear(length * narrow, len(CLASSES))

    def forward(self, x: Tensor) -> Tensor:
        """Return the scores of EI, IE and N."""
        states, _ = self.gru(centred(x, self.hide, self.training))  # (n, length, 2 hidden)
        y = F.gelu(self.narrow(states))  # (n, length, narrow)
        scores: Tensor = self.scores(self.drop(y.flatten(1)))
        return scores


class SpliceConv(nn.Module):
    """Looks for short words of bases with filters, as chapter 5 does for strokes, in two layers.

    x (n, length, 4), y (n, 3). The sequence is an image of one row with a channel for each base.
    """

    def __init__(
        self, length: int = 60, channels: int = 32, hidden: int = 64, hide: float = 0.1, p: float = 0.4
    ) -> None:
        super().__init__()
        self.hide = hide
        self.conv1 = nn.Conv2d(4, channels, (1, 7), padding=(0, 3))
        self.conv2 = nn.Conv2d(channels, 2 * channels, (1, 5), padding=(0, 2))
        self.drop = nn.Dropout(p)
        self.linear = nn.Linear(2 * channels * (length // 4), hidden)
        self.scores = nn.Linear(hidden, len(CLASSES))

    def forward(self, x: Tensor) -> Tensor:
        """Return the scores of EI, IE and N."""
        x = centred(x, self.hide, self.training).permute(0, 2, 1).unsqueeze(2)  # (n, 4, 1, length)
        x = F.max_pool2d(F.gelu(self.conv1(x)), (1, 2))  # (n, channels, 1, length / 2)
        x = F.max_pool2d(F.gelu(self.conv2(x)), (1, 2))  # (n, 2 channels, 1, length / 4)
        x = F.gelu(self.linear(self.drop(x.flatten(1))))  # (n, hidden)
        scores: Tensor = self.scores(self.drop(x))
        return scores
