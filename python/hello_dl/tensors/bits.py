"""Functions of truth values, and of the bits and divisors of integers. Each is a method of Tensor as well."""

from __future__ import annotations

from typing import Any

import numpy as np

from hello_dl import _core
from hello_dl._core import Tensor
from hello_dl._core.types import Refusal


def logical_and(input: Tensor, other: Any) -> Tensor:
    """Return where both are true (not 0)."""
    return _core.mul(_core.ne(input, 0), _core.ne(other, 0)).bool()


def logical_or(input: Tensor, other: Any) -> Tensor:
    """Return where one of the two, or both, are true (not 0)."""
    return _core.maximum(_core.ne(input, 0), _core.ne(other, 0)).bool()


def logical_xor(input: Tensor, other: Any) -> Tensor:
    """Return where exactly one of the two is true (not 0)."""
    return _core.ne(_core.ne(input, 0), _core.ne(other, 0))


def bitwise_and(input: Tensor, other: Any) -> Tensor:
    """Return the bits that both have, as input & other."""
    return _of_integers("bitwise_and", np.bitwise_and, input, other)


def bitwise_or(input: Tensor, other: Any) -> Tensor:
    """Return the bits that one of the two has, as input | other."""
    return _of_integers("bitwise_or", np.bitwise_or, input, other)


def bitwise_xor(input: Tensor, other: Any) -> Tensor:
    """Return the bits that exactly one of the two has, as input ^ other."""
    return _of_integers("bitwise_xor", np.bitwise_xor, input, other)


def bitwise_not(input: Tensor) -> Tensor:
    """Return the bits that input does not have, as ~input."""
    return _of_integers("bitwise_not", np.invert, input)


def bitwise_left_shift(input: Tensor, other: Any) -> Tensor:
    """Return input * 2^other, by moving bits."""
    return _of_integers("bitwise_left_shift", np.left_shift, input, other)


def bitwise_right_shift(input: Tensor, other: Any) -> Tensor:
    """Return input / 2^other rounded down, by moving bits."""
    return _of_integers("bitwise_right_shift", np.right_shift, input, other)


def gcd(input: Tensor, other: Any) -> Tensor:
    """Return the greatest common divisor of two integers."""
    return _of_integers("gcd", np.gcd, input, other)


def lcm(input: Tensor, other: Any) -> Tensor:
    """Return the least common multiple of two integers."""
    return _of_integers("lcm", np.lcm, input, other)


def _of_integers(who: str, function: Any, *operands: Any) -> Tensor:
    """Return a function of integers or truth values, computed by numpy. TypeError for real numbers."""
    arrays = [x.numpy() if isinstance(x, Tensor) else np.asarray(x) for x in operands]
    for array in arrays:
        if array.dtype.kind not in "iub":
            raise TypeError(f"{who}: needs integers or truth values, got {array.dtype}")
    try:
        return _core.from_numpy(np.asarray(function(*arrays)))
    except ValueError:
        shapes = " and ".join(str(array.shape) for array in arrays)
        raise Refusal(f"{who}: needs shapes that broadcast, got {shapes}") from None
