"""Activations of straight pieces, such as hardtanh. At a corner each has PyTorch's gradient; NaN stays."""

from __future__ import annotations

from hello_dl import _core
from hello_dl._core import Tensor
from hello_dl._core.types import Refusal
from hello_dl.tensors.in_place import change


def _between(x: Tensor, low: float, high: float, below: float, inside: Tensor, above: float) -> Tensor:
    """Return `inside` where low < x < high, else the number `below` or `above`."""
    return _core.where(_core.le(x, low), below, _core.where(_core.ge(x, high), above, inside))


def hardtanh(input: Tensor, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False) -> Tensor:
    """Limit x to the range from min_val to max_val. The gradient is 0 at both ends and beyond.

    inplace changes `input` itself, here and below. ValueError for a min_val above max_val.
    """
    if min_val > max_val:
        raise Refusal(f"hardtanh: needs a min_val up to max_val, got {min_val} and {max_val}")
    y = _between(input, min_val, max_val, min_val, input, max_val)
    return change(input, y, "hardtanh") if inplace else y


def relu6(input: Tensor, inplace: bool = False) -> Tensor:
    """Return relu(x), but at most 6 (Howard et al., 2017)."""
    return hardtanh(input, 0.0, 6.0, inplace)


def hardsigmoid(input: Tensor, inplace: bool = False) -> Tensor:
    """Return x / 6 + 1/2 between -3 and 3, 0 below and 1 above: a sigmoid without exp."""
    y = _between(input, -3.0, 3.0, 0.0, _core.add(_core.div(input, 6.0), 0.5), 1.0)
    return change(input, y, "hardsigmoid") if inplace else y


def hardswish(input: Tensor, inplace: bool = False) -> Tensor:
    """Return x * hardsigmoid(x), a silu without exp (Howard et al., 2019)."""
    inside = _core.div(_core.mul(input, _core.add(input, 3.0)), 6.0)
    y = _core.where(_core.le(input, -3.0), 0.0, _core.where(_core.ge(input, 3.0), input, inside))
    return change(input, y, "hardswish") if inplace else y


def hardshrink(input: Tensor, lambd: float = 0.5) -> Tensor:
    """Return x, and 0 where |x| is at most lambd."""
    return _core.where(_core.le(_core.abs(input), lambd), 0.0, input)


def softshrink(input: Tensor, lambd: float = 0.5) -> Tensor:
    """Move x towards 0 by lambd, at most to 0. ValueError for a lambd below 0."""
    if lambd < 0:
        raise Refusal(f"softshrink: needs a lambd of 0 or more, got {lambd}")
    below = _core.where(_core.lt(input, -lambd), _core.add(input, lambd), _core.mul(input, 0.0))
    return _core.where(_core.gt(input, lambd), _core.sub(input, lambd), below)


def threshold(input: Tensor, threshold: float, value: float, inplace: bool = False) -> Tensor:
    """Return x where it is above the threshold, else the number `value`."""
    y = _core.where(_core.le(input, threshold), value, input)
    return change(input, y, "threshold") if inplace else y


def hardtanh_(input: Tensor, min_val: float = -1.0, max_val: float = 1.0) -> Tensor:
    """Change x to hardtanh(x) in place."""
    return hardtanh(input, min_val, max_val, True)


def threshold_(input: Tensor, threshold: float, value: float) -> Tensor:
    """Change x to threshold(x) in place."""
    return change(input, _core.where(_core.le(input, threshold), value, input), "threshold_")
