"""Fractional max pooling as layers: the windows lie at other random places each time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hello_dl import functional as F
from hello_dl._core import Tensor
from hello_dl._core.types import Refusal
from hello_dl.functional.convolutions import Sizes
from hello_dl.nn.module import Module


class _FractionalMaxPoolNd(Module):
    """What both share."""

    function: Callable[..., Any]
    _random_samples: Tensor | None

    def __init__(
        self,
        kernel_size: Sizes,
        output_size: Sizes | None = None,
        output_ratio: Any = None,
        return_indices: bool = False,
        _random_samples: Tensor | None = None,
    ) -> None:
        if (output_size is None) == (output_ratio is None):
            raise Refusal(f"{type(self).__name__}: needs either output_size or output_ratio")
        self.kernel_size, self.return_indices = kernel_size, return_indices
        self.output_size, self.output_ratio = output_size, output_ratio
        self.register_buffer("_random_samples", _random_samples)

    def forward(self, input: Tensor) -> Any:
        """Return the maximum of each window, and with return_indices also where it is."""
        how = self.kernel_size, self.output_size, self.output_ratio, self.return_indices
        return type(self).function(input, *how, self._random_samples)


class FractionalMaxPool2d(_FractionalMaxPoolNd):
    """Keep the largest number of each of output_size windows at random places (Graham, 2014).

    (n, c, h, w) becomes (n, c, *output_size), or with output_ratio sides of that share of h and w.
    """

    function = staticmethod(F.fractional_max_pool2d)


class FractionalMaxPool3d(_FractionalMaxPoolNd):
    """FractionalMaxPool2d for volumes (n, c, d, h, w)."""

    function = staticmethod(F.fractional_max_pool3d)
