"""Lazy layers, which learn the size of their input from the first input: LazyLinear, LazyConv2d, and others.

After that each one is its plain class: a LazyLinear becomes a Linear. Give the network one batch before
starting its parameters in your own way, or counting them.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from hello_dl._core import Tensor
from hello_dl.nn.channel_norms import InstanceNorm1d, InstanceNorm2d, InstanceNorm3d
from hello_dl.nn.conv import Conv1d, Conv2d, Conv3d, _ConvNd
from hello_dl.nn.conv_transpose import ConvTranspose1d, ConvTranspose2d, ConvTranspose3d
from hello_dl.nn.linear import Linear
from hello_dl.nn.module import Module
from hello_dl.nn.norm import BatchNorm1d, BatchNorm2d, BatchNorm3d
from hello_dl.nn.parameter import Parameter, UninitializedParameter


class LazyModule(Module):
    """A layer without the size of its input. Its subclass names the class that it becomes.

    It takes the arguments of that class without the first, which is the size.
    """

    cls_to_become: Callable[..., Module]  # that class
    size_name = "num_features"  # its first argument
    channel_axis = 1  # of the input; its length is the size
    turned_on: tuple[str, ...] = ()  # arguments that are True by default here, and False in that class

    def __init_subclass__(cls) -> None:
        """Write down the arguments of a class that becomes another; help() shows them."""
        if hasattr(cls, "cls_to_become"):
            _, *arguments = inspect.signature(cls.cls_to_become).parameters.values()
            arguments = [a.replace(default=True) if a.name in cls.turned_on else a for a in arguments]
            cls.__signature__ = inspect.Signature(arguments)  # type: ignore[attr-defined]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Keep the settings. A layer of the smallest size checks them and gives them their attributes."""
        try:
            given = inspect.signature(type(self)).bind(*args, **kwargs)
        except TypeError as error:
            raise TypeError(f"{type(self).__name__}: {error}") from None
        given.apply_defaults()
        settings = given.arguments
        pattern = self.cls_to_become(settings.get("groups", 1), **settings)
        for name, value in vars(pattern).items():
            setattr(self, name, UninitializedParameter() if isinstance(value, Parameter) else value)
        setattr(self, self.size_name, 0)
        self._settings = settings

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
        made = self.cls_to_become(size, **self._settings)
        for name, value in vars(made).items():
            mine = getattr(self, name)
            if isinstance(mine, UninitializedParameter):
                mine.materialize(value)
            else:
                setattr(self, name, value)
        del self._settings
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


class _LazyConv(LazyModule, _ConvNd):
    """A convolution whose in_channels is that of its first input."""

    size_name = "in_channels"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.channel_axis = -1 - self.axes

    def _size_in(self, shape: tuple[int, ...]) -> int:
        return shape[0] if self.transposed else shape[1] * self.groups


class LazyConv1d(_LazyConv, Conv1d):
    """A Conv1d whose in_channels is that of its first input."""

    cls_to_become = Conv1d


class LazyConv2d(_LazyConv, Conv2d):
    """A Conv2d whose in_channels is that of its first input."""

    cls_to_become = Conv2d


class LazyConv3d(_LazyConv, Conv3d):
    """A Conv3d whose in_channels is that of its first input."""

    cls_to_become = Conv3d


class LazyConvTranspose1d(_LazyConv, ConvTranspose1d):
    """A ConvTranspose1d whose in_channels is that of its first input."""

    cls_to_become = ConvTranspose1d


class LazyConvTranspose2d(_LazyConv, ConvTranspose2d):
    """A ConvTranspose2d whose in_channels is that of its first input."""

    cls_to_become = ConvTranspose2d


class LazyConvTranspose3d(_LazyConv, ConvTranspose3d):
    """A ConvTranspose3d whose in_channels is that of its first input."""

    cls_to_become = ConvTranspose3d


class LazyBatchNorm1d(LazyModule, BatchNorm1d):
    """A BatchNorm1d whose num_features is the number of channels of its first input."""

    cls_to_become = BatchNorm1d


class LazyBatchNorm2d(LazyModule, BatchNorm2d):
    """A BatchNorm2d whose num_features is the number of channels of its first input."""

    cls_to_become = BatchNorm2d


class LazyBatchNorm3d(LazyModule, BatchNorm3d):
    """A BatchNorm3d whose num_features is the number of channels of its first input."""

    cls_to_become = BatchNorm3d


class _LazyInstanceNorm(LazyModule):
    """What the three share: unlike those they become, they learn and keep statistics by default."""

    turned_on = ("affine", "track_running_stats")


class LazyInstanceNorm1d(_LazyInstanceNorm, InstanceNorm1d):
    """An InstanceNorm1d whose num_features is the number of channels of its first input.

    Unlike InstanceNorm1d, affine and track_running_stats are on by default, as in PyTorch.
    """

    cls_to_become = InstanceNorm1d
    channel_axis = -2


class LazyInstanceNorm2d(_LazyInstanceNorm, InstanceNorm2d):
    """An InstanceNorm2d whose num_features is the number of channels of its first input.

    Unlike InstanceNorm2d, affine and track_running_stats are on by default, as in PyTorch.
    """

    cls_to_become = InstanceNorm2d
    channel_axis = -3


class LazyInstanceNorm3d(_LazyInstanceNorm, InstanceNorm3d):
    """An InstanceNorm3d whose num_features is the number of channels of its first input.

    Unlike InstanceNorm3d, affine and track_running_stats are on by default, as in PyTorch.
    """

    cls_to_become = InstanceNorm3d
    channel_axis = -4
