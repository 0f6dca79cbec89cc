"""The networks of the series: digits (chapter 4), letters (chapter 5), and the one of the shipped weights."""

from __future__ import annotations

from hello_dl import nn


def digits_mlp(classes: int = 10) -> nn.Sequential:
    """Return the digits network of chapter 4: 784 pixels, 128 and 64 hidden numbers, a score for each class.

    x (n, 1, 28, 28), y (n, classes).
    """
    return nn.Sequential(
        nn.Flatten(),
        nn.Linear(28 * 28, 128),
        nn.ReLU(),
        nn.Linear(128, 64),
        nn.ReLU(),
        nn.Linear(64, classes),
    )


def letters_cnn(classes: int = 26) -> nn.Sequential:
    """Return the letters network of chapter 5: three convolutions, then three linear layers.

    x (n, 1, 28, 28), y (n, classes). The images are 26, 13, 11, 6, 4 and 2 pixels wide on the way.
    """
    return nn.Sequential(
        nn.Conv2d(1, 32, 3),
        nn.MaxPool2d(2, ceil_mode=True),
        nn.GELU(),
        nn.Conv2d(32, 64, 3),
        nn.MaxPool2d(2, ceil_mode=True),
        nn.GELU(),
        nn.Conv2d(64, 128, 3),
        nn.MaxPool2d(2, ceil_mode=True),
        nn.GELU(),
        nn.Flatten(),
        nn.Linear(128 * 2 * 2, 64),
        nn.GELU(),
        nn.Linear(64, 128),
        nn.GELU(),
        nn.Linear(128, classes),
    )


def letters_resnet(classes: int = 26, width: int = 16) -> nn.Sequential:
    """Return the network of the shipped weights: convolutions with batch norm, and two residual blocks.

    x (n, 1, 28, 28), y (n, classes). Images are 28, 14, 7 and 3 pixels wide on the way, with `width`, two,
    four and eight times as many channels: most of the work is done where the images are small. The idea is He
    et al. 2016.
    """
    return nn.Sequential(
        *_conv(1, width),
        nn.MaxPool2d(2),
        *_conv(width, 2 * width),
        nn.MaxPool2d(2),
        *_conv(2 * width, 4 * width),
        _residual(4 * width),
        nn.ReLU(),
        *_conv(4 * width, 8 * width),
        nn.MaxPool2d(2),
        _residual(8 * width),
        nn.ReLU(),
        nn.Flatten(),
        nn.Dropout(0.3),
        nn.Linear(8 * width * 3 * 3, classes),
    )


def _conv(channels: int, more: int) -> tuple[nn.Module, ...]:
    """Return a convolution that keeps the image's size, with batch norm (whose shift makes a bias idle)."""
    return nn.Conv2d(channels, more, 3, padding=1, bias=False), nn.BatchNorm2d(more), nn.ReLU()


def _residual(channels: int) -> nn.Residual:
    return nn.Residual(
        *_conv(channels, channels),
        nn.Conv2d(channels, channels, 3, padding=1, bias=False),
        nn.BatchNorm2d(channels),
    )


def with_dropout(model: nn.Sequential, p: float) -> nn.Sequential:
    """Return the network with dropout before its linear layers, the one that sees the pixels excepted.

    Each input of such a layer is left out with chance p while it trains (chapter 7).
    """
    layers: list[nn.Module] = []
    hidden = False
    for layer in model:
        if hidden and isinstance(layer, nn.Linear):
            if isinstance(layers[-1], nn.Dropout):
                layers.pop()
            layers.append(nn.Dropout(p))
        layers.append(layer)
        hidden = hidden or any(True for _ in layer.parameters())
    return nn.Sequential(*layers)
