"""Measures hello_dl against PyTorch on this machine's CPU: the same networks, the same steps, in one run.

    python benchmarks/speed.py                 everything, about five minutes
    python benchmarks/speed.py --only letters  only the tasks with this in their names
    python benchmarks/speed.py --rounds 9      more rounds, steadier medians

Each library runs in processes of its own, in turn (hello_dl, PyTorch, hello_dl ...): in one process
PyTorch's waiting threads would make the other up to 40 % slower. A round gives one ratio; the medians of all
rounds are printed. PyTorch runs eagerly, convolutional networks in both of its memory formats; the faster one
is "PyTorch's best". Needs `pip install torch==2.13.0` beside hello_dl.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

TASKS: dict[str, dict[str, Any]] = {
    "letters, training, batch 64": {"net": "letters", "batch": 64, "train": True},
    "letters, training, batch 256": {"net": "letters", "batch": 256, "train": True},
    "letters, inference, batch 256": {"net": "letters", "batch": 256, "train": False},
    "letters, inference, batch 1": {"net": "letters", "batch": 1, "train": False},
    "letters with batch norm, training, batch 64": {"net": "letters_bn", "batch": 64, "train": True},
    "digits, training, batch 64": {"net": "digits", "batch": 64, "train": True},
}
PEERS = ("hello_dl", "torch", "torch channels_last")
SECONDS = 2.0  # of measurement in each process


def network(nn: Any, name: str) -> Any:
    """Return a network, made with functions that both libraries have."""
    if name == "digits":
        return nn.Sequential(
            nn.Flatten(), nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 64), nn.ReLU(), nn.Linear(64, 10)
        )
    layers: list[Any] = []
    for before, after in ((1, 32), (32, 64), (64, 128)):
        layers.append(nn.Conv2d(before, after, 3))
        if name == "letters_bn":
            layers.append(nn.BatchNorm2d(after))
        layers += [nn.MaxPool2d(2, ceil_mode=True), nn.GELU()]
    layers += [nn.Flatten(), nn.Linear(512, 64), nn.GELU(), nn.Linear(64, 128), nn.GELU(), nn.Linear(128, 26)]
    return nn.Sequential(*layers)


def make_step(peer: str, task: dict[str, Any], threads: int) -> Callable[[], Any]:
    """Return a function that makes one training or inference step in the given library."""
    import numpy as np

    rng = np.random.default_rng(0)
    pixels = rng.random((task["batch"], 1, 28, 28), dtype=np.float32)
    labels = rng.integers(0, 10, task["batch"])
    if peer == "hello_dl":
        import hello_dl as lib
        from hello_dl import nn, optim
        from hello_dl.nn import functional

        lib.set_num_threads(threads)
        x, y, net = lib.tensor(pixels), lib.tensor(labels), network(nn, task["net"])
    else:
        import torch as lib  # type: ignore[no-redef]
        from torch import nn, optim  # type: ignore[no-redef]
        from torch.nn import functional  # type: ignore[no-redef]

        lib.set_num_threads(threads)
        x, y, net = lib.tensor(pixels), lib.tensor(labels), network(nn, task["net"])
        if peer.endswith("channels_last"):
            net, x = net.to(memory_format=lib.channels_last), x.to(memory_format=lib.channels_last)
    if not task["train"]:
        net.eval()

        def infer() -> Any:
            with lib.no_grad():
                return net(x).numpy()

        return infer
    optimizer = optim.SGD(net.parameters(), lr=0.01)

    def train() -> Any:
        optimizer.zero_grad()
        loss = functional.cross_entropy(net(x), y)
        loss.backward()
        optimizer.step()
        return loss

    return train


def worker(peer: str, name: str, threads: int) -> None:
    """Time steps for a while and print images per second, by the median step."""
    task = TASKS[name]
    step = make_step(peer, task, threads)
    for _ in range(10):
        step()
    times = []
    end = time.perf_counter() + SECONDS
    while time.perf_counter() < end:
        start = time.perf_counter()
        step()
        times.append(time.perf_counter() - start)
    print(json.dumps(task["batch"] / statistics.median(times)))


def measure(peer: str, name: str, threads: int) -> float:
    """Run one worker process."""
    command = [sys.executable, __file__, "--worker", peer, "--only", name, "--threads", str(threads)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"{peer}: {name}: the worker failed:\n{done.stderr}")
    return float(json.loads(done.stdout.splitlines()[-1]))


def compare(name: str, rounds: int, threads: int) -> None:
    """Print one row: images per second of each, and the ratio to PyTorch's best, as medians over rounds."""
    peers = PEERS[:2] if TASKS[name]["net"] == "digits" else PEERS
    speeds = {peer: [] for peer in peers}  # type: dict[str, list[float]]
    for _ in range(rounds):
        for peer in peers:
            speeds[peer].append(measure(peer, name, threads))
    best = max(peers[1:], key=lambda p: statistics.median(speeds[p]))
    ratios = [ours / theirs for ours, theirs in zip(speeds["hello_dl"], speeds[best], strict=True)]
    row = [f"{statistics.median(speeds[p]):,.0f}" if p in speeds else "" for p in PEERS]
    print(f"| {name} | {' | '.join(row)} | {statistics.median(ratios):.2f} |", flush=True)


def scaling(rounds: int) -> None:
    """Print how much faster the letters network trains on two threads than on one."""
    name = "letters, training, batch 64"
    pairs = [(measure("hello_dl", name, 1), measure("hello_dl", name, 2)) for _ in range(rounds)]
    ratio = statistics.median(two / one for one, two in pairs)
    print(f"\nhello_dl, {name}, 2 threads against 1: {ratio:.2f} times")


def main() -> None:
    """Read the options and print a Markdown table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", default="", help="only tasks with this in their names")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--worker", choices=PEERS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        worker(options.worker, options.only, options.threads)
        return
    print(f"images/s on {options.threads} threads, medians of {options.rounds} rounds\n")
    print("| network | hello_dl | PyTorch | PyTorch, channels_last | hello_dl / PyTorch's best |")
    print("|---|---|---|---|---|")
    for name in TASKS:
        if options.only in name:
            compare(name, options.rounds, options.threads)
    if not options.only:
        scaling(options.rounds)


if __name__ == "__main__":
    main()
