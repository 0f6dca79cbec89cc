"""Layers that normalise each image alone: GroupNorm, InstanceNorm1d to 3d, LocalResponseNorm."""

from __future__ import annotations

import warnings
from typing import Any

from hello_dl import _core
from hello_dl import functional as F
from hello_dl._core import Tensor
from hello_dl._core.types import Refusal
from hello_dl.nn.linear import need_place, need_sizes
from hello_dl.nn.module import Module
from hello_dl.nn.norm import _BatchNorm
from hello_dl.nn.parameter import Parameter
from hello_dl.tensors.creation import ones, zeros


class GroupNorm(Module):
    """Bring each group of channels of each image to mean 0 and variance 1 (Wu and He, 2018).

    x (n, num_channels, ...), weight and bias (num_channels). Unlike BatchNorm it works with any batch, since
    no image looks at another. ValueError if num_groups does not divide num_channels.
    """

    weight: Parameter | None
    bias: Parameter | None

    def __init__(
        self,
        num_groups: int,
        num_channels: int,
        eps: float = 1e-5,
        affine: bool = True,
        device: Any = None,
        dtype: Any = None,
        *,
        bias: bool = True,
    ) -> None:
        need_place("GroupNorm", device, dtype)
        need_sizes("GroupNorm", num_groups=num_groups, num_channels=num_channels)
        if num_channels % num_groups:
            raise Refusal(f"GroupNorm: needs channels that {num_groups} groups divide, got {num_channels}")
        self.num_groups, self.num_channels, self.eps, self.affine = num_groups, num_channels, eps, affine
        self.weight = Parameter(ones(num_channels)) if affine else None
        self.bias = Parameter(zeros(num_channels)) if affine and bias else None

    def forward(self, input: Tensor) -> Tensor:
        """Return x with its groups normalised."""
        return F.group_norm(input, self.num_groups, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        """Return the settings."""
        return (
            f"{self.num_groups}, {self.num_channels}, eps={self.eps}, affine={self.affine},"
            f" bias={self.bias is not None}"
        )


class _InstanceNorm(_BatchNorm):
    """What InstanceNorm1d to 3d share. By default nothing is learned, and no statistics are kept."""

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = False,
        track_running_stats: bool = False,
        device: Any = None,
        dtype: Any = None,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__(num_features, eps, momentum, affine, track_running_stats, device, dtype, bias=bias)

    def forward(self, input: Tensor) -> Tensor:
        """Return x with each channel of each image normalised."""
        name, (axes,) = type(self).__name__, self.axes
        if input.ndim not in (axes - 1, axes):
            raise Refusal(f"{name}: needs {axes - 1} or {axes} axes, got x of shape {input.shape}")
        x = input if input.ndim == axes else _core.reshape(input, (1, *input.shape))
        if x.shape[1] != self.num_features:
            words = f"{name}: needs {self.num_features} channels, got x of shape {input.shape}"
            if self.affine:
                raise Refusal(words)
            warnings.warn(f"{words}; nothing depends on their number", stacklevel=2)
        y = F.instance_norm(
            x,
            self.running_mean,
            self.running_var,
            self.weight,
            self.bias,
            self.training or self.running_mean is None,
            self.momentum or 0.0,
            self.eps,
        )
        return y if x is input else _core.reshape(y, input.shape)


class InstanceNorm1d(_InstanceNorm):
    """Bring each channel of each sequence (n, c, t) or (c, t) to mean 0 and variance 1 (Ulyanov et al. 2016).

    With affine it is then scaled and shifted by learned numbers. With track_running_stats, running statistics
    follow the batches' in training, and are used after eval().
    """

    axes = (3,)


class InstanceNorm2d(_InstanceNorm):
    """InstanceNorm1d for images (n, c, h, w) or (c, h, w): it removes each picture's own contrast."""

    axes = (4,)


class InstanceNorm3d(_InstanceNorm):
    """InstanceNorm1d for volumes (n, c, d, h, w) or (c, d, h, w)."""

    axes = (5,)


class LocalResponseNorm(Module):
    """Divide by (k + alpha m)^beta, m the mean square over `size` channels around (Krizhevsky et al., 2012).

    x (n, c, ...). AlexNet has it; today's networks have BatchNorm.
    """

    def __init__(self, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0) -> None:
        need_sizes("LocalResponseNorm", size=size)
        self.size, self.alpha, self.beta, self.k = size, alpha, beta, k

    def forward(self, input: Tensor) -> Tensor:
        """Return x divided by the strength of its neighbours."""
        return F.local_response_norm(input, self.size, self.alpha, self.beta, self.k)

    def extra_repr(self) -> str:
        """Return the settings."""
        return f"{self.size}, alpha={self.alpha}, beta={self.beta}, k={self.k}"


class CrossMapLRN2d(LocalResponseNorm):
    """PyTorch's older LocalResponseNorm, for images (n, c, h, w)."""

    def __init__(self, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1) -> None:
        super().__init__(size, alpha, beta, k)
