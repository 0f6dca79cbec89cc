"""Measures how well pictures are read, and how fast.

    python benchmarks/reading.py [--pages 200] [--photos ../shared/data/photos] [--threads 2]

Prints Markdown tables: character accuracy (1 - edit distance / length, without blanks and case) on made-up
pages of each difficulty, by paper; letters found where nothing is written; with --photos the real ones; and
the time and memory that a photo of 12 megapixels with 500 characters takes.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

import numpy as np

from hello_dl import set_num_threads
from hello_dl.data.pages import generate_blank, generate_page, random_text
from hello_dl.reading import PageReader, Reader, reader_of
from hello_dl.reading.score import character_accuracy, edit_distance

GOALS = {"easy": None, "medium": 97.0, "hard": 92.0}
SEED = 1_000_000  # of the first page; pages of these seeds were not looked at in development
PHOTOS = {  # the text of each photo, and how many of its characters have to be right
    "letters-dim-photo.jpg": ("abcdefghijk", 10),
    "line.png": ("orworkonlinelevel", 16),
    "word.png": ("word", 4),
    "page-on-table.jpg": ("helloworldthisisit.thefirsttestpage.", 22),
}
SINGLE = "JCBCabKA"  # the letters of single-1.png to single-8.png
# Run in a process of its own, so that its peak of memory is that of reading. Linux gives it as VmHWM;
# getrusage there also counts the memory of the process that started this one.
ONE = """
import resource, sys, time
from pathlib import Path
from hello_dl import set_num_threads
from hello_dl.reading import reader_of
set_num_threads(int(sys.argv[3]))
reader = reader_of(sys.argv[2])
reader.read(sys.argv[1])
start = time.perf_counter()
page = reader.read(sys.argv[1])
took = time.perf_counter() - start
status = Path("/proc/self/status")
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
if status.exists():
    peak = int(status.read_text().partition("VmHWM:")[2].split()[0])
print(took, peak / 1024, len(page.characters))
"""


def pages(reader: Reader | PageReader, difficulty: str, count: int, context: str) -> None:
    """Print a row for each kind of paper, and one for all pages."""
    right: dict[str, list[float]] = defaultdict(list)
    for seed in range(SEED, SEED + count):
        photo, truth = generate_page(seed, difficulty)
        found = reader.read(photo, context=context)
        right[str(truth.about["paper"])].append(100 * character_accuracy(truth.text, found.text))
    for paper, values in sorted(right.items()):
        print(f"| {difficulty} | {paper} | {len(values)} | {context} | {np.mean(values):.1f} % | |")
    values = [value for some in right.values() for value in some]
    goal = GOALS[difficulty]
    goal_cell = "" if goal is None else f"{goal} %"
    print(
        f"| {difficulty} | all | {len(values)} | {context} | {np.mean(values):.1f} % | {goal_cell} |",
        flush=True,
    )


def blanks(reader: Reader | PageReader, count: int) -> None:
    """Print how many letters are found in pictures without writing."""
    kinds = list(GOALS)
    found = [
        len(reader.read(generate_blank(SEED + i, kinds[i % len(kinds)])[0]).characters) for i in range(count)
    ]
    print(f"\nFalse letters on {count} pictures without writing: {np.mean(found):.2f} a picture (goal 0.1)")


def photos(reader: Reader | PageReader, folder: Path) -> None:
    """Print what is read in the real photos."""
    print("\n| photo | right | goal | read |\n|---|---|---|---|")
    for name, (truth, goal) in PHOTOS.items():
        page = reader.read(folder / name)
        text = "".join(page.text.lower().split())
        right = max(0, len(truth) - edit_distance(truth, text))
        lines = page.text.replace("\n", " / ")
        print(f"| {name} | {right} of {len(truth)}, {len(page.lines)} lines | {goal} | {lines} |")
    singles = [reader.read(folder / f"single-{i + 1}.png").text for i in range(len(SINGLE))]
    right = sum(a.lower() == b.lower() for a, b in zip(SINGLE, singles, strict=True))
    print(f"| single-1..8.png | {right} of 8 | 8 | {' '.join(singles)} |")


def speed(weights: str, threads: int) -> None:
    """Print the time and memory that reading a photo of 12 megapixels takes."""
    text = random_text(np.random.default_rng(0), 500)
    photo, truth = generate_page(SEED, "medium", text, megapixels=12)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "photo.jpg"
        photo.save(file, quality=90)
        done = subprocess.run(
            [sys.executable, "-c", ONE, str(file), weights, str(threads)],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
    took, memory, found = done.stdout.split()
    count = len("".join(truth.text.split()))
    print(
        f"\n{photo.width} x {photo.height} pixels, {count} characters, {threads} threads: "
        f"{float(took):.2f} s (goal 2.5), {float(memory):.0f} MB at most (goal 500); {found} characters found"
    )


def main() -> None:
    """Read the options, and print all tables."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--pages", type=int, default=200, help="of each difficulty")
    parser.add_argument("--difficulty", action="append", choices=list(GOALS), help="only pages of this one")
    parser.add_argument("--blank", type=int, default=50, help="pictures without writing")
    parser.add_argument("--photos", type=Path, help="the folder of real photos")
    parser.add_argument("--weights", default="lines")
    parser.add_argument("--context", default="auto", choices=["auto", "on", "off"])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--no-speed", action="store_true", help="leave out the large photo")
    given = parser.parse_args()
    set_num_threads(given.threads)
    reader, start = reader_of(given.weights), time.perf_counter()
    print("| pages | paper | count | context | right | goal |\n|---|---|---|---|---|---|")
    for difficulty in given.difficulty or GOALS:
        if given.pages:
            pages(reader, difficulty, given.pages, given.context)
    if given.blank:
        blanks(reader, given.blank)
    if given.photos is not None:
        photos(reader, given.photos)
    if not given.no_speed:
        speed(given.weights, given.threads)
    print(f"\nAll in {time.perf_counter() - start:.0f} s")


if __name__ == "__main__":
    main()
