"""Draws the graph behind a tensor: as DOT text for Graphviz, or as SVG that needs no other program.

The places of the boxes follow Sugiyama, Tagawa and Toda (1981): layers, an order within each layer that lets
few lines cross, then coordinates.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from itertools import pairwise
from pathlib import Path

import numpy as np

from hello_dl import _core
from hello_dl._core import Tensor
from hello_dl.files import write_text

MOST_NODES = 400  # of a graph drawn as SVG; larger ones cannot be looked at
CHAR, LINE = 7.3, 16  # width of a character and height of a line in pixels, for a 12 px monospaced font
GAP_X, GAP_Y, MARGIN = 24, 44, 16  # pixels between boxes, between layers, and around the picture
MOST_NUMBERS, MOST_IN_ROW = 12, 6  # numbers of a tensor that is shown with its numbers
ORDER_SWEEPS, PLACE_ROUNDS = 12, 30  # passes over all layers to order boxes, and to place them
PARAMETER, LEAF, OP, RESULT = "#cfe3ff", "#ececec", "#ffffff", "#ffe9b3"  # colours of the boxes


@dataclass
class Box:
    """A node of the graph as a box of text, or, without text, a place where a long line passes a layer."""

    text: list[str] = field(default_factory=list)
    colour: str = OP
    inputs: list[int] = field(default_factory=list)  # indices of the boxes that lines come from
    layer: int = 0  # counted from the top
    x: float = 0.0  # of its centre, in pixels
    width: float = 8.0
    height: float = 0.0


def to_dot(y: Tensor, names: Mapping[str, Tensor] | None = None) -> str:
    """Return the graph behind y as DOT text: op, shape, the numbers of small tensors, gradients if any.

    names, such as dict(model.named_parameters()), gives tensors their names. Draw before backward(), which
    frees the graph, or call that with retain_graph=True. Small tensors are computed, to show their numbers.
    """
    lines = ["digraph {", '  node [shape=box, style="rounded,filled", fontname="monospace", fontsize=10]']
    for i, box in enumerate(_boxes(y, names)):
        text = "\\n".join(t.replace("\\", "\\\\").replace('"', '\\"') for t in box.text)
        lines.append(f'  n{i} [label="{text}", fillcolor="{box.colour}"]')
        lines += [f"  n{k} -> n{i}" for k in box.inputs]
    return "\n".join([*lines, "}\n"])


def to_svg(
    y: Tensor, path: str | os.PathLike[str] | None = None, names: Mapping[str, Tensor] | None = None
) -> str:
    """Return the graph behind y as an SVG picture, and write it to `path` if one is given; see to_dot.

    Inputs are above, the result is below. Raises ValueError for a graph of more than 400 nodes.
    """
    boxes = _boxes(y, names)
    if len(boxes) > MOST_NODES:
        raise ValueError(
            f"to_svg: needs a graph of at most {MOST_NODES} nodes, got {len(boxes)}; to_dot draws any"
        )
    layers = _layers(boxes)
    _order(boxes, layers)
    _place(boxes, layers)
    text = _drawn(boxes, layers)
    if path is not None:
        write_text(Path(path), text)
    return text


# ---- what is written in the boxes --------------------------------------------------------------------------


def _boxes(y: Tensor, names: Mapping[str, Tensor] | None) -> list[Box]:
    """Return the graph as boxes, inputs before those that use them. No recursion: graphs may be deep."""
    called = {t.id: name for name, t in (names or {}).items()}
    number: dict[int, int] = {}
    nodes: list[Tensor] = []
    edges: list[list[int]] = []
    stack = [(y, False)]
    while stack:
        t, inputs_done = stack.pop()
        if t.id in number:
            continue
        if inputs_done:
            number[t.id] = len(nodes)
            nodes.append(t)
            edges.append([number[i.id] for i in t.inputs])
        else:
            stack.append((t, True))
            stack.extend((i, False) for i in reversed(t.inputs))
    ops = [t.op for t in nodes]
    leaves = [not inputs for inputs in edges]
    _core.evaluate([t for t in nodes if _is_small(t)])
    boxes = []
    for t, op, leaf, inputs in zip(nodes, ops, leaves, edges, strict=True):
        title = called.get(t.id) or (("parameter" if t.requires_grad else "numbers") if leaf else op)
        colour = OP if not leaf else PARAMETER if t.requires_grad else LEAF
        if t is nodes[-1]:
            colour = RESULT
        text = [title, f"{t.shape}", *_numbers(t)]
        if t.grad is not None:
            rows = _numbers(t.grad) or [f"of size {float(np.abs(t.grad.numpy()).max()):.3g}"]
            text += [("grad " if i == 0 else "     ") + row for i, row in enumerate(rows)]
        width = max(map(len, text)) * CHAR + 16
        boxes.append(Box(text, colour, inputs, width=width, height=len(text) * LINE + 10))
    return boxes


def _is_small(t: Tensor) -> bool:
    """Tell whether a box has room for a tensor's numbers: a few, in at most two dimensions."""
    shape = [s for s in t.shape if s != 1]
    return t.numel() <= MOST_NUMBERS and len(shape) <= 2 and (not shape or shape[-1] <= MOST_IN_ROW)


