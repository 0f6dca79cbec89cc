"""`hello-dl imagine`, `responses`, `embedding`: pictures of what a trained network has learned."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from hello_dl.commands import options
from hello_dl.commands.pictures import load_classes, picture_option, scale_option
from hello_dl.files import check_file

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from hello_dl.evaluation import Classifier

FEW = "builtin:3000"  # the default data of `imagine` and `responses`, which need one image of a class


def class_number(classifier: Classifier, name: str) -> int:
    """Return the index of a class among the network's scores; "H" is "h" if the network only knows that."""
    for wanted in (name, name.swapcase()):
        if wanted in classifier.classes:
            return classifier.classes.index(wanted)
    raise ValueError(
        f"{name!r}: needs a class that the network knows; it knows {' '.join(classifier.classes)}"
    )


def example(classifier: Classifier, name: str, sources: tuple[str, ...], seed: int) -> NDArray[np.uint8]:
    """Return the first image of a class that the network reads correctly, or the first if there is none."""
    import numpy as np

    from hello_dl.pictures.classes import examples

    images = examples(load_classes(sources or (FEW,), [name], seed), name)[:100]
    right = classifier.classify(images).argmax(axis=1) == class_number(classifier, name)
    chosen: NDArray[np.uint8] = images[int(np.argmax(right))]
    return chosen


@click.command(short_help="Draw images that a network is sure to see a class in.")
@click.argument("names", metavar="CLASS...", nargs=-1, required=True)
@click.option("--from", "start", metavar="CLASS", help="Begin with an image of this class, not with noise.")
@options.weights
@options.data()
@options.value("--steps", type=click.IntRange(10, 2000), default=120, help="How often to change it.")
@picture_option("imagine.png", (".png",))
@scale_option(4)
@options.seed
@options.threads
def imagine(
    names: tuple[str, ...],
    start: str | None,
    weights: str,
    sources: tuple[str, ...],
    steps: int,
    out: Path,
    scale: int,
    seed: int,
) -> None:
    """Change an image until the network gives a CLASS, such as h, a high probability.

    --out gets a picture of the steps (of several classes: the last images), and a GIF of the same name the
    animation. The image that --from begins with is taken from --data (default: builtin).
    """
    from hello_dl import pictures
    from hello_dl.evaluation import Classifier

    moving = check_file(out.with_suffix(".gif"))
    classifier = Classifier.load(weights)
    targets = [class_number(classifier, name) for name in names]
    begin = None if start is None else example(classifier, start, sources, seed)
    dream = pictures.imagine(
        classifier.model,
        targets,
        start=begin,
        normalisation=classifier.header.normalisation,
        steps=steps,
        seed=seed,
    )
    pictures.save(pictures.dream_picture(dream, names, scale=scale), out)
    pictures.save_gif(pictures.dream_frames(dream, names, scale=scale), out.with_suffix(".gif"), hold=2)
    sure = ", ".join(f"{name} {chance:.1%}" for name, chance in zip(names, dream.chances[-1], strict=True))
    click.echo(f"{out} and {moving.name}: the network sees {sure}")


@click.command(short_help="Draw what each convolution responds to.")
@click.argument("name", metavar="CLASS")
@options.weights
@options.data()
@picture_option("responses.png")
@options.seed
@options.threads
def responses(name: str, weights: str, sources: tuple[str, ...], out: Path, seed: int) -> None:
    """Show the network an image of a CLASS, and draw the output of every filter of every convolution.

    Red: positive, the filter's pattern is there; blue: negative. The image is the first one in --data
    (default: builtin) that the network reads correctly.
    """
    from hello_dl import pictures
    from hello_dl.evaluation import Classifier

    classifier = Classifier.load(weights)
    class_number(classifier, name)
    image = example(classifier, name, sources, seed)
    sheet = pictures.responses_picture(classifier.model, image, classifier.header.normalisation)
    pictures.save(sheet, out)
    click.echo(f"{out}: responses to {name}")


@click.command(short_help="Draw a map of a data set: images that a network finds similar are close.")
@options.weights
@options.data()
@picture_option("embedding.png")
@options.value("--count", "-n", type=click.IntRange(4, 5000), default=1000, help="Images.")
@options.choice("--method", choices=["tsne", "pca"], default="tsne", help="How to lay out.")
@options.value("--size", type=click.IntRange(200, 5000), default=1000, help="Pixels.")
@options.seed
@options.threads
def embedding(
    weights: str, sources: tuple[str, ...], out: Path, count: int, method: str, size: int, seed: int
) -> None:
    """Draw COUNT images of a test set (default: builtin) on a map of the inputs of the network's last layer.

    Each image has the colour of its class. t-SNE shows which images are similar; the sizes of its clusters
    and the distances between them mean nothing.
    """
    from hello_dl import pictures
    from hello_dl.data.shuffle import permutation
    from hello_dl.evaluation import Classifier

    classifier = Classifier.load(weights)
    data = options.load_data(
        sources or (f"builtin:{count}",), "--data", classes=classifier.classes, split="test", seed=seed
    )
    data = data.take(permutation(len(data), seed)[:count])
    found = pictures.embedding(classifier.model, data, classifier.header.normalisation, method=method)
    pictures.save(pictures.embedding_picture(found, side=size), out)
    click.echo(f"{out}: {len(data):,} images by what the network makes of them")
