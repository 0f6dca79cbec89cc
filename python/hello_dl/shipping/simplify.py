"""Makes a graph shorter without changing its answers: batch norm becomes part of the layer before it.

Outside training, batch norm is y = x scale + shift for each channel, with constant scale and shift. After a
convolution or linear layer with weights w and bias b that is the same layer with weights w scale and bias
b scale + shift (Jacob et al. 2018, section 3.2).
"""

from __future__ import annotations

import numpy as np

from hello_dl.shipping.graph import Graph, Step, Value


def simplified(graph: Graph) -> Graph:
    """Return the graph with every batch norm that follows a convolution or linear layer folded into it."""
    made_by = {step.output: step for step in graph.steps}
    uses = graph.uses()
    for step in graph.steps:
        if step.op != "channel_affine":
            continue
        layer = made_by.get(step["x"])
        constants = step["scale"].is_constant and step["shift"].is_constant
        if layer is None or not constants or uses[step["x"]] != 1 or not _takes_a_scale(layer):
            continue
        _fold(layer, step["scale"], step["shift"])
        layer.output = step.output
        made_by[step.output] = layer
    folded = {id(step) for step in graph.steps if made_by[step.output] is not step}
    steps = [step for step in graph.steps if id(step) not in folded]
    return Graph(graph.inputs, steps, graph.outputs)


def _takes_a_scale(layer: Step) -> bool:
    """Whether a step is a layer with constant weights and one output channel on axis 1."""
    if layer.op not in ("conv2d", "linear") or not layer["weight"].is_constant:
        return False
    bias = layer["bias"]
    return (bias is None or bias.is_constant) and (layer.op == "conv2d" or len(layer.output.shape) == 2)


def _fold(layer: Step, scale: Value, shift: Value) -> None:
    """Change the weights and bias of a layer so that its channels come out scaled and shifted."""
    weight, bias = layer["weight"], layer["bias"]
    factors, more = (np.asarray(v.numbers, np.float64) for v in (scale, shift))
    scaled = weight.numbers * factors.reshape(-1, *[1] * (weight.numbers.ndim - 1))
    moved = more if bias is None else bias.numbers * factors + more
    kind = weight.numbers.dtype
    layer.arguments["weight"] = Value(weight.shape, weight.dtype, scaled.astype(kind), weight.name)
    layer.arguments["bias"] = Value(shift.shape, shift.dtype, moved.astype(kind), bias.name if bias else "")
