"""Measures how much the run log slows down training: the same with and without `log=`, in one process.

    python benchmarks/logging_cost.py              both networks, about a minute and a half
    python benchmarks/logging_cost.py --rounds 20  steadier figures
    python benchmarks/logging_cost.py --values     with all values of parameters and gradients

A round trains once without and once with a log. The fastest run of each kind is compared, in seconds of the
clock and of the CPU, since other programs can only make a run slower. The claim is: less than 3 %.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import hello_dl
from hello_dl import data, models
from hello_dl.runlog import RunLog
from hello_dl.train import fit
from measuring import parser_of

NETWORKS = {"digits_mlp": (10, 8), "letters_cnn": (26, 1)}  # classes, epochs
IMAGES = 6_000


def train(name: str, images: data.Images, log: RunLog | None) -> tuple[float, float]:
    """Train a network, and return how many seconds it took, of the clock and of the CPU."""
    hello_dl.manual_seed(0)
    model = getattr(models, name)(len(images.classes))
    start, cpu = time.perf_counter(), time.process_time()
    fit(model, images, images.take(slice(500)), epochs=NETWORKS[name][1], log=log, progress=False)
    return time.perf_counter() - start, time.process_time() - cpu


def compare(name: str, rounds: int, values: bool, folder: Path) -> None:
    """Print one row of the table."""
    code = data.CODES["digits" if NETWORKS[name][0] == 10 else "letters26"]
    images = data.load(f"builtin:{IMAGES}", classes=code.classes, seed=0)
    log = RunLog(folder / f"{name}.sqlite", values=values)
    train(name, images, log)  # warm up
    runs = [(train(name, images, None), train(name, images, log)) for _ in range(rounds)]
    wall, cpu = (
        100 * (min(logged[i] for _, logged in runs) / min(plain[i] for plain, _ in runs) - 1) for i in (0, 1)
    )
    size = log.path.stat().st_size / (rounds + 1) / 1e6
    print(f"| {name} | {wall:+.1f} % | {cpu:+.1f} % | {size:.1f} MB |", flush=True)


def main() -> None:
    """Read the options and print a Markdown table."""
    parser = parser_of(__doc__, rounds=10)
    parser.add_argument("--values", action="store_true", help="log all values, too")
    parser.add_argument("--only", default="", help="measure the network that has this in its name")
    options = parser.parse_args()
    hello_dl.set_num_threads(options.threads)
    print(f"{options.threads} threads, fastest of {options.rounds} runs each\n")
    print("| network | seconds | CPU seconds | file, a run |\n|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for name in NETWORKS:
            if options.only in name:
                compare(name, options.rounds, options.values, Path(folder))


if __name__ == "__main__":
    main()
