"""`hello-dl data`: which data sets there are, and fetching those that come over the network."""

from __future__ import annotations

import click

ABOUT = {
    "mnist": "60,000 + 10,000 digits, 12 MB",
    "fashion-mnist": "60,000 + 10,000 pieces of clothing, 31 MB",
    "emnist-letters": "124,800 + 20,800 letters, case merged",
    "emnist-digits": "240,000 + 40,000 digits",
    "emnist-balanced": "112,800 + 18,800 digits and letters",
}


@click.group()
def data() -> None:
    """List the data sources, or fetch one over the network."""


@data.command("list")
def list_sources() -> None:
    """List what can be written after --data."""
    from hello_dl.data.download import NAMES, data_dir, is_here

    click.echo(f"{'builtin[:N]':18} N drawn characters, digits and letters; needs no file and no network")
    for name in NAMES:
        here = [split for split in ("train", "test") if is_here(name, split)]
        state = "here" if len(here) == 2 else f"only {here[0]} is here" if here else "not fetched"
        click.echo(f"{name:18} {ABOUT[name]} ({state})")
    click.echo(f"{'PATH[:CODE]':18} your own PATH-images-idx3-ubyte[.gz] and PATH-labels-idx1-ubyte[.gz];")
    click.echo(f"{'':18} CODE is digits, letters26 (1-26), byclass62, balanced47 or fashion10")
    click.echo(f"Fetched data is kept in {data_dir()} (HELLO_DL_DATA names another folder).")
    click.echo("The emnist sets come in one zip of 562 MB.")


@data.command()
@click.argument("names", metavar="NAME...", nargs=-1, required=True, type=click.Choice(sorted(ABOUT)))
@click.option(
    "--split",
    type=click.Choice(["train", "test", "both"]),
    default="both",
    show_default=True,
    help="Which part of it.",
)
def fetch(names: tuple[str, ...], split: str) -> None:
    """Fetch data sets once, checked by their checksums: mnist, fashion-mnist, emnist-letters and others."""
    from hello_dl.data import download

    for name in names:
        for part in ("train", "test") if split == "both" else (split,):
            click.echo(f"{name} {part}: {download.fetch(name, part)}-*-ubyte.gz")
