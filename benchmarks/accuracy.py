"""Measures the accuracies that the package claims, with its own commands and examples on real data.

    python benchmarks/accuracy.py [--data ../shared/data]

Prints a Markdown table of what was trained on what, tested on what, and the share that is right. The folder
holds idx files: mnist/, letters-nist/, chars-photo/ to learn from, chars-pen/, chars-apl/ only to measure.
About six minutes on two cores.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path


def run(*arguments: str) -> str:
    """Run a module of the package and return what it printed."""
    done = subprocess.run([sys.executable, "-m", *arguments], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(arguments)}: ended with {done.returncode}\n{done.stderr}")
    return done.stdout


def row(what: str, test: str, percent: float, goal: float) -> None:
    """Print one line of the table."""
    print(f"| {what} | {test} | {percent:.2f} % | {goal} % |", flush=True)


def example(name: str, data: Path, goal: float, *options: str) -> None:
    """Run an example on MNIST; the last percentage of the test images that it prints is its result."""
    mnist = ["--data", f"{data}/mnist/train", "--test", f"{data}/mnist/t10k"]
    printed = run(f"hello_dl.examples.{name}", *mnist, *options)
    results = re.findall(r"([\d.]+) % of (?:the |[\d,]+ )?(?:test|are)", printed)
    row(f"example {name} {' '.join(options)}", "MNIST t10k", float(results[-1]), goal)


def train(task: str, out: Path, *options: str) -> None:
    """Train with the command, from the data that the options name."""
    run("hello_dl", "train", task, "--out", str(out), *options)


def evaluate(what: str, weights: Path, data: Path, name: str, goal: float) -> None:
    """Evaluate weights on one of the sets."""
    printed = run("hello_dl", "evaluate", str(weights), "--data", f"{data}/{name}", "--json")
    row(what, name.removesuffix("/all"), 100 * json.loads(printed.splitlines()[-1])["accuracy"], goal)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    data = parser.parse_args().data
    print("| trained | tested on | right | goal |\n|---|---|---|---|")
    example("three_or_seven", data, 96.71)
    example("first_learning", data, 98.0)
    example("digits", data, 97.5, "--epochs", "5")
    example("letters", data, 99.0, "--epochs", "3")
    with tempfile.TemporaryDirectory() as folder:
        weights = Path(folder) / "weights.safetensors"
        train("digits", weights)
        evaluate("`train digits` on builtin", weights, data, "mnist/t10k", 85)
        train("letters", weights)
        for name in ("letters-nist/all", "chars-photo/all"):
            evaluate("`train letters` on builtin", weights, data, name, 75)
        real = ["--data", f"{data}/letters-nist/all", "--data", f"{data}/chars-photo/all:byclass62"]
        train("letters", weights, *real, "--epochs", "12")
        for name, goal in (("chars-pen/all", 91), ("chars-apl/all", 93)):
            evaluate("`train letters` on letters-nist and chars-photo", weights, data, name, goal)


if __name__ == "__main__":
    main()
