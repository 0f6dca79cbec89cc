"""Weight normalisation and spectral normalisation of a layer's weight."""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np

from hello_dl import _core
from hello_dl._core import Tensor
from hello_dl._core.types import Refusal
from hello_dl.nn.module import Module
from hello_dl.nn.parameter import Parameter
from hello_dl.tensors.grad_mode import no_grad
from hello_dl.tensors.random import default_generator

AnyModule = TypeVar("AnyModule", bound=Module)


def length(v: Tensor, dim: int | None) -> Tensor:
    """Return the length of each part of v along the axis `dim`, other axes 1; of all of v for None."""
    if dim is None:
        return v.norm(2.0)
    axes = tuple(i for i in range(v.ndim) if i != dim % v.ndim)
    return v.norm(2.0, axes, True) if axes else _core.abs(v)


def weight_of(g: Tensor, v: Tensor, dim: int | None) -> Tensor:
    """Return w = g v / |v| (Salimans and Kingma, 2016, equation 2)."""
    return _core.mul(v, _core.div(g, length(v, dim)))


class PowerIteration:
    """The largest singular value of a weight, by two vectors that come closer each step (Miyato et al. 2018).

    The weight is read as a matrix whose rows are those of the axis `dim`. PyTorch's newer spectral_norm moves
    u before v, its older one v before u.
    """

    def __init__(self, weight: Tensor, dim: int, steps: int, eps: float, u_first: bool) -> None:
        if steps < 1:
            raise Refusal(f"spectral_norm: needs at least 1 power iteration, got {steps}")
        self.dim, self.steps, self.eps, self.u_first = dim, steps, eps, u_first
        rows, columns = self.matrix(weight).shape
        draw = default_generator.numpy.standard_normal
        self.first = [self._unit(draw(size, dtype=np.float32)) for size in (rows, columns)]

    def matrix(self, w: Tensor) -> Tensor:
        """Return the weight as a matrix."""
        dim = self.dim % w.ndim
        turned = w if dim == 0 else _core.permute(w, (dim, *(i for i in range(w.ndim) if i != dim)))
        return _core.reshape(turned, (w.shape[dim], -1))

    def _unit(self, x: Any) -> Any:
        return x / max(float(np.sqrt(np.dot(x, x))), self.eps)

    def move(self, weight: Tensor, u: Tensor, v: Tensor, steps: int | None = None) -> None:
        """Bring u and v closer to the singular vectors, in place."""
        w = self.matrix(weight.detach()).numpy()
        left, right = u.numpy(), v.numpy()
        for _ in range(steps or self.steps):
            if self.u_first:
                left = self._unit(w @ right)
            right = self._unit(w.T @ left)
            if not self.u_first:
                left = self._unit(w @ right)
        with no_grad():
            u.copy_(_core.from_numpy(left))
            v.copy_(_core.from_numpy(right))

    def divided(self, weight: Tensor, u: Tensor, v: Tensor) -> Tensor:
        """Return the weight divided by u' W v."""
        u, v = u.detach().clone(), v.detach().clone()
        sigma = _core.sum(_core.mul(u, _core.matmul(self.matrix(weight), v)))
        return _core.div(weight, sigma)


def _take(module: Module, name: str) -> Parameter:
    """Return a module's parameter, and take it away. ValueError if there is none."""
    parameter = module._parameters.get(name)
    if parameter is None:
        raise Refusal(f"{type(module).__name__} has no parameter {name!r}")
    delattr(module, name)
    return parameter  # type: ignore[no-any-return]


def _kept_hooks(module: Module) -> dict[str, Any]:
    """Return the handles of this file's hooks of a module, by what they compute."""
    kept: dict[str, Any] = module.__dict__.setdefault("_norm_hooks", {})
    return kept


def weight_norm(module: AnyModule, name: str = "weight", dim: int | None = 0) -> AnyModule:
    """Learn a weight's length and direction apart: w = g v / |v|, with parameters weight_g and weight_v.

    `dim` is the axis of which each part has a length of its own; None for one length. PyTorch's newer form is
    parametrizations.weight_norm.
    """
    v = _take(module, name)
    setattr(module, f"{name}_g", Parameter(length(v.detach(), dim).clone()))
    setattr(module, f"{name}_v", v)

    def compute(layer: Any, *_: Any) -> None:
        object.__setattr__(
            layer, name, weight_of(getattr(layer, f"{name}_g"), getattr(layer, f"{name}_v"), dim)
        )

    compute(module)
    _kept_hooks(module)[f"weight_norm {name}"] = module.register_forward_pre_hook(compute)
    return module


def remove_weight_norm(module: AnyModule, name: str = "weight") -> AnyModule:
    """Make the weight a plain parameter again, with the value it has now."""
    handle = _kept_hooks(module).pop(f"weight_norm {name}", None)
    if handle is None:
        raise Refusal(f"{type(module).__name__} has no weight_norm of {name!r}")
    handle.remove()
    value = getattr(module, name).detach().clone()
    for part in (name, f"{name}_g", f"{name}_v"):
        delattr(module, part)
    setattr(module, name, Parameter(value))
    return module


def spectral_norm(
    module: AnyModule,
    name: str = "weight",
    n_power_iterations: int = 1,
    eps: float = 1e-12,
    dim: int | None = None,
) -> AnyModule:
    """Divide a weight by its largest singular value, so that no vector grows (Miyato et al., 2018).

    weight_orig is learned; weight_u and weight_v, buffers, follow its singular vectors by n_power_iterations
    in each forward of training. PyTorch's newer form is parametrizations.spectral_norm.
    """
    axis = (1 if "ConvTranspose" in type(module).__name__ else 0) if dim is None else dim
    weight = _take(module, name)
    power = PowerIteration(weight, axis, n_power_iterations, eps, u_first=False)
    setattr(module, f"{name}_orig", weight)
    for end, numbers in zip("uv", power.first, strict=True):
        module.register_buffer(f"{name}_{end}", _core.from_numpy(numbers))

    def compute(layer: Any, *_: Any) -> None:
        w, u, v = (getattr(layer, f"{name}_{end}") for end in ("orig", "u", "v"))
        if layer.training:
            power.move(w, u, v)
        object.__setattr__(layer, name, power.divided(w, u, v))

    object.__setattr__(module, name, weight.detach())
    _kept_hooks(module)[f"spectral_norm {name}"] = module.register_forward_pre_hook(compute)
    return module


def remove_spectral_norm(module: AnyModule, name: str = "weight") -> AnyModule:
    """Make the weight a plain parameter again, with the value it has now."""
    handle = _kept_hooks(module).pop(f"spectral_norm {name}", None)
    if handle is None:
        raise Refusal(f"{type(module).__name__} has no spectral_norm of {name!r}")
    handle.remove()
    value = getattr(module, name).detach().clone()
    for part in (name, f"{name}_orig", f"{name}_u", f"{name}_v"):
        delattr(module, part)
    setattr(module, name, Parameter(value))
    return module
