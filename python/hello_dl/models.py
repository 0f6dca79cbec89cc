"""The networks of the series, and a network written down as plain data, so that a file can hold it.

A Sequential of our own layers describes itself: {"type": "Sequential", "layers": [["Linear", {...}], ...]};
a Residual inside it is one more such list of layers.
`describe` writes that, `build` makes a network of it again. No code is stored, nothing is executed.
"""

from __future__ import annotations

import inspect
from typing import Any

from hello_dl import nn

# What a file may ask to be built: layers that keep their constructor's arguments as attributes.
LAYERS: tuple[type[nn.Module], ...] = (
    nn.AvgPool2d,
    nn.BatchNorm1d,
    nn.BatchNorm2d,
    nn.Conv2d,
    nn.Dropout,
    nn.Embedding,
    nn.Flatten,
    nn.GELU,
    nn.Identity,
    nn.LayerNorm,
    nn.Linear,
    nn.LogSoftmax,
    nn.MaxPool2d,
    nn.ReLU,
    nn.Sigmoid,
    nn.Softmax,
    nn.Tanh,
)


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


def describe(model: nn.Module) -> dict[str, Any]:
    """Write a Sequential of our own layers down as plain data. Raises TypeError for any other network."""
    if type(model) is nn.Sequential:
        return {"type": "Sequential", "layers": _layers(model)}
    raise TypeError(
        f"only a Sequential of hello_dl's own layers can be described, got {type(model).__name__};"
        " give save() an architecture of your own, and load() the model to fill"
    )


def _layers(model: nn.Sequential) -> list[list[Any]]:
    """Return name and settings of each layer; of a Residual its layers in the settings' place."""
    return [
        ["Residual", _layers(layer)]
        if type(layer) is nn.Residual
        else [type(layer).__name__, _settings(layer)]
        for layer in model
    ]


def _settings(layer: nn.Module) -> dict[str, Any]:
    """Return those arguments of the layer's constructor that differ from their defaults."""
    if type(layer) not in LAYERS:
        raise TypeError(f"cannot describe a {type(layer).__name__}: it is no layer of hello_dl's own")
    settings = {}
    for name, parameter in inspect.signature(type(layer)).parameters.items():
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            continue
        value = getattr(layer, name)
        value = value is not None if name == "bias" else list(value) if isinstance(value, tuple) else value
        if value != parameter.default:
            settings[name] = value
    return settings


def build(architecture: Any) -> nn.Sequential:
    """Make the network that `describe` wrote down. Raises ValueError for anything it did not write."""
    if not isinstance(architecture, dict) or architecture.get("type") != "Sequential":
        name = architecture.get("type", architecture) if isinstance(architecture, dict) else architecture
        raise ValueError(
            f"unknown architecture {name!r}: a file can only hold a Sequential; make the model yourself and"
            " have it filled, with load(path, model)"
        )
    try:
        return nn.Sequential(*_build_layers(architecture["layers"]))
    except (KeyError, TypeError, AttributeError, MemoryError, RecursionError) as error:
        raise ValueError(f"a damaged description of a network: {error}") from None


def _build_layers(described: Any) -> list[nn.Module]:
    known = {layer.__name__: layer for layer in LAYERS}
    layers: list[nn.Module] = []
    for name, settings in described:
        if name == "Residual":
            layers.append(nn.Residual(*_build_layers(settings)))
            continue
        if name not in known:
            raise ValueError(f"unknown layer {name!r}; there are Residual, {', '.join(known)}")
        settings = {k: tuple(v) if isinstance(v, list) else v for k, v in settings.items()}
        layers.append(known[name](**settings))
    return layers
