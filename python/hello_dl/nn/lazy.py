"""Lazy layers, which learn the size of their input from the first input: LazyLinear, LazyConv2d, and others.

After that each one is its plain class: a LazyLinear becomes a Linear. Give the network one batch before
starting its parameters in your own way, or counting them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from hello_dl._core import Tensor
from hello_dl.nn.channel_norms import InstanceNorm1d, InstanceNorm2d, InstanceNorm3d
from hello_dl.nn.conv import Conv1d, Conv2d, Conv3d, Sizes
from hello_dl.nn.conv_transpose import ConvTranspose1d, ConvTranspose2d, ConvTranspose3d
from hello_dl.nn.linear import Linear
from hello_dl.nn.module import Module
from hello_dl.nn.norm import BatchNorm1d, BatchNorm2d, BatchNorm3d
from hello_dl.nn.parameter import Parameter, UninitializedParameter


class LazyModule(Module):
    """A layer without the size of its input. Its subclass names the class that it becomes."""

    cls_to_become: Callable[..., Module]  # that class
    size_name = "num_features"  # the first argument of that class, which is left out here
    channel_axis = 1  # of the input; its length is the size

    def _begin(self, *args: Any, smallest: int = 1, **kwargs: Any) -> None:
        """Keep the settings. A layer of the smallest size checks them and gives them their attributes."""
        pattern = self.cls_to_become(smallest, *args, **kwargs)
        for name, value in vars(pattern).items():
            setattr(self, name, UninitializedParameter() if isinstance(value, Parameter) else value)
        setattr(self, self.size_name, 0)
        self._arguments = (args, kwargs)

    def has_uninitialized_params(self) -> bool:
        """Say whether the layer has not seen an input yet."""
        return True

    def initialize_parameters(self, input: Tensor) -> None:
        """Make the parameters for inputs of this shape. The layer becomes its plain class."""
        self._become_plain(input.shape[self.channel_axis])

    def _fit(self, state: Mapping[str, Any], prefix: str) -> None:
        """Become the plain class of the size that a state is of, if it has the layer's own part."""
        name = next((n for n in ("weight", "running_mean") if prefix + n in state), None)
        if name is not None and (shape := tuple(state[prefix + name].shape)) != (0,):
            self._become_plain(self._size_in(shape))

    def _size_in(self, shape: tuple[int, ...]) -> int:
        """Return the size that a layer with a weight of this shape has."""
        return shape[0]

    def _become_plain(self, size: int) -> None:
        args, kwargs = self._arguments
        made = self.cls_to_become(size, *args, **kwargs)
        for name, value in vars(made).items():
            mine = getattr(self, name)
            if isinstance(mine, UninitializedParameter):
                mine.materialize(value)
            else:
                setattr(self, name, value)
        del self._arguments
        self.__class__ = self.cls_to_become  # type: ignore[assignment]

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """Become the plain layer, and return its result."""
        self.initialize_parameters(args[0] if args else kwargs["input"])
        return self.forward(*args, **kwargs)


class LazyLinear(LazyModule, Linear):
    """A Linear whose in_features is the length of the last axis of its first input."""

    cls_to_become = Linear
    size_name = "in_features"
    channel_axis = -1

    def _size_in(self, shape: tuple[int, ...]) -> int:
        return shape[-1]

    def __init__(self, out_features: int, bias: bool = True, device: Any = None, dtype: Any = None) -> None:
        self._begin(out_features, bias, device, dtype)


