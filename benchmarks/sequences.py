"""Measures sequence models against PyTorch on this CPU: the same networks, the same steps, in one run.

    python benchmarks/sequences.py              everything, about three minutes
    python benchmarks/sequences.py --only gru   what has this in its name
    python benchmarks/sequences.py --rounds 9   more rounds, steadier medians
    python benchmarks/sequences.py --cpu        CPU seconds on one thread, for a machine that others use too

Each library runs in processes of its own, in turn (hello_dl, PyTorch, hello_dl ...). A round gives one ratio;
the medians of all rounds are printed. PyTorch runs eagerly, with its fused attention and its fused Adam.
Needs `pip install torch==2.13.0` beside hello_dl.
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

VOCABULARY = 65  # the letters of tiny Shakespeare
TASKS: dict[str, dict[str, Any]] = {
    "gru, 3 layers of 256, batch 100": {"net": "gru", "batch": 100, "steps": 74},
    "lstm, 3 layers of 256, batch 100": {"net": "lstm", "batch": 100, "steps": 74},
    "gpt, 4 layers of 128, batch 12": {"net": "gpt", "batch": 12, "steps": 64},
}
PEERS = ("hello_dl", "torch")
SECONDS = 4.0  # of measuring, in each process


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


def gpt(nn: Any, lib: Any, width: int = 128, heads: int = 4, layers: int = 4, context: int = 64) -> Any:
    """Return a small GPT without dropout: tokens (n, t) to scores (n * t, vocabulary)."""
    functional = nn.functional

    class Block(nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.norm1, self.norm2 = nn.LayerNorm(width, bias=False), nn.LayerNorm(width, bias=False)
            self.qkv = nn.Linear(width, 3 * width, bias=False)
            self.out = nn.Linear(width, width, bias=False)
            self.up = nn.Linear(width, 4 * width, bias=False)
            self.down = nn.Linear(4 * width, width, bias=False)
            self.gelu = nn.GELU()

        def attend(self, x: Any) -> Any:
            q, k, v = self.qkv(x).split(width, 2)
            if hasattr(functional, "heads_attention"):
                return functional.heads_attention(q, k, v, heads, is_causal=True)
            n, t, _ = x.shape
            q, k, v = (z.view(n, t, heads, width // heads).transpose(1, 2) for z in (q, k, v))
            y = functional.scaled_dot_product_attention(q, k, v, is_causal=True)
            return y.transpose(1, 2).contiguous().view(n, t, width)

        def forward(self, x: Any) -> Any:
            x = x + self.out(self.attend(self.norm1(x)))
            return x + self.down(self.gelu(self.up(self.norm2(x))))

    class Net(nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.tokens, self.places = nn.Embedding(VOCABULARY, width), nn.Embedding(context, width)
            self.blocks = nn.Sequential(*(Block() for _ in range(layers)))
            self.norm, self.head = nn.LayerNorm(width, bias=False), nn.Linear(width, VOCABULARY, bias=False)
            self.numbers = lib.arange(context)

        def forward(self, tokens: Any) -> Any:
            x = self.tokens(tokens) + self.places(self.numbers)
            return self.head(self.norm(self.blocks(x)).reshape(-1, width))

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
    net = gpt(nn, lib) if task["net"] == "gpt" else recurrent(nn, task["net"].upper())
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
    parser.add_argument("--only", default="", help="measure what has this in its name")
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
