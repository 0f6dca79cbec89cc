"""Writes a network as an ONNX file, which ONNX Runtime and many other programs run.

The library `onnx` (extra `onnx`) makes the file, and its checker looks at it before it is kept.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from hello_dl.files import write_aside
from hello_dl.shipping.graph import About, Graph, Value, chosen_names, refuse_unknown
from hello_dl.shipping.onnx_layers import LAYERS
from hello_dl.shipping.onnx_ops import OPS, ToOnnx
from hello_dl.shipping.onnx_writer import NUMBERS, OPSET, Writer
from hello_dl.shipping.simplify import simplified
from hello_dl.shipping.trace import as_arrays
from hello_dl.shipping.vary import Places, trace_varying

TABLE: dict[str, ToOnnx] = {**OPS, **LAYERS}
IR_VERSION = 9  # of the file's own form, of the time of OPSET; readers take no newer one than they know
Axes = Mapping[str, Mapping[int, str]]


def write_onnx(
    path: Path,
    model: Callable[..., Any],
    example: Any,
    about: About,
    input_names: Sequence[str] = (),
    output_names: Sequence[str] = (),
    dynamic_axes: Axes | None = None,
) -> None:
    """Write the network to an ONNX file, whole or not at all.

    dynamic_axes names, as in PyTorch, the axes of inputs that may have any length: {"x": {0: "batch"}}. The
    default is axis 0 of every input. ValueError for what ONNX has no op for.
    """
    onnx = _library()
    count = len(as_arrays(example))
    inputs = chosen_names(input_names, count, "input")
    places = _places(dynamic_axes, inputs)
    graph, lengths = trace_varying(model, example, places)
    graph = simplified(graph)
    refuse_unknown(graph, "ONNX", TABLE)
    writer = Writer(graph, lengths)
    outputs = chosen_names(output_names, len(graph.outputs), "output")
    for value, name in zip(graph.inputs, inputs, strict=True):
        writer.names[value] = name
    for step in graph.steps:
        writer.names[step.output] = TABLE[step.op](writer, step)
    for value, name in zip(graph.outputs, outputs, strict=True):
        writer.nodes.append(("Identity", [writer.of(value)], [name], {}))
    content = _model(onnx, writer, graph, inputs, outputs, {s: n for n, s in lengths.items()}, about)
    onnx.checker.check_model(content, full_check=True)
    with write_aside(path) as file:
        file.write(content.SerializeToString())


def _library() -> Any:
    """Return the library onnx. ImportError with what to install."""
    try:
        import onnx
        import onnx.checker
    except ImportError:
        raise ImportError('ONNX files need the library onnx: pip install "hello-dl[onnx]"') from None
    return onnx


def _places(dynamic_axes: Axes | None, inputs: list[str]) -> Places:
    """Return for the name of each free axis where it is. ValueError for an unknown input."""
    if dynamic_axes is None:
        return {"batch": [(i, 0) for i in range(len(inputs))]}
    places: dict[str, list[tuple[int, int]]] = {}
    for name, axes in dynamic_axes.items():
        if name not in inputs:
            raise ValueError(f"export: dynamic_axes names an input {name!r}; there are {', '.join(inputs)}")
        for axis, called in axes.items():
            places.setdefault(called, []).append((inputs.index(name), axis))
    return places


def _model(
    onnx: Any,
    writer: Writer,
    graph: Graph,
    inputs: list[str],
    outputs: list[str],
    named: dict[tuple[int, ...], str],
    about: About,
) -> Any:
    """Return the file's content."""
    make = onnx.helper

    def described(name: str, value: Value) -> Any:
        shape = [
            size if isinstance(size, int) else named.get(size, f"{name}_{axis}")
            for axis, size in enumerate(value.shape)
        ]
        return make.make_tensor_value_info(name, NUMBERS[value.dtype], shape)

    nodes = [make.make_node(op, ins, outs, **how) for op, ins, outs, how in writer.nodes]
    body = make.make_graph(
        nodes,
        about.name,
        [described(name, value) for name, value in zip(inputs, graph.inputs, strict=True)],
        [described(name, value) for name, value in zip(outputs, graph.outputs, strict=True)],
        [onnx.numpy_helper.from_array(array, name) for name, array in writer.constants.items()],
        doc_string=about.meaning,
    )
    from hello_dl._core.build_info import version

    content = make.make_model(
        body,
        producer_name="hello_dl",
        producer_version=version(),
        opset_imports=[make.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
    )
    notes = {**about.notes, **({"classes": list(about.classes)} if about.classes else {})}
    make.set_model_props(content, {k: v if isinstance(v, str) else json.dumps(v) for k, v in notes.items()})
    return content
