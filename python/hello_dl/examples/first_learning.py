"""Chapter 2: the same question, three or seven, but now the weights are learned.

There is one weight for each pixel, random at first, and one number more, the bias:

    score = sum(weights * image) + bias          above 0 it says seven, below 0 three

The images are looked at one by one. If a seven's score is not clearly above 0, it should be higher. How much
does it rise when one weight grows a little? By that much times the ink of its pixel: the derivative of the
score by the weights is the image itself, and by the bias it is 1. So a little of the image is added to the
weights; for a three it is subtracted. `lr`, the learning rate, says how much. It is halved after each pass
over the images (an epoch), so that the weights change less and less.

(This is stochastic gradient descent on the hinge loss: max(0, 2 - score) for a seven, max(0, 2 + score) for a
three. From chapter 3 on, the library computes the derivatives.)

    MNIST=../shared/data/mnist
    python -m hello_dl.examples.first_learning --data $MNIST/train --test $MNIST/t10k --gif weights.gif

The animation shows the weights, red above 0 and blue below, from noise to a blurry seven minus a three.
"""

from __future__ import annotations

import math

import numpy as np

import hello_dl
from hello_dl import pictures
from hello_dl.data import DataLoader, TensorDataset
from hello_dl.examples.common import open_images, options, pixels, run_example
from hello_dl.examples.printing import print_weights, save_picture

FRAMES = 60  # of the animation
MARGIN = 2  # nothing is learned from an image whose score is at least this far on the right side of 0


def main() -> None:
    """Learn the weights image by image, and print them."""
    parser = options(__doc__, epochs=3)
    parser.add_argument("--lr", type=float, default=0.01, help="first learning rate (default: %(default)s)")
    parser.add_argument("--gif", metavar="PATH.gif", help="write an animation of the weights into this file")
    args = parser.parse_args()
    train, test = open_images(args, classes=["3", "7"])
    test_x = pixels(test)  # (n, 28, 28)

    # Divided by the square root of their number, so that the first scores are about 1 or less.
    weights = hello_dl.randn(28, 28) / math.sqrt(28 * 28)
    bias = hello_dl.zeros(1)

    def accuracy() -> float:
        """Return how many percent of the test images get the right answer; nothing is learned from them."""
        scores = (weights * test_x).sum(dim=(1, 2)) + bias  # (n,)
        return float(100 * ((scores > 0).numpy() == (test.labels == 1)).mean())

    print(f"{len(train):,} images to learn from, {len(test):,} to be tested on")
    print(f"random weights: {accuracy():.2f} % of them are told correctly (guessing: about 50 %)\n")

    # A batch of one image at a time, in another order each epoch. Label 0 is a three, label 1 a seven.
    dataset = TensorDataset(pixels(train), train.labels)
    loader = DataLoader(dataset, batch_size=1, shuffle=True, seed=args.seed)
    seen = learned = 0
    # The numbers of images after which the animation has a frame: evenly spaced on a logarithmic scale.
    moments = set(np.geomspace(1, args.epochs * len(loader), FRAMES).astype(int)) if args.gif else set()
    shown = [(0, weights.numpy().copy())]
    for epoch in range(args.epochs):
        lr = args.lr / 2**epoch
        for image, label in loader:  # (1, 28, 28) and (1,)
            direction = 1 if label == 1 else -1  # where its score should be
            score = (weights * image).sum() + bias
            if direction * score < MARGIN:
                weights += lr * direction * image[0]
                bias += lr * direction
                learned += 1
            seen += 1
            if seen in moments:
                shown.append((seen, weights.numpy().copy()))
            # After 1, 2, 4, 8 ... images, and after each epoch.
            if seen & (seen - 1) == 0 or seen % len(loader) == 0:
                print(f"{seen:7,} images seen, {learned:6,} learned from: {accuracy():.2f} %")

    print("\nThe weights: where ink speaks for a seven (7) and where for a three (3)\n")
    print_weights(weights, low="3", high="7")
    if args.gif:
        tiles = [(f"{n:,} images", pictures.signed(w)[None]) for n, w in shown]
        save_picture([pictures.grid(w, 1, scale=6, captions=[text]) for text, w in tiles], args.gif)
    print(f"\n{accuracy():.2f} % of {len(test):,} are told correctly")


if __name__ == "__main__":
    run_example(main)
