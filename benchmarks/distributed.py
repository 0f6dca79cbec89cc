"""Measures training on several processes of this machine: speed against threads, and bytes sent in a step.

    python benchmarks/distributed.py --rounds 5         # 2 processes of 1 thread against 1 process of 2
    python benchmarks/distributed.py --bytes            # bytes of a step, on 1, 2, 3, 4 and 8 processes

The letters network learns from batches of 64 drawn letters, or of --batch. Runs alternate; medians are
compared.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time
from pathlib import Path

import hello_dl
from hello_dl import distributed, models, train
from hello_dl.data import CODES, load

BATCH = 64  # images in a step, unless --batch says more
WARM = 5  # steps that are not counted: the first ones make threads and memory
STEPS = 45


def work(shards: int, batch: int) -> None:
    """Train, and let process 0 print the images a second and the bytes that it sends in a step."""
    distributed.init()
    classes = CODES["letters26"].classes
    data = load(f"builtin:{batch * STEPS}", classes=classes)
    hello_dl.manual_seed(0)
    model = models.letters_cnn(len(classes))
    times, sent = [], []

    def note(_: int, __: float) -> None:
        times.append(time.perf_counter())
        sent.append(distributed.bytes_sent())

    settings = {"distributed": True, "shards": shards} if shards else {}
    train.fit(model, data, batch_size=batch, on_step=note, progress=False, **settings)
    if distributed.rank() == 0:
        speed = batch * (len(times) - WARM) / (times[-1] - times[WARM - 1])
        size = 4 * sum(p.numel() for p in model.parameters())
        print(f"RESULT {speed} {(sent[-1] - sent[-2]) / size}")


def run(processes: int, threads: int, shards: int, batch: int = BATCH) -> tuple[float, float]:
    """Return images a second, and bytes of a step over bytes of the parameters, of one run."""
    program = [sys.executable, __file__, "--worker", "--threads", str(threads), "--shards", str(shards)]
    program += ["--batch", str(batch)]
    launcher = Path(sys.executable).parent / "mpiexec"
    words = [str(launcher), "-n", str(processes), *program]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    (line,) = (line for line in done.stdout.splitlines() if line.startswith("RESULT"))
    speed, sent = map(float, line.split()[1:])
    return speed, sent


def compare(rounds: int, shards: int, batch: int) -> None:
    """Print the speeds of processes, threads, and a training that is not cut into shards."""
    kinds = {"1 process, 2 threads, no shards": (1, 2, 0)}
    kinds |= {"1 process, 2 threads": (1, 2, shards), "2 processes, 1 thread": (2, 1, shards)}
    speeds: dict[str, list[float]] = {name: [] for name in kinds}
    for _ in range(rounds):
        for name, settings in kinds.items():
            speeds[name].append(run(*settings, batch)[0])
            print(f"{name}: {speeds[name][-1]:.0f} images/s", flush=True)
    for name, found in speeds.items():
        print(f"{name}: {statistics.median(found):.0f} images/s, median of {rounds}")
    plain, threaded, apart = speeds.values()
    for name, base in (("1 process of 2 threads", threaded), ("the same without shards", plain)):
        ratio = statistics.median(a / b for a, b in zip(apart, base, strict=True))
        print(f"2 processes of 1 thread against {name}: {ratio:.2f}")


def main() -> None:
    """Read the command line, and measure."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--shards", type=int, default=8)
    parser.add_argument("--batch", type=int, default=BATCH, help="images in a step")
    parser.add_argument("--bytes", action="store_true", help="count bytes instead")
    parser.add_argument("--worker", action="store_true", help="be one of the processes")
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()
    if args.worker:
        hello_dl.set_num_threads(args.threads)
        work(args.shards, args.batch)
    elif args.bytes:
        for processes in (1, 2, 3, 4, 8):
            print(f"{processes} processes: {run(processes, 1, 8)[1]:.3f} times the parameters", flush=True)
    else:
        compare(args.rounds, args.shards, args.batch)


if __name__ == "__main__":
    main()
