"""Measures teaching: errors on pages of an unusual handwriting before and after it is taught.

    python benchmarks/teaching.py                             # the bundled letters, three rare writers
    python benchmarks/teaching.py --weights FILE --writers 1  # shorter
    python benchmarks/teaching.py --others ../shared/data/letters-nist/all:letters26

A virtual writer with rare letters (data/builtin/rare.py) fills in five sheets, the virtual camera photographs
them, the network is taught from the photos as `hello-dl teach` does, and 8 photographed pages by the same
writer are read before and after. With `--others` letters by real people are measured too. Prints for each
writer: errors on the pages (1 - character accuracy), accuracy on others' letters, and seconds of teaching.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

import hello_dl
from hello_dl import weights
from hello_dl.data import Images, load
from hello_dl.data.builtin.rare import RareWriter
from hello_dl.data.pages import generate_page
from hello_dl.evaluation import evaluate
from hello_dl.reading import Reader
from hello_dl.reading.score import character_accuracy
from hello_dl.teaching.learn import Teacher
from hello_dl.teaching.letter_sets import to_images
from hello_dl.teaching.sheet.code import PageCode
from hello_dl.teaching.sheet.scan import scan_form

SUPPORT = Path(__file__).parents[1] / "tests" / "support"  # virtual.py there photographs forms
SHEETS = (0, 0, 0, 1, 1)  # three sheets of small letters, two of capitals
FIRST_PAGE = 70_000  # seeds of the pages
FIRST_WRITER = 9_000
FRESH, FRESH_SEED = "builtin:5000", 4711  # letters by other writers that teaching does not use


def sheets(writer: RareWriter, seed: int, difficulty: str) -> Images:
    """Fill in the sheets, photograph them as files, and cut out what is written."""
    sys.path.append(str(SUPPORT))
    from virtual import photograph_form

    glyphs, characters = [], []
    with tempfile.TemporaryDirectory() as folder:
        for i, kind in enumerate(SHEETS):
            photo = Path(folder) / f"{i}.jpg"
            code = PageCode(kind, i + 1, len(SHEETS))
            photograph_form(writer, code, seed + i, difficulty).save(photo, quality=92)
            for box in scan_form(photo).boxes:
                if box.state == "written":
                    glyphs.append(box.glyph)
                    characters.append(box.slot.char)
    return to_images(glyphs, characters, "sheets")


def errors(reader: Reader, writer: RareWriter, pages: int, difficulty: str) -> float:
    """Return 1 - character accuracy, the mean over some pages by this writer."""
    wrong = []
    for seed in range(FIRST_PAGE, FIRST_PAGE + pages):
        photo, truth = generate_page(seed, difficulty, writer=writer)
        wrong.append(1 - character_accuracy(truth.text, reader.read(photo).text))
    return float(np.mean(wrong))


def main() -> None:
    """Teach the handwriting of each writer, and print what is better and worse afterwards."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--weights", default="letters")
    parser.add_argument("--writers", type=int, default=3)
    parser.add_argument("--pages", type=int, default=8)
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--difficulty", default="medium", choices=["easy", "medium", "hard"])
    parser.add_argument("--others", action="append", default=[], metavar="SOURCE")
    parser.add_argument("--threads", type=int)
    args = parser.parse_args()
    if args.threads:
        hello_dl.set_num_threads(args.threads)
    for who in range(args.writers):
        writer = RareWriter(FIRST_WRITER + who)
        model, header = weights.load(args.weights)
        reader = Reader(model, header)
        others = {source: load(source, classes=header.classes) for source in args.others}
        others[FRESH] = load(FRESH, classes=header.classes, seed=FRESH_SEED, split="test")

        def judge() -> dict[str, float]:
            return {
                name: evaluate(model, data, normalisation=header.normalisation).accuracy  # noqa: B023
                for name, data in others.items()  # noqa: B023
            }

        before, judged = errors(reader, writer, args.pages, args.difficulty), judge()
        own = sheets(writer, 10 * who, args.difficulty).only(header.classes)
        begin = time.perf_counter()
        taught = Teacher(model, header, seed=who, steps=args.steps).teach(own)
        seconds = time.perf_counter() - begin
        after = errors(reader, writer, args.pages, args.difficulty)
        print(
            f"writer {who}: {len(writer.rare)} rare letters, {len(own)} letters taught in {seconds:.0f} s\n"
            f"  errors on {args.pages} pages: {before:.1%} before, {after:.1%} after\n"
            f"  own letters in the boxes: {taught.own_before:.1%} right before,"
            f" {taught.own_after or 0:.1%} after (cross-validated)\n"
            f"  others' letters, watched: {taught.others_before:.2%} before, {taught.others_after:.2%} after;"
            f" {taught.kept:.0%} of the way gone",
            flush=True,
        )
        for name, accuracy in judge().items():
            print(f"  others' letters, {name}: {judged[name]:.2%} before, {accuracy:.2%} after", flush=True)


if __name__ == "__main__":
    main()
