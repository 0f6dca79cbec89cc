"""A network that is only used: planned once, then numpy arrays in, numpy arrays out."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hello_dl import nn
from hello_dl._core import Frozen as Program
from hello_dl._core import Tensor, evaluate
from hello_dl.tensors.creation import tensor
from hello_dl.tensors.grad_mode import no_grad

KEPT = 16  # plans, one for each shape; more keep more memory
CLOSE = 1e-4  # how far plan and model may be apart, of the largest number; more lets more chance pass

Array = NDArray[Any]


def freeze(model: Callable[..., Any], *example: Any) -> Frozen:
    """Return a function that computes what a model computes, faster: arrays in, arrays out, no gradients.

    `example` is an array (or several) as the model takes them; from it the steps are taken, in eval mode
    whatever mode the model is in. Other shapes, such as another batch, are planned when they first come.
    Batch norm is folded into convolutions, layers are joined, and a single image is shared by all cores.
    ValueError if the steps depend on the numbers, or on chance.
    """
    return Frozen(model, example)


class Frozen:
    """What `freeze` returns. Several threads may call it at once.

    A parameter that is changed in place (by an optimizer, `copy_`, `load_state_dict`) is noticed, and its new
    numbers are used from the next call on; so is one that is exchanged for another if nothing else holds the
    old one. Numbers changed through a numpy array that shares a parameter's memory are not noticed.
    """

    def __init__(self, model: Callable[..., Any], example: tuple[Any, ...]) -> None:
        self.model = model
        if not example:
            raise ValueError("freeze: needs an example of what the model takes, got none")
        self._kinds = [_kind(np.asarray(x)) for x in example]
        self._axes = [np.ndim(x) for x in example]
        self._plans: OrderedDict[Any, tuple[Program, Any]] = OrderedDict()
        self._lock = threading.Lock()
        self._plan([np.asarray(x) for x in example])

    @property
    def steps(self) -> list[str]:
        """The names of the steps that were planned last, in the order of computation."""
        return next(reversed(self._plans.values()))[0].steps

    def __call__(self, *arrays: Any) -> Any:
        """Return the model's result for these arrays (or tensors): an array, or a tuple as the model gives.

        TypeError for another number of arrays, or for integers instead of floats; ValueError for another
        number of axes; else what the model itself says of a shape that it cannot take.
        """
        given = [x if type(x) is np.ndarray else np.asarray(x) for x in arrays]
        key = tuple([x.shape for x in given])
        while True:
            plan = self._plans.get(key)
            if plan is None:
                self._check(given)
                with self._lock:
                    plan = self._plans.get(key) or self._plan(given)
            program, form = plan
            results = program.run(*given)
            if results is not None:
                return results[0] if form is None else _formed(form, iter(results))
            with self._lock:  # parameters have changed
                if self._plans.get(key) is plan:
                    self._plans.clear()

    def _check(self, given: list[Array]) -> None:
        if len(given) != len(self._kinds):
            raise TypeError(f"frozen: needs {len(self._kinds)} array(s), as in the example, got {len(given)}")
        for x, kind, axes in zip(given, self._kinds, self._axes, strict=True):
            if _kind(x) != kind:
                raise TypeError(f"frozen: needs {kind}, as in the example, got dtype {x.dtype}")
            if x.ndim != axes:
                raise ValueError(f"frozen: needs {axes} axes, as in the example, got shape {x.shape}")

    def _plan(self, given: list[Array]) -> tuple[Program, Any]:
        """Plan for arrays of these shapes. The model runs twice: what differs depends on the numbers."""
        with _evaluating(self.model), no_grad():
            inputs, result, outputs = self._run(given)
            others = [_other_numbers(x) for x in given]
            _, _, other_outputs = self._run(others)
            _same_steps(outputs, other_outputs)
            program = Program(inputs, outputs)
            del inputs, outputs
            evaluate(other_outputs)
        form = None if isinstance(result, Tensor) else _form(result)
        del result
        program.watch()
        for mine, right in zip(program.run(*others) or [], other_outputs, strict=True):
            _check_close(mine, right.numpy())
        while len(self._plans) >= KEPT:
            self._plans.popitem(last=False)
        self._plans[tuple(x.shape for x in given)] = program, form
        return program, form

    def _run(self, arrays: list[Array]) -> tuple[list[Tensor], Any, list[Tensor]]:
        inputs = [tensor(x) for x in arrays]
        result = self.model(*inputs)
        return inputs, result, list(_tensors(result))


def _kind(x: Array) -> str:
    kinds = {"f": "floats", "i": "integers", "u": "integers", "b": "truth values"}
    if x.dtype.kind not in kinds:
        raise TypeError(f"frozen: needs an array of floats, integers or truth values, got dtype {x.dtype}")
    return kinds[x.dtype.kind]


@contextmanager
def _evaluating(model: Callable[..., Any]) -> Iterator[None]:
    """Put a model's layers into eval mode, and afterwards back into the mode that each was in."""
    modes = [(m, m.training) for m in model.modules()] if isinstance(model, nn.Module) else []
    for module, _ in modes:
        module.training = False
    try:
        yield
    finally:
        for module, mode in modes:
            module.training = mode


