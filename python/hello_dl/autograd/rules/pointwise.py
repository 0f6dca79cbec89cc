"""Rules of functions of single numbers, and of two: the derivative times G.

Where two tensors were broadcast, a rule returns a gradient in the shape of the result; the walk sums it up.
"""

from __future__ import annotations

import math

from hello_dl import _core
from hello_dl._core import Tensor
from hello_dl.autograd.rules.rule import Rules, Table
from hello_dl.tensors.creation import zeros_like

_LOG2, _LOG10 = math.log(2), math.log(10)
_CUBE = 0.044715  # of x^3 in the tanh form of GELU (Hendrycks and Gimpel 2016)
_FLAT = 20  # further from 0 the derivative of GELU's tanh form is 0 or 1 in all digits


def _power(x: Tensor, n: float) -> Tensor | float:
    """Return x^n. For n of 0 and 1 it needs no op."""
    return 1.0 if n == 0 else x if n == 1 else x**n


def _of_base(G: Tensor, y: Tensor, a: Tensor, b: Tensor | None = None, exponent: float = 0) -> Tensor:
    """Return G b a^(b-1), where 0^0 has no slope. A constant exponent of 2 or 3 is no tensor b."""
    if b is None:
        return G * (exponent * _power(a, exponent - 1))
    return G * b * _core.where((a == 0) * (b == 0), 1.0, a) ** (b - 1)


def _of_exponent(G: Tensor, y: Tensor, a: Tensor, b: Tensor) -> Tensor:
    """Return G a^b log(a), where 0^b has no slope."""
    return G * y * _core.where((a == 0) * (b >= 0), 1.0, a).log()


def _angle(G: Tensor, leg: Tensor, a: Tensor, b: Tensor) -> Tensor:
    """Return G leg / (a^2 + b^2), and 0 at the origin, which has no angle."""
    square = a * a + b * b
    return _core.where(square == 0, 0.0, G * leg / _core.where(square == 0, 1.0, square))


def _gelu(G: Tensor, y: Tensor, x: Tensor, approximate: str) -> Tensor:
    """Return G (F(x) + x f(x)), F the normal distribution; in the tanh form, x s(u), s is the sigmoid."""
    if approximate == "none":
        F, f = 0.5 * (1 + (x * math.sqrt(0.5)).erf()), (-0.5 * x * x).exp() / math.sqrt(2 * math.pi)
        return G * (F + x * f)
    x, slope = x.clamp(-_FLAT, _FLAT), 2 * math.sqrt(2 / math.pi)
    s = (slope * (x + _CUBE * x * x * x)).sigmoid()
    return G * (s + x * s * (1 - s) * slope * (1 + 3 * _CUBE * x * x))


def _ones_like(x: Tensor) -> Tensor:
    """Return ones in the order in which x is stored: dropout chooses by places in memory."""
    return _core.where(_core.isnan(x), 1.0, 1.0)


def _flat(G: Tensor, y: Tensor, x: Tensor, **_: object) -> Tensor:
    """Return zeros: a function with steps has the derivative 0 wherever it has one."""
    return zeros_like(x)


_MAXIMUM: Rules = (
    lambda G, y, a, b: _core.where(a < b, 0.0, _core.where(a == b, G / 2, G)),
    lambda G, y, a, b: _core.where(b < a, 0.0, _core.where(a == b, G / 2, G)),
)
_MINIMUM: Rules = (
    lambda G, y, a, b: _core.where(a > b, 0.0, _core.where(a == b, G / 2, G)),
    lambda G, y, a, b: _core.where(b > a, 0.0, _core.where(a == b, G / 2, G)),
)

POINTWISE: Table = {
    # two numbers
    "add": (lambda G, y, a, b: G, lambda G, y, a, b: G),
    "sub": (lambda G, y, a, b: G, lambda G, y, a, b: -G),
    "mul": (lambda G, y, a, b: G * b, lambda G, y, a, b: G * a),
    "div": (lambda G, y, a, b: G / b, lambda G, y, a, b: -G * y / b),
    "pow": (_of_base, _of_exponent),
    "maximum": _MAXIMUM,
    "minimum": _MINIMUM,
    "atan2": (lambda G, y, a, b: _angle(G, b, a, b), lambda G, y, a, b: _angle(G, -a, a, b)),
    "remainder": (lambda G, y, a, b: G, lambda G, y, a, b: -G * ((a - y) / b).round()),
    "where": (
        None,
        lambda G, y, c, a, b: _core.where(c, G, 0.0),
        lambda G, y, c, a, b: _core.where(c, 0.0, G),
    ),
    # one number, smooth
    "neg": (lambda G, y, x: -G,),
    "exp": (lambda G, y, x: G * y,),
    "exp2": (lambda G, y, x: G * y * _LOG2,),
    "expm1": (lambda G, y, x: G * x.exp(),),
    "log": (lambda G, y, x: G / x,),
    "log1p": (lambda G, y, x: G / (1 + x),),
    "log2": (lambda G, y, x: G / (x * _LOG2),),
    "log10": (lambda G, y, x: G / (x * _LOG10),),
    "sqrt": (lambda G, y, x: G * 0.5 / y,),
    "sin": (lambda G, y, x: G * x.cos(),),
    "cos": (lambda G, y, x: -G * x.sin(),),
    "tan": (lambda G, y, x: G * (1 + y * y),),
    "asin": (lambda G, y, x: G / (1 - x * x).sqrt(),),
    "acos": (lambda G, y, x: -G / (1 - x * x).sqrt(),),
    "atan": (lambda G, y, x: G / (1 + x * x),),
    "sinh": (lambda G, y, x: G * x.cosh(),),
    "cosh": (lambda G, y, x: G * x.sinh(),),
    "tanh": (lambda G, y, x: G * (1 - y * y),),
    "sigmoid": (lambda G, y, x: G * y * (1 - y),),
    "erf": (lambda G, y, x: G * (2 / math.sqrt(math.pi)) * (-x * x).exp(),),
    "gelu": (_gelu,),
    # one number, with kinks: what is chosen is chosen, so the second derivative is 0
    "abs": (lambda G, y, x: G * x.sign(),),
    "relu": (lambda G, y, x: _core.where(y <= 0, 0.0, G),),
    "clamp": (lambda G, y, x, min, max: _core.where(_core.clamp(x, min, max) == x, G, 0.0),),
    "dropout": (lambda G, y, x, p, key: G * _core.dropout(_ones_like(x), p, key),),
    # one number, with steps
    "sign": (_flat,),
    "floor": (_flat,),
    "ceil": (_flat,),
    "trunc": (_flat,),
    "round": (_flat,),
}  # fmt: skip
