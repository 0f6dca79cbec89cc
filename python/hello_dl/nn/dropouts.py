"""Dropout of whole channels, and dropout that keeps mean and variance, as layers; only in training."""

from __future__ import annotations

from hello_dl import functional as F
from hello_dl._core import Tensor
from hello_dl.nn.activations import Dropout


class Dropout1d(Dropout):
    """Set whole channels of (n, c, t) or (c, t) to 0 with probability p, divide the others by 1 - p.

    Neighbours in time are alike, so that a single number could be guessed from them (Tompson et al. 2014).
    """

    def forward(self, input: Tensor) -> Tensor:
        """Return x with some channels dropped, while training."""
        return F.dropout1d(input, self.p, self.training, self.inplace)


class Dropout2d(Dropout):
    """Dropout1d for images (n, c, h, w)."""

    def forward(self, input: Tensor) -> Tensor:
        """Return x with some channels dropped, while training."""
        return F.dropout2d(input, self.p, self.training, self.inplace)


class Dropout3d(Dropout):
    """Dropout1d for volumes (n, c, d, h, w) or (c, d, h, w)."""

    def forward(self, input: Tensor) -> Tensor:
        """Return x with some channels dropped, while training."""
        return F.dropout3d(input, self.p, self.training, self.inplace)


class AlphaDropout(Dropout):
    """Dropout for networks of SELU: mean 0 and variance 1 stay so (Klambauer et al., 2017)."""

    def forward(self, input: Tensor) -> Tensor:
        """Return x with some numbers replaced, then all scaled and shifted, while training."""
        return F.alpha_dropout(input, self.p, self.training, self.inplace)


class FeatureAlphaDropout(Dropout):
    """AlphaDropout of whole channels of (n, c, ...)."""

    def forward(self, input: Tensor) -> Tensor:
        """Return x with some channels replaced, then all scaled and shifted, while training."""
        return F.feature_alpha_dropout(input, self.p, self.training, self.inplace)
