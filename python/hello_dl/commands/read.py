"""`hello-dl read`: reads pictures of handwriting, and prints their text."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hello_dl.commands import options
from hello_dl.files import check_file, make_folder, save_picture

if TYPE_CHECKING:
    from hello_dl.reading import Reader

FORMATS = (".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff")  # of the pictures that --out writes
PICTURES = (*FORMATS, ".bmp", ".gif", ".ppm", ".pgm")  # files of a folder with these endings are read
CONTEXT = "read with context: neighbours decided between letters that look alike (--context off: never)"
NOTHING = "found nothing written; is the writing sharp, and at least 15 pixels high?"


@click.command(short_help="Read the handwriting in pictures.")
@click.argument("pictures", metavar="PICTURE...", nargs=-1, required=True)
@options.weights
@options.out("PNG", "Write the picture with what was read; for several pictures, a folder for NAME-read.png.")
@options.json("Print a line of JSON for each picture: lines, words, characters with box and best guesses.")
@options.choice(
    "--context",
    choices=["auto", "on", "off"],
    default="auto",
    help="Let neighbours decide between letters that look alike; auto: where the text looks like words.",
)
@options.path("--lexicon", metavar="FILE", help="A text file of words to expect.")
@options.path(
    "--debug",
    "steps",
    metavar="DIR",
    help="Write a picture of every step into this folder, as NAME-1-sheet.png and so on.",
)
@options.threads
def read(
    pictures: tuple[str, ...],
    weights: str,
    out: Path | None,
    as_json: bool,
    context: str,
    lexicon: Path | None,
    steps: Path | None,
) -> None:
    """Read the handwriting in each PICTURE (JPEG, PNG, TIFF ...) and print it as text.

    Of a folder all pictures in it are read. After a picture that cannot be read the others follow, and the
    exit code is 1. Notes on a picture, such as that it was turned, are printed to stderr.
    """
    from tqdm import tqdm

    from hello_dl.commands.errors import debugging, describe
    from hello_dl.reading import Reader
    from hello_dl.reading.language.ngrams import read_lexicon

    listed = list(_in_folders(pictures))
    targets = _targets([name for name, _ in listed], out)
    if steps is not None:
        make_folder(steps, "--debug")
    words = read_lexicon(lexicon) if lexicon is not None else []
    reader = Reader.load(weights)
    failed = False
    bar = tqdm(zip(listed, targets, strict=True), total=len(listed), unit="picture", leave=False,
               disable=None if len(listed) > 1 else True)  # fmt: skip
    for (picture, problem), target in bar:
        try:
            if problem is not None:
                raise problem
            found = _read_one(reader, picture, target, steps, context=context, lexicon=words)
        except Exception as error:
            if debugging():
                raise
            failed = True
            found = {"text": "", "lines": [], "error": describe(error)}
            tqdm.write(f"hello-dl: {found['error']}", file=sys.stderr)
        if as_json:
            _print_above_bar(json.dumps({"picture": picture, **found}))
        elif "error" not in found:
            for note in [*found["notes"], *([CONTEXT] if found["context"] else [])]:
                tqdm.write(f"hello-dl: {picture}: {note}", file=sys.stderr)
            _print_above_bar(f"{picture}:\n{found['text']}\n" if len(listed) > 1 else found["text"])
    if failed:
        raise click.exceptions.Exit(1)


def _print_above_bar(text: str) -> None:
    """Print to stdout above a progress bar."""
    from tqdm import tqdm

    with tqdm.external_write_mode():
        click.echo(text)


def _in_folders(names: Sequence[str]) -> Iterator[tuple[str, Exception | None]]:
    """Yield each picture named, and those in each folder named; or a folder with why there is none."""
    for name in names:
        folder = Path(name)
        if not folder.is_dir():
            yield name, None
            continue
        try:
            found = sorted(path for path in folder.iterdir() if path.suffix.lower() in PICTURES)
        except OSError as error:
            yield (
                name,
                type(error)(f"{name}: this folder cannot be read ({error.strerror}); check its permissions"),
            )
            continue
        if not found:
            yield (
                name,
                ValueError(
                    f"{name}: no pictures in this folder; expected names that end in {', '.join(PICTURES)}"
                ),
            )
        for path in found:
            yield str(path), None


def _read_one(
    reader: Reader, picture: str, target: Path | None, steps: Path | None, **how: Any
) -> dict[str, Any]:
    """Read one picture and draw what was read into `target`. Raises ValueError if nothing is written."""
    from hello_dl.reading import annotate
    from hello_dl.reading.debug_pictures import Steps

    trace = None if steps is None else Steps(steps, Path(picture).stem)
    page = reader.read(picture, **how) if trace is None else reader.read(picture, trace=trace, **how)
    if not page.lines:
        raise ValueError(f"{picture}: {NOTHING}")
    if target is not None or trace is not None:
        drawn = annotate(picture, page)
        if target is not None:
            save_picture(drawn, target)
        if trace is not None:
            trace.save("read", drawn)
    return page.to_dict()


def _targets(pictures: Sequence[str], out: Path | None) -> Sequence[Path | None]:
    """Return the path of each annotated picture, after checking that it can be written."""
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
