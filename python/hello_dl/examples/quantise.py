"""Chapter 7: how few bits a weight needs.

A weight is stored in 32 bits, which is far more exact than needed. With 4 bits a weight can only be one of 16
numbers. Which ones? The chapter's way: sort the weights of a layer, cut them into 16 bins with equally many
weights each, and replace each weight by the mean of its bin ("bins"). The usual way: 16 numbers at equal
distances, with a scale and an offset for each filter ("linear").

The network gets smaller. Its accuracy is hardly lower with 8 to 3 bits, lower with 2, and much lower with 1.

    python -m hello_dl.examples.quantise --out quantised.png

`hello-dl quantise` does this to a weights file.
"""

from __future__ import annotations

import numpy as np

from hello_dl import models
from hello_dl.examples.common import LETTERS, open_images, options, run_example
from hello_dl.examples.printing import save_picture
from hello_dl.pictures.chart import Chart
from hello_dl.train import evaluate, fit, one_cycle
from hello_dl.weights.packing import dequantise, quantise

WAYS = (("bins", "tensor"), ("bins", "channel"), ("linear", "tensor"), ("linear", "channel"))
BITS = (8, 4, 3, 2, 1)


def main() -> None:
    """Train a network, quantise it in every way, and print the accuracies."""
    args = options(__doc__, epochs=3, out="draw accuracy against bits into this file").parse_args()
    letters, test = open_images(args, classes=LETTERS)
    model = models.letters_cnn()
    history = fit(
        model,
        letters,
        epochs=args.epochs,
        lr=2e-3,
        schedule=one_cycle,
        balanced=True,
        seed=args.seed,
        progress=False,
    )
    state = {name: tensor.numpy().copy() for name, tensor in model.state_dict().items()}
    size = sum(array.nbytes for array in state.values())

    def accuracy() -> float:
        return 100 * evaluate(model, test, normalisation=history.normalisation).accuracy

    exact = accuracy()
    print(f"32 bits: {size:,} bytes, {exact:.2f} % of {len(test):,} test images are right\n")
    print(f"{'bits':>4}{'bytes':>10}" + "".join(f"{f'{way}, per {per}':>22}" for way, per in WAYS))
    found = {}
    for bits in BITS:
        line = ""
        for way, per in WAYS:
            packed, note = quantise(state, bits, way, per)
            model.load_state_dict(dequantise(packed, note))
            found[way, per, bits] = accuracy()
            line += f"{found[way, per, bits]:>20.2f} %"
            size = sum(array.nbytes for array in packed.values())
        print(f"{bits:>4}{size:>10,}{line}")

    few = np.unique(dequantise(*quantise(state, 2, "bins", "tensor"))["10.weight"])
    print(
        "\nWith 2 bits in bins, each weight of the first linear layer is one of",
        ", ".join(f"{w:.4f}" for w in few),
    )
    if args.out is not None:
        lowest = min(min(found.values()), exact)
        title, label = "% right", "bits of each weight"
        ranges = (1, 8), (0.9 * lowest, 100)
        chart = Chart(*ranges, size=(640, 400), title=title, x_label=label, legend="low")
        for way, per in WAYS:
            chart.line(BITS, [found[way, per, bits] for bits in BITS], name=f"{way}, per {per}")
        save_picture(chart.image(), args.out)


if __name__ == "__main__":
    run_example(main)
