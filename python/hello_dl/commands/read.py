"""`hello-dl read`: pictures of handwriting in, text out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hello_dl.commands.common import check_file, make_folder, save_picture, threads_option, weights_option

if TYPE_CHECKING:
    from hello_dl.reading import Reader

FORMATS = (".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff")
NOTHING = "found nothing written; is the writing dark on light, and at least 15 pixels high?"


@click.command(short_help="Read the handwriting in pictures.")
@click.argument("pictures", metavar="PICTURE...", nargs=-1, required=True)
@weights_option
@click.option(
    "--out",
    "-o",
    metavar="PNG",
    type=click.Path(path_type=Path),
    help="Write the picture with what was read; for several pictures, a folder for NAME-read.png.",
)
@click.option(
    "--json",
    "as_json",
    is_flag=True,
    help="Print a line of JSON for each picture: lines, words, characters with box and best guesses.",
)
@threads_option
@click.pass_context
def read(
    context: click.Context, pictures: tuple[str, ...], weights: str, out: Path | None, as_json: bool
) -> None:
    """Read the handwriting in each PICTURE (JPEG, PNG, TIFF ...) and print it as text.

    One bad picture does not stop the others; the exit code is 1 then.
    """
    from hello_dl.cli import debugging, describe
    from hello_dl.reading import Reader

    targets = _targets(pictures, out)
    reader = Reader.load(weights)
    failed = False
    for picture, target in zip(pictures, targets, strict=True):
        try:
            found = _read_one(reader, picture, target)
        except Exception as error:
            if debugging():
                raise
            failed = True
            found = {"text": "", "lines": [], "error": describe(error)}
            click.echo(f"hello-dl: {found['error']}", err=True)
        if as_json:
            click.echo(json.dumps({"picture": picture, **found}))
        elif "error" not in found:
            click.echo(f"{picture}:\n{found['text']}\n" if len(pictures) > 1 else found["text"])
    if failed:
        context.exit(1)


def _read_one(reader: Reader, picture: str, target: Path | None) -> dict[str, Any]:
    """Read one picture and draw what was read into `target`; a picture without writing is a mistake."""
    from hello_dl.reading import annotate

    page = reader.read(picture)
    if not page.lines:
        raise ValueError(f"{picture}: {NOTHING}")
    if target is not None:
        save_picture(annotate(picture, page), target)
    return page.to_dict()


def _targets(pictures: Sequence[str], out: Path | None) -> Sequence[Path | None]:
    """Say where each annotated picture goes, and make sure that it can."""
    if out is None:
        return [None] * len(pictures)
    if any(Path(picture).exists() and out.exists() and out.samefile(picture) for picture in pictures):
        raise click.BadParameter(f"{out}: would replace the picture; choose another name", param_hint="--out")
    if len(pictures) == 1:
        if out.suffix.lower() not in FORMATS and not out.is_dir():
            raise click.BadParameter(
                f"{out}: needs a name that ends in {', '.join(FORMATS)}", param_hint="--out"
            )
        return [check_file(out)]
    if out.suffix.lower() in FORMATS and not out.is_dir():
        raise click.BadParameter(f"{out}: for {len(pictures)} pictures, name a folder", param_hint="--out")
    make_folder(out)
    targets: list[Path] = []
    for picture in pictures:
        name, number = f"{Path(picture).stem}-read", 1
        while (target := out / f"{name}{'' if number == 1 else f'-{number}'}.png") in targets:
            number += 1
        targets.append(check_file(target))
    return targets
