"""Functions that lead the numbers of one distribution to those of another, with log |dy/dx|."""

from __future__ import annotations

import math
from collections.abc import Sequence

from hello_dl import _core
from hello_dl._core import Tensor
from hello_dl.distributions.distribution import SMALLEST
from hello_dl.functional.activations import softplus
from hello_dl.tensors.creation import tensor


class Transform:
    """Base class: y = transform(x), x = transform.inv(y). cache_size, PyTorch's, changes nothing.

    event_dim is how many of the last axes one value has.
    """

    bijective = True
    event_dim = 0

    def __init__(self, cache_size: int = 0) -> None:
        self.cache_size = cache_size

    def __call__(self, x: Tensor) -> Tensor:
        """Return y."""
        raise NotImplementedError(f"{type(self).__name__} has no __call__")

    def _inverse(self, y: Tensor) -> Tensor:
        raise NotImplementedError(f"{type(self).__name__} has no inverse")

    def log_abs_det_jacobian(self, x: Tensor, y: Tensor) -> Tensor:
        """Return log |dy/dx| of each number."""
        raise NotImplementedError(f"{type(self).__name__} has no log_abs_det_jacobian")

    @property
    def inv(self) -> Transform:
        """The function that leads back."""
        return _Inverse(self)


class _Inverse(Transform):
    """The inverse of a transform."""

    def __init__(self, transform: Transform) -> None:
        super().__init__()
        self.transform, self.event_dim = transform, transform.event_dim

    def __call__(self, x: Tensor) -> Tensor:
        """Return the number that the transform leads to x."""
        return self.transform._inverse(x)

    def _inverse(self, y: Tensor) -> Tensor:
        return self.transform(y)

    def log_abs_det_jacobian(self, x: Tensor, y: Tensor) -> Tensor:
        """Return log |dy/dx| of each number."""
        return -self.transform.log_abs_det_jacobian(y, x)

    @property
    def inv(self) -> Transform:
        """The function that leads back."""
        return self.transform


class AffineTransform(Transform):
    """y = loc + scale x."""

    def __init__(
        self, loc: Tensor | float, scale: Tensor | float, event_dim: int = 0, cache_size: int = 0
    ) -> None:
        super().__init__(cache_size)
        self.loc, self.scale, self.event_dim = loc, scale, event_dim

    def __call__(self, x: Tensor) -> Tensor:
        """Return loc + scale x."""
        return self.loc + self.scale * x

    def _inverse(self, y: Tensor) -> Tensor:
        return (y - self.loc) / self.scale

    def log_abs_det_jacobian(self, x: Tensor, y: Tensor) -> Tensor:
        """Return log |scale| of each number; of the last event_dim axes it is the sum."""
        del y
        scale = self.scale if isinstance(self.scale, Tensor) else tensor(float(self.scale))
        each = scale.abs().log().expand(x.shape)
        return _core.sum(each, list(range(x.ndim - self.event_dim, x.ndim))) if self.event_dim else each


class ExpTransform(Transform):
    """y = exp(x)."""

    def __call__(self, x: Tensor) -> Tensor:
        """Return exp(x)."""
        return x.exp()

    def _inverse(self, y: Tensor) -> Tensor:
        return y.log()

    def log_abs_det_jacobian(self, x: Tensor, y: Tensor) -> Tensor:
        """Return x: the derivative of exp(x) is exp(x)."""
        del y
        return x


class TanhTransform(Transform):
    """y = tanh(x), as for actions within limits (Haarnoja et al. 2018, appendix C)."""

    def __call__(self, x: Tensor) -> Tensor:
        """Return tanh(x)."""
        return x.tanh()

    def _inverse(self, y: Tensor) -> Tensor:
        return y.atanh()

    def log_abs_det_jacobian(self, x: Tensor, y: Tensor) -> Tensor:
        """Return log(1 - tanh(x)^2), written so that it is exact for large x."""
        del y
        return 2 * (math.log(2) - x - softplus(-2 * x))


class SigmoidTransform(Transform):
    """y = 1 / (1 + exp(-x))."""

    def __call__(self, x: Tensor) -> Tensor:
        """Return the sigmoid of x."""
        return x.sigmoid().clamp(SMALLEST, 1 - SMALLEST)

    def _inverse(self, y: Tensor) -> Tensor:
        y = y.clamp(SMALLEST, 1 - SMALLEST)
        return y.log() - _core.log1p(-y)

    def log_abs_det_jacobian(self, x: Tensor, y: Tensor) -> Tensor:
        """Return log(y (1 - y))."""
        del y
        return -softplus(-x) - softplus(x)


class ComposeTransform(Transform):
    """Several transforms, one after the other."""

    def __init__(self, parts: Sequence[Transform], cache_size: int = 0) -> None:
        super().__init__(cache_size)
        self.parts = list(parts)
        self.event_dim = max((part.event_dim for part in self.parts), default=0)

    def __call__(self, x: Tensor) -> Tensor:
        """Return what all parts make of x."""
        for part in self.parts:
            x = part(x)
        return x

    def _inverse(self, y: Tensor) -> Tensor:
        for part in reversed(self.parts):
            y = part._inverse(y)
        return y

    def log_abs_det_jacobian(self, x: Tensor, y: Tensor) -> Tensor:
        """Return the sum of the parts' own."""
        total = x * 0 if not self.event_dim else (x * 0).sum(list(range(-self.event_dim, 0)))
        for part in self.parts:
            y = part(x)
            found = part.log_abs_det_jacobian(x, y)
            extra = self.event_dim - part.event_dim
            total = total + (found.sum(list(range(-extra, 0))) if extra else found)
            x = y
        return total
