"""Helpers around layers, as in PyTorch: clipping of gradients, pruning, parametrizations, sequences."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from hello_dl.nn.utils.clip_grad import clip_grad_norm_, clip_grad_value_, get_total_norm
from hello_dl.nn.utils.vectors import parameters_to_vector, vector_to_parameters
from hello_dl.tensors.instead import refusing

if TYPE_CHECKING:
    from hello_dl.nn.utils import parametrizations, parametrize, prune, rnn
    from hello_dl.nn.utils.norms import (
        remove_spectral_norm,
        remove_weight_norm,
        spectral_norm,
        weight_norm,
    )

__all__ = [
    "clip_grad_norm_",
    "clip_grad_value_",
    "get_total_norm",
    "parameters_to_vector",
    "parametrizations",
    "parametrize",
    "prune",
    "remove_spectral_norm",
    "remove_weight_norm",
    "rnn",
    "spectral_norm",
    "vector_to_parameters",
    "weight_norm",
]

_missing = refusing("hello_dl.nn.utils", "torch.nn.utils")


def __getattr__(name: str) -> Any:
    """Import what is not used by every training when it is first named."""
    if name in ("parametrizations", "parametrize", "prune", "rnn"):
        return importlib.import_module(f"hello_dl.nn.utils.{name}")
    if name in __all__:
        return getattr(importlib.import_module("hello_dl.nn.utils.norms"), name)
    return _missing(name)
