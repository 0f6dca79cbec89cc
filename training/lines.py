"""Trains the line reader, from nothing or from weights, and says how well it reads.

    python training/lines.py --data ../shared/data --steps 40000 --log lines.db --checkpoint lines.checkpoint

A training that was killed goes on with the same command and --resume, to the same bits.

The folder has unipen (pen strokes of words and lines with their text), fonts and text. Lines are drawn anew
in every step (hello_dl.data.lines). Writers that the files mark as held back are never trained on; further
writers, one in WATCHED, are kept aside to watch the training. The average of the weights is what is written,
every few minutes, to --out; the package gets it in 8 bits.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

import hello_dl
from ahead import in_advance
from hello_dl import Tensor, no_grad, optim, weights
from hello_dl import functional as F
from hello_dl.data.lines import LineSource, Shares, Texts, read_fonts, read_hands, read_strokes
from hello_dl.nn.utils import clip_grad_norm_
from hello_dl.optim.schedules import one_cycle
from hello_dl.reading.lines.alphabet import concatenated
from hello_dl.reading.lines.best_path import best_path
from hello_dl.reading.lines.network import LineNetwork, load, save, to_batch
from hello_dl.reading.score import edit_distance
from hello_dl.runlog import RunLog
from hello_dl.tensors.creation import tensor
from hello_dl.train.averaging import MovingAverage
from hello_dl.train.checkpoint import Checkpoint
from hello_dl.train.steps import steps

BATCH = 32  # lines in a step
SHARES = Shares(words=0.3, made=0.25, lines=0.15, fonts=0.3)
LIMITS = (16, 560)  # pixels: least and largest width; wider lines teach no more, and take longer
# The first share of the training sees short words, among which a network finds out soonest what a letter is.
EASY, EASY_SHARES, EASY_LIMITS = 0.12, Shares(words=0.75, made=0.0, lines=0.0, fonts=0.25), (16, 200)
WATCHED = 16  # writers whose number this divides are not trained on; their lines show how the training goes
WATCH_SEED = 1  # of the lines by watched writers
REPORT, WATCH, SAVE = 200, 2000, 1000  # steps between a line of output, a look at watched writers, a file
EVERY = 300.0  # seconds between checkpoints
LARGEST_GRADIENT = 5.0  # norm of all gradients, to which larger ones are scaled
CALM = 0.9  # share of the way to steady lines that the calmest lines go
DECAY = 0.999  # of the average of the weights

Batch = tuple[Tensor, list[str]]


def sources(data: Path, seed: int, calm: float = CALM) -> tuple[LineSource, LineSource, LineSource]:
    """Return short words to begin with, the lines to learn from, and lines of the watched writers."""
    files = [data / "unipen" / f"{kind}.npz" for kind in ("words", "lines")]
    learned = [read_strokes(file, choose=lambda writer: writer % WATCHED != 0) for file in files]
    watched = [read_strokes(file, choose=lambda writer: writer % WATCHED == 0) for file in files]
    text = data / "text"
    texts = Texts(text / "books.txt", text / "word-counts.txt", text / "names.txt")
    fonts = [*read_fonts(data / "fonts"), *read_hands(data / "chars-unipen", without=WATCHED)]
    return (
        LineSource(*learned, fonts, texts, shares=EASY_SHARES, limits=EASY_LIMITS, calm=calm, seed=seed),
        LineSource(*learned, fonts, texts, shares=SHARES, limits=LIMITS, calm=calm, seed=seed),
        LineSource(*watched, shares=SHARES, limits=LIMITS, calm=calm, seed=WATCH_SEED),
    )


def batches(source: Callable[[int], LineSource], first: int = 0) -> Iterator[Batch]:
    """Return batches number first, first + 1, ... without end, each of the source for its number."""

    def draw(number: int) -> Batch:
        lines = source(number).batch(BATCH, number)
        return to_batch([picture for picture, _ in lines]), [text for _, text in lines]

    return in_advance(draw, first)


@dataclass
class Place:
    """How far a training has come: steps, and seconds in all its parts. A part of its checkpoint."""

    steps: int = 0
    seconds: float = 0.0

    def state_dict(self) -> dict[str, Any]:
        """Return the place as plain numbers."""
        return asdict(self)

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Go on from a place that state_dict returned."""
        self.steps, self.seconds = int(state_dict["steps"]), float(state_dict["seconds"])


def loss_of(log_probs: Tensor, texts: list[str]) -> Tensor:
    """Return the mean CTC loss of log probabilities (n, answers, classes), for each sign."""
    numbers, lengths = concatenated(texts)
    answers = [log_probs.shape[1]] * len(texts)
    return F.ctc_loss(
        log_probs, tensor(numbers), answers, lengths.tolist(), zero_infinity=True, batch_first=True
    )


