"""The line reader's network: a picture of a line gives, for every two pixels of its width, chances of signs.

Convolutions look at the shapes of strokes, and halve the picture's height again and again. What is left, a
row of features for each four pixels of width, is read by recurrent layers from both ends, so that each answer
knows the whole line. Each gives two answers, as narrow letters such as `ll` take few pixels, and
connectionist temporal classification needs a blank between equal letters (Graves et al. 2006; Shi et al.
2015 for convolutions before recurrent layers). Chapters 5 and 9.
"""

from __future__ import annotations

import os

import numpy as np
from numpy.typing import NDArray

from hello_dl import functional as F
from hello_dl import nn, weights
from hello_dl._core import Tensor
from hello_dl.data.lines.form import HEIGHT
from hello_dl.files import MISSHAPEN
from hello_dl.reading.lines.alphabet import CLASSES, SIGNS
from hello_dl.tensors.creation import tensor

STEP = 4  # pixels of width that one step of the recurrent layers covers
ANSWERS = 2  # of each step
CELL = 2  # pixels of a square's side, which become channels of the first convolution
NARROWEST = 16  # pixels; narrower pictures are padded

POOL_BOTH, POOL_HEIGHT = (2, 2), (2, 1)
LAYERS: tuple[int | tuple[int, int], ...] = (
    24,
    24,
    POOL_BOTH,
    48,
    48,
    POOL_HEIGHT,
    96,
    96,
    POOL_HEIGHT,
    128,
)


class LineNetwork(nn.Module):
    """Pictures (n, 1, 48, w), 0 = paper and 1 = ink, give log probabilities (n, answers, classes).

    There are w / 2 answers, w being a multiple of 4. `layers` are the channels of 3 x 3 convolutions, or the
    (height, width) by which a maximum is taken; `features` is the size of a step before the recurrent layers
    (GRUs), of which there are `depth`, with `hidden` numbers in each direction. `dropout` is the share of
    these features that is set to 0 in training (chapter 7).
    """

    def __init__(
        self,
        layers: tuple[int | tuple[int, int], ...] = LAYERS,
        features: int = 160,
        hidden: int = 144,
        depth: int = 2,
        dropout: float = 0.1,
    ) -> None:
        super().__init__()
        self.settings = {
            "layers": [x if isinstance(x, int) else list(x) for x in layers],
            "features": features,
            "hidden": hidden,
            "depth": depth,
        }
        self.convolutions = nn.Sequential()
        channels, height = CELL * CELL, HEIGHT // CELL
        for layer in layers:
            if isinstance(layer, int):
                self.convolutions.append(nn.Conv2d(channels, layer, 3, padding=1, bias=False))
                self.convolutions.append(nn.BatchNorm2d(layer))
                self.convolutions.append(nn.ReLU())
                channels = layer
            else:
                self.convolutions.append(nn.MaxPool2d(layer))
                height //= layer[0]
        self.features = nn.Linear(channels * height, features)
        self.dropout = nn.Dropout(dropout)
        self.recurrent = nn.GRU(
            features, hidden, depth, batch_first=True, dropout=dropout, bidirectional=True
        )
        self.head = nn.Linear(2 * hidden, ANSWERS * CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        """Return log probabilities (n, w / 2, classes) of pictures (n, 1, 48, w)."""
        n, _, _, width = x.shape
        if x.shape[1:3] != (1, HEIGHT) or width % STEP:
            raise ValueError(
                f"the line reader needs pictures (n, 1, {HEIGHT}, w), w a multiple of {STEP}, got {x.shape}"
            )
        cells = x.reshape(n, 1, HEIGHT // CELL, CELL, width // CELL, CELL).permute(0, 3, 5, 1, 2, 4)
        y = self.convolutions(cells.reshape(n, CELL * CELL, HEIGHT // CELL, width // CELL))
        y = y.permute(0, 3, 1, 2).reshape(n, width // STEP, -1)
        y, _ = self.recurrent(self.dropout(F.relu(self.features(y))))
        scores = self.head(self.dropout(y)).reshape(n, width // STEP * ANSWERS, CLASSES)
        return F.log_softmax(scores, dim=-1)


def to_batch(pictures: list[NDArray[np.uint8]]) -> Tensor:
    """Return pictures of lines (48, w), 0 = paper and 255 = ink, as one batch (n, 1, 48, widest).

    Narrower ones get paper at their right end.
    """
    for picture in pictures:
        if picture.ndim != 2 or picture.shape[0] != HEIGHT:
            raise ValueError(f"a line's picture needs {HEIGHT} rows of pixels, got the shape {picture.shape}")
    widest = max([NARROWEST, *(picture.shape[1] for picture in pictures)])
    batch = np.zeros((len(pictures), 1, HEIGHT, widest + -widest % STEP), np.float32)
    for row, picture in zip(batch, pictures, strict=True):
        row[0, :, : picture.shape[1]] = picture
    return tensor(batch / 255)


def save(path: str | os.PathLike[str], model: LineNetwork, **notes: object) -> None:
    """Write the network's weights and settings. Raises as weights.save."""
    weights.save(path, model, architecture={"lines": model.settings}, classes=SIGNS, **notes)  # type: ignore[arg-type]


def is_line_network(path: str | os.PathLike[str]) -> bool:
    """Whether a weights file holds the network of a line reader. Raises as weights.read_header."""
    architecture = weights.read_header(path).architecture
    return isinstance(architecture, dict) and "lines" in architecture


def load(path: str | os.PathLike[str]) -> LineNetwork:
    """Read a network that `save` wrote. ValueError if the file holds another kind of network."""
    header = weights.read_header(path)
    settings = header.architecture.get("lines") if isinstance(header.architecture, dict) else None
    if not isinstance(settings, dict):
        raise ValueError(f"{path}: needs the weights of a line reader, which this file does not hold")
    try:
        layers = tuple(x if isinstance(x, int) else (x[0], x[1]) for x in settings["layers"])
        model = LineNetwork(layers, settings["features"], settings["hidden"], settings["depth"])
    except (*MISSHAPEN, MemoryError) as error:
        raise ValueError(
            f"{path}: its description of a line reader's network is damaged ({error!r})"
        ) from None
    weights.load(path, model)
    return model.eval()
