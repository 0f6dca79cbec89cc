"""`hello-dl label`: a small line editor to correct what was read, and keep it to teach."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING
from zlib import crc32

import click

from hello_dl.commands import options
from hello_dl.files import make_folder

if TYPE_CHECKING:
    from hello_dl.reading import Reader
    from hello_dl.reading.lines.network import LineNetwork

NOTHING = "found nothing written; is it sharp, and is there writing in it?"


@click.command(short_help="Correct a reading, and keep its lines or letters for `teach`.")
@click.argument("pictures", metavar="PICTURE...", nargs=-1, required=True)
@options.value(
    "--weights",
    "-w",
    default="lines",
    metavar="WEIGHTS",
    help="The weights that read: lines, weights taught from these, or letters, digits, characters or a file.",
)
@options.out("FOLDER", "Where the corrected lines or letters go.", "labelled")
@options.threads
@click.pass_context
def label(context: click.Context, pictures: tuple[str, ...], weights: str, out: Path) -> None:
    """Show each line that is read in PICTURE, and ask for the right text.

    Type the line as it is written and press Enter; Enter alone means that the reading is right, - leaves the
    line out, q ends. Then: hello-dl teach --labelled FOLDER --name me

    With --weights lines, or weights taught from these, whole lines are kept; else letters.
    """
    from hello_dl.commands.errors import debugging, describe
    from hello_dl.reading import Reader
    from hello_dl.reading.lines.network import is_line_network, load
    from hello_dl.weights import find

    make_folder(out)
    by_lines = is_line_network(find(weights))
    reader = load(find(weights)) if by_lines else Reader.load(weights)
    failed = False
    for picture in pictures:
        try:
            if isinstance(reader, Reader):
                going = _label_letters(reader, picture, out)
            else:
                going = _label_lines(reader, picture, out)
            if not going:
                break
        except (ValueError, OSError) as error:
            if debugging():
                raise
            failed = True
            click.echo(f"hello-dl: {describe(error)}", err=True)
    if failed:
        context.exit(1)


def _label_lines(model: LineNetwork, picture: str, out: Path) -> bool:
    """Correct one picture and save its lines; return False if the user wants to end."""
    from hello_dl.teaching.lines.line_sets import ENDING, OwnLines, check_line, save_lines
    from hello_dl.teaching.lines.written import see_lines

    lines = see_lines(picture, model)
    if not lines:
        raise ValueError(f"{picture}: {NOTHING}")
    pictures, texts, going = [], [], True
    for number, line in enumerate(lines, 1):
        click.echo(f"{picture}, line {number} of {len(lines)}:\n  {line.text}")
        right = _ask()
        while right not in ("", "-", "q"):
            try:
                check_line(line.picture, right)
                break
            except ValueError as error:
                click.echo(f"hello-dl: {error}", err=True)
                right = _ask()
        going = right != "q"
        if not going:
            break
        if right != "-":
            pictures.append(line.picture)
            texts.append(right or line.text)
    if texts:
        file = Path(f"{_prefix(out, picture)}{ENDING}")
        save_lines(file, OwnLines(tuple(pictures), tuple(texts)))
        click.echo(f"{len(texts)} line{'s' * (len(texts) > 1)} saved: {file}")
    else:
        click.echo("no lines saved")
    return going


def _label_letters(reader: Reader, picture: str, out: Path) -> bool:
    """Correct one picture and save its letters; return False if the user wants to end."""
    from hello_dl.teaching.correct import align, letters_of, read_with_glyphs
    from hello_dl.teaching.letter_sets import CLASSES, save_letters, to_images

    read = read_with_glyphs(reader, picture)
    if not read.page.lines:
        raise ValueError(f"{picture}: {NOTHING}")
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
        prefix = _prefix(out, picture)
        save_letters(prefix, to_images(glyphs, characters, picture))
        click.echo(f"{len(glyphs)} letters saved: {prefix}-images-idx3-ubyte.gz")
    else:
        click.echo("no letters saved")
    return going


def _prefix(out: Path, picture: str) -> Path:
    """Return what the names of a photo's files begin with.

    The checksum keeps photos of the same name apart; a photo labelled again replaces what it gave before.
    """
    return out / f"{Path(picture).stem}-{crc32(Path(picture).read_bytes()):08x}"


def _ask() -> str:
    """Return one line from the user; at the end of the input "q"."""
    click.echo("> ", nl=False)
    sys.stdout.flush()
    line = sys.stdin.readline()
    if not sys.stdin.isatty():
        click.echo()
    return line.strip() if line else "q"
