"""Learns to tell letters from what only looks like letters, for `reading/letters/is_writing.py`.

    python training/writing.py

It reads made-up photos with much writing, with little and with none. Of each patch of ink that may be a
letter it knows whether it is one; a logistic regression learns this from the numbers of `measure`. It prints
the weights, which are copied into the source.
"""

from __future__ import annotations

import argparse
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from itertools import repeat
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

import hello_dl
from hello_dl import functional as F
from hello_dl import optim
from hello_dl.data.builtin import CHARACTERS
from hello_dl.data.builtin.writer import stream
from hello_dl.data.pages import Truth, generate_blank, generate_page
from hello_dl.nn import Linear
from hello_dl.reading import Reader
from hello_dl.reading.image.arrays import Grey
from hello_dl.reading.image.geometry import project
from hello_dl.reading.image.load import open_picture
from hello_dl.reading.letters.glyph import Glyphs
from hello_dl.reading.letters.is_writing import measure
from hello_dl.reading.letters.segment import Letter
from hello_dl.reading.pipeline import Reading
from hello_dl.reading.sheet.ink_page import make_ink_page
from hello_dl.reading.sheet.photo import Photo
from hello_dl.tensors.creation import tensor
from hello_dl.train.steps import steps
from textures import texture

Floats = NDArray[np.float64]

FIRST = 4_000_000  # seed; tests and benchmarks use others
KINDS = ("much", "little", "none", "surface", "spots")
LETTERS = [char for char in CHARACTERS if char.isalpha()]
FEW = 9  # letters on a page with little writing, at most
SURFACE_SIDE = 900  # pixels of the side of a picture without a page
SPECK = Letter((0, 0, 1, 1), np.ones((1, 1), np.bool_))
THE_SAME = 0.45  # intersection over union with a letter's box above which a patch is that letter
ANOTHER = 0.25  # the same, below which it is none; patches in between are not learned


def picture(kind: str, seed: int) -> tuple[Grey, Truth | None]:
    """Make up a picture of this kind: grey (H, W), and what is written on it, or None if it is no page."""
    rng = stream(seed, 41)
    difficulty = str(rng.choice(["easy", "medium", "hard"]))
    if kind == "surface":
        return texture(rng, SURFACE_SIDE), None
    if kind == "spots":
        return spots(rng, SURFACE_SIDE), None
    if kind == "none":
        photo, truth = generate_blank(seed, difficulty)
    elif kind == "little":
        photo, truth = generate_page(seed, difficulty, "".join(rng.choice(LETTERS, rng.integers(1, FEW + 1))))
    else:
        photo, truth = generate_page(seed, difficulty)
    return open_picture(photo).grey, truth


def spots(rng: np.random.Generator, side: int) -> Grey:
    """Draw ellipses such as pebbles, darker or lighter than the ground: (side, side), 0 .. 1 = white."""
    ground, shade = rng.uniform(0.1, 0.9, 2)
    image = Image.new("L", (side, side), round(255 * ground))
    draw, largest, longer = ImageDraw.Draw(image), rng.uniform(8, 60), rng.uniform(1, 3)
    for _ in range(rng.integers(3, 60)):
        x, y, radius = *rng.uniform(0, side, 2), rng.uniform(3, largest)
        wide, high = radius * longer ** rng.uniform(-1, 1), radius
        box = (x - wide, y - high, x + wide, y + high)
        draw.ellipse(box, fill=round(255 * np.clip(shade + 0.1 * rng.standard_normal(), 0, 1)))
    return np.asarray(image.filter(ImageFilter.GaussianBlur(rng.uniform(0, 2))), np.float32) / 255


def patches(job: tuple[str, int]) -> tuple[Floats, Floats]:
    """Return all patches that may be letters in a picture of this kind and seed.

    What is measured of each (n, k), and its largest intersection over union with a letter's box (n,).
    """
    hello_dl.set_num_threads(1)
    grey, truth = picture(*job)
    reader, photo = Reader.load("letters"), Photo(grey)
    reading = Reading(reader.classify, reader.classes)
    rows: list[Floats] = []
    shares: list[Floats] = []
    for guess in photo.guesses:
        ink_page = make_ink_page(photo, guess)
        lines, chances = reading.letters(Glyphs(ink_page.ink))
        if not lines:
            continue
        rows.append(np.column_stack(list(measure(ink_page.ink, lines, chances).values())))
        boxes = np.array([c.box for line in lines for word in line for c in word], dtype=float)
        shares.append(_shared(boxes, truth, np.linalg.inv(ink_page.to_picture)))
    return (np.concatenate(rows), np.concatenate(shares)) if rows else (np.zeros((0, 0)), np.zeros(0))


