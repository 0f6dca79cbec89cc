"""A network that knows how heat flows: a rod, hot in the middle, cools down between two cold ends.

The temperature u(x, t) obeys u_t = D u_xx: where the profile is bent, heat flows. The network takes (x, t)
and gives u. Its loss says how far it is from the equation at random places and times, from the first profile
u(x, 0) = sin(pi x), and from 0 at the ends (Raissi, Perdikaris, Karniadakis 2019). The true solution is
exp(-D pi^2 t) sin(pi x).

    python -m hello_dl.examples.heat --out heat.png
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

DIFFUSION = 0.2  # how fast heat flows, in lengths of the rod squared per unit of time
POINTS = 500  # places and times at which the equation has to hold, drawn anew in each step
EDGES = 100  # of each: the first moment, the left end, the right end


def exact(x: np.ndarray, t: float) -> np.ndarray:
    """Return the temperature by its formula."""
    profile: np.ndarray = math.exp(-DIFFUSION * math.pi**2 * t) * np.sin(math.pi * x)
    return profile


def by(u: Tensor, x: Tensor) -> Tensor:
    """Return du/dx at each point, as a graph."""
    (slope,) = grad(u.sum(), x, create_graph=True)
    assert slope is not None
    return slope


def loss_of(net: nn.Module) -> Tensor:
    """Return how far the network is from the equation, from the first profile and from the cold ends."""
    x, t = (hello_dl.rand(POINTS, 1).requires_grad_() for _ in range(2))
    u = net(hello_dl.cat([x, t], 1))
    equation = by(u, t) - DIFFUSION * by(by(u, x), x)
    place, time = hello_dl.rand(EDGES, 1), hello_dl.rand(EDGES, 1)
    first = net(hello_dl.cat([place, 0 * place], 1)) - (math.pi * place).sin()
    ends = [net(hello_dl.cat([0 * time + end, time], 1)) for end in (0.0, 1.0)]
    return hello_dl.stack([(error**2).mean() for error in (equation, first, *ends)]).sum()


def learn(steps: int, seed: int) -> nn.Module:
    """Return a network that obeys the equation."""
    hello_dl.manual_seed(seed)
    net = nn.Sequential(nn.Linear(2, 32), nn.Tanh(), nn.Linear(32, 32), nn.Tanh(), nn.Linear(32, 1))
    adam = optim.Adam(net.parameters(), lr=5e-3)
    schedule = optim.lr_scheduler.CosineAnnealingLR(adam, steps)
    for step in range(steps):
        adam.zero_grad()
        loss = loss_of(net)
        loss.backward(inputs=list(net.parameters()))
        adam.step()
        schedule.step()
        if step % (steps // 5) == 0:
            print(f"step {step:5}: loss {loss.item():.6f}")
    return net


def main() -> None:
    """Let the network find the temperature, and compare it with the formula at five times."""
    parser = make_parser(__doc__)
    parser.add_argument("--steps", type=int, default=2000, help="steps of Adam (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="for all random numbers (default: %(default)s)")
    parser.add_argument("--out", metavar="PATH.png", help="draw the temperature into this file")
    args = parser.parse_args()
    net = learn(args.steps, args.seed)
    places = np.linspace(0, 1, 101, dtype=np.float32)
    chart = Chart((0, 1), (-0.05, 1.1), title="a rod cools down", x_label="place", y_label="temperature")
    worst = 0.0
    for t, colour in zip((0.0, 0.25, 0.5, 0.75, 1.0), LINES, strict=False):
        points = hello_dl.tensor(np.stack([places, np.full_like(places, t)], 1))
        found, true = net(points).detach().numpy()[:, 0], exact(places, t)
        worst = max(worst, float(np.abs(found - true).max()))
        chart.line(places, true, colour=GREY).line(places, found, colour=colour).name(f"t = {t:g}", colour)
    print(f"largest error of the temperature {worst:.4f}")
    if args.out is not None:
        save_picture(chart.image(), args.out)


if __name__ == "__main__":
    run_example(main)
