"""Measures the CTC loss against PyTorch on this CPU: log_softmax and loss, forward and backward, in one run.

    python benchmarks/ctc.py              everything, about two minutes
    python benchmarks/ctc.py --only lines only the sizes with this in their names
    python benchmarks/ctc.py --rounds 9   more rounds, steadier medians
    python benchmarks/ctc.py --cpu        CPU seconds on one thread, for a machine with other work

Each library runs in processes of its own, in turn (hello_dl, PyTorch, hello_dl ...). A round gives one ratio;
the medians of all rounds are printed. Scores are (t, n, classes), as PyTorch wants them; the third peer is
hello_dl with batch_first, (n, t, classes). Needs `pip install torch==2.13.0` beside hello_dl.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

from measuring import library, median_seconds, print_tasks

TASKS: dict[str, dict[str, int]] = {
    "lines of writing: 32 of 250 steps, 96 classes, 40 letters": {
        "batch": 32,
        "steps": 250,
        "classes": 96,
        "letters": 40,
    },
    "speech: 8 of 2,000 steps, 29 classes, 200 letters": {
        "batch": 8,
        "steps": 2000,
        "classes": 29,
        "letters": 200,
    },
}
PEERS = ("hello_dl", "torch", "hello_dl batch_first")
SECONDS = 3.0  # of measurement in each process


def make_step(peer: str, task: dict[str, int], threads: int) -> Callable[[], Any]:
    """Return a function that computes loss and gradient once in the given library."""
    import numpy as np

    rng = np.random.default_rng(0)
    n, letters = task["batch"], task["letters"]
    scores = rng.standard_normal((task["steps"], n, task["classes"]), dtype=np.float32)
    counts = rng.integers(
        letters - letters // 8, letters + letters // 8 + 1, n
    )  # about so many in each target
    labels = rng.integers(1, task["classes"], (n, int(counts.max())))
    by_sample = peer.endswith("batch_first")
    lib, _, _, functional = library(peer.split()[0], threads)
    x = lib.tensor(np.ascontiguousarray(scores.transpose(1, 0, 2)) if by_sample else scores)
    x.requires_grad = True
    given = lib.tensor(labels), lib.tensor(np.full(n, task["steps"])), lib.tensor(counts)
    options = {"batch_first": True} if by_sample else {}

    def step() -> Any:
        x.grad = None
        loss = functional.ctc_loss(functional.log_softmax(x, 2), *given, **options)
        loss.backward()
        return loss

    return step


def worker(peer: str, name: str, threads: int, cpu: bool) -> None:
    """Time steps for a while and print samples per second, by the median step."""
    clock = time.process_time if cpu else time.perf_counter
    step = make_step(peer, TASKS[name], threads)
    print(json.dumps(TASKS[name]["batch"] / median_seconds(step, warm_up=3, seconds=SECONDS, clock=clock)))


def main() -> None:
    """Read the options and print a Markdown table."""
    columns = "| size | hello_dl | PyTorch | hello_dl, batch_first | hello_dl / PyTorch |"
    print_tasks(__doc__, __file__, worker, TASKS, PEERS, "samples", columns)


if __name__ == "__main__":
    main()
