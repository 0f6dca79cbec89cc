"""A network learns a pendulum's energy, and so a motion that never loses any.

Of a pendulum's angle q and momentum p there is an energy H(q, p), from which its motion follows:
dq/dt = dH/dp, dp/dt = -dH/dq (Hamilton 1834). The network is H. It is shown states and noisy changes, and
learns the H whose derivatives these are (Greydanus, Dzamba, Yosinski 2019). A plain network, which learns
the changes themselves, gains or loses energy on the way.

    python -m hello_dl.examples.pendulum --out pendulum.png
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

import hello_dl
from hello_dl import Tensor, nn, optim
from hello_dl.autograd import grad
from hello_dl.examples.common import make_parser, run_example
from hello_dl.examples.printing import save_picture
from hello_dl.pictures.chart import Chart
from hello_dl.pictures.colours import GREY, LINES

SAMPLES, NOISE = 1000, 0.1  # states to learn from; standard deviation of the noise on their changes
TIME_STEP, TIME_STEPS = 0.05, 1000  # s
Change = Callable[[Tensor], Tensor]


def energy(state: np.ndarray) -> np.ndarray:
    """Return the true energy: of motion, and of height."""
    found: np.ndarray = state[..., 1] ** 2 / 2 + 1 - np.cos(state[..., 0])
    return found


def true_change(state: Tensor) -> Tensor:
    """Return dq/dt = p and dp/dt = -sin(q)."""
    return hello_dl.stack([state[:, 1], -state[:, 0].sin()], 1)


def by_hamilton(H: nn.Module, create_graph: bool = False) -> Change:
    """Return the change of states that follows from an energy."""

    def change(state: Tensor) -> Tensor:
        state = state.detach().requires_grad_()
        (slope,) = grad(H(state).sum(), state, create_graph=create_graph)
        assert slope is not None
        return hello_dl.stack([slope[:, 1], -slope[:, 0]], 1)

    return change


def learn(net: nn.Module, change: Change, states: Tensor, changes: Tensor, steps: int) -> None:
    """Fit the changes that follow from a network to those that were seen."""
    adam = optim.Adam(net.parameters(), lr=3e-3)
    for _ in range(steps):
        adam.zero_grad()
        ((change(states) - changes) ** 2).mean().backward()
        adam.step()
    print(f"  error of the changes {((change(states) - true_change(states)) ** 2).mean().item():.5f}")


def motion(change: Change, start: tuple[float, float]) -> np.ndarray:
    """Return the states of all time steps, by the method of Runge and Kutta of order 4."""
    state, h, path = hello_dl.tensor([start]), TIME_STEP, []
    for _ in range(TIME_STEPS):
        path.append(state.numpy()[0])
        a = change(state).detach()
        b = change(state + h / 2 * a).detach()
        c = change(state + h / 2 * b).detach()
        state = (state + h / 6 * (a + 2 * b + 2 * c + change(state + h * c))).detach()
    return np.array(path)


def main() -> None:
    """Learn the energy, and the changes without it; let both swing."""
    parser = make_parser(__doc__)
    parser.add_argument("--steps", type=int, default=1500, help="steps of Adam (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="for all random numbers (default: %(default)s)")
    parser.add_argument("--out", metavar="PATH.png", help="draw the energies into this file")
    args = parser.parse_args()
    hello_dl.manual_seed(args.seed)
    states = hello_dl.rand(SAMPLES, 2) * 4 - 2
    changes = true_change(states) + NOISE * hello_dl.randn(SAMPLES, 2)
    times = TIME_STEP * np.arange(TIME_STEPS)
    chart = Chart((0, times[-1]), (0.85, 1.05), title="energy of a free pendulum", x_label="time in s")
    for name, outputs, colour in (("learned energy", 1, LINES[0]), ("learned changes", 2, LINES[1])):
        net = nn.Sequential(nn.Linear(2, 64), nn.Tanh(), nn.Linear(64, 64), nn.Tanh(), nn.Linear(64, outputs))
        print(name)
        learn(net, by_hamilton(net, True) if outputs == 1 else net, states, changes, args.steps)
        path = motion(by_hamilton(net) if outputs == 1 else net, (1.5, 0.0))
        print(f"  energy {energy(path)[0]:.3f} at the start, {energy(path)[-1]:.3f} after {times[-1]:.0f} s")
        chart.line(times, energy(path), colour=colour).name(name, colour)
    if args.out is not None:
        chart.line(times, np.full_like(times, energy(np.array([1.5, 0.0]))), colour=GREY).name("true", GREY)
        save_picture(chart.image(), args.out)


if __name__ == "__main__":
    run_example(main)
