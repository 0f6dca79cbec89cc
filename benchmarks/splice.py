"""Measures how well splice junctions are found, by ten-fold cross-validation, for one or more seeds.

    python benchmarks/splice.py [--data ../shared/data/splice/splice.data] [--seeds 0 1] [--gene]

Prints a Markdown table: accuracy of counting bases (naive Bayes), of the GRUs, of the convolutional networks,
and of all together, on the same folds, equal sequences in one. With --gene also with all of a gene in one
fold. A few minutes a row on two cores.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

from hello_dl import dna
from hello_dl.examples.splice import by_counting


def run(data: Path, seed: int, group: str) -> tuple[dict[str, float], float]:
    """Run the command's cross-validation; return the accuracy of each kind of network, and the seconds."""
    start = time.perf_counter()
    options = ["--folds", "10", "--seed", str(seed), "--group", group, "--json"]
    command = [sys.executable, "-m", "hello_dl", "splice", str(data), *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(done.stderr)
    networks = json.loads(done.stdout.splitlines()[-1])["networks"]
    return {name: found["accuracy"] for name, found in networks.items()}, time.perf_counter() - start


def counting(data: Path, seed: int, group: str) -> float:
    """Return the accuracy of counting bases on the same folds."""
    sequences = dna.read(data)
    x, y = dna.training_set(sequences)
    fold = dna.folds(y, dna.groups(sequences, group), 10, seed)
    answers = np.empty_like(y)
    for k in range(10):
        answers[fold == k] = by_counting(x[fold != k], y[fold != k], x[fold == k])
    return float((answers == y).mean())


def main() -> None:
    """Print a row for each seed and kind of folds."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=Path("../shared/data/splice/splice.data"))
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--gene", action="store_true", help="also keep every gene in one fold")
    args = parser.parse_args()
    print("| kept in one fold | seed | counting | GRU | convolutions | both | goal | seconds |")
    print("|---|---|---|---|---|---|---|---|")
    for group in ["sequence", "gene"][: 1 + args.gene]:
        for seed in args.seeds:
            found, seconds = run(args.data, seed, group)
            shown = [counting(args.data, seed, group), found["gru"], found["conv"], found["both"]]
            cells = " | ".join(f"{100 * accuracy:.2f} %" for accuracy in shown)
            print(f"| {group} | {seed} | {cells} | 96.5 % | {seconds:.0f} |", flush=True)


if __name__ == "__main__":
    main()
