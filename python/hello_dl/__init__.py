"""hello_dl: deep learning from scratch, made to be read. Names and meanings are PyTorch's."""

from __future__ import annotations

from math import inf, nan, pi
from typing import Any

from hello_dl._core import Tensor, evaluate, get_num_threads, last_run, set_num_threads
from hello_dl._core.build_info import config, show_config
from hello_dl._core.types import NO_DEVICE as cuda
from hello_dl._core.types import NoDevice, device
from hello_dl.tensors import integers as _integers  # noqa: F401  computes what the engine would round
from hello_dl.tensors.creation import (
    arange,
    as_tensor,
    empty,
    empty_like,
    eye,
    from_dlpack,
    from_numpy,
    full,
    full_like,
    linspace,
    ones,
    ones_like,
    tensor,
    zeros,
    zeros_like,
)
from hello_dl.tensors.draws import (
    bernoulli,
    multinomial,
    rand,
    rand_like,
    randint,
    randn,
    randn_like,
    randperm,
)
from hello_dl.tensors.dtypes import REAL as _REAL
from hello_dl.tensors.dtypes import bool_ as bool
from hello_dl.tensors.dtypes import float32, float64, int64
from hello_dl.tensors.dtypes import int64 as int
from hello_dl.tensors.dtypes import int64 as long
from hello_dl.tensors.functions import function as _function
from hello_dl.tensors.functions import stack
from hello_dl.tensors.grad_mode import enable_grad, inference_mode, is_grad_enabled, no_grad, set_grad_enabled
from hello_dl.tensors.methods import TensorMethods as _TensorMethods  # noqa: F401  completes Tensor
from hello_dl.tensors.random import Generator, get_rng_state, initial_seed, manual_seed, seed, set_rng_state

__all__ = [
    "Generator",
    "NoDevice",
    "Tensor",
    "arange",
    "as_tensor",
    "autograd",
    "bernoulli",
    "bool",
    "config",
    "cuda",
    "data",
    "device",
    "distributions",
    "double",
    "empty",
    "empty_like",
    "enable_grad",
    "evaluate",
    "export",
    "eye",
    "float",
    "float32",
    "float64",
    "freeze",
    "from_dlpack",
    "from_numpy",
    "full",
    "full_like",
    "functional",
    "get_num_threads",
    "get_rng_state",
    "graph_picture",
    "inf",
    "inference_mode",
    "initial_seed",
    "int",
    "int64",
    "is_grad_enabled",
    "last_run",
    "linspace",
    "long",
    "manual_seed",
    "models",
    "multinomial",
    "nan",
    "nn",
    "no_grad",
    "ones",
    "ones_like",
    "optim",
    "pi",
    "pictures",
    "rand",
    "rand_like",
    "randint",
    "randn",
    "randn_like",
    "randperm",
    "read",
    "reading",
    "seed",
    "set_grad_enabled",
    "set_num_threads",
    "set_rng_state",
    "show_config",
    "stack",
    "tensor",
    "to_dot",
    "to_svg",
    "train",
    "weights",
    "zeros",
    "zeros_like",
]

float = _REAL
double = float64

# Imported when they are first used, so that `import hello_dl` is fast.
_MODULES = {
    "autograd",
    "data",
    "distributions",
    "evaluation",
    "examples",
    "fft",
    "func",
    "functional",
    "linalg",
    "models",
    "nn",
    "optim",
    "pictures",
    "reading",
    "special",
    "pytorch",
    "train",
    "weights",
    "augment",  # these three have moved and keep their old names for one version
    "graph_picture",
    "random",
}
# PyTorch's torch.name, which takes more arguments than the op or the method of that name.
_OF_FUNCTIONAL = (
    *("adaptive_avg_pool1d", "adaptive_max_pool1d", "alpha_dropout", "avg_pool1d"),
    *("bilinear", "celu", "channel_shuffle", "conv1d", "conv2d", "conv3d", "conv_transpose1d"),
    *("conv_transpose2d", "conv_transpose3d", "cosine_similarity", "dropout", "group_norm", "hardshrink"),
    *("instance_norm", "layer_norm", "max_pool1d", "max_pool2d", "max_pool3d", "pairwise_distance"),
    *("pixel_shuffle", "pixel_unshuffle", "prelu", "relu", "rms_norm", "rrelu", "selu", "threshold"),
)
# Names of other modules; behind a colon what it is called there, or a dot for the module itself.
_ELSEWHERE = {
    "as_torch": "pytorch.install",
    "embedding": "functional.tables:lookup",
    "export": "shipping",
    "fork_rng": "tensors.random",
    "freeze": "func",
    "load": "weights.torch_files",
    "read": "reading.reader",
    "save": "weights.torch_files",
    "set_printoptions": "tensors.printing",
    "Size": "tensors.size",
    "to_dot": "pictures.graph",
    "to_svg": "pictures.graph",
    **dict.fromkeys(("accelerator", "mps", "xpu"), "_core.types:NO_DEVICE"),
    **{"amp": "pytorch.amp:.", "backends": "pytorch.backends:.", "jit": "pytorch.stand_ins"},
    **dict.fromkeys(("autocast", "is_autocast_enabled"), "pytorch.amp"),
    "sparse": "tensors.sparse:.",
    "vmap": "func",
    **dict.fromkeys(
        (
            *("bfloat16", "complex64", "complex128", "dtype", "float16", "int8", "int16", "int32"),
            *("can_cast", "promote_types", "result_type", "uint8"),
        ),
        "tensors.dtypes",
    ),
    **{"half": "tensors.dtypes:float16", "short": "tensors.dtypes:int16"},
    **dict.fromkeys(
        (
            *("are_deterministic_algorithms_enabled", "compile", "finfo", "get_default_device"),
            *("get_default_dtype", "get_float32_matmul_precision", "get_num_interop_threads", "iinfo"),
            *("set_default_device", "set_default_dtype", "set_default_tensor_type", "set_flush_denormal"),
            *("set_float32_matmul_precision", "set_num_interop_threads", "use_deterministic_algorithms"),
        ),
        "tensors.settings",
    ),
    **dict.fromkeys(
        (
            *("FloatTensor", "DoubleTensor", "HalfTensor", "LongTensor", "IntTensor", "ShortTensor"),
            *("CharTensor", "ByteTensor", "BoolTensor"),
        ),
        "tensors.typed",
    ),
}


def __getattr__(name: str) -> Any:
    """Import a submodule at first use, or return an op or method of Tensor as a function: hello_dl.exp(x)."""
    import importlib

    if name in _MODULES:
        return importlib.import_module(f"hello_dl.{name}")
    if name in _ELSEWHERE:
        module, _, inner = _ELSEWHERE[name].partition(":")
        place = importlib.import_module(f"hello_dl.{module}")
        return place if inner == "." else getattr(place, inner or name)
    if name == "__version__":
        from hello_dl._core.build_info import version

        return version()
    if name.startswith("_"):
        raise AttributeError(f"hello_dl has no '{name}'")
    of_functional = name in _OF_FUNCTIONAL
    target = getattr(importlib.import_module("hello_dl.functional"), name) if of_functional else None
    found = _function(name, target)
    if found is not None:
        globals()[name] = found  # the next time Python finds it without asking here
        return found
    from hello_dl.tensors.instead import lacks

    raise AttributeError(f"hello_dl has no '{name}': {lacks(f'torch.{name}')}")