def _numbers(t: Tensor) -> list[str]:
    """Return the numbers of a small tensor, a line for each row; nothing for a large one."""
    if not _is_small(t) or t.numel() == 0:
        return []
    rows = np.atleast_2d(np.squeeze(t.numpy()))
    return [" ".join(f"{x:.4g}" for x in row) for row in rows]


# ---- where the boxes stand: layers, order within a layer, places -------------------------------------------


def _layers(boxes: list[Box]) -> list[list[int]]:
    """Put every box into a layer below all its inputs, as low as possible; return the boxes of each layer.

    A line that passes layers gets a box without text in each of them.
    """
    depth = [0] * len(boxes)  # length of the longest path down to the result
    for i in range(len(boxes) - 1, -1, -1):
        for k in boxes[i].inputs:
            depth[k] = max(depth[k], depth[i] + 1)
    top = max(depth)
    layers: list[list[int]] = [[] for _ in range(top + 1)]
    for i, box in enumerate(boxes):
        box.layer = top - depth[i]
        layers[box.layer].append(i)
    for box in list(boxes):
        for slot, k in enumerate(box.inputs):
            for layer in range(boxes[k].layer + 1, box.layer):
                boxes.append(Box(inputs=[k], layer=layer))
                k = len(boxes) - 1
                layers[layer].append(k)
            box.inputs[slot] = k
    return layers


def _neighbours(boxes: list[Box]) -> tuple[list[list[int]], list[list[int]]]:
    """Return, for each box, the boxes above and the boxes below that it has lines to."""
    below: list[list[int]] = [[] for _ in boxes]
    for i, box in enumerate(boxes):
        for k in box.inputs:
            below[k].append(i)
    return [box.inputs for box in boxes], below


def _order(boxes: list[Box], layers: list[list[int]]) -> None:
    """Sort each layer by the mean position of each box's neighbours (barycentre), down and up in turn."""
    above, below = _neighbours(boxes)
    for sweep in range(ORDER_SWEEPS):
        down = sweep % 2 == 0
        place = {i: rank / max(1, len(layer) - 1) for layer in layers for rank, i in enumerate(layer)}
        for layer in layers if down else reversed(layers):
            near = above if down else below
            key = {i: sum(place[k] for k in near[i]) / len(near[i]) if near[i] else place[i] for i in layer}
            layer.sort(key=key.__getitem__)
            place.update({i: rank / max(1, len(layer) - 1) for rank, i in enumerate(layer)})


