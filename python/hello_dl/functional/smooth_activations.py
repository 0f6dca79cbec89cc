"""Activations beside those of activations.py: curves, gates, and slopes that are learned or drawn."""

from __future__ import annotations

from typing import Any

from hello_dl import _core
from hello_dl._core import Tensor
from hello_dl._core.types import Refusal
from hello_dl.functional.activations import elu, leaky_relu, relu, softmax, softplus
from hello_dl.tensors.creation import arange
from hello_dl.tensors.draws import rand
from hello_dl.tensors.in_place import change

# The fixed point of SELU: with these two numbers mean 0 and variance 1 stay so from layer to layer
# (Klambauer et al., 2017, equation 14).
SELU_ALPHA = 1.6732632423543772848170429916717
SELU_SCALE = 1.0507009873554804934193349852946


def celu(input: Tensor, alpha: float = 1.0, inplace: bool = False) -> Tensor:
    """Return x where it is positive, alpha (e^(x / alpha) - 1) elsewhere (Barron, 2017).

    Unlike elu's its slope is 1 at 0 for every alpha. inplace changes `input` itself, here and below.
    ValueError for an alpha of 0.
    """
    if alpha == 0:
        raise Refusal("celu: needs an alpha other than 0")
    is_below = _core.le(input, 0.0)
    power = _core.div(_core.where(is_below, input, 0.0), alpha)
    y = _core.where(is_below, _core.mul(_core.expm1(power), alpha), input)
    return change(input, y, "celu") if inplace else y


def selu(input: Tensor, inplace: bool = False) -> Tensor:
    """Return 1.0507 elu(x, 1.6733), after which deep networks keep mean 0 and variance 1 by themselves."""
    y = _core.mul(elu(input, SELU_ALPHA), SELU_SCALE)
    return change(input, y, "selu") if inplace else y


def mish(input: Tensor, inplace: bool = False) -> Tensor:
    """Return x tanh(softplus(x)) (Misra, 2019)."""
    y = _core.mul(input, _core.tanh(softplus(input)))
    return change(input, y, "mish") if inplace else y


def glu(input: Tensor, dim: int = -1) -> Tensor:
    """Return a sigmoid(b), where a and b are the halves of x along the axis `dim` (Dauphin et al., 2016).

    ValueError for an odd length of the axis.
    """
    if input.ndim == 0 or input.shape[dim] % 2:
        raise Refusal(f"glu: needs an even length of axis {dim}, got x of shape {input.shape}")
    a, b = input.chunk(2, dim)
    return _core.mul(a, _core.sigmoid(b))


def softsign(input: Tensor) -> Tensor:
    """Return x / (1 + |x|), between -1 and 1."""
    return _core.div(input, _core.add(_core.abs(input), 1.0))


def tanhshrink(input: Tensor) -> Tensor:
    """Return x - tanh(x)."""
    return _core.sub(input, _core.tanh(input))


def softmin(input: Tensor, dim: int | None = None, _stacklevel: int = 3, dtype: Any = None) -> Tensor:
    """Return softmax(-x): the smallest number has the largest probability."""
    return softmax(_core.neg(input), dim, _stacklevel, dtype)


def prelu(input: Tensor, weight: Tensor) -> Tensor:
    """Return x where it is positive, w x elsewhere, with a learned w (He et al., 2015).

    weight has one number, or one for each channel (axis 1) of x. ValueError for another count.
    """
    x, w = input, weight
    channels = x.shape[1] if x.ndim > 1 else 1
    if w.numel() not in (1, channels) or w.ndim > 1:
        raise Refusal(f"prelu: needs a weight of 1 number or {channels}, one a channel, got {w.shape}")
    if w.numel() == 1:
        w = _core.reshape(w, (1,) * x.ndim)
    elif x.ndim > 2:
        w = _core.reshape(w, (1, -1) + (1,) * (x.ndim - 2))
    return _core.where(_core.gt(x, 0.0), x, _core.mul(x, w))


def rrelu(
    input: Tensor,
    lower: float = 1 / 8,
    upper: float = 1 / 3,
    training: bool = False,
    inplace: bool = False,
) -> Tensor:
    """Return x where it is positive, a x elsewhere; a is drawn between lower and upper for each number.

    Outside training a is the mean of lower and upper (Xu et al., 2015). ValueError for a lower above upper.
    """
    if lower > upper:
        raise Refusal(f"rrelu: needs a lower up to upper, got {lower} and {upper}")
    if training:
        slope = _core.add(_core.mul(rand(*input.shape), upper - lower), lower)
        y = _core.where(_core.gt(input, 0.0), input, _core.mul(input, slope))
    else:
        y = leaky_relu(input, (lower + upper) / 2)
    return change(input, y, "rrelu") if inplace else y


def gumbel_softmax(
    logits: Tensor, tau: float = 1, hard: bool = False, eps: float = 1e-10, dim: int = -1
) -> Tensor:
    """Draw a class with a gradient: softmax((x + g) / tau), g Gumbel-distributed (Jang et al., 2016).

    A smaller tau gives something closer to one class. With hard the result has a 1 at the class and 0
    elsewhere, and the gradient of the soft result. eps changes nothing, as in PyTorch.
    """
    del eps
    noise = _core.neg(_core.log(_core.neg(_core.log1p(_core.neg(rand(*logits.shape))))))
    y = _core.softmax(_core.div(_core.add(logits, noise), tau), dim)
    if not hard:
        return y
    length = logits.shape[dim]
    place = [1] * logits.ndim
    place[dim] = length
    steps = _core.reshape(arange(length), tuple(place))
    one = _core.where(_core.eq(steps, _core.argmax(y.detach(), dim, True)), 1.0, 0.0)
    return _core.add(_core.sub(one, y.detach()), y)


def relu_(input: Tensor) -> Tensor:
    """Change x to relu(x) in place."""
    return relu(input, True)


def leaky_relu_(input: Tensor, negative_slope: float = 0.01) -> Tensor:
    """Change x to leaky_relu(x) in place."""
    return leaky_relu(input, negative_slope, True)


def elu_(input: Tensor, alpha: float = 1.0) -> Tensor:
    """Change x to elu(x) in place."""
    return elu(input, alpha, True)


def celu_(input: Tensor, alpha: float = 1.0) -> Tensor:
    """Change x to celu(x) in place."""
    return celu(input, alpha, True)


def selu_(input: Tensor) -> Tensor:
    """Change x to selu(x) in place."""
    return selu(input, True)


def rrelu_(input: Tensor, lower: float = 1 / 8, upper: float = 1 / 3, training: bool = False) -> Tensor:
    """Change x to rrelu(x) in place."""
    return rrelu(input, lower, upper, training, True)
