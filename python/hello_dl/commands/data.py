"""`hello-dl data`: lists the data sources, downloads data sets, and generates photos of pages."""

from __future__ import annotations

from pathlib import Path

import click

from hello_dl.commands import options
from hello_dl.files import make_folder

ABOUT = {  # what `data list` says about each data set that can be downloaded
    "mnist": "60,000 + 10,000 digits, 12 MB",
    "fashion-mnist": "60,000 + 10,000 pieces of clothing, 31 MB",
    "emnist-letters": "124,800 + 20,800 letters, case merged",
    "emnist-digits": "240,000 + 40,000 digits",
    "emnist-balanced": "112,800 + 18,800 digits and letters",
}


@click.group()
def data() -> None:
    """List the data sources, download one, or generate photos of pages."""


@data.command("list")
def list_sources() -> None:
    """List the sources that --data takes."""
    from hello_dl.data.download import NAMES, data_dir, is_here

    click.echo(f"{'builtin[:N]':18} N drawn characters, digits and letters; needs no file and no network")
    for name in NAMES:
        here = [split for split in ("train", "test") if is_here(name, split)]
        state = "here" if len(here) == 2 else f"only {here[0]} is here" if here else "not fetched"
        click.echo(f"{name:18} {ABOUT[name]} ({state})")
    click.echo(f"{'PATH[:CODE]':18} your own PATH-images-idx3-ubyte[.gz] and PATH-labels-idx1-ubyte[.gz];")
    click.echo(f"{'':18} CODE is digits, letters26 (1-26), byclass62, balanced47 or fashion10,")
    click.echo(f"{'':18} with -transposed behind it if the images lie on their side")
    click.echo(f"Fetched data is kept in {data_dir()} (HELLO_DL_DATA names another folder).")
    click.echo("The emnist sets come in one zip of 562 MB.")


@data.command()
@click.argument("names", metavar="NAME...", nargs=-1, required=True, type=click.Choice(sorted(ABOUT)))
@options.choice("--split", choices=["train", "test", "both"], default="both", help="Which part of it.")
def fetch(names: tuple[str, ...], split: str) -> None:
    """Download data sets, unless they are here, and compare their checksums: mnist, emnist-letters ..."""
    from hello_dl.data import download

    for name in names:
        for part in ("train", "test") if split == "both" else (split,):
            click.echo(f"{name} {part}: {download.fetch(name, part)}-*-ubyte.gz")


@data.command(short_help="Generate photos of handwritten pages, and files with their text.")
@click.argument("folder", metavar="FOLDER", type=options.PATH)
@options.count("--number", "-n", default=10, help="How many.")
@options.choice(
    "--difficulty",
    choices=["easy", "medium", "hard"],
    default="medium",
    help="easy: a scan; medium: a phone's photo; hard: one in bad light, turned.",
)
@options.choice(
    "--kind",
    choices=["letters", "digits", "characters"],
    default="letters",
    help="Characters of the random texts.",
)
@click.option("--text", help="Write this on every page instead of random words.")
@click.option("--blank", is_flag=True, help="Pictures without writing: table tops, blank and ruled sheets.")
@options.value("--megapixels", type=click.FloatRange(0.1, 50), default=2.4, help="Size of each photo.")
@options.seed
@options.threads
def pages(
    folder: Path,
    number: int,
    difficulty: str,
    kind: str,
    text: str | None,
    blank: bool,
    megapixels: float,
    seed: int,
) -> None:
    """Generate photos of handwritten pages in FOLDER: page-0000.jpg, page-0000.json and so on.

    The JSON file of a picture holds its text by lines and words, and the four corners of every character.
    """
    from tqdm import tqdm

    from hello_dl.data.pages import save_pages

    make_folder(folder, "FOLDER")
    text = None if text is None else text.replace("\\n", "\n")
    made = save_pages(
        folder, number, difficulty, seed, kind=kind, text=text, megapixels=megapixels, blank=blank
    )
    for _ in tqdm(made, total=number, unit="page", disable=None):
        pass
    click.echo(f"{number} pages in {folder}, seeds {seed} to {seed + number - 1}")
