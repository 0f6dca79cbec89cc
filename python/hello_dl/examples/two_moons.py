"""A generator of points learns two moons from a critic whose slope is held at 1 (WGAN-GP).

The critic gives high scores to points of the moons, low ones to generated points. The generator moves its
points uphill. That works if the critic's slope is about 1 everywhere between the two clouds: then scores tell
how far away the moons are. So the slope itself, a derivative, is part of the critic's loss:
(|slope| - 1)^2 (Gulrajani et al. 2017, algorithm 1).

    python -m hello_dl.examples.two_moons --out moons.png
"""

from __future__ import annotations

import math

import numpy as np

import hello_dl
from hello_dl import Tensor, nn, optim
from hello_dl.autograd import grad
from hello_dl.examples.common import make_parser, run_example
from hello_dl.examples.printing import save_picture
from hello_dl.pictures.chart import Chart
from hello_dl.pictures.colours import GREY, LINES

BATCH, PENALTY, CRITIC_STEPS = 256, 1.0, 3  # points; weight of the penalty; the critic's steps for each other
NOISE = 4  # random numbers of which the generator makes a point


def moons(count: int) -> Tensor:
    """Return points (count, 2) of two half circles that reach into each other."""
    angle, which = math.pi * hello_dl.rand(count), (hello_dl.rand(count) < 0.5).float()
    x, y = angle.cos() * (1 - 2 * which) + which - 0.5, angle.sin() * (1 - 2 * which) + 0.5 * which - 0.25
    return hello_dl.stack([x, y], 1) + 0.05 * hello_dl.randn(count, 2)


def network(inputs: int, outputs: int) -> nn.Sequential:
    """Return a network of two hidden layers."""
    layers = nn.Linear(inputs, 64), nn.SiLU(), nn.Linear(64, 64), nn.SiLU(), nn.Linear(64, outputs)
    return nn.Sequential(*layers)


def penalty(critic: nn.Module, real: Tensor, made: Tensor) -> Tensor:
    """Return how far the critic's slope is from 1 at random places between real and made points."""
    share = hello_dl.rand(len(real), 1)
    between = (share * real + (1 - share) * made).detach().requires_grad_()
    (slope,) = grad(critic(between).sum(), between, create_graph=True)
    assert slope is not None
    return (((slope**2).sum(1) + 1e-12).sqrt() - 1).square().mean()


def learn(steps: int) -> nn.Module:
    """Return a generator that has learned the moons."""
    generator, critic = network(NOISE, 2), network(2, 1)
    makers = optim.Adam(generator.parameters(), lr=1e-3, betas=(0.5, 0.9))
    judges = optim.Adam(critic.parameters(), lr=1e-3, betas=(0.5, 0.9))
    for step in range(1, steps + 1):
        for _ in range(CRITIC_STEPS):
            real, made = moons(BATCH), generator(hello_dl.randn(BATCH, NOISE)).detach()
            distance = critic(real).mean() - critic(made).mean()
            judges.zero_grad()
            (PENALTY * penalty(critic, real, made) - distance).backward()
            judges.step()
        makers.zero_grad()
        (-critic(generator(hello_dl.randn(BATCH, NOISE))).mean()).backward()
        makers.step()
        if step % (steps // 5) == 0:
            print(f"step {step:5}: distance as the critic sees it {distance.item():.3f}")
    return generator


def nearest(points: np.ndarray, to: np.ndarray) -> float:
    """Return the mean distance from each point to the nearest of others."""
    return float(np.sqrt(((points[:, None] - to[None]) ** 2).sum(2).min(1)).mean())


def main() -> None:
    """Learn the moons; tell how near made points are to them, and they to made points."""
    parser = make_parser(__doc__)
    parser.add_argument("--steps", type=int, default=1500, help="of the generator (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="for all random numbers (default: %(default)s)")
    parser.add_argument("--out", metavar="PATH.png", help="draw the points into this file")
    args = parser.parse_args()
    hello_dl.manual_seed(args.seed)
    made = learn(args.steps)(hello_dl.randn(1000, NOISE)).detach().numpy()
    real = moons(1000).numpy()
    there, back = nearest(made, real), nearest(real, made)
    print(f"from a made point to the next real one {there:.3f}, from a real one {back:.3f}")
    if args.out is not None:
        chart = Chart((-2, 2), (-1.5, 1.5), title="two moons")
        for points, colour, name in ((real, GREY, "real"), (made, LINES[0], "made")):
            for x, y in points:
                chart.dot(float(x), float(y), colour=colour, radius=1.5)
            chart.name(name, colour)
        save_picture(chart.image(), args.out)


if __name__ == "__main__":
    run_example(main)
