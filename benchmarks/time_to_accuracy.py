"""Measures the time to reach 97 % on MNIST, for hello_dl and PyTorch with the same network and optimizer.

    python benchmarks/time_to_accuracy.py --data ../shared/data/mnist [--rounds 5]

The network is that of chapter 5, the optimizer Adam with a learning rate of 0.002 and batches of 64; every 50
steps the accuracy on the first 2,000 test images is measured. Each training is a process of its own, and its
whole time counts: imports, reading the files, training, testing. The libraries take turns and start with the
same weights; PyTorch runs in both of its memory formats. Needs `pip install torch==2.13.0` beside hello_dl.
"""

from __future__ import annotations

import argparse
import gzip
import json
import statistics
import time
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from measuring import library, parser_of, run_worker

PEERS = ("hello_dl", "torch", "torch channels_last")
GOAL, EVERY, BATCH = 0.97, 50, 64  # accuracy to reach, steps between two tests, images in a step
TESTED = 2000  # test images


def read(folder: Path, part: str) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Read images (n, 1, 28, 28), normalised, and labels (n,)."""
    with gzip.open(folder / f"{part}-images-idx3-ubyte.gz") as file:
        pixels = np.frombuffer(file.read(), np.uint8, offset=16).reshape(-1, 1, 28, 28)
    with gzip.open(folder / f"{part}-labels-idx1-ubyte.gz") as file:
        labels = np.frombuffer(file.read(), np.uint8, offset=8).astype(np.int64)
    return (pixels.astype(np.float32) / 255 - np.float32(0.1307)) / np.float32(0.3081), labels


def network(nn: Any) -> Any:
    """Return the letters network for ten classes, made with functions that both libraries have."""
    layers: list[Any] = []
    for before, after in ((1, 32), (32, 64), (64, 128)):
        layers += [nn.Conv2d(before, after, 3), nn.MaxPool2d(2, ceil_mode=True), nn.GELU()]
    layers += [nn.Flatten(), nn.Linear(512, 64), nn.GELU(), nn.Linear(64, 128), nn.GELU(), nn.Linear(128, 10)]
    return nn.Sequential(*layers)


def start(net: Any, seed: int) -> dict[str, NDArray[np.float32]]:
    """Draw initial weights for both libraries: uniform within 1 / sqrt(inputs), the default of both."""
    rng, state = np.random.default_rng(seed), {}
    bound = 1.0
    for name, tensor in net.state_dict().items():
        shape = tuple(tensor.shape)
        if len(shape) > 1:
            bound = float(np.prod(shape[1:])) ** -0.5
        state[name] = rng.uniform(-bound, bound, shape).astype(np.float32)
    return state


def worker(peer: str, folder: Path, seed: int, threads: int) -> None:
    """Train until the goal is reached and print the number of steps."""
    lib, nn, optim, functional = library(peer, threads)
    images, labels = read(folder, "train")
    test, answers = (part[:TESTED] for part in read(folder, "t10k"))
    net = network(nn)
    net.load_state_dict({name: lib.tensor(array) for name, array in start(net, seed).items()})
    test_images = lib.tensor(test)
    last = peer.endswith("channels_last")
    if last:
        net = net.to(memory_format=lib.channels_last)
        test_images = test_images.to(memory_format=lib.channels_last)
    optimizer = optim.Adam(net.parameters(), lr=0.002)
    order = np.random.default_rng(seed).permutation(len(images))
    for step in range(1, len(images) // BATCH + 1):
        rows = order[(step - 1) * BATCH : step * BATCH]
        x, y = lib.tensor(images[rows]), lib.tensor(labels[rows])
        loss = functional.cross_entropy(net(x.to(memory_format=lib.channels_last) if last else x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if step % EVERY == 0:
            with lib.no_grad():
                right = float((net(test_images).numpy().argmax(1) == answers).mean())
            if right >= GOAL:
                print(json.dumps({"steps": step, "right": right}))
                return
    raise SystemExit(f"{peer}: {GOAL:.0%} was not reached in one epoch")


def measure(peer: str, args: argparse.Namespace, seed: int) -> tuple[float, int]:
    """Run one worker process; return its seconds from start to end, and its steps."""
    options = ["--worker", peer, "--data", args.data, "--seed", seed, "--threads", args.threads]
    begin = time.perf_counter()
    found = run_worker(__file__, *options)
    return time.perf_counter() - begin, int(found["steps"])


def main() -> None:
    """Measure each library in turn, and print the medians."""
    parser = parser_of(__doc__, rounds=5, peers=PEERS)
    parser.add_argument("--data", type=Path, required=True, help="the folder with MNIST's four files")
    parser.add_argument("--seed", type=int, default=0, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.worker:
        worker(args.worker, args.data, args.seed, args.threads)
        return
    seconds: dict[str, list[float]] = {peer: [] for peer in PEERS}
    for seed in range(args.rounds):
        for peer in PEERS:
            took, steps = measure(peer, args, seed)
            seconds[peer].append(took)
            print(f"seed {seed}: {peer}: {took:.2f} s, {steps} steps", flush=True)
    medians = {peer: statistics.median(times) for peer, times in seconds.items()}
    best = min(medians[peer] for peer in PEERS[1:])
    print("medians: " + ", ".join(f"{peer} {median:.2f} s" for peer, median in medians.items()))
    print(f"hello_dl / PyTorch's best: {medians['hello_dl'] / best:.2f}")


if __name__ == "__main__":
    main()
