"""A network that knows physics: it finds the motion of a mass on a spring without ever seeing it.

A damped oscillator obeys u'' + 2 d u' + w^2 u = 0: the force is that of the spring, and that of friction.
The network is u(t). Its loss says how far u is from obeying this equation at 200 times, and how far it is
from its start, u(0) = 1 and u'(0) = 0. No motion is shown to it (Raissi, Perdikaris, Karniadakis 2019).

    python -m hello_dl.examples.oscillator --out oscillator.png

u' and u'' are derivatives by t, and the loss made of them is then differentiated by the weights: derivatives
of derivatives. `grad(..., create_graph=True)` returns u' as a graph like any other.
"""

from __future__ import annotations

import numpy as np

import hello_dl
from hello_dl import Tensor, nn, optim
from hello_dl.autograd import grad
from hello_dl.examples.common import make_parser, run_example
from hello_dl.examples.printing import save_picture
from hello_dl.pictures.chart import Chart
from hello_dl.pictures.colours import GREY, LINES

DAMPING, FREQUENCY = 0.4, 3.0  # 1/s, rad/s
END = 4.0  # s
POINTS = 200  # times at which the equation has to hold


def exact(t: np.ndarray) -> np.ndarray:
    """Return the motion by its formula: a wave that dies down."""
    w = np.sqrt(FREQUENCY**2 - DAMPING**2)
    motion: np.ndarray = np.exp(-DAMPING * t) * (np.cos(w * t) + DAMPING / w * np.sin(w * t))
    return motion


def derivative(u: Tensor, t: Tensor) -> Tensor:
    """Return du/dt at each time. Each u depends on its own t only, so the sum of all u gives them all."""
    (slope,) = grad(u.sum(), t, create_graph=True)
    assert slope is not None
    return slope


def loss_of(net: nn.Module, t: Tensor) -> Tensor:
    """Return how far the network is from the equation and from the start, which t begins with."""
    u = net(t)
    speed = derivative(u, t)
    force = derivative(speed, t) + 2 * DAMPING * speed + FREQUENCY**2 * u
    start = (u[:1] - 1) ** 2 + (speed[:1] / FREQUENCY) ** 2
    loss: Tensor = ((force / FREQUENCY) ** 2).mean() + start.mean()
    return loss


def learn(steps: int, seed: int) -> tuple[nn.Module, list[float]]:
    """Return a network that obeys the equation, and the loss of every step."""
    hello_dl.manual_seed(seed)
    net = nn.Sequential(nn.Linear(1, 32), nn.Tanh(), nn.Linear(32, 32), nn.Tanh(), nn.Linear(32, 1))
    t = hello_dl.linspace(0, END, POINTS).reshape(-1, 1).requires_grad_()
    adam = optim.Adam(net.parameters(), lr=1e-2)
    schedule = optim.lr_scheduler.CosineAnnealingLR(adam, steps)
    losses = []
    for step in range(steps):
        adam.zero_grad()
        loss = loss_of(net, t)
        loss.backward(inputs=list(net.parameters()))
        adam.step()
        schedule.step()
        losses.append(loss.item())
        if step % (steps // 5) == 0:
            print(f"step {step:5}: loss {losses[-1]:.6f}")
    return net, losses


def main() -> None:
    """Let the network find the motion, and compare it with the formula."""
    parser = make_parser(__doc__)
    parser.add_argument("--steps", type=int, default=3000, help="steps of Adam (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="for all random numbers (default: %(default)s)")
    parser.add_argument("--out", metavar="PATH.png", help="draw the motion into this file")
    args = parser.parse_args()
    net, losses = learn(args.steps, args.seed)
    times = np.linspace(0, END, 401, dtype=np.float32)
    found, true = net(hello_dl.tensor(times.reshape(-1, 1))).detach().numpy()[:, 0], exact(times)
    print(f"loss {np.mean(losses[-20:]):.6f}; largest error of the motion {np.abs(found - true).max():.4f}")
    if args.out is not None:
        chart = Chart((0, END), (-1.1, 1.1), title="a mass on a spring", x_label="time in s", y_label="place")
        chart.line(times, true, colour=GREY).line(times, found, colour=LINES[0])
        chart.name("formula", GREY).name("network", LINES[0])
        save_picture(chart.image(), args.out)


if __name__ == "__main__":
    run_example(main)
