"""hello_dl: deep learning you can read. Tensors with gradients, layers, optimizers, data; PyTorch's names throughout."""

from __future__ import annotations

from typing import Any

from . import _core
from . import tensor as _tensor  # first: it gives the C++ class its Python methods
from ._core import Tensor, evaluate, get_num_threads, last_run, set_num_threads
from .config import config, show_config
from .dtypes import NoDevice, device, float32, float64, int64
from .dtypes import bool_ as bool
from .dtypes import int64 as int
from .dtypes import int64 as long
from .factories import (
    arange,
    as_tensor,
    bernoulli,
    empty,
    empty_like,
    eye,
    from_dlpack,
    from_numpy,
    full,
    full_like,
    linspace,
    multinomial,
    ones,
    ones_like,
    rand,
    rand_like,
    randint,
    randn,
    randn_like,
    randperm,
    tensor,
    zeros,
    zeros_like,
)
from .gradmode import enable_grad, inference_mode, is_grad_enabled, no_grad, set_grad_enabled
from .random import Generator, initial_seed, manual_seed, seed
from .shaping import stack

float = _tensor.REAL
double = float64
inf = _tensor.np.inf
nan = _tensor.np.nan
pi = _tensor.np.pi
cuda = NoDevice()

# Loaded when they are first asked for.
_MODULES = ("data", "examples", "functional", "graph_picture", "models", "nn", "optim", "reading", "train", "weights")
_ELSEWHERE = {"to_dot": "graph_picture", "to_svg": "graph_picture"}


def __getattr__(name: str) -> Any:
    """Submodules are imported at first use; hello_dl.f(x) is x.f() for every op and method."""
    import importlib

    if name in _MODULES:
        return importlib.import_module(f"hello_dl.{name}")
    if name in _ELSEWHERE:
        return getattr(importlib.import_module(f"hello_dl.{_ELSEWHERE[name]}"), name)
    if name == "__version__":
        from .config import version

        return version()
    if name.startswith("_"):
        raise AttributeError(f"hello_dl has no '{name}'")
    for place in (_core, Tensor):
        function = getattr(place, name, None)
        if callable(function):
            return function
    raise AttributeError(f"hello_dl has no '{name}' (it does not have PyTorch's torch.{name})")
