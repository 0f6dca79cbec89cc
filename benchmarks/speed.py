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

import json
import statistics
from collections.abc import Callable
from functools import partial
from typing import Any

from measuring import classifier_step, in_turn, library, median_seconds, parser_of, run_worker, speed_row

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
    lib, nn, optim, functional = library(peer, threads)
    x, y, net = lib.tensor(pixels), lib.tensor(labels), network(nn, task["net"])
    if peer.endswith("channels_last"):
        net, x = net.to(memory_format=lib.channels_last), x.to(memory_format=lib.channels_last)
    if not task["train"]:
        net.eval()

        def infer() -> Any:
            with lib.no_grad():
                return net(x).numpy()

        return infer
    return classifier_step(functional, net, optim.SGD(net.parameters(), lr=0.01), x, y)


def worker(peer: str, name: str, threads: int) -> None:
    """Time steps for a while and print images per second, by the median step."""
    task = TASKS[name]
    seconds = median_seconds(make_step(peer, task, threads), warm_up=10, seconds=SECONDS)
    print(json.dumps(task["batch"] / seconds))


def measure(peer: str, name: str, threads: int) -> float:
    """Return images per second, measured in a process of its own."""
    return float(run_worker(__file__, "--worker", peer, "--only", name, "--threads", threads))


def compare(name: str, rounds: int, threads: int) -> None:
    """Print one row: images per second of each, and the ratio to PyTorch's best, as medians over rounds."""
    peers = PEERS[:2] if TASKS[name]["net"] == "digits" else PEERS
    speeds = in_turn(peers, rounds, partial(measure, name=name, threads=threads))
    best = max(peers[1:], key=lambda p: statistics.median(speeds[p]))
    print(speed_row(name, speeds, best, PEERS), flush=True)


def scaling(rounds: int) -> None:
    """Print how much faster the letters network trains on two threads than on one."""
    name = "letters, training, batch 64"
    pairs = [(measure("hello_dl", name, 1), measure("hello_dl", name, 2)) for _ in range(rounds)]
    ratio = statistics.median(two / one for one, two in pairs)
    print(f"\nhello_dl, {name}, 2 threads against 1: {ratio:.2f} times")


def main() -> None:
    """Read the options and print a Markdown table."""
    parser = parser_of(__doc__, rounds=5, peers=PEERS)
    parser.add_argument("--only", default="", help="only tasks with this in their names")
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
