"""Kills `hello-dl train letters` at random moments, resumes it, and compares the final weights, bit by bit.

    python benchmarks/resume.py --kills 100          # one training after the other, each killed 5 times
    python benchmarks/resume.py --cost               # what checkpoints cost, in turns with none

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

import numpy as np

import hello_dl
from hello_dl import models, train
from hello_dl.data import CODES, load


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


def cost(rounds: int, every: float, size: int) -> None:
    """Print how much longer a training takes with a checkpoint every so many seconds, by turns with none."""
    data = load(f"builtin:{size}", classes=CODES["letters26"].classes)
    ratios, work = [], []
    with tempfile.TemporaryDirectory() as name:
        for number in range(rounds):
            seconds, cpu = [], []
            for path in (None, Path(name) / str(number)):
                hello_dl.manual_seed(0)
                model = models.letters_cnn(len(data.classes))
                begin, begun = time.perf_counter(), time.process_time()
                train.fit(model, data, epochs=1, progress=False, checkpoint=path, every=every)
                seconds.append(time.perf_counter() - begin)
                cpu.append(time.process_time() - begun)
            ratios.append(seconds[1] / seconds[0])
            work.append(cpu[1] / cpu[0])
            print(
                f"{seconds[0]:.2f} s without, {seconds[1]:.2f} s with: {ratios[-1] - 1:+.2%};"
                f" of the processor's time {work[-1] - 1:+.2%}",
                flush=True,
            )
    print(
        f"checkpoints every {every:g} s: {np.median(ratios) - 1:+.2%} of the time,"
        f" {np.median(work) - 1:+.2%} of the processor's (medians of {rounds}; the latter counts on a"
        " machine with other work)"
    )


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
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args()
    if args.cost:
        cost(args.rounds, args.every, args.size)
    else:
        kill_and_compare(args.kills, args.each, args.size)


if __name__ == "__main__":
    main()
