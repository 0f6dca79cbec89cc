"""Chapter 7: weight decay, or why small weights are better.

With large weights a little more ink in one place can change a network's answer. Weight decay makes every
weight smaller by a small share of it at every step. Weights that many images need are restored by their
gradients; those that only a few images need get close to 0. Often the loss on images not seen before is lower
then, and most weights are so small that they could be left out.

    python -m hello_dl.examples.weight_decay --out weights.png

The picture shows how the squared weights are distributed: at the start, after learning, and after learning
with weight decay. The axis goes by powers of ten. The optimizer is AdamW, in which a step shrinks each weight
by the share lr * weight_decay (Loshchilov, Hutter 2019).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

import hello_dl
from hello_dl import models, nn, optim
from hello_dl.examples.common import DIGITS, open_images, options, run_example
from hello_dl.examples.printing import save_picture
from hello_dl.pictures.chart import Chart
from hello_dl.train import cosine, evaluate, fit

TINY = 1e-3  # weights smaller than this have almost no effect
EDGES = np.linspace(-8, 0, 49)  # of the histogram, as powers of ten


def all_weights(model: nn.Module) -> NDArray[np.float32]:
    """Return all weights of a network, without its biases, (n,)."""
    return np.concatenate([p.detach().numpy().ravel() for p in model.parameters() if p.ndim > 1])


def main() -> None:
    """Train with and without weight decay, and compare the sizes of the weights."""
    parser = options(__doc__, epochs=20, images=4000, out="draw the squared weights into this file")
    parser.add_argument("--decay", type=float, default=1.0, help="weight decay (default: %(default)s)")
    args = parser.parse_args()
    few, test = open_images(args, classes=DIGITS, count=args.images)

    hello_dl.manual_seed(args.seed)
    distributions = {"at the start": all_weights(models.digits_mlp())}
    for name, decay in (("learned", 0.0), (f"learned, weight decay {args.decay:g}", args.decay)):
        hello_dl.manual_seed(args.seed)  # the same weights at the start
        model = models.digits_mlp()
        optimizer = optim.AdamW(model.parameters(), lr=2e-3, weight_decay=decay)
        history = fit(
            model,
            few,
            epochs=args.epochs,
            optimizer=optimizer,
            schedule=cosine,
            seed=args.seed,
            progress=False,
        )
        distributions[name] = all_weights(model)
        seen, unseen = (evaluate(model, x, normalisation=history.normalisation) for x in (few, test))
        print(
            f"{name}: {100 * seen.accuracy:.2f} % of the images seen are right, {100 * unseen.accuracy:.2f} %"
            f" of others; loss {seen.loss:.4f} and {unseen.loss:.4f}"
        )

    print(f"\n{'':28}{'sum of squares':>16}{'largest':>10}{f'below {TINY:g}':>14}")
    counts = []
    for name, w in distributions.items():
        tiny = 100 * (np.abs(w) < TINY).mean()
        print(f"{name:28}{(w.astype(float) ** 2).sum():>16.1f}{np.abs(w).max():>10.3f}{tiny:>12.2f} %")
        counts.append(np.histogram(np.log10(w.astype(float) ** 2 + 1e-30), EDGES)[0])
    if args.out is not None:
        chart = Chart(
            (EDGES[0], EDGES[-1]),
            (0, 1.1 * float(np.max(counts))),
            size=(640, 400),
            title="How many weights have which size",
            x_label="squared weight",
            log_x=True,
        )
        for name, count in zip(distributions, counts, strict=True):
            chart.bars(EDGES, count, name=name)
        save_picture(chart.image(), args.out)


if __name__ == "__main__":
    run_example(main)
