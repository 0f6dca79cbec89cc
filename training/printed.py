"""Trains the network that tells printed words from handwritten ones, and says how well it does.

    python training/printed.py --data ../shared/data --print-fonts /usr/share/fonts --steps 4000

Each line is made of pieces side by side: texts in printing fonts, and pen strokes, hands and handwriting
fonts. Everything that ink suffers is drawn alike for both. Every fifth printing font, and the writers that
training/lines.py watches, are kept aside to measure.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import replace
from functools import partial
from itertools import cycle
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import hello_dl
from ahead import in_advance
from hello_dl import Tensor, nn, no_grad, optim, weights
from hello_dl import functional as F
from hello_dl.data.lines import LineSource, Shares, Texts, read_fonts, read_hands, read_strokes
from hello_dl.data.lines.fonts import Font, measure
from hello_dl.data.lines.style import LineStyle
from hello_dl.optim.lr_scheduler import LambdaLR
from hello_dl.optim.schedules import one_cycle
from hello_dl.reading.lines.printed import STEP, printed_network, to_input
from hello_dl.tensors.creation import tensor
from hello_dl.train.steps import steps

SHIPPED = weights.SHIPPED / "printed.safetensors"
BATCH, PIECES = 16, 3  # lines in a step; pieces of a line, at most
RATE, REPORT = 3e-3, 200  # highest learning rate; steps between two lines of output
ANY, HANDS = Shares(words=0.3, made=0.25, lines=0.15, fonts=0.3), Shares(0.1, 0.25, 0.05, 0.6)
WATCHED = 16  # as in training/lines.py
HELD_BACK = 5  # every so many printing fonts are kept aside
GAP = (8, 60)  # pixels of paper between pieces
LIMITS = (16, 400)  # pixels of a piece
ROUGH = LineStyle(coarse_chance=0.5, coarse=(1.2, 3.0))
# Some people write as evenly as print; what they write must not be taken for it.
NEAT = replace(
    ROUGH, lean=(-0.05, 0.05), squeeze=(0.9, 1.15), letter_gap=(0.0, 0.1), word_gap=(0.6, 1.3),
    drift=(-0.02, 0.02), wobble=(0.0, 0.1), chisel_chance=0.0, skip_chance=0.0, elastic=(0.0, 0.3),
    wave=(0.0, 0.4),
)  # fmt: skip
# Print stands straight and evenly; only what happens to its ink is as with a pen.
PRINT = replace(
    ROUGH, lean=(-0.02, 0.02), squeeze=(0.85, 1.15), letter_gap=(0.0, 0.06), word_gap=(0.5, 1.0),
    drift=(0.0, 0.0), elastic=(0.0, 0.3), wave=(0.0, 0.4), underline_chance=0.06,
)  # fmt: skip


def printing_fonts(folder: Path) -> list[Font]:
    """Return the fonts of a folder and its folders that have all letters, digits and marks."""
    found = []
    for path in sorted([*folder.rglob("*.ttf"), *folder.rglob("*.otf")]):
        try:
            font = measure(path)
            drawn = {font.draw(sign, 0, 0, [0.0], np.random.default_rng())[0].tobytes() for sign in "aegQ75R"}
        except (ValueError, OSError):
            continue
        if len(drawn) == len("aegQ75R"):  # a font without letters draws the same box for all
            found.append(font)
    return found


class Mixed:
    """Lines of printed and handwritten pieces, with what each eight pixels are: `Mixed(...)(number)`."""

    def __init__(self, printed: LineSource, written: list[LineSource], seed: int) -> None:
        self.printed, self.written, self.seed = printed, written, seed

    def __call__(self, number: int) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        """Return lines (BATCH, 1, 48, w), and (BATCH, w / 8) whether it is print, and whether it counts."""
        rng = np.random.Generator(np.random.Philox(key=[self.seed, number]))
        sources = self.written[number % len(self.written)], self.printed
        pools = [cycle(source.batch(BATCH, number)) for source in sources]
        pictures, kinds = [], []
        for _ in range(BATCH):
            parts, kind = [], []
            for _ in range(rng.integers(1, PIECES + 1)):
                which = int(rng.integers(2))
                piece, _ = next(pools[which])
                gap = int(rng.integers(*GAP)) if parts else 0
                parts += [np.zeros((len(piece), gap), np.uint8), piece]
                inked = piece.max(axis=0) > 100
                kind += [np.full(gap, -1), np.where(inked, which, -1)]
            pictures.append(np.concatenate(parts, axis=1))
            kinds.append(np.concatenate(kind))
        x = to_input(pictures)
        answers = x.shape[3] // STEP
        is_print, counts = (np.zeros((BATCH, answers), np.float32) for _ in range(2))
        for row, kind_ in enumerate(kinds):
            cells = np.pad(kind_, (0, answers * STEP - len(kind_)), constant_values=-1).reshape(-1, STEP)
            is_print[row], counts[row] = cells.max(axis=1) == 1, cells.max(axis=1) >= 0
        return tensor(x), (tensor(is_print), tensor(counts))


def loss_of(odds: Tensor, wanted: tuple[Tensor, Tensor]) -> Tensor:
    """Return the mean cross entropy of the answers that count."""
    is_print, counts = wanted
    each = F.binary_cross_entropy_with_logits(odds.reshape(is_print.shape), is_print, reduction="none")
    return (each * counts).sum() / counts.sum()


def rates(model: nn.Module, mixed: Mixed, batches: int) -> tuple[float, float]:
    """Return the shares of printed and of handwritten answers that are right."""
    right, true = np.zeros(2), np.zeros(2)
    model.eval()
    with no_grad():
        for number in range(batches):
            x, (is_print, counts) = mixed(number)
            says: NDArray[np.bool_] = model(x).numpy().reshape(is_print.shape) > 0
            for kind in (0, 1):
                mine = (is_print.numpy() == kind) & (counts.numpy() > 0)
                right[kind] += (says[mine] == kind).sum()
                true[kind] += mine.sum()
    model.train()
    return right[1] / true[1], right[0] / true[0]


def main() -> None:
    """Train, and write the weights."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("--print-fonts", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("--steps", type=int, default=4000)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", default="printed-float.safetensors", metavar="FILE")
    parser.add_argument("--shipped", type=Path, default=SHIPPED, metavar="FILE")
    args = parser.parse_args()
    hello_dl.set_num_threads(args.threads)
    hello_dl.manual_seed(args.seed)
    text, unipen = args.data / "text", args.data / "unipen"
    texts = Texts(text / "books.txt", text / "word-counts.txt", text / "names.txt")
    fonts = printing_fonts(args.print_fonts)
    print(f"{len(fonts)} printing fonts", flush=True)

    def source(watched: bool) -> Mixed:
        strokes = [
            read_strokes(unipen / f"{kind}.npz", choose=lambda w: (w % WATCHED == 0) == watched)
            for kind in ("words", "lines")
        ]
        hands = [] if watched else read_hands(args.data / "chars-unipen", without=WATCHED)
        pens = [] if watched else read_fonts(args.data / "fonts")
        written = [
            LineSource(
                *strokes, [*pens, *hands], texts, style=style, shares=shares, limits=LIMITS, seed=args.seed
            )
            for style, shares in ((ROUGH, ANY), (NEAT, HANDS))
        ]
        mine = [font for i, font in enumerate(fonts) if (i % HELD_BACK == 0) == watched]
        printed = LineSource(None, None, mine, texts, style=PRINT, limits=LIMITS, seed=args.seed)
        return Mixed(printed, written, args.seed + watched)

    learned, watched = source(False), source(True)
    model = printed_network()
    optimizer = optim.AdamW(model.parameters(), lr=RATE, weight_decay=0.01)
    schedule = LambdaLR(optimizer, lambda done: one_cycle(done / args.steps))
    recent: list[float] = []
    begin = time.perf_counter()
    for step in steps(model, in_advance(partial(learned.__call__)), loss_of, optimizer):
        schedule.step()
        recent.append(step.loss)
        if step.number % REPORT == 0 or step.number == args.steps:
            spent = time.perf_counter() - begin
            print(f"step {step.number:5}: loss {np.mean(recent):.4f}, {spent:.0f} s", flush=True)
            recent.clear()
            weights.save(
                args.out, model, seed=args.seed, step=step.number, command="python training/printed.py",
                trained_on="UNIPEN train_r01_v07, handwriting fonts, printing fonts",
                hello_dl=hello_dl.__version__,
            )  # fmt: skip
        if step.number == args.steps:
            break
    printed, written = rates(model, watched, 40)
    print(f"fonts and writers kept aside: {printed:.1%} of print and {written:.1%} of handwriting recognised")
    weights.quantise(args.out, args.shipped, bits=8)
    print(f"{args.shipped}: {args.shipped.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
