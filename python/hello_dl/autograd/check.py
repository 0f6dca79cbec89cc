"""Check gradients: are they those that small changes of the inputs show."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hello_dl import _core
from hello_dl._core import Tensor
from hello_dl._core.types import Refusal
from hello_dl.autograd.derivatives import grad, listed
from hello_dl.tensors.dtypes import REAL

Array = NDArray[Any]

# For float32, whose numbers have 7 digits: changes of the inputs, and what a derivative may be off. Larger
# tolerances are less strict. A rule that is wrong is off by much more.
STEPS = (1e-2, 1e-3)
ATOL, RTOL = 2e-3, 2e-2


class GradcheckError(RuntimeError):
    """A gradient is not what small changes of the input show."""


def gradcheck(
    func: Callable[..., Tensor | Sequence[Tensor]],
    inputs: Tensor | Sequence[Any],
    *,
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    raise_exception: bool = True,
    **settings: Any,
) -> bool:
    """Return whether the gradients of func at the inputs are those that differences show.

    Each number of each input that requires a gradient is moved by a little; (f(x + h) - f(x - h)) / 2h, or
    one side of it next to a kink, must be the derivative up to atol + rtol |derivative|. float32 numbers have
    7 digits, too few for PyTorch's eps: h, atol and rtol are at least those above. Other settings of
    PyTorch's are accepted. GradcheckError if a gradient is wrong, or False without raise_exception.
    """
    del settings
    exact = REAL == "float64"
    steps = (eps,) if exact else STEPS
    atol, rtol = (atol, rtol) if exact else (max(atol, ATOL), max(rtol, RTOL))
    args = [inputs] if isinstance(inputs, Tensor) else list(inputs)
    places = [i for i, x in enumerate(args) if isinstance(x, Tensor) and x.requires_grad]
    if not places:
        raise Refusal("gradcheck: needs an input with requires_grad=True, got none")
    results = [y for y in listed("gradcheck: results", func(*args)) if y.requires_grad]
    if not results:
        raise Refusal("gradcheck: needs a function whose result depends on an input with requires_grad=True")

    def values(i: int, x: Array) -> list[Array]:
        moved = _core.from_numpy(x).requires_grad_()
        found = listed("gradcheck: results", func(*args[:i], moved, *args[i + 1 :]))
        return [y.detach().numpy().astype(np.float64) for y in found if y.requires_grad]

    for i in places:
        x = args[i].detach().numpy().copy()
        own = [_columns(y, args[i], x.size) for y in results]
        for column in range(x.size):
            seen = _differences(partial(values, i), x, column, steps)
            for k, rows in enumerate(own):
                wrong = _disagree(rows[column], [d[k] for d in seen], atol, rtol)
                if wrong is not None:
                    if not raise_exception:
                        return False
                    raise GradcheckError(
                        f"gradcheck: output {k} by number {column} of input {i}: differences show"
                        f" {wrong[1]:.6g}, backward gives {wrong[0]:.6g}"
                    )
    return True


def gradgradcheck(
    func: Callable[..., Tensor | Sequence[Tensor]],
    inputs: Tensor | Sequence[Any],
    grad_outputs: Tensor | Sequence[Tensor] | None = None,
    **settings: Any,
) -> bool:
    """Return whether the second derivatives of func at the inputs are those that differences show.

    The gradients of func, for random grad_outputs unless they are given, are a function of the inputs and of
    the grad_outputs; gradcheck checks it. Settings are those of gradcheck.
    """
    args = [inputs] if isinstance(inputs, Tensor) else list(inputs)
    places = [i for i, x in enumerate(args) if isinstance(x, Tensor) and x.requires_grad]
    shapes = [y.shape for y in listed("gradgradcheck: results", func(*args)) if y.requires_grad]
    if grad_outputs is None:
        rng = np.random.default_rng(0)
        seeds = [_core.from_numpy(rng.normal(size=shape)).requires_grad_() for shape in shapes]
    else:
        seeds = [g.detach().requires_grad_() for g in listed("gradgradcheck: grad_outputs", grad_outputs)]

    def gradients(*moved: Tensor) -> list[Tensor]:
        new = list(moved[: len(args)])
        results = [y for y in listed("gradgradcheck: results", func(*new)) if y.requires_grad]
        xs = [new[i] for i in places]
        asked = [x if x.requires_grad else x.requires_grad_() for x in xs]
        found = grad(results, asked, list(moved[len(args) :]), create_graph=True, allow_unused=True)
        return [g for g in found if g is not None]

    return gradcheck(gradients, [*args, *seeds], **settings)


def _columns(y: Tensor, x: Tensor, columns: int) -> Array:
    """Return the derivatives of y by x, in the order (number of x, number of y)."""
    found = np.zeros((columns, y.numel()))
    for row in range(y.numel()):
        seed = np.zeros(y.numel(), y.dtype)
        seed[row] = 1
        (g,) = grad(y, x, _core.from_numpy(seed.reshape(y.shape)), retain_graph=True, allow_unused=True)
        if g is not None:
            found[:, row] = g.numpy().ravel()
    return found


def _differences(
    function: Callable[[Array], list[Array]], x: Array, column: int, steps: Sequence[float]
) -> list[list[Array]]:
    """Return estimates of a column of the derivatives, for each result: to both sides, right, left."""

    def at(change: float) -> list[Array]:
        moved = x.copy()
        moved.flat[column] += change
        return function(moved)

    here, found = at(0), []
    for h in steps:
        right, left = at(h), at(-h)
        found.append([(a - b) / (2 * h) for a, b in zip(right, left, strict=True)])
        found.append([(a - b) / h for a, b in zip(right, here, strict=True)])
        found.append([(a - b) / h for a, b in zip(here, left, strict=True)])
    return found


def _disagree(own: Array, seen: list[Array], atol: float, rtol: float) -> tuple[float, float] | None:
    """Return derivative and estimate where they disagree most; None if an estimate agrees everywhere."""
    off = np.array([np.abs(own - d.ravel()) - atol - rtol * np.abs(d.ravel()) for d in seen])
    off = np.where(np.isnan(off), np.inf, off)
    best = off.min(axis=0) if off.size else np.zeros(0)
    if not (best > 0).any():
        return None
    worst = int(best.argmax())
    return float(own[worst]), float(seen[int(off[:, worst].argmin())].ravel()[worst])
