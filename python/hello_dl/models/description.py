"""Describe a network as plain data that a file can hold, and build it again from the description.

The description of a Sequential is {"type": "Sequential", "layers": [["Linear", {...}], ...]}: the name and
the settings of each layer. A Residual has such a list of layers in place of its settings. No code is stored,
and none is executed.
"""

from __future__ import annotations

import inspect
from typing import Any

from hello_dl import nn
from hello_dl.files import MISSHAPEN

# The layers that a description may contain. Each keeps its constructor's arguments as attributes.
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
# Arguments that layers do not keep: they have one possible value, or tell where the weights come from.
NOT_DESCRIBED = {"device", "dtype", "padding_mode", "_weight", "_freeze"}


def describe(model: nn.Module) -> dict[str, Any]:
    """Return a Sequential of hello_dl's own layers as plain data. TypeError for any other network."""
    if type(model) is nn.Sequential:
        return {"type": "Sequential", "layers": _layers(model)}
    raise TypeError(
        f"only a Sequential of hello_dl's own layers can be described, got {type(model).__name__};"
        " give save() an architecture of your own, and load() the model to fill"
    )


def _layers(model: nn.Sequential) -> list[list[Any]]:
    """Return name and settings of each layer; for a Residual, the list of its layers instead of settings."""
    return [
        ["Residual", _layers(layer)]
        if type(layer) is nn.Residual
        else [type(layer).__name__, _settings(layer)]
        for layer in model
    ]


def _settings(layer: nn.Module) -> dict[str, Any]:
    """Return the constructor's arguments that differ from their defaults. TypeError for an unknown layer."""
    if type(layer) not in LAYERS:
        raise TypeError(f"cannot describe a {type(layer).__name__}: it is no layer of hello_dl's own")
    settings = {}
    for name, parameter in inspect.signature(type(layer)).parameters.items():
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD) or name in NOT_DESCRIBED:
            continue
        value = getattr(layer, name)
        value = value is not None if name == "bias" else list(value) if isinstance(value, tuple) else value
        if value != parameter.default:
            settings[name] = value
    return settings


def build(architecture: Any) -> nn.Sequential:
    """Build the network that a description of `describe` stands for. ValueError for any other data."""
    if not isinstance(architecture, dict) or architecture.get("type") != "Sequential":
        name = architecture.get("type", architecture) if isinstance(architecture, dict) else architecture
        raise ValueError(
            f"unknown architecture {name!r}: a file can only hold a Sequential; make the model yourself and"
            " have it filled, with load(path, model)"
        )
    try:
        return nn.Sequential(*_build_layers(architecture["layers"]))
    except ValueError:
        raise
    except (*MISSHAPEN, MemoryError) as error:
        raise ValueError(f"a damaged description of a network: {error}") from None


def _build_layers(described: Any) -> list[nn.Module]:
    """Build the layers of a list of names and settings. ValueError for an unknown layer."""
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
