"""Chapter 6: the same network learns with plain gradient descent, with momentum, and with Adam.

All begin with the same weights and see the same images in the same order. Only the rule by which a gradient
changes the weights differs (the example `momentum` explains these rules). Their best learning rates differ as
well, so each has its own: try others.

    python -m hello_dl.examples.optimizers --out optimizers.png
    python -m hello_dl.examples.optimizers --data ../shared/data/mnist/train --test ../shared/data/mnist/t10k
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np

import hello_dl
from hello_dl import Tensor, models, optim
from hello_dl import functional as F
from hello_dl.data import DataLoader, ImageDataset
from hello_dl.examples.common import DIGITS, open_images, options, run_example
from hello_dl.examples.printing import save_picture
from hello_dl.pictures.chart import Chart
from hello_dl.train import evaluate

OPTIMIZERS: dict[str, Callable[[Iterable[Tensor]], optim.Optimizer]] = {
    "SGD": lambda p: optim.SGD(p, lr=0.05),
    "SGD, momentum 0.9": lambda p: optim.SGD(p, lr=0.05, momentum=0.9),
    "SGD, Nesterov": lambda p: optim.SGD(p, lr=0.05, momentum=0.9, nesterov=True),
    "Adam": lambda p: optim.Adam(p, lr=0.002),
}
SMOOTH = 0.97  # weight of the past in the running mean of the loss; higher is smoother
GOAL = 0.5  # a loss; the table shows after how many steps it is reached


def smooth(losses: list[float]) -> list[float]:
    """Return the exponential moving average of the losses."""
    means = losses[:1]
    for loss in losses[1:]:
        means.append(SMOOTH * means[-1] + (1 - SMOOTH) * loss)
    return means


def main() -> None:
    """Train with each optimizer, and draw the losses."""
    args = options(__doc__, epochs=2, out="draw the losses into this file").parse_args()
    train, test = open_images(args, classes=DIGITS)
    normalisation = train.mean_std()
    steps = args.epochs * -(-len(train) // 64)
    chart = Chart((0, steps), (0, 2.4), size=(640, 400), title="loss", x_label="steps of 64 images")
    print(f"{'':20}{f'steps to {GOAL}':>14}{'loss at the end':>18}{'right of the test images':>28}")

    for name, make in OPTIMIZERS.items():
        hello_dl.manual_seed(args.seed)  # the same weights for all
        model = models.digits_mlp()
        optimizer = make(model.parameters())
        # The same images in the same order for all.
        loader = DataLoader(ImageDataset(train, *normalisation), batch_size=64, shuffle=True, seed=args.seed)
        losses = []
        for _ in range(args.epochs):
            for x, y in loader:
                loss = F.cross_entropy(model(x), y)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                losses.append(loss.item())
        curve = smooth(losses)
        chart.line(range(len(curve)), curve, name=name)
        reached = int(np.argmax(np.array(curve) < GOAL)) or "never"
        accuracy = evaluate(model, test, normalisation=normalisation).accuracy
        print(f"{name:20}{reached:>14}{curve[-1]:>18.4f}{100 * accuracy:>26.2f} %")

    if args.out is not None:
        save_picture(chart.image(), args.out)


if __name__ == "__main__":
    run_example(main)
