"""Measures derivatives of derivatives: a step of a physics-informed network, beside PyTorch.

    python benchmarks/second_derivatives.py                the table: steps per second
    python benchmarks/second_derivatives.py --memory       megabytes that 10,000 small steps add

A network of three hidden layers of 64 tanh is u(x, t) at 1,000 points. A step computes u_t and u_xx as graphs
(create_graph=True), the loss (u_t - 0.1 u_xx)^2, its gradient by the weights, and one step of Adam. Each
library runs in processes of its own, in turn. Needs PyTorch.
"""

from __future__ import annotations

import gc
import json
from collections.abc import Callable
from typing import Any

from measuring import in_turn, library, median_seconds, parser_of, resident, run_worker, speed_row

PEERS = ("hello_dl", "PyTorch")
SIZES = (100, 1000, 10000)  # points
SECONDS = 2.0  # of each measurement
LEAK_STEPS = 10_000


def step_of(peer: str, points: int, threads: int, width: int = 64) -> Callable[[], Any]:
    """Return a function that makes one training step of a physics-informed network."""
    h, nn, optim, _ = library(peer, threads)
    h.manual_seed(0)
    layers = [nn.Linear(2, width), nn.Tanh(), nn.Linear(width, width), nn.Tanh()]
    net = nn.Sequential(*layers, nn.Linear(width, width), nn.Tanh(), nn.Linear(width, 1))
    adam, weights = optim.Adam(net.parameters(), lr=1e-3), list(net.parameters())
    x, t = (h.rand(points, 1).requires_grad_() for _ in range(2))

    def by(u: Any, v: Any) -> Any:
        return h.autograd.grad(u.sum(), v, create_graph=True)[0]

    def step() -> Any:
        adam.zero_grad()
        u = net(h.cat([x, t], 1))
        loss = ((by(u, t) - 0.1 * by(by(u, x), x)) ** 2).mean()
        loss.backward(inputs=weights)
        adam.step()
        return loss

    return step


def added_by_many_steps(threads: int) -> float:
    """Return the megabytes that 10,000 steps add to the resident memory, after 500 of them."""
    step = step_of("hello_dl", 20, threads, width=8)
    for _ in range(500):
        step()
    gc.collect()
    before = resident("VmRSS")
    for _ in range(LEAK_STEPS):
        step()
    gc.collect()
    return resident("VmRSS") - before


def main() -> None:
    """Print a row for each number of points."""
    parser = parser_of(__doc__, rounds=5, peers=PEERS)
    parser.add_argument("--points", type=int, default=0, help="one size only (default: all)")
    parser.add_argument("--memory", action="store_true", help="measure memory instead")
    options = parser.parse_args()
    if options.memory:
        print(f"{LEAK_STEPS:,} steps added {added_by_many_steps(options.threads):.1f} MB")
        return
    if options.worker:
        step = step_of(options.worker, options.points, options.threads)
        print(json.dumps(1 / median_seconds(step, warm_up=5, seconds=SECONDS)))
        return
    print(f"steps per second, medians of {options.rounds} rounds, {options.threads} threads\n")
    print(f"| points | {' | '.join(PEERS)} | ratio |\n|---|---|---|---|")
    for points in (options.points,) if options.points else SIZES:
        where = "--points", points, "--threads", options.threads
        speeds = in_turn(
            PEERS, options.rounds, lambda peer, where=where: run_worker(__file__, "--worker", peer, *where)
        )
        print(speed_row(f"{points:,}", speeds, "PyTorch", PEERS))


if __name__ == "__main__":
    main()
