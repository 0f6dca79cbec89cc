"""Trains the network that finds lines of writing on a page of ink, and says how well it does.

    python training/line_finder.py --data ../shared/data --steps 3000

It learns from made-up pages (hello_dl.data.lines.ink_page), whose lines are pen strokes of UNIPEN and fonts.
"""

from __future__ import annotations

import argparse
import time
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import hello_dl
from ahead import in_advance
from hello_dl import Tensor, nn, no_grad, optim, weights
from hello_dl import functional as F
from hello_dl.data.lines import Texts, read_fonts, read_hands, read_strokes
from hello_dl.data.lines.ink_page import InkPages
from hello_dl.optim.lr_scheduler import LambdaLR
from hello_dl.optim.schedules import one_cycle
from hello_dl.reading.ink_map.network import CELL, to_cells
from hello_dl.reading.lines.finder import finder_network
from hello_dl.tensors.creation import tensor
from hello_dl.train.steps import steps

SHIPPED = weights.SHIPPED / "line_finder.safetensors"
BATCH = 8  # pages in a step
REPORT = 100  # steps between two lines of output
FIRST_HELD_BACK = 10_000_000  # numbers of the pages by which it is judged
RATE = 3e-3  # highest learning rate


def batch(pages: InkPages, number: int) -> tuple[Tensor, Tensor]:
    """Return the inputs and wanted outputs (n, 16, h, w) of batch `number`."""
    both = [pages(BATCH * number + i) for i in range(BATCH)]
    x, y = (np.stack([to_cells(pair[k].astype(np.float32) / 255) for pair in both]) for k in (0, 1))
    return tensor(x), tensor(y)


def measure(model: nn.Module, pages: InkPages, count: int) -> tuple[float, float, float]:
    """Return the mean loss, and of the pixels the recall and the precision of bands, 0 to 1."""
    total, hit, found, true = 0.0, 0.0, 0.0, 0.0
    model.eval()
    with no_grad():
        for number in range(count):
            x, y = batch(pages, FIRST_HELD_BACK // BATCH + number)
            odds = model(x)
            total += F.binary_cross_entropy_with_logits(odds, y).item()
            says: NDArray[np.bool_] = odds.numpy() > 0
            is_band = y.numpy() > 0.5
            hit, found, true = hit + (says & is_band).sum(), found + says.sum(), true + is_band.sum()
    model.train()
    return total / count, hit / max(true, 1), hit / max(found, 1)


def main() -> None:
    """Train, and write the weights."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("--steps", type=int, default=3000)
    parser.add_argument("--start", metavar="FILE", help="weights to begin with")
    parser.add_argument("--first", type=int, default=0, help="number of the first batch, to see new pages")
    parser.add_argument("--rate", type=float, default=RATE, help="the highest learning rate")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", default="line-finder-float.safetensors", metavar="FILE")
    parser.add_argument("--shipped", type=Path, default=SHIPPED, metavar="FILE")
    args = parser.parse_args()
    hello_dl.set_num_threads(args.threads)
    hello_dl.manual_seed(args.seed)
    text = args.data / "text"
    texts = Texts(text / "books.txt", text / "word-counts.txt", text / "names.txt")
    words = read_strokes(args.data / "unipen" / "words.npz")
    hands = read_hands(args.data / "chars-unipen")
    pages = InkPages(words, [*read_fonts(args.data / "fonts"), *hands], texts, seed=args.seed)
    model = finder_network()
    if args.start:
        weights.load(args.start, model)
    optimizer = optim.AdamW(model.parameters(), lr=args.rate, weight_decay=0.01)
    schedule = LambdaLR(optimizer, lambda done: one_cycle(done / args.steps))
    recent: list[float] = []
    begin = time.perf_counter()
    for step in steps(
        model, in_advance(partial(batch, pages), args.first), F.binary_cross_entropy_with_logits, optimizer
    ):
        schedule.step()
        recent.append(step.loss)
        if step.number % REPORT == 0 or step.number == args.steps:
            spent = time.perf_counter() - begin
            print(f"step {step.number:5}: loss {np.mean(recent):.4f}, {spent:.0f} s", flush=True)
            recent.clear()
            weights.save(
                args.out, model, seed=args.seed, step=step.number, command="python training/line_finder.py",
                trained_on="UNIPEN train_r01_v07, handwriting fonts", cell=CELL,
                hello_dl=hello_dl.__version__,
            )  # fmt: skip
        if step.number == args.steps:
            break
    held, recall, precision = measure(model, pages, 20)
    print(
        f"held back {held:.4f}: {recall:.1%} of the bands found, {precision:.1%} of what was found is a band"
    )
    weights.quantise(args.out, args.shipped, bits=8)
    print(f"{args.shipped}: {args.shipped.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
