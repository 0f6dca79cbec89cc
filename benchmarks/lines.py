"""Measures how well whole lines are read, joined or not, on writing that nothing was learned from.

    python benchmarks/lines.py --data ../shared/data [--weights FILE] [--only words] [--tesseract]

Prints a Markdown table of error rates: edit distance divided by the true number of characters (CER), and the
same of words (WER). "Folded" counts letters and digits only, all small; "strict" case, punctuation and
blanks, too. Words and lines of UNIPEN are those of the writers held back: their strokes are drawn on a page,
on which the lines are found as on a photo. --tesseract measures Tesseract, too, where it is installed.
"""

from __future__ import annotations

import argparse
import csv
import re
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from hello_dl import _core, set_num_threads
from hello_dl.data.lines import Strokes, read_strokes
from hello_dl.data.lines.pen import smoothed
from hello_dl.reading.by_lines import read_by_lines
from hello_dl.reading.lines.finder import finder_network
from hello_dl.reading.lines.language import shipped
from hello_dl.reading.lines.line_reader import SHIPPED, LineReader
from hello_dl.reading.score import edit_distance
from hello_dl.weights import load

TALL = 20.0  # pixels: x-height at which strokes are drawn
PEN = 1.6  # pixels: radius of the pen
MARGIN = 60  # pixels of paper around them
PLAIN = str.maketrans("\u2018\u2019\u201c\u201d\u2013\u2014", "''\"\"--")

Read = Callable[[Image.Image], str]
Item = tuple[Image.Image, str]  # a picture, and what it says


def fold(text: str) -> str:
    """Return letters and digits only, small."""
    return re.sub(r"[^a-z0-9]", "", text.lower())


def strict(text: str) -> str:
    """Return the text with plain quotes and dashes, and single blanks."""
    return " ".join(text.translate(PLAIN).split())


def drawn(strokes: Strokes, i: int) -> Image.Image:
    """Return the picture of an item's strokes, black on white."""
    item = smoothed(strokes[i], 1)
    points = item.points * np.float32(TALL)
    points += np.float32(MARGIN) - points.min(axis=0)
    size = np.ceil(points.max(axis=0)).astype(int)[::-1] + MARGIN
    after = np.arange(1, len(points) + 1)
    after[item.starts[1:] - 1] -= 1
    radius = np.full((len(points), 1), PEN, np.float32)
    places = np.concatenate([points, radius], axis=1)
    segments = np.concatenate([places, places[after]], axis=1)
    ink = _core.draw_strokes(segments, np.array([0, len(segments)]), *size.tolist())[0]
    return Image.fromarray(255 - ink)


def held(path: Path, count: int, least: int) -> Iterator[Item]:
    """Yield pictures of strokes by the writers held back, spread over the whole file."""
    strokes = read_strokes(path, held=True)
    good = [i for i, text in enumerate(strokes.text) if len(fold(text)) >= least]
    for i in good[:: max(1, len(good) // count)][:count]:
        yield drawn(strokes, i), strokes.text[i]


def listed(folder: Path, table: str) -> Iterator[Item]:
    """Yield the pictures of a table with the columns file and text."""
    with (folder / table).open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            yield Image.open(folder / row["file"]), row["text"]


def tesseract(picture: Image.Image) -> str:
    """Read a picture with Tesseract."""
    with tempfile.NamedTemporaryFile(suffix=".png") as file:
        picture.convert("L").save(file.name)
        done = subprocess.run(
            ["tesseract", file.name, "-", "--psm", "7"], capture_output=True, text=True, check=False
        )
    return done.stdout


def measure(name: str, items: list[Item], engine: str, read: Read, show: bool) -> None:
    """Print a row of error rates."""
    wrong, signs = np.zeros(3), np.zeros(3)
    begin = time.perf_counter()
    for picture, truth in items:
        got = read(picture)
        for k, change in enumerate((fold, strict)):
            wanted, found = change(truth), change(got)
            wrong[k] += min(edit_distance(wanted, found), len(wanted))
            signs[k] += len(wanted)
        wrong[2] += strict(truth).lower() != strict(got).lower()
        signs[2] += 1
        if show:
            print(f"    {truth!r:40} {got!r}")
    folded, exact, words = (f"{rate:.1%}" for rate in wrong / np.maximum(signs, 1))
    seconds = (time.perf_counter() - begin) / max(len(items), 1)
    print(
        f"| {name} ({len(items)}) | {engine} | {folded} | {exact} | {words} | {seconds:.2f} s |", flush=True
    )


def main() -> None:
    """Read the options and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("--weights", default=SHIPPED, metavar="FILE", help="of the line reader")
    parser.add_argument("--finder", metavar="FILE", help="weights of the finder of lines")
    parser.add_argument("--only", default="", help="only the sets with this in their names")
    parser.add_argument("--count", type=int, default=500, help="items of each set of UNIPEN")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--tesseract", action="store_true")
    parser.add_argument("--show", action="store_true", help="print what is read")
    given = parser.parse_args()
    set_num_threads(given.threads)
    finder = load(given.finder, finder_network())[0] if given.finder else None
    best, context = LineReader.load(given.weights), LineReader.load(given.weights, shipped())
    best.finder = context.finder = finder
    unipen, real = given.data / "unipen", given.data / "realwords"
    sets: dict[str, Callable[[], Iterator[Item]]] = {
        "UNIPEN held words": lambda: held(unipen / "words.npz", given.count, 3),
        "UNIPEN held lines": lambda: held(unipen / "lines.npz", given.count, 1),
        "real words": lambda: listed(real, "words.tsv"),
        "real lines": lambda: listed(real, "lines.tsv"),
    }
    print("| set | engine | folded | strict | items wrong | time of one |\n|---|---|---|---|---|---|")
    for name, make in sets.items():
        if given.only in name:
            items = list(make())
            measure(name, items, "best path", lambda p: read_by_lines(p, best).text, given.show)
            measure(name, items, "with context", lambda p: read_by_lines(p, context).text, False)
            if given.tesseract:
                measure(name, items, "Tesseract", tesseract, False)


if __name__ == "__main__":
    main()
