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

import json
import os
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from measuring import classifier_step, in_turn, library, median_seconds, parser_of, run_worker, speed_row

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
    lib, nn, optim, functional = library(peer, threads)
    net = recurrent(nn, task["net"].upper())
    fused = {} if peer == "hello_dl" else {"fused": True}
    optimizer = optim.AdamW(net.parameters(), lr=1e-3, **fused)
    x, y = lib.tensor(tokens), lib.tensor(np.roll(tokens, -1).reshape(-1))
    return classifier_step(functional, net, optimizer, x, y)


def worker(peer: str, name: str, threads: int, cpu: bool) -> None:
    """Time steps for a while and print tokens per second, by the median step."""
    task = TASKS[name]
    clock = time.process_time if cpu else time.perf_counter
    step = make_step(peer, task, threads)
    seconds = median_seconds(step, warm_up=3, seconds=SECONDS, clock=clock)
    print(json.dumps(task["batch"] * task["steps"] / seconds))


def measure(peer: str, name: str, threads: int, cpu: bool) -> float:
    """Return tokens per second, measured in a process of its own."""
    options = ["--worker", peer, "--only", name, "--threads", threads, *["--cpu"][:cpu]]
    return float(run_worker(__file__, *options, environment={**os.environ, "OMP_NUM_THREADS": str(threads)}))


def compare(name: str, rounds: int, threads: int, cpu: bool) -> None:
    """Print one row: tokens per second of each, and the ratio, as medians over rounds."""
    speeds = in_turn(PEERS, rounds, partial(measure, name=name, threads=threads, cpu=cpu))
    print(speed_row(name, speeds, "torch", PEERS), flush=True)


def main() -> None:
    """Read the options and print a Markdown table."""
    parser = parser_of(__doc__, rounds=5, peers=PEERS)
    parser.add_argument("--only", default="", help="only networks with this in their names")
    parser.add_argument("--cpu", action="store_true", help="count CPU seconds, on one thread")
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
