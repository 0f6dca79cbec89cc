"""What all plots share: figures, colours, axes, and writing to a file."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hello_dl.files import write_aside
from hello_dl.pictures.colours import OKABE_ITO

COLOURS = tuple("#{:02x}{:02x}{:02x}".format(*rgb) for rgb in OKABE_ITO.values())  # of lines, in this order
POINTS = 150  # points that a curve is drawn with; with more, groups of neighbours are averaged
DPI = 100  # pixels per inch of a figure


def new_figure(width: float, height: float, layout: Any = "constrained") -> Any:
    """Return an empty figure, `width` x `height` inches. Raises ImportError without matplotlib."""
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise ImportError("plots need matplotlib: pip install 'hello-dl[plot]'") from None
    return Figure(figsize=(width, height), dpi=DPI, layout=layout)


def grid_of_axes(panels: int, columns: int, width: float, height: float) -> tuple[Any, Any]:
    """Return a figure of many panels, `width` x `height` inches each, in rows of `columns`; and their axes.

    matplotlib can find a layout by itself, but for many panels that takes longer than the drawing.
    """
    columns = min(columns, panels)
    rows = math.ceil(panels / columns)
    w, h = columns * width, rows * height + 0.6
    figure = new_figure(w, h, layout=None)
    figure.subplots_adjust(  # margins in inches; gaps as shares of a panel
        **{"left": 0.7 / w, "right": 1 - 0.2 / w, "bottom": 0.55 / h, "top": 1 - 0.85 / h},
        wspace=0.25,
        hspace=0.4,
    )
    axes = list(figure.subplots(rows, columns, squeeze=False).flat)
    for unused in axes[panels:]:
        unused.remove()
    return figure, axes[:panels]


def tidy(axes: Any) -> None:
    """Remove the upper and the right side of the frame, and draw a pale grid."""
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(alpha=0.25, linewidth=0.6)


def logarithmic(axes: Any) -> None:
    """Give the y axis a logarithmic scale, with labels such as 0.2 and 50."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    axes.set_yscale("log")
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda y, _: f"{y:g}"))
    axes.yaxis.set_minor_formatter(NullFormatter())


def save(figure: Any, path: Path) -> Path:
    """Write a figure as a PNG picture, whole or not at all, and return its path."""
    with write_aside(path) as file:
        figure.savefig(file, format="png")
    return path


def averaged(y: NDArray[Any], most: int = POINTS) -> NDArray[np.float64]:
    """Return at most `most` numbers for y (n,): the means of equal groups of neighbours.

    NaN and infinity are left out of a mean; the mean of a group without other numbers is NaN.
    """
    edges = np.linspace(0, len(y), min(most, len(y)) + 1).astype(int)[:-1]
    there = np.isfinite(y)
    totals = np.add.reduceat(np.where(there, y, 0), edges, dtype=np.float64)
    counts = np.add.reduceat(there, edges, dtype=np.float64)
    totals[counts == 0] = np.nan
    return totals / np.maximum(counts, 1)
