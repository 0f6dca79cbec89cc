"""Measures recurrent networks against PyTorch on this CPU: the same networks, the same steps, in one run.

    python benchmarks/sequences.py              everything, about three minutes
    python benchmarks/sequences.py --only gru   only the networks with this in their names
    python benchmarks/sequences.py --rounds 9   more rounds, steadier medians
    python benchmarks/sequences.py --cpu        CPU seconds on one thread, for a machine with other work

Each library runs in processes of its own, in turn (hello_dl, PyTorch, hello_dl ...). A round gives one ratio;
the medians of all rounds are printed. PyTorch runs its own fused layers and its fused AdamW. Needs
`pip install torch==2.13.0` beside hello_dl. A GPT is measured by text.py, attention's memory by
attention_memory.py.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

VOCABULARY = 65  # different characters in tiny Shakespeare
TASKS: dict[str, dict[str, Any]] = {
    "gru, 3 layers of 256, batch 100": {"net": "gru", "batch": 100, "steps": 74},
    "lstm, 3 layers of 256, batch 100": {"net": "lstm", "batch": 100, "steps": 74},
}
PEERS = ("hello_dl", "torch")
SECONDS = 4.0  # of measurement in each process


def recurrent(nn: Any, kind: str) -> Any:
    """Return a network of three recurrent layers: tokens (n, t) to scores (n * t, vocabulary)."""

    class Net(nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.embedding = nn.Embedding(VOCABULARY, 256)
            self.layers = getattr(nn, kind)(256, 256, num_layers=3, batch_first=True)
            self.head = nn.Linear(256, VOCABULARY)

        def forward(self, tokens: Any) -> Any:
            y, _ = self.layers(self.embedding(tokens))
            return self.head(y.reshape(-1, 256))

    return Net()


def make_step(peer: str, task: dict[str, Any], threads: int) -> Callable[[], Any]:
    """Return a function that makes one training step in the given library."""
    import numpy as np

    rng = np.random.default_rng(0)
    tokens = rng.integers(0, VOCABULARY, (task["batch"], task["steps"]))
    if peer == "hello_dl":
        import hello_dl as lib
        from hello_dl import nn, optim
        from hello_dl.nn import functional

        fused = {}
    else:
        import torch as lib  # type: ignore[no-redef]
        from torch import nn, optim  # type: ignore[no-redef]
        from torch.nn import functional  # type: ignore[no-redef]

        fused = {"fused": True}
    lib.set_num_threads(threads)
    net = recurrent(nn, task["net"].upper())
    optimizer = optim.AdamW(net.parameters(), lr=1e-3, **fused)
    x, y = lib.tensor(tokens), lib.tensor(np.roll(tokens, -1).reshape(-1))

    def train() -> Any:
        optimizer.zero_grad()
        loss = functional.cross_entropy(net(x), y)
        loss.backward()
        optimizer.step()
        return loss

    return train


def worker(peer: str, name: str, threads: int, cpu: bool) -> None:
    """Time steps for a while and print tokens per second, by the median step."""
    task = TASKS[name]
    step = make_step(peer, task, threads)
    for _ in range(3):
        step()
    times: list[float] = []
    clock = time.process_time if cpu else time.perf_counter
    end = time.perf_counter() + SECONDS
    while len(times) < 5 or time.perf_counter() < end:
        start = clock()
        step()
        times.append(clock() - start)
    print(json.dumps(task["batch"] * task["steps"] / statistics.median(times)))


def measure(peer: str, name: str, threads: int, cpu: bool) -> float:
    """Run one worker process."""
    command = [sys.executable, __file__, "--worker", peer, "--only", name, "--threads", str(threads)]
    environment = {**os.environ, "OMP_NUM_THREADS": str(threads)}
    done = subprocess.run(
        command + ["--cpu"] * cpu, capture_output=True, text=True, check=False, env=environment
    )
    if done.returncode != 0:
        raise SystemExit(f"{peer}: {name}: the worker failed:\n{done.stderr}")
    return float(json.loads(done.stdout.splitlines()[-1]))


def compare(name: str, rounds: int, threads: int, cpu: bool) -> None:
    """Print one row: tokens per second of each, and the ratio, as medians over rounds."""
    speeds: dict[str, list[float]] = {peer: [] for peer in PEERS}
    for _ in range(rounds):
        for peer in PEERS:
            speeds[peer].append(measure(peer, name, threads, cpu))
    ratios = [ours / theirs for ours, theirs in zip(*speeds.values(), strict=True)]
    row = [f"{statistics.median(speeds[p]):,.0f}" for p in PEERS]
    print(f"| {name} | {' | '.join(row)} | {statistics.median(ratios):.2f} |", flush=True)


def main() -> None:
    """Read the options and print a Markdown table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", default="", help="only networks with this in their names")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--cpu", action="store_true", help="count CPU seconds, on one thread")
    parser.add_argument("--worker", choices=PEERS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    threads = 1 if options.cpu else options.threads
    if options.worker:
        worker(options.worker, options.only, threads, options.cpu)
        return
    seconds = "CPU second on one thread" if options.cpu else f"second on {threads} threads"
    print(f"tokens trained per {seconds}, medians of {options.rounds} rounds\n")
    print("| network | hello_dl | PyTorch | hello_dl / PyTorch |")
    print("|---|---|---|---|")
    for name in TASKS:
        if options.only in name:
            compare(name, options.rounds, threads, options.cpu)


if __name__ == "__main__":
    main()
