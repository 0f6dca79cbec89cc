"""Writes down what a network computes, by calling it once with an example.

Nothing is computed: the engine only notes each call of an op (cpp/bindings/trace.hh). What does not depend
on the example, such as a batch norm's scale, becomes a constant. A network that reads its own numbers, in an
`if` or by numpy, would take another way for another input, so it is refused.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import hello_dl
from hello_dl import _core, nn
from hello_dl._core import Tensor
from hello_dl.shipping.graph import Graph, Step, Value
from hello_dl.tensors.grad_mode import no_grad
from hello_dl.tensors.random import default_generator

Array = NDArray[Any]
PACKAGE = Path(hello_dl.__file__).parent
ROOMS = ("tensors", "functional", "linalg", "fft", "special", "distributions")  # of functions on tensors
PASSING = {"called"}  # frames of functions that pass a call on
READERS = {"item", "tolist", "numpy", "__array__", "__bool__", "__float__", "__int__", "__index__", "__len__"}


def as_arrays(example: Any) -> list[Array]:
    """Return the inputs of an example, a tensor, an array or several of them. TypeError for anything else."""
    several = example if isinstance(example, (tuple, list)) else [example]
    arrays = [x.detach().numpy() if isinstance(x, Tensor) else np.asarray(x) for x in several]
    if not arrays or any(array.dtype.kind not in "fiub" or array.ndim == 0 for array in arrays):
        kinds = ", ".join(type(x).__name__ for x in several) or "nothing"
        raise TypeError(
            "export: needs an example input, a tensor or array of at least one axis or a tuple of them,"
            f" got {kinds}"
        )
    return arrays


def trace(model: Callable[..., Any], example: Any) -> Graph:
    """Return the graph of model(*example), with the example's shapes.

    ValueError if the network is in training mode, draws random numbers, or depends on values of its input.
    """
    if isinstance(model, nn.Module) and any(module.training for module in model.modules()):
        raise ValueError("export: the network is in training mode; call its .eval() first")
    tensors = [_core.from_numpy(np.array(array)) for array in as_arrays(example)]
    before = str(default_generator.get_state())
    _core.begin_trace(tensors)
    try:
        with no_grad():
            answer = model(*tensors)
    except ValueError as error:
        raise (_explained(error) or error) from None
    finally:
        calls = _core.end_trace()
    graph = _graph(calls, tensors, _flat(answer), _names(model))
    if str(default_generator.get_state()) != before or any(map(_is_random, graph.steps)):
        raise ValueError(
            "export: the network draws random numbers, so it has no fixed answer; a file cannot hold it"
        )
    return graph


def _is_random(step: Step) -> bool:
    """Whether a step leaves numbers out at random."""
    return bool(step.arguments.get("dropout_p") or (step.op == "dropout" and step["p"] > 0))


def _explained(error: ValueError) -> ValueError | None:
    """Return a message that names the function that read numbers; None for an error of another kind."""
    if not str(error).startswith("trace: "):
        return None
    frames = traceback.extract_tb(error.__traceback__)
    for frame in frames:
        path = Path(frame.filename)
        inside = PACKAGE in path.parents and path.relative_to(PACKAGE).parts[0] in ROOMS
        if inside and frame.name not in PASSING:
            name = frame.name.lstrip("_") if frame.name not in READERS else frame.name
            break
    else:
        name = "numpy"
    if name in READERS or name == "numpy":
        where = next((f for f in reversed(frames) if PACKAGE not in Path(f.filename).parents), frames[-1])
        return ValueError(
            f"export: the network reads numbers that depend on its input ({name}, in"
            f" {Path(where.filename).name} line {where.lineno}: {where.line}); so its graph"
            " may differ for another input, and a file cannot hold it"
        )
    return ValueError(
        f"export: {name} is computed by numpy, outside the graph, or by an `if` on numbers, so a file cannot"
        " hold it; use another function"
    )


def _flat(answer: Any) -> list[Tensor]:
    """Return the tensors of an answer: one, or tuples, lists and dicts of them. TypeError without any."""
    if isinstance(answer, Tensor):
        return [answer]
    parts = answer.values() if isinstance(answer, Mapping) else answer
    if not isinstance(answer, (Mapping, Sequence)) or isinstance(answer, str):
        raise TypeError(f"export: needs a network that returns tensors, got {type(answer).__name__}")
    return [t for part in parts if part is not None for t in _flat(part)]


def _names(model: Any) -> dict[int, str]:
    """Return the names of parameters and buffers by the ids of their nodes."""
    if not isinstance(model, nn.Module):
        return {}
    return {t.id: name for name, t in (*model.named_parameters(), *model.named_buffers())}


def _graph(calls: Any, inputs: list[Tensor], outputs: list[Tensor], names: dict[int, str]) -> Graph:
    """Return the graph of the calls that the engine has noted."""
    values = {t.id: Value(tuple(t.shape), str(t.dtype)) for t in inputs}
    constants: dict[int, Tensor] = {}

    def value_of(x: Any) -> Any:
        """Return an argument with values in place of tensors."""
        if isinstance(x, list):
            return [value_of(item) for item in x]
        if not isinstance(x, Tensor):
            return x
        if x.id not in values:
            constants[x.id] = x
            values[x.id] = Value(tuple(x.shape), str(x.dtype), name=names.get(x.id, ""))
        return values[x.id]

    steps = []
    for op, arguments, y in calls[len(inputs) :]:
        known = {name: value_of(argument) for name, argument in arguments.items()}
        if y.id not in values:  # an op may return its input: a reshape to the same shape
            values[y.id] = Value(tuple(y.shape), str(y.dtype))
            steps.append(Step(op, known, values[y.id]))
    graph = Graph([values[t.id] for t in inputs], steps, [value_of(t) for t in outputs])
    for key, tensor in constants.items():
        values[key].numbers = np.array(tensor.detach().numpy())
    return graph.without_unused()
