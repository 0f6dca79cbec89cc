"""Small parts of PyTorch that only its programs use: versions, torch.jit, memory formats, testing."""

from __future__ import annotations

import pathlib
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np

from hello_dl._core import Tensor
from hello_dl.nn.hooks import HookHandle
from hello_dl.pytorch.graphs import detect_anomaly
from hello_dl.tensors.creation import as_tensor
from hello_dl.tensors.random import default_generator

__all__ = ["asarray", "autograd_anomaly", "default_generator", "jit", "strided", "version"]

strided, sparse_coo = "torch.strided", "torch.sparse_coo"
contiguous_format, preserve_format = "torch.contiguous_format", "torch.preserve_format"
channels_last = "torch.channels_last"
autograd_anomaly = set_anomaly_enabled = detect_anomaly

version = SimpleNamespace(cuda=None, hip=None, debug=False, git_version="", __version__="2.13.0")


def asarray(
    obj: Any, *, dtype: Any = None, device: Any = None, copy: bool | None = None, requires_grad: bool = False
) -> Tensor:
    """Return a tensor of what is given: a tensor, an array, numbers; a copy if copy is true."""
    x = as_tensor(obj, dtype=dtype, device=device)
    x = x.clone() if copy else x
    return x.detach().requires_grad_() if requires_grad and not x.requires_grad else x


def _itself(model: Any = None, *_: Any, **__: Any) -> Any:
    """Return the model or function itself; without one, a decorator that does."""
    return model if model is not None else lambda function: function


jit = SimpleNamespace(
    script=_itself,
    trace=_itself,
    ignore=_itself,
    export=_itself,
    unused=_itself,
    script_method=_itself,
    freeze=_itself,
    is_scripting=lambda: False,
    is_tracing=lambda: False,
    Final=Any,
    ScriptModule=object,
)
compiler = SimpleNamespace(
    compile=_itself,
    disable=_itself,
    allow_in_graph=_itself,
    reset=lambda: None,
    is_compiling=lambda: False,
    is_dynamo_compiling=lambda: False,
    cudagraph_mark_step_begin=lambda: None,
)
distributed = SimpleNamespace(
    is_available=lambda: False, is_initialized=lambda: False, get_rank=lambda: 0, get_world_size=lambda: 1
)
types = SimpleNamespace(
    Number=int | float | bool, Device=Any, FileLike=Any, Path=pathlib.Path, Storage=object
)
hooks = SimpleNamespace(RemovableHandle=HookHandle)


def typename(obj: Any) -> str:
    """Return the class of an object as PyTorch names it, such as "torch.FloatTensor"."""
    return str(obj.type()) if isinstance(obj, Tensor) else f"{type(obj).__module__}.{type(obj).__name__}"


def _checkpoint(function: Callable[..., Any], *args: Any, use_reentrant: Any = None, **named: Any) -> Any:  # noqa: ARG001
    """Return function(*args): the engine decides by itself what it computes again."""
    for option in ("preserve_rng_state", "determinism_check", "debug", "context_fn"):
        named.pop(option, None)
    return function(*args, **named)


def _checkpoint_sequential(functions: Any, segments: int, input: Any, **_: Any) -> Any:  # noqa: ARG001
    """Return the input led through all functions."""
    for function in functions:
        input = function(input)
    return input


checkpointing = SimpleNamespace(checkpoint=_checkpoint, checkpoint_sequential=_checkpoint_sequential)


def _assert_close(
    actual: Any, expected: Any, *, rtol: float | None = None, atol: float | None = None, **_: Any
) -> None:
    """Raise AssertionError unless all numbers agree to 1.3e-6 of their size and 1e-5, PyTorch's limits."""
    a, b = np.asarray(actual), np.asarray(expected)
    exact = a.dtype.kind != "f"
    np.testing.assert_allclose(
        a,
        b,
        rtol if rtol is not None else 0 if exact else 1.3e-6,
        atol if atol is not None else 0 if exact else 1e-5,
    )


testing = SimpleNamespace(assert_close=_assert_close, assert_allclose=_assert_close)
