"""Chapter 5: a convolutional network learns letters.

A linear layer has to learn anew, for each place in the image, what a stroke looks like there. A convolution
learns one small filter of 3x3 weights and moves it over the whole image: a stroke is a stroke wherever it is.
Max-pooling halves the image by keeping the strongest answer of four; then the next convolution sees twice as
far. The last layers are linear: they tell the letters from what the filters have found.

    python -m hello_dl.examples.letters
    python -m hello_dl.examples.letters --data ../shared/data/letters-nist/all --save letters.safetensors
    python -m hello_dl.examples.letters --data ../shared/data/mnist/train --test ../shared/data/mnist/t10k

The last line gives the same network digits to learn.
"""

from __future__ import annotations

import numpy as np

import hello_dl
from hello_dl.examples.common import errors_in_one_line, open_images, options, run_example
from hello_dl.examples.printing import print_images
from hello_dl.models import letters_cnn
from hello_dl.train import cosine, evaluate, fit, predict
from hello_dl.train.history import Epoch


def show_epoch(epoch: Epoch) -> None:
    """Print the loss of an epoch, and the accuracy on the images held back."""
    assert epoch.validation is not None
    accuracy = 100 * epoch.validation.accuracy
    print(f"epoch {epoch.epoch}: loss {epoch.loss:.4f}, {accuracy:.2f} % of the images held back are right")


def main() -> None:
    """Train the network, test it, and print its mistakes."""
    parser = options(__doc__, epochs=3)
    parser.add_argument("--save", metavar="PATH", help="weights file to write, for `hello-dl read` and so on")
    args = parser.parse_args()
    images, test = open_images(args)
    # The weights that are best on the images held back are kept. The test images have no part in that choice,
    # so the accuracy on them is an unbiased estimate of that on new letters.
    train, held_back = images.split(0.95, seed=args.seed)  # at random, 95 % and 5 %
    print(f"{len(train):,} images to learn from, {len(held_back):,} held back, {len(test):,} to be tested on")

    model = letters_cnn(classes=len(train.classes))
    print(f"{model}\n{sum(p.numel() for p in model.parameters()):,} parameters\n")
    print("The shapes that 64 images take on their way through it:")
    x = hello_dl.zeros(64, 1, 28, 28)
    for layer in model:
        y = layer(x)  # only the shape is computed here, no numbers
        if y.shape != x.shape:
            print(f"  {type(layer).__name__:10} {tuple(x.shape)} -> {tuple(y.shape)}")
        x = y
    print()

    with errors_in_one_line():
        history = fit(
            model,
            train,
            held_back,
            epochs=args.epochs,
            schedule=cosine,  # large steps at first, small ones towards the end
            balanced=True,  # draws all classes equally often, or the frequent ones would be preferred
            seed=args.seed,
            save=args.save,
            on_epoch=show_epoch,
        )

    result = evaluate(model, test, normalisation=history.normalisation)
    print(f"\n{100 * result.accuracy:.2f} % of {result.n:,} test images are right; loss {result.loss:.4f}")
    probabilities = predict(model, test, normalisation=history.normalisation)  # (n, classes)
    answers = probabilities.argmax(axis=1)
    wrong = np.flatnonzero(answers != test.labels)[:4]
    if len(wrong):
        print("\nRead wrongly:\n")
        names, sure = test.classes, probabilities.max(axis=1)
        captions = [f"is {names[test.labels[i]]}, read {names[answers[i]]} ({sure[i]:.0%})" for i in wrong]
        print_images(test.images[wrong], captions)
    print("\nThe most frequent mistakes:\n")
    mistakes = result.confusion.copy()
    np.fill_diagonal(mistakes, 0)
    for place in mistakes.argsort(axis=None)[:-9:-1]:  # the last eight, backwards
        true, read = np.unravel_index(place, mistakes.shape)
        print(f"{mistakes[true, read]:5} times {test.classes[true]} was read as {test.classes[read]}")


if __name__ == "__main__":
    run_example(main)
