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
import time
from collections.abc import Callable
from typing import Any

from measuring import classifier_step, library, median_seconds, print_tasks

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


def main() -> None:
    """Read the options and print a Markdown table."""
    columns = "| network | hello_dl | PyTorch | hello_dl / PyTorch |"
    print_tasks(__doc__, __file__, worker, TASKS, PEERS, "tokens trained", columns)


if __name__ == "__main__":
    main()