def error_rate(model: LineNetwork, source: LineSource, batches: int) -> float:
    """Return the edit distance of what is read on the best path, for each character of the truth."""
    wrong = signs = 0
    model.eval()
    with no_grad():
        for number in range(batches):
            lines = source.batch(BATCH, number)
            found = model(to_batch([picture for picture, _ in lines])).numpy()
            for (_, text), log_probs in zip(lines, found, strict=True):
                wrong += edit_distance(text, best_path(log_probs))
                signs += len(text)
    model.train()
    return wrong / signs


def options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("--steps", type=int, default=40_000)
    parser.add_argument("--minutes", type=float, help="train for so long, instead of --steps")
    parser.add_argument("--first", type=int, default=0, help="number of the first batch, to see new lines")
    parser.add_argument("--lr", type=float, default=2.5e-3, help="the highest learning rate")
    parser.add_argument("--start", metavar="FILE", help="weights to begin with")
    parser.add_argument("--out", default="lines-float.safetensors", metavar="FILE")
    parser.add_argument("--checkpoint", metavar="FILE", help="keep the whole state here, each five minutes")
    parser.add_argument("--resume", action="store_true", help="go on from the checkpoint, if it is there")
    parser.add_argument("--log", metavar="FILE", help="run log")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--shipped", type=Path, metavar="FILE", help="where to write the weights in 8 bits")
    return parser.parse_args()


def main() -> None:
    """Train, and write the weights."""
    args = options()
    hello_dl.set_num_threads(args.threads)
    hello_dl.manual_seed(args.seed)
    easy, source, watched = sources(args.data, args.seed)
    model = load(args.start) if args.start else LineNetwork()
    model.train()
    optimizer = optim.AdamW(model.parameters(), lr=args.lr, weight_decay=0.01)
    average = MovingAverage(model, DECAY)
    print(f"{sum(p.numel() for p in model.parameters()):,} parameters", flush=True)

    settings = {"lr": args.lr, "batch": BATCH, "decay": DECAY, "limits": LIMITS, **vars(SHARES)}
    given = {"steps": args.steps, "minutes": args.minutes, "first": args.first, "start": args.start}
    place = Place()
    checkpoint = Checkpoint(
        args.checkpoint, settings={**settings, **given, "seed": args.seed}, every=EVERY, resume=args.resume
    )
    checkpoint.keep(model=model, optimizer=optimizer, average=average, place=place)
    begin = time.perf_counter() - place.seconds

    def progress(number: int) -> float:
        if args.minutes:
            return (time.perf_counter() - begin) / (60 * args.minutes)
        return (number - 1) / args.steps

    def set_rate(number: int) -> None:
        for group in optimizer.param_groups:
            group["lr"] = args.lr * one_cycle(min(1.0, progress(number)))

    def source_of(batch: int) -> LineSource:
        is_early = not args.start and progress(batch - args.first + 1) < EASY
        return easy if is_early else source

    def write() -> None:
        with average.in_use():
            save(
                args.out, model, step=place.steps, seed=args.seed, command="python training/lines.py",
                trained_on="UNIPEN train_r01_v07, handwriting fonts", hello_dl=hello_dl.__version__,
            )  # fmt: skip

    run = None
    if args.log:
        run = RunLog(args.log).run(model, hyperparameters=settings, seed=args.seed, steps=args.steps)
    recent: list[float] = []
    loop = steps(
        model,
        batches(source_of, args.first + place.steps),
        loss_of,
        optimizer,
        before=set_rate,
        on_gradients=lambda: clip_grad_norm_(model.parameters(), LARGEST_GRADIENT),
        first=place.steps + 1,
    )
    with checkpoint:
        for step in loop if progress(place.steps + 1) < 1 else ():
            average.update()
            place.steps, place.seconds = step.number, time.perf_counter() - begin
            recent.append(step.loss)
            if run:
                run.step(step.number, 1, step.loss, optimizer.param_groups[0]["lr"])
            if step.number % REPORT == 0:
                print(f"step {step.number:6}: loss {np.mean(recent):.4f}, {place.seconds:.0f} s", flush=True)
                recent.clear()
            last = progress(step.number + 1) >= 1
            if step.number % WATCH == 0 or last:
                with average.in_use():
                    print(
                        f"watched writers: {error_rate(model, watched, 16):.1%} of the signs wrong",
                        flush=True,
                    )
            if step.number % SAVE == 0 or last:
                write()
            checkpoint.offer()
            if last:
                break
    if run:
        run.end()
    if args.shipped:
        weights.quantise(args.out, args.shipped, bits=8)


if __name__ == "__main__":
    main()
