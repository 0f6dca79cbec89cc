"""Learning to learn: weights from which five points are enough to learn a new sine wave.

Each task is another sine wave, of which five points are shown. MAML looks for weights from which one step of
gradient descent on these points is enough: its loss is that after the step. So it differentiates through the
step, which is made of a gradient (Finn, Abbeel, Levine 2017, algorithm 2).

    python -m hello_dl.examples.maml --out maml.png

`functional_call` runs the network with the weights after the step, which are no parameters but results.
"""

from __future__ import annotations

import math

import numpy as np

import hello_dl
from hello_dl import Tensor, nn, optim
from hello_dl.autograd import grad
from hello_dl.examples.common import make_parser, run_example
from hello_dl.examples.printing import save_picture
from hello_dl.func import functional_call
from hello_dl.functional import mse_loss
from hello_dl.pictures.chart import Chart
from hello_dl.pictures.colours import BLACK, GREY, LINES

SHOTS, STEP = 5, 0.02  # points of a task, and the inner step's learning rate
TASKS = 10  # tasks in each outer step


def network() -> nn.Module:
    """Return a network of one number, with two hidden layers."""
    return nn.Sequential(nn.Linear(1, 40), nn.ReLU(), nn.Linear(40, 40), nn.ReLU(), nn.Linear(40, 1))


def task(count: int) -> tuple[Tensor, Tensor]:
    """Return points of a sine wave: height 0.1 to 5, any phase. The first SHOTS are to learn from."""
    height, phase = 0.1 + 4.9 * hello_dl.rand(1), math.pi * hello_dl.rand(1)
    x = 10 * hello_dl.rand(count, 1) - 5
    return x, height * (x + phase).sin()


def adapted(net: nn.Module, x: Tensor, y: Tensor, steps: int, create_graph: bool) -> dict[str, Tensor]:
    """Return the weights after steps of gradient descent on these points."""
    weights: dict[str, Tensor] = dict(net.named_parameters())
    for _ in range(steps):
        loss = mse_loss(functional_call(net, weights, x), y)
        slopes = grad(loss, list(weights.values()), create_graph=create_graph)
        weights = {
            name: w - STEP * g for (name, w), g in zip(weights.items(), slopes, strict=True) if g is not None
        }
    return weights


def learn(net: nn.Module, steps: int) -> None:
    """Let the network learn weights from which one step is enough."""
    adam = optim.Adam(net.parameters(), lr=1e-3)
    for step in range(1, steps + 1):
        adam.zero_grad()
        losses = []
        for _ in range(TASKS):
            x, y = task(2 * SHOTS)
            weights = adapted(net, x[:SHOTS], y[:SHOTS], 1, create_graph=True)
            losses.append(mse_loss(functional_call(net, weights, x[SHOTS:]), y[SHOTS:]))
        loss = hello_dl.stack(losses).mean()
        loss.backward()
        adam.step()
        if step % (steps // 5) == 0:
            print(f"step {step:5}: loss after one inner step {loss.item():.3f}")


def main() -> None:
    """Learn to learn; then learn new waves, from these weights and from random ones."""
    parser = make_parser(__doc__)
    parser.add_argument("--steps", type=int, default=2000, help="steps of Adam (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="for all random numbers (default: %(default)s)")
    parser.add_argument("--out", metavar="PATH.png", help="draw a new wave into this file")
    args = parser.parse_args()
    hello_dl.manual_seed(args.seed)
    learn((nets := (network(), network()))[0], args.steps)
    waves = [task(100 + SHOTS) for _ in range(50)]
    chart = Chart((-5, 5), (-6, 6), title="a new wave, learned from five points")
    for name, net, colour in zip(("from learned weights", "from random weights"), nets, LINES, strict=False):
        errors = []
        for x, y in reversed(waves):
            weights = adapted(net, x[:SHOTS], y[:SHOTS], 10, create_graph=False)
            errors.append(mse_loss(functional_call(net, weights, x[SHOTS:]), y[SHOTS:]).item())
        print(f"{name:20}: loss of 50 new waves after 10 steps {np.mean(errors):.3f}")
        line = hello_dl.linspace(-5, 5, 200).reshape(-1, 1)
        found = functional_call(net, weights, line).detach().numpy()[:, 0]
        chart.line(line.numpy()[:, 0], found, colour=colour).name(name, colour)
    for i, (at, height) in enumerate(zip(x[:, 0].tolist(), y[:, 0].tolist(), strict=True)):
        chart.dot(at, height, colour=BLACK if i < SHOTS else GREY, radius=4 if i < SHOTS else 1)
    if args.out is not None:
        save_picture(chart.image(), args.out)


if __name__ == "__main__":
    run_example(main)
