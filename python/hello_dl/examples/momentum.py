"""Chapter 6: three balls roll down three landscapes.

Plain gradient descent takes a step downhill, in proportion to the slope. It is slow on a plain, where the
slope is small, and it stays in the first hollow, a local minimum.

Momentum adds most of the last step to each new one, as a heavy ball keeps its speed: v = 0.9 v + slope,
x = x - lr v. On a plain it gets up to ten times faster, and it rolls through a small hollow and out of it.
But it rolls too far, and swings before it comes to rest.

Adam also divides by a running mean of the slope's size. So it moves at about the same speed on plains and on
steep slopes, and `lr` is about the length of a step.

    python -m hello_dl.examples.momentum --out momentum.gif

The landscapes have one dimension, so that they can be drawn; a real network's loss is a landscape over all
its parameters, and its slope is the gradient that backward() finds.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PIL import Image

import hello_dl
from hello_dl import Tensor, optim, pictures
from hello_dl.examples.common import make_parser, run_example
from hello_dl.examples.printing import save_picture
from hello_dl.pictures.chart import Chart
from hello_dl.pictures.colours import GREY, LINES

STEPS, START, LOW, HIGH = 120, -4.0, -5.0, 6.0
OPTIMIZERS: dict[str, Callable[[list[Tensor]], optim.Optimizer]] = {
    "plain SGD": lambda x: optim.SGD(x, lr=0.1),
    "with momentum": lambda x: optim.SGD(x, lr=0.1, momentum=0.9),
    "Adam": lambda x: optim.Adam(x, lr=0.12),
}
Landscape = Callable[[Tensor], Tensor]
LANDSCAPES: dict[str, tuple[float, Landscape]] = {  # the position of the minimum, and the height at x
    "a bowl": (0, lambda x: 0.12 * x**2),
    "a plain, then a pit": (3, lambda x: -0.12 * x - 1.7 * (-((x - 3) ** 2) / 1.5).exp()),
    "a hollow on the way": (3, lambda x: 0.1 * (x - 3) ** 2 - 0.75 * (-((x + 0.7) ** 2) / 0.3).exp()),
}
Path = list[tuple[float, float]]


def roll(height_at: Landscape, optimizer: Callable[[list[Tensor]], optim.Optimizer]) -> Path:
    """Return where the ball is, and how high, at the start and after each step."""
    x = hello_dl.tensor(START, requires_grad=True)
    descent = optimizer([x])
    path = []
    for _ in range(STEPS + 1):
        height = height_at(x)
        path.append((x.item(), height.item()))
        descent.zero_grad()
        height.backward()  # the slope is in x.grad now
        descent.step()
    return path


def draw(paths: dict[str, dict[str, Path]]) -> list[Image.Image]:
    """Draw every second step: the landscapes side by side, a ball for each optimizer and its last places."""
    fields = {}
    for title, (_, height_at) in LANDSCAPES.items():
        xs = np.linspace(LOW, HIGH, 200)
        ys = height_at(hello_dl.tensor(xs)).numpy()
        heights = (ys.min() - 0.07 * np.ptp(ys), ys.max())
        field = Chart((LOW, HIGH), heights, size=(310, 250), title=title, ticks=False)
        fields[title] = field.line(xs, ys, colour=GREY)
    for name, colour in zip(OPTIMIZERS, LINES, strict=False):
        fields["a plain, then a pit"].name(name, colour)
    pages = []
    for step in range(0, STEPS + 1, 2):
        charts = {title: field.copy() for title, field in fields.items()}
        for title, chart in charts.items():
            for path, colour in zip(paths[title].values(), LINES, strict=False):
                for x, y in path[max(0, step - 12) : step]:
                    chart.dot(x, y, colour=colour, radius=2)
                chart.dot(*path[step], colour=colour, radius=8)
        pages.append(pictures.beside([chart.image() for chart in charts.values()]))
    return pages


def main() -> None:
    """Roll every ball down every landscape, and print where they are."""
    parser = make_parser(__doc__)
    parser.add_argument("--out", metavar="PATH.gif", help="write the animation into this file")
    args = parser.parse_args()
    paths = {t: {name: roll(f, o) for name, o in OPTIMIZERS.items()} for t, (_, f) in LANDSCAPES.items()}
    for title, rolled in paths.items():
        print(f"{title}: the valley is at {LANDSCAPES[title][0]:g}, all begin at {START:g}")
        for name, path in rolled.items():
            print(f"  {name:14} is at {path[30][0]:6.3f} after 30 steps, at {path[-1][0]:6.3f} after {STEPS}")
    if args.out is not None:
        save_picture(draw(paths), args.out)


if __name__ == "__main__":
    run_example(main)
