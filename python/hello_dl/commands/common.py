"""What several subcommands share: options, and checks that are made before any long work."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from hello_dl.calibration import Choice
    from hello_dl.data import Images

MOST_THREADS = 1024


def _set_threads(_: click.Context, __: click.Parameter, threads: int | None) -> None:
    if threads is not None:
        import hello_dl

        hello_dl.set_num_threads(threads)


threads_option = click.option(
    "--threads",
    type=click.IntRange(1, MOST_THREADS),
    expose_value=False,
    callback=_set_threads,
    help="How many cores to use (default: all that this process may use).",
)

seed_option = click.option(
    "--seed",
    type=click.IntRange(0, 2**62),
    default=0,
    show_default=True,
    help="The same seed gives the same result, bit by bit.",
)

weights_option = click.option(
    "--weights",
    "-w",
    default="letters",
    show_default=True,
    metavar="WEIGHTS",
    help="A weights file, as `hello-dl train` writes them, or a bundled one: digits, letters, characters.",
)


def data_option(**settings: Any) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Return the option --data, which can be given several times."""
    text = "builtin[:N], mnist, emnist-letters|digits|balanced, or PATH[:CODE]; several are joined."
    return click.option("--data", "-d", "sources", multiple=True, metavar="SOURCE", help=text, **settings)


def load_data(sources: Sequence[str], option: str, **settings: Any) -> Images:
    """Load and join data sources; one that nobody knows is a mistake on the command line."""
    from hello_dl.data import UnknownSource, load

    try:
        return load(*sources, **settings)
    except UnknownSource as error:
        raise click.BadParameter(str(error), click.get_current_context(), param_hint=option) from None


def check_file(path: Path, option: str = "--out") -> Path:
    """Make sure that a file can be written, before the work whose result it will hold.

    Raises OSError that says why not: its folder is missing or write-protected, or something else is there.
    """
    if path.is_dir():
        raise IsADirectoryError(f"{option} {path}: this is a folder; add a file name")
    if path.exists() and not path.is_file():
        raise OSError(f"{option} {path}: this is no ordinary file; choose another name")
    if path.exists() and not os.access(path, os.W_OK):
        raise PermissionError(f"{option} {path}: the file is there and write-protected; choose another name")
    if not path.parent.is_dir():
        raise FileNotFoundError(f"{option} {path}: there is no folder {path.parent}; make it first")
    _check_writable(path.parent, option)
    return path


def make_folder(path: Path, option: str = "--out") -> Path:
    """Make a folder, and make sure that files can be written into it. Raises OSError that says why not."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise FileExistsError(f"{option} {path}: a file of that name is there; choose another name") from None
    except OSError as error:
        raise OSError(
            f"{option} {path}: cannot make this folder ({error.strerror}); choose another"
        ) from None
    _check_writable(path, option)
    return path


def _check_writable(folder: Path, option: str) -> None:
    """Try it: permissions alone do not tell of full or read-only disks."""
    try:
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        raise OSError(
            f"{option}: cannot write into {folder} ({error.strerror}); choose another place"
        ) from None


def save_picture(image: Any, path: Path) -> None:
    """Write a Pillow image whole or not at all, in the format that its name ends in."""
    from PIL import Image

    from hello_dl.data.idx import write_aside

    kind = Image.registered_extensions()[path.suffix.lower()]
    try:
        with write_aside(path) as file:
            image.save(file, format=kind)
    except OSError as error:
        raise OSError(
            f"{path}: cannot be written ({error.strerror or error}); choose another place"
        ) from None


def in_words(choice: Choice) -> str:
    """Say what comes of a threshold."""
    return (
        f"{choice.answered:.2%} answered, {choice.precision:.2%} of these right; {1 - choice.answered:.2%}"
        ' "I don\'t know"'
    )


def show_table(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table: the first column to the left, the others to the right."""
    widths = [max(map(len, column)) for column in zip(titles, *rows, strict=True)]
    for row in (titles, *rows):
        cells = [row[0].ljust(widths[0])] + [c.rjust(w) for c, w in zip(row[1:], widths[1:], strict=True)]
        click.echo("  ".join(cells).rstrip())
