"""Chapter 7: dropout, or a way to reduce overfitting (a network that learns its images by heart).

A network with enough weights can remember every image that it is shown, without learning what letters have in
common. The numbers show it: nearly all of the training images are right, far fewer of the others.

Dropout makes remembering hard. In training, each number that passes through the layer is set to 0 with
probability p, at random, anew at each step; the others are divided by 1 - p, so that their sum stays about
the same. Since any number may be missing, the network cannot depend on a few of them. When the network is
used (model.eval()), nothing is dropped. (Srivastava et al. 2014)

It helps when there are few images, as here: 1,500 letters, seen again and again. It makes learning slower.

    python -m hello_dl.examples.dropout --out dropout.png
"""

from __future__ import annotations

import numpy as np

import hello_dl
from hello_dl import nn
from hello_dl.data.datasets import normalise
from hello_dl.examples.common import open_images, options, run_example
from hello_dl.examples.printing import save_picture
from hello_dl.pictures.chart import Chart
from hello_dl.pictures.colours import LINES
from hello_dl.train import evaluate, fit
from hello_dl.train.history import Epoch

Curves = tuple[list[float], list[float]]  # % right after each epoch, of images seen and of others


def network(classes: int, p: float) -> nn.Sequential:
    """Return a network of two convolutions and two linear layers, with dropout before each of the latter."""
    return nn.Sequential(
        nn.Conv2d(1, 16, 3),
        nn.MaxPool2d(2),  # (n, 16, 13, 13)
        nn.GELU(),
        nn.Conv2d(16, 32, 3),
        nn.MaxPool2d(2),  # (n, 32, 5, 5)
        nn.GELU(),
        nn.Flatten(),
        nn.Dropout(p),
        nn.Linear(32 * 5 * 5, 128),
        nn.GELU(),
        nn.Dropout(p),
        nn.Linear(128, classes),
    )


def main() -> None:
    """Train with and without dropout, and draw both accuracies."""
    parser = options(__doc__, epochs=24, images=1500, out="draw the curves into this file")
    parser.add_argument("--p", type=float, default=0.5, help="share that is dropped (default: %(default)s)")
    args = parser.parse_args()
    few, test = open_images(args, count=args.images)
    ranges = (1, max(2, args.epochs)), (0, 100)
    chart = Chart(*ranges, size=(640, 400), title="% right", x_label="epochs", legend="low")

    for p, colour in zip((0.0, args.p), LINES, strict=False):
        hello_dl.manual_seed(args.seed)
        model = network(len(few.classes), p)
        curves: Curves = ([], [])

        def judge(_: Epoch, model: nn.Module = model, curves: Curves = curves) -> None:
            for judged, shares in zip((few, test), curves, strict=True):
                result = evaluate(model, judged, normalisation=few.mean_std())
                shares.append(100 * result.accuracy)

        fit(model, few, epochs=args.epochs, lr=2e-3, seed=args.seed, progress=False, on_epoch=judge)
        seen, unseen = curves
        print(f"dropout {p:g}: {seen[-1]:.2f} % of {len(few):,} images seen, {unseen[-1]:.2f} % of others")
        chart.line(
            range(1, args.epochs + 1), seen, colour=colour, width=1, name=f"dropout {p:g}, images seen"
        )
        chart.line(
            range(1, args.epochs + 1), unseen, colour=colour, width=3, name=f"dropout {p:g}, other images"
        )

    model.train()
    x = hello_dl.tensor(normalise(test.images[:1], *few.mean_std()))
    print("\nWhat the network answers to one image, five times, while numbers are being dropped:")
    for _ in range(5):
        chances = model(x).softmax(dim=1).detach().numpy()[0]
        best = np.argsort(-chances)[:3]
        print("  " + ", ".join(f"{test.classes[i]} {chances[i]:.0%}" for i in best))
    if args.out is not None:
        save_picture(chart.image(), args.out)


if __name__ == "__main__":
    run_example(main)
