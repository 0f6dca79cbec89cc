"""Draws the filters of the first layer as pictures, and the values of one of them over time."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hello_dl.plots.style import new_figure, tidy
from hello_dl.plots.tensors import tensor_names
from hello_dl.runlog import LogReader, Run

MOST = 128  # filters in a picture; of a larger layer, the first ones
COLOUR_MAP = "bwr"  # blue is negative, white is zero, red is positive
MOMENTS = 6  # steps at which one filter is drawn as a picture, evenly spread over the run
MOST_NAMED = 25  # values of a filter; with more, the lines are thin and have no names


def first_layer(log: LogReader, run: Run) -> tuple[str, NDArray[Any], NDArray[Any]]:
    """Return the name of the first weight tensor, the steps (t,) it was stored at, and its filters over time.

    The filters are (t, out, h, w): those of a convolution, for the first of its input channels, or the rows
    of a linear layer whose input is a square image. Raises LookupError if the layer is of another kind, or
    if its values were not stored.
    """
    for name in tensor_names(log, run, "parameter"):
        if name.endswith("bias"):
            continue
        steps, values = log.values(run.id, name)
        if len(steps) == 0:
            raise LookupError(f"the run has not kept the values of {name}; train with --log-values")
        if values.ndim == 5:  # (t, out, in, kh, kw)
            return name, steps, values[:, :, 0]
        side = math.isqrt(values.shape[-1])
        if values.ndim == 3 and side * side == values.shape[-1]:  # a linear layer whose input is an image
            return name, steps, values.reshape(*values.shape[:2], side, side)
        raise LookupError(f"{name}, the first layer, has no filters that are pictures")
    raise LookupError("the network has no weights")


def draw_filters(log: LogReader, run: Run) -> Any:
    """Return a figure of the first layer's filters at the first logged step and at the last."""
    name, steps, filters = first_layer(log, run)
    shown = filters[:, :MOST]
    high, wide = _mosaic(shown[0]).shape
    figure = new_figure(14, 1.2 + 6 * high / wide)
    most = float(np.abs(shown[-1]).max()) or 1.0
    figure.get_layout_engine().set(wspace=0.1)
    axes = figure.subplots(1, 2)
    for axis, moment in zip(axes, (0, -1), strict=True):
        image = axis.imshow(_mosaic(shown[moment]), cmap=COLOUR_MAP, vmin=-most, vmax=most)
        axis.set_title(f"after step {steps[moment]}")
        axis.axis("off")
    figure.colorbar(image, ax=axes, shrink=0.7)
    figure.suptitle(f"Run {run.id}: the filters of {name}, red positive, blue negative")
    return figure


def _mosaic(pictures: NDArray[Any]) -> NDArray[np.float64]:
    """Lay pictures (n, h, w) out in rows, with gaps of NaN between them, which matplotlib leaves white."""
    n, h, w = pictures.shape
    columns = math.ceil(math.sqrt(n)) if n < 16 else 8 * math.ceil(math.sqrt(n) / 8)
    gap = math.ceil(h / 10)
    mosaic = np.full((math.ceil(n / columns) * (h + gap) - gap, columns * (w + gap) - gap), np.nan)
    for i, picture in enumerate(pictures):
        y, x = i // columns * (h + gap), i % columns * (w + gap)
        mosaic[y : y + h, x : x + w] = picture
    return mosaic


def draw_filter(log: LogReader, run: Run, number: int) -> Any:
    """Return a figure of one filter of the first layer: at a few steps, and each of its values against steps.

    Raises LookupError if there is no filter of that number.
    """
    name, steps, filters = first_layer(log, run)
    if number >= filters.shape[1]:
        raise LookupError(f"{name} has {filters.shape[1]} filters, counted from 0; there is no {number}")
    values = filters[:, number]
    figure = new_figure(12, 7)
    above, below = figure.subfigures(2, 1, height_ratios=(1, 2.2))
    chosen = np.unique(np.linspace(0, len(steps) - 1, MOMENTS).round().astype(int))
    most = float(np.abs(values).max()) or 1.0
    for axis, moment in zip(np.atleast_1d(above.subplots(1, len(chosen))), chosen, strict=True):
        axis.imshow(values[moment], cmap=COLOUR_MAP, vmin=-most, vmax=most)
        axis.set_title(f"step {steps[moment]}", fontsize="medium")
        axis.axis("off")
    axis = below.subplots()
    few = values[0].size <= MOST_NAMED
    for y, x in np.ndindex(values[0].shape):
        label = f"row {y}, column {x}" if few else None
        axis.plot(steps, values[:, y, x], linewidth=1.4 if few else 0.3, label=label)
    if few:
        axis.legend(fontsize="small", loc="center left", bbox_to_anchor=(1, 0.5))
    axis.axhline(0, color="black", linewidth=0.8)
    axis.set_xlabel("steps")
    axis.set_ylabel("value")
    tidy(axis)
    figure.suptitle(f"Run {run.id}: the values of filter {number} of {name}")
    return figure
