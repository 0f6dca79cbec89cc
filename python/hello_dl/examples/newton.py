"""Newton's method: with second derivatives, logistic regression is done in six steps.

Gradient descent knows the slope of the loss, and goes downhill a little. The Hessian, the matrix of second
derivatives, tells how the slope changes: so Newton's method goes at once to where the slope would be 0 if the
loss were a bowl, w - H^-1 g. Near the minimum each step doubles the number of right digits (Nocedal and
Wright 2006, chapter 3). With millions of weights H does not fit into memory; with three it does.

    python -m hello_dl.examples.newton --out newton.png
"""

from __future__ import annotations

import numpy as np

import hello_dl
from hello_dl import Tensor
from hello_dl.examples.common import make_parser, run_example
from hello_dl.examples.printing import save_picture
from hello_dl.func import grad, hessian
from hello_dl.functional import binary_cross_entropy_with_logits
from hello_dl.pictures.chart import Chart
from hello_dl.pictures.colours import LINES

POINTS, DECAY = 400, 1e-3  # points to tell apart; how much large weights cost


def points() -> tuple[Tensor, Tensor]:
    """Return two clouds that overlap, as (n, 3) with a column of ones for the bias, and which each is of."""
    label = (hello_dl.rand(POINTS) < 0.5).float()
    place = hello_dl.randn(POINTS, 2) + 1.5 * label.reshape(-1, 1) * hello_dl.tensor([1.0, 2.0])
    return hello_dl.cat([place, hello_dl.ones(POINTS, 1)], 1), label


def main() -> None:
    """Minimise one loss by Newton's method and by gradient descent, and print how the slope shrinks."""
    parser = make_parser(__doc__)
    parser.add_argument("--seed", type=int, default=0, help="for all random numbers (default: %(default)s)")
    parser.add_argument("--out", metavar="PATH.png", help="draw the slopes into this file")
    args = parser.parse_args()
    hello_dl.manual_seed(args.seed)
    x, label = points()

    def loss(w: Tensor) -> Tensor:
        return binary_cross_entropy_with_logits(x @ w, label) + DECAY * (w * w).sum()

    slope, curvature = grad(loss), hessian(loss)

    def newton(w: Tensor) -> Tensor:
        step: Tensor = hello_dl.linalg.solve(curvature(w), slope(w))
        return w - step

    def descent(w: Tensor) -> Tensor:
        step: Tensor = slope(w)
        return w - step

    sizes: dict[str, list[float]] = {}
    for name, step, count in (("Newton's method", newton, 8), ("gradient descent", descent, 200)):
        w = hello_dl.zeros(3)
        sizes[name] = []
        for _ in range(count):
            sizes[name].append(slope(w).norm().item())
            w = step(w).detach()
        shown = ", ".join(f"{i}: {sizes[name][i]:.1e}" for i in sorted({0, 2, 4, 6, count - 1}))
        print(f"{name}: slope at step {shown}")
        right = (((x @ w) > 0).float() == label).float().mean().item()
        weights = ", ".join(f"{number:.3f}" for number in w.tolist())
        print(f"  w = {weights}, loss {loss(w).item():.6f}, {right:.1%} right")
    if args.out is not None:
        chart = Chart(
            (0, 40), (-9, 0), title="how steep the loss still is", x_label="step", y_label="log10 |slope|"
        )
        for (name, found), colour in zip(sizes.items(), LINES, strict=False):
            heights = np.log10(np.maximum(found[:41], 1e-9))
            chart.line(np.arange(len(heights)), heights, colour=colour).name(name, colour)
        save_picture(chart.image(), args.out)


if __name__ == "__main__":
    run_example(main)
