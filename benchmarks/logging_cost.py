"""Measures what the run log costs: the same training with and without `log=`, in turn, in one process.

    python benchmarks/logging_cost.py              both networks, about a minute and a half
    python benchmarks/logging_cost.py --rounds 9   steadier medians
    python benchmarks/logging_cost.py --values     with all values of parameters and gradients

A round trains without, with, with, and without a log, so that a machine that gets slower hits both alike, and
gives one ratio of seconds and one of CPU seconds. The medians of all rounds are printed. The claim is: < 3 %.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from pathlib import Path

import hello_dl
from hello_dl import data, models
from hello_dl.runlog import RunLog
from hello_dl.train import fit

NETWORKS = {"digits_mlp": (10, 6), "letters_cnn": (26, 1)}  # classes, epochs
IMAGES = 12_000


def train(name: str, images: data.Images, log: RunLog | None) -> tuple[float, float]:
    """Train a network for a few seconds, and return how many, by the clock and of the CPU."""
    hello_dl.manual_seed(0)
    model = getattr(models, name)(len(images.classes))
    start, cpu = time.perf_counter(), time.process_time()
    fit(model, images, images.take(slice(1000)), epochs=NETWORKS[name][1], log=log, progress=False)
    return time.perf_counter() - start, time.process_time() - cpu


def compare(name: str, rounds: int, values: bool, folder: Path) -> None:
    """Print one row of the table."""
    code = data.CODES["digits" if NETWORKS[name][0] == 10 else "letters26"]
    images = data.load(f"builtin:{IMAGES}", classes=code.classes, seed=0)
    log = RunLog(folder / f"{name}.sqlite", values=values)
    train(name, images, log)  # warm up
    ratios: list[tuple[float, float]] = []
    for _ in range(rounds):
        plain, logged, again, last = (train(name, images, which) for which in (None, log, log, None))
        ratios.append(
            ((logged[0] + again[0]) / (plain[0] + last[0]), (logged[1] + again[1]) / (plain[1] + last[1]))
        )
    wall, cpu = (100 * (statistics.median(r[i] for r in ratios) - 1) for i in (0, 1))
    size = log.path.stat().st_size / (2 * rounds + 1) / 1e6
    print(f"| {name} | {wall:+.1f} % | {cpu:+.1f} % | {size:.1f} MB |", flush=True)


def main() -> None:
    """Read the options and print a Markdown table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--values", action="store_true", help="log all values, too")
    parser.add_argument("--only", default="", help="measure the network that has this in its name")
    options = parser.parse_args()
    hello_dl.set_num_threads(options.threads)
    print(f"{options.threads} threads, medians of {options.rounds} rounds\n")
    print("| network | seconds | CPU seconds | file, a run |\n|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for name in NETWORKS:
            if options.only in name:
                compare(name, options.rounds, options.values, Path(folder))


if __name__ == "__main__":
    main()