def _place(boxes: list[Box], layers: list[list[int]]) -> None:
    """Move each box to the mean of its neighbours, as far as the boxes beside it leave room."""
    above, below = _neighbours(boxes)
    for layer in layers:
        _spread(boxes, layer)
    for _ in range(PLACE_ROUNDS):
        for layer in [*layers, *reversed(layers)]:
            for i in layer:
                near = above[i] + below[i]
                if near:
                    boxes[i].x = sum(boxes[k].x for k in near) / len(near)
            _spread(boxes, layer)


def _spread(boxes: list[Box], layer: list[int]) -> None:
    """Push overlapping boxes of a layer apart, then move the layer so that its mean stays the same."""
    wanted = sum(boxes[i].x for i in layer) / len(layer)
    for left, right in pairwise(layer):
        room = (boxes[left].width + boxes[right].width) / 2 + GAP_X
        boxes[right].x = max(boxes[right].x, boxes[left].x + room)
    moved = sum(boxes[i].x for i in layer) / len(layer) - wanted
    for i in layer:
        boxes[i].x -= moved


# ---- drawing -----------------------------------------------------------------------------------------------

HEAD = """\
<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}"\
 font-family="monospace" font-size="12">
<defs><marker id="tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto">\
<path d="M0 0 8 4 0 8z" fill="#666"/></marker></defs>
<rect width="100%" height="100%" fill="#ffffff"/>"""


def _drawn(boxes: list[Box], layers: list[list[int]]) -> str:
    """Return the SVG text of boxes whose layers, x and sizes are known."""
    left = min(b.x - b.width / 2 for b in boxes) - MARGIN
    width = max(b.x + b.width / 2 for b in boxes) + MARGIN - left
    tall = [max(boxes[i].height for i in layer) for layer in layers]
    tops = [float(MARGIN)]  # of the layers
    for height in tall:
        tops.append(tops[-1] + height + GAP_Y)
    for b in boxes:
        b.x -= left
        if not b.text:
            b.height = tall[b.layer]  # a line passes a layer upright, between the boxes
    y = [tops[b.layer] + (tall[b.layer] - b.height) / 2 for b in boxes]  # of each box's upper edge
    out = [HEAD.format(width=width, height=tops[-1] - GAP_Y + MARGIN)]
    for i, b in enumerate(boxes):
        out += [_line(boxes[k].x, y[k] + boxes[k].height, b.x, y[i], bool(b.text)) for k in b.inputs]
    for b, top in zip(boxes, y, strict=True):
        out += _box(b, top)
    return "\n".join([*out, "</svg>\n"])


def _line(x0: float, y0: float, x1: float, y1: float, tip: bool) -> str:
    """Return a curved line from (x0, y0) down to (x1, y1), vertical at both ends; `tip` adds an arrowhead."""
    bend = (y1 - y0) / 2
    marker = ' marker-end="url(#tip)"' if tip else ""
    return (
        f'<path d="M{x0:.1f} {y0:.1f}C{x0:.1f} {y0 + bend:.1f} {x1:.1f} {y1 - bend:.1f} {x1:.1f} {y1:.1f}"'
        f' fill="none" stroke="#666"{marker}/>'
    )


def _box(b: Box, top: float) -> list[str]:
    """Return a rectangle and the lines of text in it, the first one bold; without text, a vertical line."""
    if not b.text:
        return [f'<path d="M{b.x:.1f} {top:.1f}V{top + b.height:.1f}" stroke="#666"/>']
    out = [
        f'<rect x="{b.x - b.width / 2:.1f}" y="{top:.1f}" width="{b.width:.1f}" height="{b.height:.1f}"'
        f' rx="6" fill="{b.colour}" stroke="#888"/>'
    ]
    for line, text in enumerate(b.text):
        bold = ' font-weight="bold"' if line == 0 else ""
        baseline = top + 5 + LINE * (line + 0.75)
        out.append(
            f'<text x="{b.x:.1f}" y="{baseline:.1f}" text-anchor="middle" xml:space="preserve"{bold}>'
            f"{escape(text)}</text>"
        )
    return out
