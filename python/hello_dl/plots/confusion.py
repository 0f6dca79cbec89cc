"""Draws the confusion matrix of a validation, and images of the pairs of classes most often confused."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from hello_dl.data.images import SIDE
from hello_dl.plots.style import new_figure
from hello_dl.runlog import LogReader, Run
from hello_dl.runlog.rows import worst_pairs

PAIRS, EXAMPLES = 8, 6  # how many of the pairs most often confused are drawn, and images of each
MARGIN = 2  # pixels around an image
MOST_CLASSES = 10_000  # of a run that does not name its classes


def draw_confusion(log: LogReader, run: Run) -> Any:
    """Return a figure of the run's last validation: the confusion matrix, and beside it the worst pairs.

    Raises LookupError if there was no validation.
    """
    counts, step = read_confusion(log, run)
    classes = run.classes or tuple(map(str, range(len(counts))))
    images = log.query("SELECT truth, answer, image FROM mistake WHERE run = ? ORDER BY rowid", run.id)
    if any(len(image) != SIDE * SIDE for _, _, image in images):
        raise ValueError(f"{log.path}: is damaged: needs images of {SIDE * SIDE} bytes")
    figure = new_figure(15, 8)
    right, wrong = int(np.trace(counts)), int(counts.sum() - np.trace(counts))
    figure.suptitle(f"Run {run.id}, step {step}: {right:,} of {right + wrong:,} right, {wrong:,} wrong")
    left, beside = figure.subfigures(1, 2, width_ratios=(1.15, 1))
    _draw_matrix(left, counts, classes)
    _draw_pairs(beside, counts, classes, images)
    return figure


def read_confusion(log: LogReader, run: Run) -> tuple[NDArray[np.int64], int]:
    """Return the confusion matrix [truth, answer] (classes, classes) of the last validation, and its step.

    Raises LookupError if there was no validation.
    """
    rows = log.query(
        "SELECT truth, answer, items, step FROM confusion WHERE run = ?"
        " AND step = (SELECT max(step) FROM confusion WHERE run = ?)",
        run.id,
        run.id,
    )
    if not rows:
        raise LookupError("the run has no validation yet")
    numbers = [number for truth, answer, _, _ in rows for number in (truth, answer)]
    n = max(len(run.classes), 1 + max(numbers))
    if min(numbers) < 0 or n > (len(run.classes) or MOST_CLASSES):
        raise ValueError(f"{log.path}: is damaged: counts answers of class {min(numbers)} to {max(numbers)}")
    counts = np.zeros((n, n), np.int64)
    for truth, answer, items, _ in rows:
        counts[truth, answer] = items
    return counts, rows[0][3]


def _draw_matrix(figure: Any, counts: NDArray[np.int64], classes: tuple[str, ...]) -> None:
    """Draw the confusion matrix: a row for each true class, a column for each answer, in % of the row.

    The diagonal (right answers) stays white. With up to 12 classes the counts are written into the cells.
    """
    axes = figure.subplots()
    n = len(counts)
    shares = 100 * counts / np.maximum(counts.sum(1, keepdims=True), 1)
    np.fill_diagonal(shares, np.nan)
    most = max(float(np.nanmax(shares, initial=0)), 1.0)
    image = axes.imshow(shares, cmap="Reds", vmin=0, vmax=most)
    size = 10 if n <= 30 else 6
    axes.set_xticks(range(n), classes, fontsize=size, rotation=90 if max(map(len, classes)) > 2 else 0)
    axes.set_yticks(range(n), classes, fontsize=size)
    axes.set_xlabel("read as")
    axes.set_ylabel("is")
    axes.set_xticks(np.arange(n - 1) + 0.5, minor=True)
    axes.set_yticks(np.arange(n - 1) + 0.5, minor=True)
    axes.grid(which="minor", color="#dddddd", linewidth=0.5)
    axes.tick_params(which="both", length=0)
    if n <= 12:
        for (i, j), count in np.ndenumerate(counts):
            if count:
                dark = i != j and shares[i, j] > most / 2
                axes.text(
                    j, i, count, ha="center", va="center", fontsize=9, color="white" if dark else "black"
                )
    figure.colorbar(image, ax=axes, shrink=0.7, label="% of the class")


def _draw_pairs(
    figure: Any, counts: NDArray[np.int64], classes: tuple[str, ...], images: list[tuple[int, int, bytes]]
) -> None:
    """Draw a row for each of the worst pairs: how often it was confused, in words, and some images."""
    axes = figure.subplots()
    axes.axis("off")
    cell = SIDE + 2 * MARGIN  # side of an image's cell, in pixels
    text = 3 * SIDE  # width of the words at its left, in pixels
    page = np.zeros((PAIRS * cell, text + EXAMPLES * cell), np.uint8)
    for row, (truth, answer) in enumerate(worst_pairs(counts, PAIRS)):
        items, of = counts[truth, answer], counts[truth].sum()
        words = f"{classes[truth]} read as {classes[answer]}\n{items} of {of} ({items / of:.1%})"
        axes.text(0, (row + 0.5) * cell, words, va="center", fontsize=11)
        shown = [image for t, a, image in images if (t, a) == (truth, answer)][:EXAMPLES]
        for column, image in enumerate(shown):
            y, x = row * cell + MARGIN, text + column * cell + MARGIN
            page[y : y + SIDE, x : x + SIDE] = np.frombuffer(image, np.uint8).reshape(SIDE, SIDE)
    axes.imshow(page, cmap="Greys")