class _LazyConvNd(LazyModule):
    """A convolution whose in_channels is that of its first input."""

    size_name = "in_channels"
    axes: int

    def __init__(
        self,
        out_channels: int,
        kernel_size: Sizes,
        stride: Sizes = 1,
        padding: Sizes | str = 0,
        dilation: Sizes = 1,
        groups: int = 1,
        bias: bool = True,
        padding_mode: str = "zeros",
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        settings = out_channels, kernel_size, stride, padding, dilation, groups, bias
        self._begin(*settings, padding_mode, device, dtype, smallest=groups)
        self.channel_axis = -1 - self.axes

    def _size_in(self, shape: tuple[int, ...]) -> int:
        return shape[1] * int(self.__dict__["groups"])


class _LazyConvTransposeNd(LazyModule):
    """A convolution whose in_channels is that of its first input."""

    size_name = "in_channels"
    axes: int

    def __init__(
        self,
        out_channels: int,
        kernel_size: Sizes,
        stride: Sizes = 1,
        padding: Sizes = 0,
        output_padding: Sizes = 0,
        groups: int = 1,
        bias: bool = True,
        dilation: Sizes = 1,
        padding_mode: str = "zeros",
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        settings = out_channels, kernel_size, stride, padding, output_padding, groups, bias, dilation
        self._begin(*settings, padding_mode, device, dtype, smallest=groups)
        self.channel_axis = -1 - self.axes


class _LazyNorm(LazyModule):
    """A normalisation whose num_features is the number of channels of its first input."""

    def __init__(
        self,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        device: Any = None,
        dtype: Any = None,
        *,
        bias: bool = True,
    ) -> None:
        self._begin(eps, momentum, affine, track_running_stats, device, dtype, bias=bias)


class LazyConv1d(_LazyConvNd, Conv1d):
    """A Conv1d whose in_channels is that of its first input."""

    cls_to_become = Conv1d


class LazyConv2d(_LazyConvNd, Conv2d):
    """A Conv2d whose in_channels is that of its first input."""

    cls_to_become = Conv2d


class LazyConv3d(_LazyConvNd, Conv3d):
    """A Conv3d whose in_channels is that of its first input."""

    cls_to_become = Conv3d


class LazyConvTranspose1d(_LazyConvTransposeNd, ConvTranspose1d):
    """A ConvTranspose1d whose in_channels is that of its first input."""

    cls_to_become = ConvTranspose1d


class LazyConvTranspose2d(_LazyConvTransposeNd, ConvTranspose2d):
    """A ConvTranspose2d whose in_channels is that of its first input."""

    cls_to_become = ConvTranspose2d


class LazyConvTranspose3d(_LazyConvTransposeNd, ConvTranspose3d):
    """A ConvTranspose3d whose in_channels is that of its first input."""

    cls_to_become = ConvTranspose3d


class LazyBatchNorm1d(_LazyNorm, BatchNorm1d):
    """A BatchNorm1d whose num_features is the number of channels of its first input."""

    cls_to_become = BatchNorm1d


class LazyBatchNorm2d(_LazyNorm, BatchNorm2d):
    """A BatchNorm2d whose num_features is the number of channels of its first input."""

    cls_to_become = BatchNorm2d


class LazyBatchNorm3d(_LazyNorm, BatchNorm3d):
    """A BatchNorm3d whose num_features is the number of channels of its first input."""

    cls_to_become = BatchNorm3d


class LazyInstanceNorm1d(_LazyNorm, InstanceNorm1d):
    """An InstanceNorm1d whose num_features is the number of channels of its first input.

    Unlike InstanceNorm1d, affine and track_running_stats are on by default, as in PyTorch.
    """

    cls_to_become = InstanceNorm1d
    channel_axis = -2


class LazyInstanceNorm2d(_LazyNorm, InstanceNorm2d):
    """An InstanceNorm2d whose num_features is the number of channels of its first input.

    Unlike InstanceNorm2d, affine and track_running_stats are on by default, as in PyTorch.
    """

    cls_to_become = InstanceNorm2d
    channel_axis = -3


class LazyInstanceNorm3d(_LazyNorm, InstanceNorm3d):
    """An InstanceNorm3d whose num_features is the number of channels of its first input.

    Unlike InstanceNorm3d, affine and track_running_stats are on by default, as in PyTorch.
    """

    cls_to_become = InstanceNorm3d
    channel_axis = -4
