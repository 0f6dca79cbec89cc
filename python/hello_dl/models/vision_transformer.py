"""A vision transformer: an image is cut into patches, which form a sequence for a transformer."""

from __future__ import annotations

import hello_dl
from hello_dl import nn
from hello_dl._core import Tensor, cat


class VisionTransformer(nn.Module):
    """Attention between the patches of an image and a class token, from which the scores are computed.

    x (n, channels, side, side), y (n, classes). Each patch of `patch` x `patch` pixels becomes a vector of
    `width` numbers by one linear map; a learned vector for its position is added, and `layers` transformer
    layers with `heads` heads follow. The class token, a learned vector, comes first in the sequence
    (Dosovitskiy et al. 2021, equations 1 to 4). Unlike a convolution, the network has to learn which patches
    are neighbours. ValueError if `patch` does not divide `side`, or `heads` does not divide `width`.
    """

    def __init__(
        self,
        classes: int = 26,
        side: int = 28,
        patch: int = 4,
        width: int = 64,
        heads: int = 4,
        layers: int = 4,
        channels: int = 1,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        if side % patch:
            raise ValueError(f"VisionTransformer: needs patches that fill the side, got {patch} and {side}")
        self.grid = side // patch  # patches along a side
        self.patches = nn.Conv2d(channels, width, patch, stride=patch)  # a linear map of each patch
        self.class_token = nn.Parameter(nn.init.normal_(hello_dl.empty(1, 1, width), std=0.02))
        self.positions = nn.Parameter(nn.init.normal_(hello_dl.empty(1, 1 + self.grid**2, width), std=0.02))
        self.layers = nn.ModuleList(
            [
                nn.TransformerEncoderLayer(
                    width, heads, 4 * width, dropout, activation="gelu", batch_first=True, norm_first=True
                )
                for _ in range(layers)
            ]
        )
        self.norm = nn.LayerNorm(width)
        self.scores = nn.Linear(width, classes)

    def tokens(self, x: Tensor) -> Tensor:
        """Return the class token and the patches with their positions added: (n, 1 + patches, width)."""
        patches = self.patches(x).flatten(2).transpose(1, 2)  # (n, patches, width)
        first = self.class_token.expand(x.shape[0], 1, patches.shape[2])
        return cat([first, patches], 1) + self.positions

    def forward(self, x: Tensor) -> Tensor:
        """Return a score for each class, (n, classes)."""
        tokens = self.tokens(x)
        for layer in self.layers:
            tokens = layer(tokens)
        scores: Tensor = self.scores(self.norm(tokens[:, 0]))
        return scores

    def attention(self, x: Tensor) -> list[Tensor]:
        """Return each layer's attention weights, (n, heads, 1 + patches, 1 + patches); rows sum to 1."""
        tokens, maps = self.tokens(x), []
        for layer in self.layers:
            assert isinstance(layer, nn.TransformerEncoderLayer)
            y = layer.norm1(tokens)
            maps.append(layer.self_attn(y, y, y, average_attn_weights=False)[1])
            tokens = layer(tokens)
        return maps
