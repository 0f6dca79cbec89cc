"""All parameters as one vector, and back."""

from __future__ import annotations

from collections.abc import Iterable

from hello_dl import _core
from hello_dl._core import Tensor
from hello_dl._core.types import Refusal
from hello_dl.tensors.grad_mode import no_grad


def parameters_to_vector(parameters: Iterable[Tensor]) -> Tensor:
    """Return the numbers of all parameters, one after the other: (all of them,)."""
    return _core.cat([_core.reshape(p, (p.numel(),)) for p in parameters], 0)


def vector_to_parameters(vec: Tensor, parameters: Iterable[Tensor]) -> None:
    """Overwrite the parameters with the numbers of a vector. ValueError if it is too short."""
    if not isinstance(vec, Tensor):
        raise TypeError(f"vector_to_parameters: needs a tensor, got {type(vec).__name__}")
    every = list(parameters)
    wanted = sum(p.numel() for p in every)
    if vec.numel() < wanted:
        raise Refusal(f"vector_to_parameters: needs {wanted} numbers, got {vec.numel()}")
    begin = 0
    with no_grad():
        for p in every:
            p.copy_(_core.reshape(vec.detach()[begin : begin + p.numel()], p.shape))
            begin += p.numel()
