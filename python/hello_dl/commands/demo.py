"""`hello-dl demo`: learns letters, writes a page, and reads it; needs no file and no network connection."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

import click
import numpy as np
from numpy.typing import NDArray

from hello_dl.commands import options
from hello_dl.commands.train import show_epoch
from hello_dl.files import check_file, make_folder, save_picture

if TYPE_CHECKING:
    from hello_dl.data import Images
    from hello_dl.reading import Reader

TEXT = """\
the quick brown fox
jumps over the lazy dog
pack my box with five
dozen liquor jugs
hello deep learning"""
FILES = ("letters.safetensors", "page.png", "page-read.png")
VALIDATION = 2000  # letters by other writers, on which the network is measured after each epoch
ANOTHER_HAND = 1 << 33  # added to the seed: a writer of no training image and no validation image
X_HEIGHT = 28  # height of a small x on the page in pixels; the longest line of TEXT fits the width with it
SHOWN = 6  # letters that are printed as text
IN_A_ROW = 3  # letters beside each other


@click.command(short_help="Learn letters, write a page by hand, and read it back (about a minute).")
@options.out("FOLDER", "Where weights and pictures go.", "hello-dl-demo")
@options.count("--images", least=26, default=60_000, help="How many letters to draw and learn from.")
@options.count("--epochs", default=3, help="Passes over them.")
@options.seed
@options.threads
def demo(out: Path, images: int, epochs: int, seed: int) -> None:
    """Learn handwritten letters, then read a page of them.

    The letters to learn from, each by another writer, and a page in a handwriting that is not among them are
    drawn by the embedded generator. The weights, the page, and the page with what was read stay in FOLDER.
    """
    from hello_dl.data import load
    from hello_dl.reading import Reader

    make_folder(out)
    weights, page, read = (check_file(out / name) for name in FILES)
    classes = tuple("abcdefghijklmnopqrstuvwxyz")
    click.echo(f"Drawing {images:,} letters, every one by another writer ...")
    data = load(f"builtin:{images}", classes=classes, seed=seed)
    validation = load(f"builtin:{VALIDATION}", classes=classes, seed=seed, split="test")
    learn(data, validation, weights, epochs, seed)
    reader = Reader.load(weights)
    click.echo("\nSome letters by others, and what the network thinks of them:\n")
    show_letters(reader, validation)
    read_back(reader, page, read, seed)
    click.echo(f"\nIn {out}: {weights.name}, {page.name}, {read.name}.")
    click.echo(f"Now a picture of your own: hello-dl read PICTURE --weights {weights}")


def learn(data: Images, validation: Images, weights: Path, epochs: int, seed: int) -> None:
    """Train the letters network of chapter 5, and save its best weights."""
    import hello_dl
    from hello_dl.models import letters_cnn
    from hello_dl.train import fit, one_cycle

    hello_dl.manual_seed(seed)
    model = letters_cnn(len(data.classes))
    click.echo(f"Training a network of {sum(p.numel() for p in model.parameters()):,} parameters on them ...")
    fit(
        model,
        data,
        validation,
        epochs=epochs,
        lr=2e-3,
        schedule=one_cycle,
        seed=seed,
        save=weights,
        on_epoch=show_epoch,
    )


def show_letters(reader: Reader, letters: Images) -> None:
    """Print a few letters as text, each with the network's best guesses below."""
    from hello_dl.pictures.terminal import as_text

    pictures, labels = letters.images[:SHOWN], letters.labels[:SHOWN]
    probabilities = reader.classify(pictures)
    for start in range(0, len(pictures), IN_A_ROW):
        some = range(start, min(start + IN_A_ROW, len(pictures)))
        for row in zip(*(as_text(pictures[i]) for i in some), strict=True):
            click.echo("".join(row).rstrip())
        lines = [answer_line(probabilities[i], reader.classes, letters.classes[labels[i]]) for i in some]
        click.echo("".join(f"{line:^28}" for line in lines).rstrip() + "\n")


def answer_line(probabilities: NDArray[np.floating], classes: tuple[str, ...], truth: str) -> str:
    """Return the two most probable letters, and whether the first is right: b 97%, h 2% (right)."""
    first, second = np.argsort(-probabilities)[:2]
    guesses = ", ".join(f"{classes[i]} {probabilities[i]:.0%}" for i in (first, second))
    return f"{guesses} (right)" if classes[first] == truth else f"{guesses} (it is {truth})"


def read_back(reader: Reader, page: Path, annotated: Path, seed: int) -> None:
    """Write a page in a handwriting the network has not seen, read it, and print how much of it is right."""
    from PIL import Image

    from hello_dl.data.builtin import write_page
    from hello_dl.reading import annotate
    from hello_dl.reading.score import character_accuracy

    picture = Image.fromarray(write_page(TEXT, seed + ANOTHER_HAND, x_height=X_HEIGHT)[0])
    save_picture(picture, page)
    found = reader.read(page)
    save_picture(annotate(page, found), annotated)
    click.echo("A page in a hand that it has not seen:     What the network reads there:\n")
    read = found.text.split("\n")
    for i in range(max(len(read), TEXT.count("\n") + 1)):
        wanted, got = ((lines[i] if i < len(lines) else "") for lines in (TEXT.split("\n"), read))
        click.echo(f"  {wanted:41}  {textwrap.shorten(got, 60)}".rstrip())
    click.echo(f"\nCharacter accuracy: {character_accuracy(TEXT, found.text):.1%}")
