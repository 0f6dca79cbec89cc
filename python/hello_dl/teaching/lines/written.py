"""Gets the pictures of lines out of a photo, as the line reader was shown them, with what it read."""

from __future__ import annotations

from dataclasses import dataclass

from hello_dl.reading.by_lines import read_by_lines
from hello_dl.reading.image.arrays import Bytes, Grey
from hello_dl.reading.image.load import Source
from hello_dl.reading.image.trace import Trace, no_trace
from hello_dl.reading.lines.language import shipped
from hello_dl.reading.lines.line_reader import LineReader, ReadLine
from hello_dl.reading.lines.network import LineNetwork
from hello_dl.reading.lines.trace_lines import Curve


@dataclass(frozen=True)
class SeenLine:
    """A line of a photo: its picture (48, w), 255 = ink, and what was read."""

    picture: Bytes
    text: str


class _Keeping(LineReader):
    """A reader of lines that keeps all that it has read: a doubtful page is read in several ways."""

    def __init__(self, model: LineNetwork) -> None:
        super().__init__(model, shipped())
        self.kept: list[list[ReadLine]] = []

    def read_lines(
        self, ink: Grey, curves: list[Curve], scale: float, trace: Trace = no_trace
    ) -> list[ReadLine]:
        lines = super().read_lines(ink, curves, scale, trace)
        self.kept.append(lines)
        return lines


def see_lines(picture: Source, model: LineNetwork) -> list[SeenLine]:
    """Read a picture and return its lines with their pictures, in reading order. Raises as `reading.read`.

    Lines of which the page keeps no word, such as print, are left out.
    """
    reader = _Keeping(model)
    page = read_by_lines(picture, reader)
    kept = {word.text for word in page.words}
    # Of all ways in which the page was read, the one that was taken has most words in common with it.
    taken = max(reader.kept, key=lambda lines: _in_common(lines, kept), default=[])
    return [SeenLine(line.picture, line.text) for line in taken if kept & set(line.text.split())]


def _in_common(lines: list[ReadLine], words: set[str]) -> int:
    return sum(word in words for line in lines for word in line.text.split())
