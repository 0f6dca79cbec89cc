"""Chapter 7: small disturbances that make a network fail, and data augmentation against it.

People still read a letter that is moved by two pixels and has five pixels inverted. A network trained only on
letters exactly in the middle, without specks, makes many mistakes. The network of chapter 4 makes most, since
each of its weights belongs to one place in the image. The convolutions of chapter 5 do not depend on the
place, but the last layers of that network do.

Data augmentation helps: in training every image is also moved and speckled, each time in another way. Such
images are made in any number at almost no cost. Learning takes a little longer, since there is more to learn.

    python -m hello_dl.examples.robust
    DATA=../shared/data
    python -m hello_dl.examples.robust --data $DATA/letters-nist/all --digits $DATA/mnist/train
"""

from __future__ import annotations

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
AUGMENTED = Augmentation(shift=3, flip=8)  # somewhat more than the disturbances of the test
Normalisation = tuple[float, float]


def learn(
    model: nn.Module, images: Images, epochs: int, seed: int, augment: Augmentation | None = None
) -> Normalisation:
    """Train a network, and return how pixels are normalised for it."""
    history = fit(
        model,
        images,
        epochs=epochs,
        schedule=cosine,
        augment=augment,
        balanced=True,
        seed=seed,
        progress=False,
    )
    return history.normalisation


def row(name: str, model: nn.Module, images: Images, normalisation: Normalisation) -> None:
    """Print the share of the images that is right, as they are and after each disturbance."""
    shares = []
    for disturb in DISTURBED.values():
        changed = dataclasses.replace(images, images=disturb(images.images, seed=1))
        shares.append(evaluate(model, changed, normalisation=normalisation).accuracy)
    print(f"{name:28}" + "".join(f"{share:>14.2%}" for share in shares), flush=True)


def main() -> None:
    """Train with and without augmentation, and measure both on disturbed images."""
    parser = options(__doc__, epochs=3)
    parser.add_argument("--digits", default="builtin", metavar="SOURCE", help="for the network of chapter 4")
    args = parser.parse_args()
    letters, test = open_images(args, classes=LETTERS)
    args.data, args.test = args.digits, None
    digits, test_digits = open_images(args, classes=DIGITS)
    print(f"{'right of the test images':28}" + "".join(f"{name:>14}" for name in DISTURBED))

    mlp = models.digits_mlp()
    row("digits network", mlp, test_digits, learn(mlp, digits, 5, args.seed))
    plain = models.letters_cnn()
    normalisation = learn(plain, letters, args.epochs, args.seed)
    row("letters network", plain, test, normalisation)
    hello_dl.manual_seed(args.seed)
    augmented = models.letters_cnn()
    learn(augmented, letters, args.epochs + 1, args.seed, AUGMENTED)
    row("letters network, augmented", augmented, test, normalisation)

    changed = DISTURBED["both"](test.images, seed=1)
    answers = [predict(model, changed, normalisation=normalisation) for model in (plain, augmented)]
    before, after = (chances.argmax(axis=1) for chances in answers)
    helped = np.flatnonzero((before != test.labels) & (after == test.labels))[:4]
    if len(helped):
        print("\nRead correctly only after training with augmentation:\n")
        names = test.classes
        print_images(changed[helped], [f"{names[after[i]]}, was read {names[before[i]]}" for i in helped])


if __name__ == "__main__":
    run_example(main)
