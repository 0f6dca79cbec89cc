"""Kills `hello-dl train letters` at random moments, resumes it, and compares the final weights, bit by bit.

    python benchmarks/resume.py --kills 100          # one training after the other, each killed 5 times
    python benchmarks/resume.py --cost               # what checkpoints cost

Each training is killed (SIGKILL) several times, at moments drawn evenly from the time that an unbroken one
takes, its start and its end among them, and resumed each time. Then its weights file is compared.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

import hello_dl
from hello_dl import models, train
from hello_dl.data import CODES, load
from hello_dl.train import Checkpoint, loop


def command(folder: Path, out: str, size: int, *more: str) -> list[str]:
    """Return the command that trains on `size` drawn letters."""
    data = ("--data", f"builtin:{size}", "--augment", "--epochs", "2")
    return [sys.executable, "-m", "hello_dl", "train", "letters", *data, "--out", str(folder / out), *more]


def start(words: list[str]) -> subprocess.Popen[bytes]:
    """Start a command that prints nothing."""
    return subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=os.environ)


def killed(folder: Path, chance: random.Random, seconds: float, size: int, kills: int) -> tuple[int, bool]:
    """Train with some kills; return how many hit a training, and whether the weights came out the same."""
    kept = ("--checkpoint", str(folder / "state"), "--every", "0.2", "--resume", "--log", str(folder / "log"))
    words, hits = command(folder, "broken", size, *kept), 0
    for _ in range(kills):
        process = start(words)
        time.sleep(chance.uniform(0, seconds))
        process.send_signal(signal.SIGKILL)
        hits += process.wait() == -signal.SIGKILL
    if start(words).wait() != 0:
        return hits, False
    same = (folder / "broken").read_bytes() == (folder / "unbroken").read_bytes()
    for name in ("broken", "state", "log"):
        (folder / name).unlink()
    return hits, same


def kill_and_compare(kills: int, each: int, size: int) -> None:
    """Print how many trainings ended with the same bits."""
    chance, hits, same, trainings = random.Random(0), 0, 0, 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        begin = time.perf_counter()
        if start(command(folder, "unbroken", size)).wait() != 0:
            sys.exit("resume.py: the unbroken training failed")
        seconds = time.perf_counter() - begin
        print(f"an unbroken training takes {seconds:.1f} s", flush=True)
        while hits < kills:
            hit, right = killed(folder, chance, seconds, size, min(each, kills - hits))
            hits, same, trainings = hits + hit, same + right, trainings + 1
            print(f"{hits} kills, {same} of {trainings} trainings with the same bits", flush=True)


def cost(every: float, size: int) -> None:
    """Print how long checkpoints hold up a training, and how long their thread works, as shares of the time.

    Times with and without checkpoints differ by less than two runs of the same program do.
    """
    classes = CODES["letters26"].classes
    data, held_up, worked = load(f"builtin:{size}", classes=classes), [], []

    class Measured(Checkpoint):
        def save(self, wait: bool = False) -> None:
            begin = time.perf_counter()
            super().save(wait)
            held_up.append(time.perf_counter() - begin)

        def _write(self, *content: Any) -> None:
            begin = time.thread_time()
            super()._write(*content)
            worked.append(time.thread_time() - begin)

    loop.Checkpoint = Measured  # type: ignore[misc]  # the one that `fit` uses
    with tempfile.TemporaryDirectory() as name:
        hello_dl.manual_seed(0)
        model = models.letters_cnn(len(classes))
        begin = time.perf_counter()
        train.fit(model, data, progress=False, checkpoint=Path(name) / "state", every=every)
        seconds = time.perf_counter() - begin
        count, size = len(held_up) - 1, (Path(name) / "state").stat().st_size
    print(f"{count} checkpoints of {size / 1e6:.1f} MB in {seconds:.1f} s")
    each = f"held up for {1000 * np.median(held_up):.1f} ms each"
    print(f"{each}, the thread worked {1000 * np.median(worked):.1f} ms")
    print(f"together {(sum(held_up) + sum(worked)) / seconds:.2%} of the time, with the first and the last")


def main() -> None:
    """Read the command line, and measure."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--each", type=int, default=5, help="kills of one training, at most")
    parser.add_argument("--size", type=int, default=2000, help="letters in the data")
    parser.add_argument("--cost", action="store_true", help="measure what checkpoints cost instead")
    parser.add_argument("--every", type=float, default=10.0, help="seconds from one checkpoint to the next")
    args = parser.parse_args()
    if args.cost:
        cost(args.every, args.size)
    else:
        kill_and_compare(args.kills, args.each, args.size)


if __name__ == "__main__":
    main()