def _shared(boxes: Floats, truth: Truth | None, to_page: Floats) -> Floats:
    """Return the largest intersection over union (n,) of each box (n, 4) with a letter's."""
    if truth is None or not truth.characters:
        return np.zeros(len(boxes))
    quads = [project(to_page, np.array(c.quad, dtype=float).reshape(-1, 2)) for c in truth.characters]
    true = np.array([[*quad.min(axis=0), *quad.max(axis=0)] for quad in quads])
    low = np.maximum(boxes[:, None, :2], true[None, :, :2])
    high = np.minimum(boxes[:, None, 2:], true[None, :, 2:])
    both = np.maximum(high - low, 0).prod(axis=2)
    areas = [(some[:, 2:] - some[:, :2]).prod(axis=1) for some in (boxes, true)]
    return np.asarray((both / (areas[0][:, None] + areas[1] - both)).max(axis=1))


def learn(x: Floats, is_letter: NDArray[np.bool_], weight: Floats, count: int) -> tuple[Floats, float]:
    """Return weights (k,) and bias of a logistic regression of x (n, k), each patch with its `weight`."""
    mean, spread = x.mean(axis=0), x.std(axis=0)
    inputs, wanted = tensor((x - mean) / spread), tensor(is_letter[:, None].astype(np.float32))
    share = tensor((weight / weight.sum())[:, None])
    hello_dl.manual_seed(0)
    model = Linear(x.shape[1], 1)
    optimizer = optim.Adam(model.parameters(), lr=0.05)
    loss = partial(F.binary_cross_entropy_with_logits, weight=share, reduction="sum")
    for step in steps(model, repeat((inputs, wanted), count), loss, optimizer):
        last = step.loss
    print(f"loss {last:.4f}")
    weights = model.weight.numpy()[0].astype(np.float64) / spread
    return weights, float(model.bias.numpy()[0]) - float(weights @ mean)


def make(counts: dict[str, int], workers: int) -> tuple[Floats, Floats, NDArray[np.int64]]:
    """Return the patches of some pictures of each kind: what `patches` returns, and their kinds (n,)."""
    jobs = [(kind, FIRST + i) for kind, count in counts.items() for i in range(count)]
    with ProcessPoolExecutor(workers) as pool:
        found = list(pool.map(patches, jobs, chunksize=4))
    kinds = np.repeat([KINDS.index(kind) for kind, _ in jobs], [len(share) for _, share in found])
    x = np.concatenate([rows for rows, _ in found if len(rows)])
    return x, np.concatenate([share for _, share in found]), kinds


def main() -> None:
    """Make pictures, learn, and say how many letters are lost and how many other patches taken for some."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    for kind, count in zip(KINDS, (16, 240, 60, 40, 30), strict=True):
        parser.add_argument(f"--{kind}", type=int, default=count, help="pictures of this kind")
    parser.add_argument("--steps", type=int, default=2000)
    parser.add_argument("--workers", type=int, default=2, help="processes that read pictures")
    parser.add_argument("--patches", type=Path, help="file in which the patches are kept for the next time")
    args = parser.parse_args()
    if args.patches and args.patches.is_file():
        kept = np.load(args.patches)
        x, shared, kind = (kept[name] for name in ("x", "shared", "kind"))
    else:
        x, shared, kind = make({kind: getattr(args, kind) for kind in KINDS}, args.workers)
        if args.patches:
            np.savez(args.patches, x=x, shared=shared, kind=kind)
    is_letter, clear = shared > THE_SAME, (shared > THE_SAME) | (shared < ANOTHER)
    # All letters together count as much as all other patches, and so does each kind of picture.
    group = 2 * kind + is_letter
    counts = np.bincount(group[clear], minlength=2 * len(KINDS))
    weight = np.where(clear, 1 / np.maximum(counts, 1)[group], 0.0)
    for same in (is_letter, ~is_letter):
        weight[same] /= max(weight[same].sum(), 1e-9)
    weights, bias = learn(x[clear], is_letter[clear], weight[clear], args.steps)
    names = list(measure(np.ones((8, 8), np.float32), [[[SPECK]]], np.ones((1, 1))))
    print("WEIGHTS = {" + ", ".join(f'"{n}": {w:.2f}' for n, w in zip(names, weights, strict=True)) + "}")
    print(f"BIAS = {bias:.2f}")
    odds = x @ weights + bias
    for i, name in enumerate(KINDS):
        own = clear & (kind == i)
        lost, false = odds[own & is_letter] < 0, odds[own & ~is_letter] > 0
        print(f"{name}: {lost.sum()} of {len(lost)} letters lost, {false.sum()} of {len(false)} others taken")


if __name__ == "__main__":
    main()
