"""`hello-dl poster`, `mean`, `difference`: pictures of the classes of a data set."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hello_dl.commands import options
from hello_dl.files import check_file

if TYPE_CHECKING:
    from hello_dl.data import Images

PICTURES = (".png", ".jpg", ".jpeg", ".webp")  # endings of a file name


def picture_option(default: str, endings: Sequence[str] = PICTURES) -> options.Option:
    """Return the option --out of a command that draws one picture."""

    def check(_: click.Context, __: click.Parameter, path: Path) -> Path:
        if path.suffix.lower() not in endings:
            raise click.BadParameter(f"{path}: needs a name that ends in {', '.join(endings)}")
        return check_file(path)

    return options.out(endings[0][1:].upper(), "The picture to write.", default, callback=check)


def scale_option(default: int) -> options.Option:
    """Return the option --scale."""
    text = "Side of an image's pixel in the picture."
    return options.value("--scale", type=click.IntRange(1, 32), default=default, help=text)


def load_classes(sources: tuple[str, ...], names: Sequence[str], seed: int) -> Images:
    """Load data, by default builtin; if only digits are asked for, builtin draws nothing else."""
    from hello_dl.data import CODES

    digits = CODES["digits"].classes
    classes = digits if names and set(names) <= set(digits) else None
    return options.load_data(sources or ("builtin",), "--data", classes=classes, seed=seed)


@click.command(short_help="Draw many examples of one class.")
@click.argument("name", metavar="CLASS")
@options.data()
@picture_option("poster.png")
@options.value("--count", "-n", type=click.IntRange(1, 5000), default=200, help="How many.")
@scale_option(2)
@options.seed
def poster(name: str, sources: tuple[str, ...], out: Path, count: int, scale: int, seed: int) -> None:
    """Draw many examples of one CLASS, such as h or 7, side by side."""
    from hello_dl import pictures

    images = load_classes(sources, [name], seed)
    pictures.save(pictures.poster(images, name, count=count, scale=scale), out)
    click.echo(f"{out}: examples of {name}")


@click.command(short_help="Draw the mean image of each class.")
@click.argument("names", metavar="[CLASS]...", nargs=-1)
@options.data()
@picture_option("mean.png")
@scale_option(3)
@options.seed
def mean(names: tuple[str, ...], sources: tuple[str, ...], out: Path, scale: int, seed: int) -> None:
    """Draw the mean image of each CLASS, or of all classes in the data."""
    from hello_dl import pictures

    images = load_classes(sources, names, seed)
    pictures.save(pictures.means(images, names, scale=scale), out)
    click.echo(f"{out}: mean images")


@click.command(short_help="Draw where one class has more ink than another.")
@click.argument("a", metavar="CLASS")
@click.argument("b", metavar="CLASS")
@options.data()
@picture_option("difference.png")
@scale_option(8)
@options.seed
def difference(a: str, b: str, sources: tuple[str, ...], out: Path, scale: int, seed: int) -> None:
    """Draw the mean image of one CLASS minus that of another: red is more ink, blue is less."""
    from hello_dl import pictures

    images = load_classes(sources, [a, b], seed)
    pictures.save(pictures.difference(images, a, b, scale=scale), out)
    click.echo(f"{out}: {a} minus {b}")
