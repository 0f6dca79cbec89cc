"""What several commands print: a table, and a line about a threshold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from hello_dl.evaluation.calibration import ThresholdResult


def choice_line(choice: ThresholdResult) -> str:
    """Return a line about a threshold: the share of answers given, and the share of these that is right."""
    return (
        f"{choice.answered:.2%} answered, {choice.precision:.2%} of these right; {1 - choice.answered:.2%}"
        ' "I don\'t know"'
    )


def show_table(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table, its first column aligned to the left, the others to the right."""
    widths = [max(map(len, column)) for column in zip(titles, *rows, strict=True)]
    for row in (titles, *rows):
        cells = [row[0].ljust(widths[0])] + [c.rjust(w) for c, w in zip(row[1:], widths[1:], strict=True)]
        click.echo("  ".join(cells).rstrip())
