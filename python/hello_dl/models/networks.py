"""The networks for digits (chapter 4) and letters (chapter 5), and the network of the shipped weights."""

from __future__ import annotations

from hello_dl import nn


def digits_mlp(classes: int = 10) -> nn.Sequential:
    """Return the digits network of chapter 4: three linear layers, 784 to 128 to 64 to `classes` numbers.

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

    x (n, 1, 28, 28), y (n, classes). The images between the layers are 26, 13, 11, 6, 4 and 2 pixels wide.
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

    x (n, 1, 28, 28), y (n, classes). The images between the layers are 28, 14, 7 and 3 pixels wide and have
    `width`, 2, 4 and 8 times `width` channels. Residual blocks are from He et al. 2016.
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
    """Return a convolution that keeps the image's size, batch norm, whose shift replaces a bias, and ReLU."""
    return nn.Conv2d(channels, more, 3, padding=1, bias=False), nn.BatchNorm2d(more), nn.ReLU()


def _residual(channels: int) -> nn.Residual:
    """Return a residual block of two convolutions with batch norm, and a ReLU between them."""
    return nn.Residual(
        *_conv(channels, channels),
        nn.Conv2d(channels, channels, 3, padding=1, bias=False),
        nn.BatchNorm2d(channels),
    )


def with_dropout(model: nn.Sequential, p: float) -> nn.Sequential:
    """Return the network with dropout before each linear layer, except the first layer with parameters.

    In training each input of these layers is set to 0 with probability p (chapter 7).
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
