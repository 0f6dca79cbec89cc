"""The methods of Tensor whose names end in _, and the operators like +=: they change a tensor in place.

The numbers of a leaf are overwritten. The result of an expression may have no numbers yet: then the Python
object stands for a new expression made from the old one, gradient included. Expressions that were made
earlier keep the old one. What shares numbers with the tensor changes too (view_changes.py).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from hello_dl import _core
from hello_dl._core import Tensor
from hello_dl._core.types import RandomSource, Refusal
from hello_dl.tensors import view_changes
from hello_dl.tensors.conversion import convert
from hello_dl.tensors.dtypes import REAL
from hello_dl.tensors.random import numpy_generator
from hello_dl.tensors.view_steps import detached, instead_of
from hello_dl.tensors.views import family_of, has_living_base


def change(x: Tensor, result: Tensor, who: str) -> Tensor:
    """Change x to `result`, in place for a leaf, as a new expression for a result, and return x.

    ValueError for another shape, or a leaf that records gradients; TypeError for a dtype that x cannot hold.
    """
    records = _core.is_grad_enabled() and (result.requires_grad or x.requires_grad)
    view_changes.check(x, who, records)
    if result.shape != x.shape:
        raise Refusal(f"{who}: needs a result of the tensor's own shape {x.shape}, got {result.shape}")
    if result.dtype != x.dtype:
        if x.dtype != REAL:
            raise TypeError(f"{who}: cannot put {result.dtype} numbers into a tensor of {x.dtype}")
        result = _core.mul(result, 1.0)
    return view_changes.change(x, result, records)


def _overwrite(x: Tensor, numbers: Any, who: str) -> Tensor:
    """Overwrite all numbers of x with those of a tensor, an array or a number, and return x.

    ValueError if they do not fit the shape of x.
    """
    given = numbers
    if not isinstance(numbers, Tensor):
        numbers = _core.from_numpy(np.asarray(numbers))
    records = _core.is_grad_enabled() and (numbers.requires_grad or x.requires_grad)
    view_changes.check(x, who, records, fills=numbers.ndim == 0)
    if numbers.shape != x.shape:
        try:
            numbers = _core.expand(numbers, x.shape)
        except ValueError:
            raise Refusal(f"{who}: needs numbers that fit shape {x.shape}, got {numbers.shape}") from None
    if numbers.dtype != x.dtype:
        numbers = convert(numbers, x.dtype)
    if records:
        numbers = instead_of(x, numbers)
    if numbers is given and (records or not (x.is_leaf and x.is_computed) or family_of(x)):
        numbers = numbers.clone()  # x will stand for it
    return view_changes.change(x, numbers, records)


def _check_random(x: Tensor, who: str) -> None:
    """Raise TypeError for integers, which cannot hold what is drawn, ValueError for what check finds."""
    if x.dtype != REAL:
        raise TypeError(f"{who}: needs a tensor of real numbers, got {x.dtype}")
    view_changes.check(x, who, x.requires_grad)


class InPlaceMethods(Tensor):
    """Methods that change a tensor in place and return it. methods.py moves them to Tensor itself."""

    def __iadd__(self, other: Any) -> Tensor:  # type: ignore[misc]
        return change(self, _core.add(self, other), "+=")

    def __isub__(self, other: Any) -> Tensor:  # type: ignore[misc]
        return change(self, _core.sub(self, other), "-=")

    def __imul__(self, other: Any) -> Tensor:  # type: ignore[misc]
        return change(self, _core.mul(self, other), "*=")

    def __itruediv__(self, other: Any) -> Tensor:  # type: ignore[misc]
        return change(self, _core.div(self, other), "/=")

    def __ipow__(self, other: Any) -> Tensor:  # type: ignore[misc]
        return change(self, _core.pow(self, other), "**=")

    def add_(self, other: Any, *, alpha: float = 1) -> Tensor:
        """Add alpha * other in place."""
        return change(self, _core.add(self, other) if alpha == 1 else self.add(other, alpha=alpha), "add_")

    def sub_(self, other: Any, *, alpha: float = 1) -> Tensor:
        """Subtract alpha * other in place."""
        return change(self, _core.sub(self, other) if alpha == 1 else self.sub(other, alpha=alpha), "sub_")

    def mul_(self, other: Any) -> Tensor:
        """Multiply in place."""
        return change(self, _core.mul(self, other), "mul_")

    def div_(self, other: Any, *, rounding_mode: str | None = None) -> Tensor:
        """Divide in place; rounding_mode is that of div."""
        return change(self, self.div(other, rounding_mode=rounding_mode), "div_")

    def pow_(self, exponent: Any) -> Tensor:
        """Raise to a power in place."""
        return change(self, _core.pow(self, exponent), "pow_")

    def addcmul_(self, tensor1: Any, tensor2: Any, *, value: float = 1) -> Tensor:
        """Add value * tensor1 * tensor2 in place."""
        return change(self, _core.add(self, _core.mul(_core.mul(tensor1, tensor2), value)), "addcmul_")

    def addcdiv_(self, tensor1: Any, tensor2: Any, *, value: float = 1) -> Tensor:
        """Add value * tensor1 / tensor2 in place."""
        return change(self, _core.add(self, _core.mul(_core.div(tensor1, tensor2), value)), "addcdiv_")

    def lerp_(self, end: Any, weight: float) -> Tensor:
        """Move the share `weight` of the way to `end`, in place: x + weight * (end - x)."""
        return change(self, _core.add(self, _core.mul(_core.sub(end, self), weight)), "lerp_")

    def clamp_(self, min: Any = None, max: Any = None) -> Tensor:
        """Raise numbers below `min` to it and lower numbers above `max` to it, in place."""
        return change(self, self.clamp(min, max), "clamp_")

    def masked_fill_(self, mask: Any, value: Any) -> Tensor:
        """Put `value` where the mask is true, in place."""
        return change(self, self.masked_fill(mask, value), "masked_fill_")

    def exp_(self) -> Tensor:
        """Take e^x in place."""
        return change(self, _core.exp(self), "exp_")

    def sqrt_(self) -> Tensor:
        """Take the square root in place."""
        return change(self, _core.sqrt(self), "sqrt_")

    def relu_(self) -> Tensor:
        """Take max(x, 0) in place."""
        return change(self, _core.relu(self), "relu_")

    def copy_(self, other: Any) -> Tensor:
        """Overwrite the numbers with those of `other`, a tensor, array or number that fits the shape."""
        return _overwrite(self, other, "copy_")

    def fill_(self, value: float) -> Tensor:
        """Overwrite every number with `value`."""
        return _overwrite(self, value, "fill_")

    def zero_(self) -> Tensor:
        """Overwrite every number with 0."""
        return _overwrite(self, 0, "zero_")

    def uniform_(self, a: float = 0, b: float = 1, *, generator: RandomSource | None = None) -> Tensor:
        """Overwrite with numbers from the uniform distribution between a and b."""
        _check_random(self, "uniform_")
        if b < a:
            raise Refusal(f"uniform_: needs a <= b, got {a} and {b}")
        drawn = numpy_generator(generator, "uniform_").random(self.shape, dtype=np.float32)
        return _overwrite(self, drawn * np.float32(b - a) + np.float32(a), "uniform_")

    def normal_(self, mean: float = 0, std: float = 1, *, generator: RandomSource | None = None) -> Tensor:
        """Overwrite with numbers from the normal distribution with this mean and standard deviation."""
        _check_random(self, "normal_")
        if std < 0:
            raise Refusal(f"normal_: needs a standard deviation of 0 or more, got {std}")
        drawn = numpy_generator(generator, "normal_").standard_normal(self.shape, dtype=np.float32)
        return _overwrite(self, drawn * np.float32(std) + np.float32(mean), "normal_")

    def bernoulli_(self, p: float = 0.5, *, generator: RandomSource | None = None) -> Tensor:
        """Overwrite with 1 with probability p, else 0 (the Bernoulli distribution)."""
        view_changes.check(self, "bernoulli_", self.requires_grad)
        return _overwrite(self, numpy_generator(generator, "bernoulli_").random(self.shape) < p, "bernoulli_")

    def requires_grad_(self, requires_grad: bool = True) -> Tensor:
        """Switch the gradient of this leaf on or off, and return the tensor itself."""
        self.requires_grad = requires_grad
        return self

    def detach_(self) -> Tensor:
        """Cut the tensor off from the graph that made it, and return the tensor itself.

        ValueError for a view of another tensor in use.
        """
        if has_living_base(self):
            raise Refusal("detach_: a view cannot be detached in place; use detach()")
        if self.is_leaf:
            self.requires_grad = False
            return self
        return self._become(detached(self))
