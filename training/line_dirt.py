"""Shows which lines may be left out as dirt: how sure the reader is of lines of writing, and of what is none.

    python training/line_dirt.py --data ../shared/data

On made-up pages by the writers whom training/lines.py keeps aside to watch, with drawings, boxes and dirt,
lines are found and read. A line whose middle lies in no band of the truth is dirt. For pairs of thresholds
(DIRT and WORSE of hello_dl.reading.by_lines) it prints the share of writing and of dirt that is left out, by
signs.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import hello_dl
from hello_dl.data.lines import Texts, read_strokes
from hello_dl.data.lines.ink_page import InkPages, PageStyle
from hello_dl.reading.by_lines import LONG
from hello_dl.reading.lines.certainty import shipped as shipped_certainty
from hello_dl.reading.lines.language import shipped as shipped_language
from hello_dl.reading.lines.line_reader import LineReader, find_lines
from lines import WATCHED

SIDE = 1000  # pixels of a page
TALL = PageStyle(x_height=(22.0, 32.0), pitch=(2.0, 4.2))  # as large as pages are read
INSIDE = 0.3  # share of a line's middle that lies in bands, from which it is writing
DIRT, WORSE = (0.05, 0.1, 0.15, 0.2, 0.3), (0.2, 0.3, 0.4, 0.5)

Found = list[
    tuple[float, int, bool]
]  # of each line of a page: mean probability, signs, whether it is writing


def lines_of(ink: NDArray[np.uint8], band: NDArray[np.uint8], reader: LineReader) -> Found:
    """Return what is known of each line that is read on a page."""
    page = ink.astype(np.float32) / 255
    certainty, found = shipped_certainty(), []
    for line in reader.read_lines(page, *find_lines(page, reader.finder)):
        x, y = line.boxes[:, [0, 2]].mean(axis=1), line.boxes[:, [1, 3]] @ np.array([0.24, 0.76]) - 0.5
        rows, columns = (np.clip(np.rint(a).astype(int), 0, SIDE - 1) for a in (y, x))
        words = [(certainty.of(word), word.letters) for word in line.words]
        mean = float(np.average([p for p, _ in words], weights=[n for _, n in words]))
        found.append((mean, len(line.text), bool((band[rows, columns] > 127).mean() > INSIDE)))
    return found


def left_out(pages: list[Found], dirt: float, worse: float) -> tuple[float, float]:
    """Return which shares of the signs of writing, and of dirt, two thresholds leave out."""
    lost, all_signs = np.zeros(2), np.full(2, 1e-9)
    for page in pages:
        best = max((mean for mean, signs, _ in page if signs >= LONG), default=0.0)
        for mean, signs, is_writing in page:
            all_signs[int(not is_writing)] += signs
            lost[int(not is_writing)] += signs * (mean < min(dirt, worse * best))
    writing, other = lost / all_signs
    return float(writing), float(other)


def main() -> None:
    """Read made-up pages and print a table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("--pages", type=int, default=100)
    parser.add_argument("--threads", type=int, default=2)
    given = parser.parse_args()
    hello_dl.set_num_threads(given.threads)
    words = read_strokes(given.data / "unipen" / "words.npz", choose=lambda writer: writer % WATCHED == 0)
    pages = InkPages(words, [], Texts(), style=TALL, side=SIDE, seed=1)
    reader = LineReader.load(language=shipped_language())
    read = [lines_of(*pages(number), reader) for number in range(given.pages)]
    signs = [sum(n for page in read for _, n, kind in page if kind == wanted) for wanted in (True, False)]
    print(f"{signs[0]:,} signs of writing, {signs[1]:,} of what is none\n")
    print("| DIRT | WORSE | writing left out | dirt left out |\n|---|---|---|---|")
    for dirt in DIRT:
        for worse in WORSE:
            writing, other = left_out(read, dirt, worse)
            print(f"| {dirt} | {worse} | {writing:.2%} | {other:.0%} |")


if __name__ == "__main__":
    main()
