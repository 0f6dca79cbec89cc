"""Measures augmentation: images per second of the kernel alone, and how much it slows down training.

    python benchmarks/augmentation.py [--threads 2]

The kernel makes every kind of change to 28x28 images in batches of 4,096. The letters network is trained at
batch 64, in turn with and without augmentation; medians of all rounds.
"""

from __future__ import annotations

import itertools
import statistics
import time
from dataclasses import replace

import hello_dl
from hello_dl import functional as F
from hello_dl import models, optim
from hello_dl.data import DataLoader, ImageDataset, load
from hello_dl.data.augment import HANDWRITING
from measuring import parser_of

# The changes of which HANDWRITING makes none are added.
EVERYTHING = replace(HANDWRITING, coarse=0.5, flip=5, erase=0.5)
BATCHES = 60  # training steps in each turn


def kernel_rate(rounds: int) -> float:
    """Return images per second of the kernel alone, the median of the rounds."""
    images = load("builtin:4096").images
    rates = []
    for step in range(rounds):
        start = time.perf_counter()
        EVERYTHING(images, seed=1, step=step)
        rates.append(len(images) / (time.perf_counter() - start))
    return statistics.median(rates)


def training_rates(rounds: int) -> tuple[float, float]:
    """Return images per second of training without and with augmentation, medians of alternating rounds."""
    data, steps = load("builtin:8192", classes="abcdefghijklmnopqrstuvwxyz"), itertools.count()
    model = models.letters_cnn(26)
    optimizer = optim.Adam(model.parameters())
    rates: tuple[list[float], list[float]] = ([], [])
    for turn in range(2 * rounds):
        changed = (lambda x: EVERYTHING(x, step=next(steps))) if turn % 2 else None
        loader = DataLoader(ImageDataset(data, augment=changed), 64, shuffle=True, seed=turn)
        start = time.perf_counter()
        for x, y in itertools.islice(loader, BATCHES):
            loss = F.cross_entropy(model(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        rates[turn % 2].append(64 * BATCHES / (time.perf_counter() - start))
    return statistics.median(rates[0]), statistics.median(rates[1])


def main() -> None:
    """Read the options, and print both measurements."""
    parser = parser_of(__doc__, rounds=9)
    args = parser.parse_args()
    hello_dl.set_num_threads(args.threads)
    print(f"kernel, everything on: {kernel_rate(2 * args.rounds):,.0f} images/s on {args.threads} threads")
    without, with_ = training_rates(args.rounds)
    print(f"training: {without:,.0f} images/s without, {with_:,.0f} with: {with_ / without:.1%}")


if __name__ == "__main__":
    main()
