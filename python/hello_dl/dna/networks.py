"""The networks that find splice junctions: a bidirectional GRU and a convolutional network."""

from __future__ import annotations

import hello_dl
from hello_dl import functional as F
from hello_dl import nn
from hello_dl._core import Tensor
from hello_dl.dna.sequences import CLASSES


def centred(x: Tensor, hide: float, training: bool) -> Tensor:
    """Subtract 1/4, so that an unknown base, N, is all zeros; in training, hide bases at random, as zeros.

    x and result (n, length, 4); `hide` is the probability for each base. Since any base may be hidden, the
    network learns to use all of them.
    """
    x = x - 1 / 4
    if training and hide > 0:
        x = x * F.dropout(hello_dl.ones(x.shape[0], x.shape[1], 1), hide)
    return x


class SpliceGRU(nn.Module):
    """A GRU that reads a sequence in both directions (chapter 9), and a linear layer over all its states.

    x (n, length, 4), y (n, 3). At each base the states of both directions, 2 x hidden features, are reduced
    to `narrow` features. The last layer has a weight for each feature at each base, since the position
    matters: a junction is in the middle. `hide` as in `centred`; `p` is the probability of dropout.
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
    """Two convolutions over the sequence, as chapter 5 uses them for images, then two linear layers.

    x (n, length, 4), y (n, 3). The sequence is an image of one row with a channel for each base. `hide` as in
    `centred`; `p` is the probability of dropout.
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