def _other_numbers(x: Array) -> Array:
    """Return numbers that differ from x in sign and order; integers in order alone, so that they fit."""
    turned = x.reshape(-1)[::-1].reshape(x.shape)
    return (-0.5 * turned - 0.25).astype(x.dtype) if x.dtype.kind == "f" else turned.copy()


def _tensors(result: Any) -> Iterator[Tensor]:
    if isinstance(result, Tensor):
        yield result
    elif isinstance(result, tuple | list):
        for part in result:
            yield from _tensors(part)
    else:
        raise TypeError(
            f"freeze: needs a model that returns tensors, or tuples of them, got {type(result).__name__}"
        )


def _form(result: Any) -> Any:
    """Return a result's nesting: None for a tensor, a tuple for a tuple or list."""
    return None if isinstance(result, Tensor) else tuple(_form(part) for part in result)


def _formed(form: Any, arrays: Iterator[Array]) -> Any:
    return next(arrays) if form is None else tuple(_formed(part, arrays) for part in form)


def _steps(outputs: list[Tensor]) -> list[str]:
    """Return the steps behind the outputs in words: name, shape, and the numbers of the steps it reads."""
    number: dict[int, int] = {}
    steps: list[str] = []
    stack = list(reversed(outputs))
    while stack:
        node = stack[-1]
        inputs = node.inputs
        waiting = [x for x in inputs if x.id not in number]
        if node.id in number or waiting:
            stack.pop() if node.id in number else stack.extend(reversed(waiting))
            continue
        number[node.id] = len(steps)
        steps.append(f"{node.op} {tuple(node.shape)} of steps {[number[x.id] for x in inputs]}")
        stack.pop()
    return steps


def _same_steps(outputs: list[Tensor], others: list[Tensor]) -> None:
    mine, theirs = _steps(outputs), _steps(others)
    for a, b in zip(mine, theirs, strict=False):
        if a != b:
            raise ValueError(
                f"freeze: the model's steps depend on its numbers: '{a}' became '{b}' for others"
            )
    if len(mine) != len(theirs):
        raise ValueError(
            f"freeze: the model's steps depend on its numbers: {len(mine)} became {len(theirs)} for others"
        )


def _check_close(mine: Array, right: Array) -> None:
    largest = float(np.nanmax(np.abs(right[np.isfinite(right)]), initial=1e-30))
    if not np.allclose(mine, right, rtol=0, atol=CLOSE * largest, equal_nan=True):
        raise ValueError(
            "freeze: the model's result depends on chance, or on numbers that Python has read from its input "
            "(.item(), .numpy()): the same steps gave another result"
        )
