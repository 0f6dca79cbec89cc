"""Parametrizations that are there: weight_norm and spectral_norm."""

from __future__ import annotations

from typing import TypeVar

from hello_dl import _core
from hello_dl._core import Tensor
from hello_dl.nn.module import Module
from hello_dl.nn.utils.norms import PowerIteration, length, weight_of
from hello_dl.nn.utils.parametrize import register_parametrization
from hello_dl.tensors.instead import refusing

__all__ = ["spectral_norm", "weight_norm"]

AnyModule = TypeVar("AnyModule", bound=Module)


class _WeightNorm(Module):
    """w = g v / |v|; original0 is g, original1 is v."""

    def __init__(self, dim: int | None) -> None:
        self.dim = dim

    def forward(self, weight_g: Tensor, weight_v: Tensor) -> Tensor:
        """Return the weight."""
        return weight_of(weight_g, weight_v, self.dim)

    def right_inverse(self, weight: Tensor) -> tuple[Tensor, Tensor]:
        """Return length and direction."""
        return length(weight, self.dim), weight


def weight_norm(module: AnyModule, name: str = "weight", dim: int | None = 0) -> AnyModule:
    """Learn a weight's length and direction apart (Salimans and Kingma, 2016).

    `dim` is the axis of which each part has a length of its own; None for one length.
    """
    register_parametrization(module, name, _WeightNorm(dim), unsafe=True)
    return module


class _SpectralNorm(Module):
    """The weight divided by its largest singular value, which _u and _v follow."""

    _u: Tensor
    _v: Tensor

    def __init__(self, weight: Tensor, n_power_iterations: int, dim: int, eps: float) -> None:
        self.power = PowerIteration(weight, dim, n_power_iterations, eps, u_first=True)
        for name, numbers in zip(("_u", "_v"), self.power.first, strict=True):
            self.register_buffer(name, _core.from_numpy(numbers))
        self.power.move(weight, self._u, self._v, 15)

    def forward(self, weight: Tensor) -> Tensor:
        """Return the weight, divided."""
        if self.training:
            self.power.move(weight, self._u, self._v)
        return self.power.divided(weight, self._u, self._v)

    def right_inverse(self, value: Tensor) -> Tensor:
        """Return the weight itself, which may have any singular value."""
        return value


def spectral_norm(
    module: AnyModule,
    name: str = "weight",
    n_power_iterations: int = 1,
    eps: float = 1e-12,
    dim: int | None = None,
) -> AnyModule:
    """Divide a weight by its largest singular value, so that no vector grows (Miyato et al., 2018).

    The vectors that follow it move by n_power_iterations each time the weight is used in training.
    """
    axis = (1 if "ConvTranspose" in type(module).__name__ else 0) if dim is None else dim
    weight = getattr(module, name)
    register_parametrization(module, name, _SpectralNorm(weight, n_power_iterations, axis, eps))
    return module


__getattr__ = refusing("hello_dl.nn.utils.parametrizations", "torch.nn.utils.parametrizations")
