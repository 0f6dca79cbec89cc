"""Measures teaching: errors on pages of an unusual handwriting before and after it is taught.

    python benchmarks/teaching.py                             # the bundled letters, three rare writers
    python benchmarks/teaching.py --weights FILE --writers 1  # shorter
    python benchmarks/teaching.py --others ../shared/data/letters-nist/all:letters26
    python benchmarks/teaching.py --lines ../shared/data      # whole lines: one joined hand

A virtual writer with rare letters (data/builtin/rare.py) fills in five sheets, the virtual camera photographs
them, the network is taught from the photos as `hello-dl teach` does, and 8 photographed pages by the same
writer are read before and after. With `--others` letters by real people are measured too. Prints for each
writer: errors on the pages (1 - character accuracy), accuracy on others' letters, and seconds of teaching.

With `--lines` the line reader is taught the words of one real hand, from photos, and other words of that hand
are read before and after, and words by UNIPEN's held-back writers, whom nothing was learned from: errors are
edit distance divided by the number of characters, letters and digits only, small.
"""

from __future__ import annotations

import argparse
import csv
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

import hello_dl
import lines
from hello_dl import weights
from hello_dl.data import Images, load
from hello_dl.data.builtin.rare import RareWriter
from hello_dl.data.pages import generate_page
from hello_dl.evaluation import evaluate
from hello_dl.reading import Reader
from hello_dl.reading.by_lines import read_by_lines
from hello_dl.reading.lines import network
from hello_dl.reading.lines.language import shipped
from hello_dl.reading.lines.line_reader import LineReader
from hello_dl.reading.lines.network import LineNetwork
from hello_dl.reading.score import character_accuracy, edit_distance
from hello_dl.teaching.learn import Teacher
from hello_dl.teaching.letter_sets import to_images
from hello_dl.teaching.lines.learn import LineTeacher
from hello_dl.teaching.lines.line_sets import OwnLines, check_line
from hello_dl.teaching.lines.written import see_lines
from hello_dl.teaching.sheet.code import PageCode
from hello_dl.teaching.sheet.scan import scan_form

SUPPORT = Path(__file__).parents[1] / "tests" / "support"  # virtual.py there photographs forms
SHEETS = (0, 0, 0, 1, 1)  # three sheets of small letters, two of capitals
HAND, TAUGHT = "breta-1", 120  # the real hand, and how many of its words are taught
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


def picture_words(folder: Path, writer: str) -> list[tuple[Image.Image, str]]:
    """Return the pictures of words by one writer, and what they say, shuffled."""
    with (folder / "words.tsv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    mine = [row for row in rows if row["writer"] == writer]
    order = np.random.default_rng(0).permutation(len(mine)).tolist()
    return [(Image.open(folder / mine[i]["file"]), mine[i]["text"]) for i in order]


def own_words(items: Sequence[tuple[Image.Image, str]], model: LineNetwork) -> OwnLines:
    """Return words as lines to teach; what is found beside the widest line of a picture is left out."""
    pictures, texts = [], []
    for picture, text in items:
        found = [line.picture for line in see_lines(picture, model)]
        try:
            widest = max(found, key=lambda one: one.shape[1])
            check_line(widest, text)
        except ValueError:
            continue  # nothing was found, or too little
        pictures.append(widest)
        texts.append(text)
    return OwnLines(tuple(pictures), tuple(texts))


def word_errors(model: LineNetwork, items: Sequence[tuple[Image.Image, str]]) -> str:
    """Return the errors in pictures of words on the best path, and with context."""
    rates = []
    for language in (None, shipped()):
        reader = LineReader(model, language)
        wrong = signs = 0
        for picture, text in items:
            wanted, found = lines.fold(text), lines.fold(read_by_lines(picture, reader).text)
            wrong += min(edit_distance(wanted, found), len(wanted))
            signs += len(wanted)
        rates.append(f"{wrong / signs:.1%}")
    return " / ".join(rates)


def measure_lines(args: argparse.Namespace) -> None:
    """Teach the line reader one hand, and print errors on its other words, and on others' words."""
    model = network.load(weights.find("lines" if args.weights == "letters" else args.weights))
    words = picture_words(args.lines / "realwords", HAND)
    test = words[TAUGHT : TAUGHT + args.words]
    held = list(lines.held(args.lines / "unipen" / "words.npz", args.words, 3))
    print(f"{len(test)} other words, best path / with context: {word_errors(model, test)} before", flush=True)
    print(f"{len(held)} words by others, not watched: {word_errors(model, held)} before", flush=True)
    own = own_words(words[:TAUGHT], model)
    begin = time.perf_counter()
    taught = LineTeacher(model, steps=args.steps).teach(own)
    print(f"{len(own)} words taught in {time.perf_counter() - begin:.0f} s: {taught}", flush=True)
    print(f"other words: {word_errors(model, test)} after", flush=True)
    print(f"words by others: {word_errors(model, held)} after", flush=True)


def main() -> None:
    """Teach the handwriting of each writer, and print what is better and worse afterwards."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--weights", default="letters")
    parser.add_argument("--writers", type=int, default=3)
    parser.add_argument("--pages", type=int, default=8)
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--difficulty", default="medium", choices=["easy", "medium", "hard"])
    parser.add_argument("--others", action="append", default=[], metavar="SOURCE")
    parser.add_argument("--lines", type=Path, metavar="FOLDER", help="measure lines: folder of the data")
    parser.add_argument("--words", type=int, default=300, help="with --lines: number of words that are read")
    parser.add_argument("--threads", type=int)
    args = parser.parse_args()
    if args.threads:
        hello_dl.set_num_threads(args.threads)
    if args.lines:
        measure_lines(args)
        return
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
