"""Chapter 1: tell threes from sevens by arithmetic alone; nothing is learned step by step.

All sevens are added up, all threes are subtracted, and the sum is divided by the number of images. In this
difference image a pixel is positive where sevens have more ink, negative where threes have more. Multiplying
it with a new image, pixel by pixel, and adding everything up gives the image's score: high for a seven, low
for a three. The threshold is half way between the average score of the threes and that of the sevens.

    MNIST=../shared/data/mnist
    python -m hello_dl.examples.three_or_seven --data $MNIST/train --test $MNIST/t10k

prints 96.71 %, as the original program does on these files. The sum is divided by the number of *all* images,
so the more frequent digit (MNIST has 6,265 sevens and 6,131 threes) has a little more weight. The mean seven
minus the mean three, where both have the same weight, gives 96.61 %. The scale of the pixels does not matter:
it changes scores and threshold by the same factor.
"""

from __future__ import annotations

from hello_dl import Tensor, pictures
from hello_dl.examples.common import open_images, options, pixels, run_example
from hello_dl.examples.printing import print_images, print_weights, save_picture


def main() -> None:
    """Compute the difference image, and classify the test images with it."""
    args = options(__doc__, out="draw the difference image into this file").parse_args()
    train, test = open_images(args, classes=["3", "7"])
    print(f"{len(train):,} images to look at, {len(test):,} to be tested on; the first of them:\n")
    print_images(test.images[:4], [test.classes[label] for label in test.labels[:4]])

    x = pixels(train)  # (n, 28, 28), between 0 and 1
    is_seven = train.labels == 1  # labels index the classes: 0 is a three, 1 a seven
    threes, sevens = x[~is_seven], x[is_seven]

    difference = (sevens.sum(dim=0) - threes.sum(dim=0)) / len(x)  # (28, 28)
    print("\nWhere sevens have more ink (7) and where threes have (3):\n")
    print_weights(difference, low="3", high="7")
    if args.out is not None:
        save_picture(pictures.enlarged(pictures.signed(difference.numpy()), 10), args.out)

    def score(images: Tensor) -> Tensor:
        """Return the sum of each image's pixels times those of the difference image, (n,)."""
        return (images * difference).sum(dim=(1, 2))

    three_mean, seven_mean = score(threes).mean(), score(sevens).mean()
    threshold = (three_mean + seven_mean) / 2
    print(f"\naverage score: threes {three_mean:.3f}, sevens {seven_mean:.3f}; threshold {threshold:.3f}")

    says_seven = (score(pixels(test)) > threshold).numpy()
    correct = says_seven == (test.labels == 1)
    print(f"{100 * correct.mean():.2f} % of {len(test):,} are told correctly")

    wrong = (~correct).nonzero()[0][:4]
    if len(wrong):
        print("\nSome that are not:\n")
        print_images(test.images[wrong], [f"is {test.classes[label]}" for label in test.labels[wrong]])


if __name__ == "__main__":
    run_example(main)
