"""What the benchmarks share: options, two libraries under the same names, seconds, megabytes, processes.

The scripts in this folder import it by its name: Python looks for modules in the folder of the script that it
runs.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

LEAST_STEPS = 5  # timed steps of which the median is taken, even if they take longer than planned


def parser_of(about: str | None, rounds: int, peers: Sequence[str] = ()) -> argparse.ArgumentParser:
    """Return a parser for --rounds, --threads and, for processes that measure one peer, --worker."""
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=rounds)
    parser.add_argument("--threads", type=int, default=2)
    if peers:
        parser.add_argument("--worker", choices=peers, help=argparse.SUPPRESS)
    return parser


def library(peer: str, threads: int) -> tuple[Any, Any, Any, Any]:
    """Return hello_dl, or PyTorch for any other peer, and its nn, optim and nn.functional."""
    name = "hello_dl" if peer == "hello_dl" else "torch"
    lib, nn, optim, functional = (
        import_module(name + part) for part in ("", ".nn", ".optim", ".nn.functional")
    )
    lib.set_num_threads(threads)
    return lib, nn, optim, functional


def classifier_step(functional: Any, net: Any, optimizer: Any, x: Any, y: Any) -> Callable[[], Any]:
    """Return a function that makes one training step on the inputs x and their labels y."""

    def step() -> Any:
        optimizer.zero_grad()
        loss = functional.cross_entropy(net(x), y)
        loss.backward()
        optimizer.step()
        return loss

    return step


def median_seconds(
    step: Callable[[], Any],
    warm_up: int,
    seconds: float,
    clock: Callable[[], float] = time.perf_counter,
) -> float:
    """Return the median time of a step: after `warm_up` steps they are timed for `seconds`."""
    for _ in range(warm_up):
        step()
    times: list[float] = []
    end = time.perf_counter() + seconds
    while time.perf_counter() < end or len(times) < LEAST_STEPS:
        start = clock()
        step()
        times.append(clock() - start)
    return statistics.median(times)


def run_worker(script: str, *arguments: object, environment: Mapping[str, str] | None = None) -> Any:
    """Run a script in a process of its own, and return what its last line of output says in JSON."""
    command = [sys.executable, script, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    if done.returncode != 0:
        raise SystemExit(f"{Path(script).name} {' '.join(command[2:])}: failed:\n{done.stderr}")
    return json.loads(done.stdout.splitlines()[-1])


def in_turn(peers: Iterable[str], rounds: int, measure: Callable[[str], float]) -> dict[str, list[float]]:
    """Measure each peer once in every round, so that a slow minute of the machine meets all of them."""
    results: dict[str, list[float]] = {peer: [] for peer in peers}
    for _ in range(rounds):
        for peer, numbers in results.items():
            numbers.append(measure(peer))
    return results


def speed_row(name: str, speeds: Mapping[str, list[float]], peer: str, columns: Sequence[str]) -> str:
    """Return a row of a Markdown table: speeds as medians, and the median ratio of hello_dl to a peer."""
    cells = [f"{statistics.median(speeds[p]):,.0f}" if p in speeds else "" for p in columns]
    ratios = [ours / theirs for ours, theirs in zip(speeds["hello_dl"], speeds[peer], strict=True)]
    return f"| {name} | {' | '.join(cells)} | {statistics.median(ratios):.2f} |"


def print_tasks(
    about: str | None,
    script: str,
    worker: Callable[[str, str, int, bool], None],
    tasks: Iterable[str],
    peers: Sequence[str],
    unit: str,
    columns: str,
) -> None:
    """Read the options of a script that measures in seconds or CPU seconds, and print a row for each task.

    `worker(peer, task, threads, cpu)` runs in a process of its own and prints how much of `unit` a second.
    """
    parser = parser_of(about, rounds=5, peers=peers)
    parser.add_argument("--only", default="", help="only tasks with this in their names")
    parser.add_argument("--cpu", action="store_true", help="count CPU seconds, on one thread")
    options = parser.parse_args()
    threads = 1 if options.cpu else options.threads
    if options.worker:
        worker(options.worker, options.only, threads, options.cpu)
        return
    seconds = "CPU second on one thread" if options.cpu else f"second on {threads} threads"
    print(f"{unit} per {seconds}, medians of {options.rounds} rounds\n\n{columns}")
    print("|---" * (columns.count("|") - 1) + "|")
    environment = {**os.environ, "OMP_NUM_THREADS": str(threads)}
    more = ["--threads", threads, *["--cpu"][: options.cpu]]
    for name in tasks:
        if options.only in name:

            def measure(peer: str, name: str = name) -> float:
                of = ["--worker", peer, "--only", name]
                return float(run_worker(script, *of, *more, environment=environment))

            print(speed_row(name, in_turn(peers, options.rounds, measure), "torch", peers), flush=True)


def resident(field: str) -> float:
    """Return VmRSS (memory of this process now) or VmHWM (the highest so far) in megabytes; Linux only."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(field):
            return int(line.split()[1]) / 1024
    raise SystemExit(f"/proc/self/status has no {field}")


def added_megabytes(step: Callable[[], Any]) -> float:
    """Return by how many megabytes three steps raise the resident memory at their peak."""
    before = resident("VmRSS")
    for _ in range(3):
        step()
    return max(0.0, resident("VmHWM") - before)


def compare_memory(script: str, megabytes: Callable[[int], float], sizes: tuple[int, int], line: str) -> None:
    """Measure the memory of two sizes, each in a process of its own, and print a line for each and the ratio.

    The script runs itself again with the size as its argument. `line` is the text with {size} and {peak}.
    """
    if len(sys.argv) > 1:
        print(json.dumps(megabytes(int(sys.argv[1]))))
        return
    peaks = []
    for size in sizes:
        peaks.append(run_worker(script, size))
        print(line.format(size=size, peak=peaks[-1]))
    print(f"ratio: {peaks[1] / peaks[0]:.2f}")
