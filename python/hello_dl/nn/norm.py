"""Layers that normalise: BatchNorm1d to 3d, LayerNorm and RMSNorm; channel_norms.py has more."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hello_dl import functional as F
from hello_dl._core import Tensor
from hello_dl._core.types import Refusal
from hello_dl.nn.linear import need_place, need_sizes
from hello_dl.nn.module import Module
from hello_dl.nn.parameter import Parameter
from hello_dl.tensors.creation import ones, tensor, zeros


class _BatchNorm(Module):
    """What both share. The running statistics are expressions, computed when their numbers are needed."""

    axes: tuple[int, ...] = ()  # how many axes an input may have
    weight: Parameter | None
    bias: Parameter | None
    running_mean: Tensor | None
    running_var: Tensor | None
    num_batches_tracked: Tensor | None

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        device: Any = None,
        dtype: Any = None,
        *,
        bias: bool = True,
    ) -> None:
        need_place(type(self).__name__, device, dtype)
        need_sizes(type(self).__name__, num_features=num_features)
        self.num_features, self.eps, self.momentum = num_features, eps, momentum
        self.affine, self.track_running_stats = affine, track_running_stats
        self.weight = Parameter(ones(num_features)) if affine else None
        self.bias = Parameter(zeros(num_features)) if affine and bias else None
        self.register_buffer("running_mean", None)
        self.register_buffer("running_var", None)
        self.register_buffer("num_batches_tracked", None)
        if track_running_stats:
            self.reset_running_stats()

    def reset_running_stats(self) -> None:
        """Set the running statistics back to mean 0 and variance 1."""
        if self.running_mean is None or self.running_var is None or self.num_batches_tracked is None:
            self.running_mean, self.running_var = zeros(self.num_features), ones(self.num_features)
            self.num_batches_tracked = tensor(0)
        else:  # in place, so that views of them follow
            self.running_mean.zero_()
            self.running_var.fill_(1)
            self.num_batches_tracked.zero_()

    def forward(self, input: Tensor) -> Tensor:
        """Return x normalised by the batch's statistics in training, by the running ones after eval()."""
        if input.ndim not in self.axes or input.shape[1] != self.num_features:
            forms = ("(n, c)", "(n, c, t)", "(n, c, h, w)", "(n, c, d, h, w)")
            wanted = " or ".join(forms[axes - 2] for axes in self.axes)
            wanted += f" with {self.num_features} channels c"
            raise Refusal(f"{type(self).__name__}: needs {wanted}, got {input.shape}")
        momentum = self.momentum
        if self.training and self.num_batches_tracked is not None:
            assert self.running_mean is not None
            assert self.running_var is not None
            self.num_batches_tracked.add_(1)
            if momentum is None:  # the plain mean of all batches
                momentum = 1 / self.num_batches_tracked.item()
        return F.batch_norm(
            input,
            self.running_mean,
            self.running_var,
            self.weight,
            self.bias,
            self.training or self.running_mean is None,
            momentum or 0.0,
            self.eps,
        )

    def extra_repr(self) -> str:
        """Return the settings."""
        return (
            f"{self.num_features}, eps={self.eps}, momentum={self.momentum}, affine={self.affine},"
            f" bias={self.bias is not None}, track_running_stats={self.track_running_stats}"
        )


class BatchNorm1d(_BatchNorm):
    """Bring each feature to mean 0 and variance 1 over the batch, then scale and shift it by learned numbers.

    x (n, c) or (n, c, t). In training with the batch's own mean and variance, while running ones follow them:
    running = (1 - momentum) running + momentum batch; after eval() with those (Ioffe, Szegedy 2015,
    algorithms 1 and 2). The running variance is the unbiased one, as in PyTorch.
    """

    axes = (2, 3)


class BatchNorm2d(_BatchNorm):
    """BatchNorm1d for images (n, c, h, w): each channel over all images and pixels."""

    axes = (4,)


class BatchNorm3d(_BatchNorm):
    """BatchNorm1d for volumes (n, c, d, h, w)."""

    axes = (5,)


class LayerNorm(Module):
    """Bring each row's last axes to mean 0 and variance 1, then scale and shift by learned numbers.

    normalized_shape is the shape of those last axes. No row looks at another (Ba, Kiros, Hinton 2016).
    """

    weight: Parameter | None
    bias: Parameter | None

    def __init__(
        self,
        normalized_shape: int | Sequence[int],
        eps: float = 1e-5,
        elementwise_affine: bool = True,
        bias: bool = True,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        need_place("LayerNorm", device, dtype)
        shape = (normalized_shape,) if isinstance(normalized_shape, int) else tuple(normalized_shape)
        self.normalized_shape: tuple[int, ...] = shape
        if not shape:
            raise Refusal("LayerNorm: needs at least one axis to normalise")
        need_sizes("LayerNorm", **{f"size {i}": s for i, s in enumerate(self.normalized_shape)})
        self.eps, self.elementwise_affine = eps, elementwise_affine
        self.weight = Parameter(ones(self.normalized_shape)) if elementwise_affine else None
        self.bias = Parameter(zeros(self.normalized_shape)) if elementwise_affine and bias else None

    def forward(self, input: Tensor) -> Tensor:
        """Return x with its last axes normalised."""
        return F.layer_norm(input, self.normalized_shape, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        """Return the settings."""
        return (
            f"{self.normalized_shape}, eps={self.eps}, elementwise_affine={self.elementwise_affine},"
            f" bias={self.bias is not None}"
        )


class RMSNorm(Module):
    """Divide each row's last axes by their root mean square, then scale by learned numbers.

    Unlike LayerNorm it does not subtract the mean, which is faster; many language models use it (Zhang,
    Sennrich 2019, equation 4).
    """

    weight: Parameter | None

    def __init__(
        self,
        normalized_shape: int | Sequence[int],
        eps: float | None = None,
        elementwise_affine: bool = True,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        need_place("RMSNorm", device, dtype)
        shape = (normalized_shape,) if isinstance(normalized_shape, int) else tuple(normalized_shape)
        self.normalized_shape: tuple[int, ...] = shape
        if not shape:
            raise Refusal("RMSNorm: needs at least one axis to normalise")
        need_sizes("RMSNorm", **{f"size {i}": s for i, s in enumerate(shape)})
        self.eps, self.elementwise_affine = eps, elementwise_affine
        self.weight = Parameter(ones(shape)) if elementwise_affine else None

    def forward(self, input: Tensor) -> Tensor:
        """Return x with its last axes normalised."""
        return F.rms_norm(input, self.normalized_shape, self.weight, self.eps)

    def extra_repr(self) -> str:
        """Return the settings."""
        return f"{self.normalized_shape}, eps={self.eps}, elementwise_affine={self.elementwise_affine}"
