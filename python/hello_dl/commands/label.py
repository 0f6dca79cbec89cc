"""`hello-dl label`: a small line editor to correct what was read, and keep the letters to teach."""

from __future__ import annotations

import sys
from pathlib import Path
from zlib import crc32

import click

from hello_dl.commands import options
from hello_dl.files import make_folder


@click.command(short_help="Correct a reading, and keep its letters for `teach`.")
@click.argument("pictures", metavar="PICTURE...", nargs=-1, required=True)
@options.weights
@options.out("FOLDER", "Where the corrected letters go.", "labelled")
@options.threads
@click.pass_context
def label(context: click.Context, pictures: tuple[str, ...], weights: str, out: Path) -> None:
    """Show each line that is read in PICTURE, and ask for the right text.

    Type the line as it is written and press Enter; Enter alone means that the reading is right, - leaves the
    line out, q ends. Then: hello-dl teach --labelled FOLDER --name me
    """
    from hello_dl.commands.errors import debugging, describe
    from hello_dl.reading import Reader

    make_folder(out)
    reader = Reader.load(weights)
    failed = False
    for picture in pictures:
        try:
            if not _label(reader, picture, out):
                break
        except (ValueError, OSError) as error:
            if debugging():
                raise
            failed = True
            click.echo(f"hello-dl: {describe(error)}", err=True)
    if failed:
        context.exit(1)


def _label(reader: object, picture: str, out: Path) -> bool:
    """Correct one picture and save its letters; return False if the user wants to end."""
    from hello_dl.reading import Reader
    from hello_dl.teaching.correct import align, letters_of, read_with_glyphs
    from hello_dl.teaching.letter_sets import CLASSES, save_letters, to_images

    assert isinstance(reader, Reader)
    read = read_with_glyphs(reader, picture)
    if not read.page.lines:
        raise ValueError(f"{picture}: found nothing written; is it sharp, and is there writing in it?")
    case = not reader.classifier.header.merged
    glyphs, characters, start, going = [], [], 0, True
    for number, line in enumerate(read.page.lines, 1):
        click.echo(f"{picture}, line {number} of {len(read.page.lines)}:\n  {line.text}")
        right = _ask()
        going = right != "q"
        if not going:
            break
        was = letters_of(line)
        meant = align(was, "".join((right or line.text).split()), case) if right != "-" else []
        for i, char in enumerate(meant, start):
            if char is not None and char in CLASSES:
                glyphs.append(read.glyphs[i])
                characters.append(char)
        start += len(was)
    if glyphs:
        # The checksum keeps photos of the same name apart; a photo labelled again replaces its letters.
        prefix = out / f"{Path(picture).stem}-{crc32(Path(picture).read_bytes()):08x}"
        save_letters(prefix, to_images(glyphs, characters, picture))
        click.echo(f"{len(glyphs)} letters saved: {prefix}-images-idx3-ubyte.gz")
    else:
        click.echo("no letters saved")
    return going


def _ask() -> str:
    """Return one line from the user; at the end of the input "q"."""
    click.echo("> ", nl=False)
    sys.stdout.flush()
    line = sys.stdin.readline()
    if not sys.stdin.isatty():
        click.echo()
    return line.strip() if line else "q"
