"""`hello-dl teach`: trains weights for one handwriting from photos of filled-in forms."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hello_dl.commands import options
from hello_dl.files import check_file, make_folder, save_picture

if TYPE_CHECKING:
    from hello_dl.data import Images
    from hello_dl.teaching.learn import Taught
    from hello_dl.teaching.lines.line_sets import OwnLines
    from hello_dl.teaching.sheet.boxes import Filled
    from hello_dl.teaching.sheet.scan import Scan


@click.command(short_help="Teach the network your own handwriting, from photos of filled-in sheets.")
@click.argument("photos", metavar="PHOTO...", nargs=-1)
@click.option(
    "--name", "-n", required=True, help="Name of the new weights; `hello-dl read --weights NAME` uses them."
)
@options.value(
    "--weights",
    "-w",
    metavar="WEIGHTS",
    help="The weights to start from: a file, or a bundled one (default: lines for sentences, letters for "
    "letters).",
)
@options.path(
    "--labelled",
    multiple=True,
    metavar="FOLDER",
    help="Also teach the lines or letters that `hello-dl label` has saved there.",
)
@click.option("--yes", "-y", is_flag=True, help="Ask nothing; leave out boxes that look crossed out.")
@click.option("--fresh", is_flag=True, help="Forget what NAME was taught before.")
@options.path(
    "--contact",
    metavar="PNG",
    help="Where to draw what was found in the boxes (default: NAME-boxes.png).",
)
@options.count("--steps", help="Training steps (default: 200).")
@options.seed
@options.threads
@click.pass_context
def teach(
    context: click.Context,
    photos: tuple[str, ...],
    name: str,
    weights: str | None,
    labelled: tuple[Path, ...],
    yes: bool,
    fresh: bool,
    contact: Path | None,
    steps: int | None,
    seed: int,
) -> None:
    """Teach a network your own handwriting, from PHOTOs of the sheets that `hello-dl sheet` makes.

    Sentences teach the reader of whole lines, letters that of letters. Training starts from WEIGHTS. The
    result is kept under NAME, with what was written, so that more photos can be added later. Writing by
    others is mixed in, so that the network still reads it.
    """
    from hello_dl.commands.teach_lines import teach_lines
    from hello_dl.weights import user_folder

    _check_name(name)
    if not photos and not labelled:
        raise click.UsageError("name at least one PHOTO, or --labelled FOLDER")
    if weights is not None:
        _check_weights(weights)  # before the photos are read
    contact = check_file(Path(f"{name}-boxes.png") if contact is None else contact, "--contact")
    if contact.suffix.lower() != ".png":
        raise click.BadParameter(f"{contact}: needs a name that ends in .png", param_hint="--contact")
    folder = make_folder(user_folder(), "HELLO_DL_DATA")
    letters, lines = _load_labelled(labelled)
    scans, failed = _read_photos(photos)
    boxes, filled = (
        [box for scan in scans for box in scan.boxes],
        [line for scan in scans for line in scan.lines],
    )
    by_lines = bool(lines or filled)
    if by_lines and (letters or boxes):
        raise ValueError(
            "lines and letters teach two different networks; teach one after the other, each with a --name"
        )
    if not (by_lines or letters or boxes):
        context.exit(1)
    _check_known(folder / f"{name}.safetensors", by_lines, fresh)
    if by_lines:
        teach_lines(
            filled, lines, name, weights or "lines", folder,
            contact=contact, yes=yes, fresh=fresh, steps=steps, seed=seed,
        )  # fmt: skip
    else:
        if boxes:
            letters.append(_from_boxes(boxes, contact, yes))
        _teach_letters(letters, name, weights or "letters", folder, fresh, steps, seed)
    if failed:
        context.exit(1)


def _check_name(name: str) -> None:
    """Raise BadParameter if a name is no file name, or that of bundled weights."""
    from hello_dl.weights import BUNDLED

    if not re.fullmatch(r"\w[\w-]*", name) or name in BUNDLED:
        raise click.BadParameter(
            f"{name!r}: needs letters, digits, - and _ only, and not {', '.join(BUNDLED)}",
            param_hint="--name",
        )


def _check_weights(weights: str) -> None:
    """Raise ValueError if a weights file does not say which characters it knows."""
    from hello_dl.weights import read_header

    if not read_header(weights).classes:
        raise ValueError(f"{weights}: does not say which characters it knows; save it with classes=...")


def _check_known(path: Path, by_lines: bool, fresh: bool) -> None:
    """Raise ValueError if the weights of this name are of the other kind, unless they are to be forgotten."""
    from hello_dl.reading.lines.network import is_line_network

    if path.is_file() and not fresh and is_line_network(path) != by_lines:
        was, now = ("letters", "lines") if by_lines else ("lines", "letters")
        raise ValueError(
            f"{path}: was taught {was}, and these are {now}; choose another --name, or forget it with --fresh"
        )


def _load_labelled(folders: Sequence[Path]) -> tuple[list[Images], list[OwnLines]]:
    """Return labelled letters and lines. Raises FileNotFoundError if a folder has neither."""
    from hello_dl.teaching import letter_sets
    from hello_dl.teaching.lines import line_sets

    letters, lines = [], []
    for folder in folders:
        found = line_sets.load_folder(folder)
        if found is not None:
            lines.append(found)
        if found is None or letter_sets.has_letters(folder):
            letters.append(letter_sets.load_folder(folder))
    return letters, lines


def _read_photos(photos: Sequence[str]) -> tuple[list[Scan], bool]:
    """Read all photos; return what was found in each, and whether a photo failed."""
    from hello_dl.commands.errors import debugging, describe
    from hello_dl.teaching.sheet.form import KINDS
    from hello_dl.teaching.sheet.scan import scan_form

    scans: list[Scan] = []
    failed = False
    for photo in photos:
        try:
            scan = scan_form(photo)
        except (ValueError, OSError) as error:
            if debugging():
                raise
            failed = True
            click.echo(f"hello-dl: {describe(error)}", err=True)
            continue
        states = [box.state for box in scan.boxes] + [line.state for line in scan.lines]
        count = {state: states.count(state) for state in ("written", "empty", "doubtful")}
        click.echo(
            f"{photo}: {KINDS[scan.code.kind][0]}, page {scan.code.page} of {scan.code.pages}: "
            + ", ".join(f"{n} {state}" for state, n in count.items() if n)
        )
        scans.append(scan)
    return scans, failed


def _from_boxes(boxes: list[Filled], contact: Path, yes: bool) -> Images:
    """Draw what was found in the boxes for letters, ask about doubtful ones, and return the letters."""
    from hello_dl.teaching.letter_sets import contact_sheet, to_images

    save_picture(contact_sheet(boxes), contact)
    click.echo(f"What was found: {contact}")
    boxes = _ask_about_doubtful(boxes, yes)
    save_picture(contact_sheet(boxes), contact)
    kept = [box for box in boxes if box.state == "written"]
    if not kept:
        raise ValueError("all boxes are empty or crossed out; write the letters into them first")
    return to_images([b.glyph for b in kept], [b.slot.char for b in kept], "sheets")


def _ask_about_doubtful(boxes: list[Filled], yes: bool) -> list[Filled]:
    """Ask about each box that looks crossed out; return the boxes, with those accepted marked as written."""
    doubtful = [i for i, box in enumerate(boxes) if box.state == "doubtful"]
    if doubtful and yes:
        click.echo(f"{len(doubtful)} boxes look crossed out and are left out")
    for i in [] if yes else doubtful:
        click.echo(
            f"Box {i + 1}, {boxes[i].slot.char}, looks crossed out. Teach it all the same? [y/N] ", nl=False
        )
        sys.stdout.flush()
        if sys.stdin.readline().strip().lower() in ("y", "yes"):
            boxes[i] = replace(boxes[i], state="written")
        if not sys.stdin.isatty():
            click.echo()
    return boxes


def _teach_letters(
    parts: list[Images], name: str, weights: str, folder: Path, fresh: bool, steps: int | None, seed: int
) -> None:
    """Teach the letters, and those that NAME was taught before; keep all under the name."""
    from tqdm import tqdm

    from hello_dl.teaching.keep import STEPS, keep_letters, steps_of_letters
    from hello_dl.teaching.letter_sets import join, load_letters
    from hello_dl.weights import read_header

    _check_weights(weights)
    known = None if fresh else load_letters(folder / name)
    if known is not None:
        click.echo(f"{len(known)} letters of {name} from before")
        parts.insert(0, known)
    letters = join(parts)
    steps = steps or STEPS
    classes = read_header(weights).classes
    dropped = letters.only(classes).dropped
    left_out = f", {dropped} left out: not among the characters of {weights}" if dropped else ""
    click.echo(f"Teaching {weights} {len(letters) - dropped} letters{left_out} ...")
    with tqdm(total=steps_of_letters(steps), unit="step", disable=None) as bar:
        taught, _ = keep_letters(
            letters, name, folder, start=weights, steps=steps, seed=seed, on_step=lambda *_: bar.update(1)
        )
    _report(taught, name, folder)


def _report(taught: Taught, name: str, folder: Path) -> None:
    """Print accuracies before and after, and where the weights are."""
    click.echo(f"Your letters: {taught.own_before:.1%} right before", nl=False)
    if taught.own_after is None:
        click.echo("; too few of each to say how many after")
    else:
        click.echo(f", {taught.own_after:.1%} after (each letter judged by a network taught without it)")
    click.echo(f"Letters by others: {taught.others_before:.1%} before, {taught.others_after:.1%} after")
    if taught.kept < 1:
        click.echo(
            f"Went {taught.kept:.0%} of the way: any further, and others' letters would have suffered."
        )
    click.echo(f"Saved as {folder / name}.safetensors; use it: hello-dl read PICTURE --weights {name}")
