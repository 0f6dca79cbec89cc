"""Chapter 7: a disappointment, and its cure.

Move a letter by up to two pixels and turn five of its pixels into their opposite: nobody is fooled. But a
network that has only seen letters in the very middle, without a speck, is: it cannot learn from what it does
not see. The network of chapter 4 suffers most, for each of its weights belongs to one place in the image.
That of chapter 5, which moves its filters over the image, should not mind; but its last layers do.

The cure is data augmentation: in training, too, every image is moved and speckled, each time in another way.
There is no end of such images, and they cost next to nothing. Learning takes a little longer, for there is
more to learn.

    python -m hello_dl.examples.robust
    DATA=../shared/data
    python -m hello_dl.examples.robust --data $DATA/letters-nist/all --digits $DATA/mnist/train
"""

from __future__ import annotations

import argparse
import dataclasses

import numpy as np

import hello_dl
from hello_dl import models, nn
from hello_dl.data import Images
from hello_dl.data.augment import Augmentation
from hello_dl.examples.common import DIGITS, LETTERS, open_images, options, run_example
from hello_dl.examples.printing import print_images
from hello_dl.train import cosine, evaluate, fit, predict

DISTURBED = {
    "as they are": Augmentation(),
    "shifted": Augmentation(shift=2),
    "flipped": Augmentation(flip=5),
    "both": Augmentation(shift=2, flip=5),
}
CURE = Augmentation(shift=3, flip=8)  # somewhat more than what will be met
Normalisation = tuple[float, float]


def learn(
    model: nn.Module, images: Images, epochs: int, args: argparse.Namespace, cure: Augmentation | None = None
) -> Normalisation:
    """Train a network, and return how pixels are normalised for it."""
    history = fit(
        model,
        images,
        epochs=epochs,
        schedule=cosine,
        augment=cure,
        balanced=True,
        seed=args.seed,
        progress=False,
    )
    return history.normalisation


def row(name: str, model: nn.Module, images: Images, normalisation: Normalisation) -> None:
    """Print how many of the images are read rightly, as they are and disturbed."""
    shares = []
    for disturb in DISTURBED.values():
        changed = dataclasses.replace(images, images=disturb(images.images, seed=1))
        shares.append(evaluate(model, changed, normalisation=normalisation).accuracy)
    print(f"{name:28}" + "".join(f"{share:>14.2%}" for share in shares), flush=True)


def main() -> None:
    parser = options(__doc__)
    parser.add_argument("--digits", default="builtin", metavar="SOURCE", help="for the network of chapter 4")
    parser.add_argument("--epochs", type=int, default=3, help="passes over letters (default: %(default)s)")
    args = parser.parse_args()
    letters, test = open_images(args, classes=LETTERS)
    args.data, args.test = args.digits, None
    digits, test_digits = open_images(args, classes=DIGITS)
    print(f"{'right of the test images':28}" + "".join(f"{name:>14}" for name in DISTURBED))

    mlp = models.digits_mlp()
    row("digits network", mlp, test_digits, learn(mlp, digits, 5, args))
    plain = models.letters_cnn()
    normalisation = learn(plain, letters, args.epochs, args)
    row("letters network", plain, test, normalisation)
    hello_dl.manual_seed(args.seed)
    cured = models.letters_cnn()
    learn(cured, letters, args.epochs + 1, args, CURE)
    row("letters network, augmented", cured, test, normalisation)

    changed = DISTURBED["both"](test.images, seed=1)
    answers = [predict(model, changed, normalisation=normalisation) for model in (plain, cured)]
    before, after = (chances.argmax(axis=1) for chances in answers)
    helped = np.flatnonzero((before != test.labels) & (after == test.labels))[:4]
    if len(helped):
        print("\nNobody is fooled; the network was, until it had seen such letters:\n")
        names = test.classes
        print_images(changed[helped], [f"{names[after[i]]}, was read {names[before[i]]}" for i in helped])


if __name__ == "__main__":
    run_example(main)
