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
    from hello_dl.teaching.sheet.boxes import Filled


@click.command(short_help="Teach the network your own handwriting, from photos of filled-in sheets.")
@click.argument("photos", metavar="PHOTO...", nargs=-1)
@click.option(
    "--name", "-n", required=True, help="Name of the new weights; `hello-dl read --weights NAME` uses them."
)
@options.weights
@options.path(
    "--labelled",
    multiple=True,
    metavar="FOLDER",
    help="Also teach the letters that `hello-dl label` has saved there.",
)
@click.option("--yes", "-y", is_flag=True, help="Ask nothing; leave out boxes that look crossed out.")
@click.option("--fresh", is_flag=True, help="Forget the letters that NAME was taught before.")
@options.path(
    "--contact",
    metavar="PNG",
    help="Where to draw what was found in the boxes (default: NAME-boxes.png).",
)
@options.count("--steps", default=200, help="Training steps.")
@options.seed
@options.threads
@click.pass_context
def teach(
    context: click.Context,
    photos: tuple[str, ...],
    name: str,
    weights: str,
    labelled: tuple[Path, ...],
    yes: bool,
    fresh: bool,
    contact: Path | None,
    steps: int,
    seed: int,
) -> None:
    """Teach a network your own handwriting, from PHOTOs of the sheets that `hello-dl sheet` makes.

    Training starts from WEIGHTS. The result is kept under NAME, with the letters, so that more photos can be
    added later. Letters by other writers are mixed in, so that the network still reads these.
    """
    from hello_dl.teaching.letter_sets import join, load_folder, load_letters, save_letters
    from hello_dl.weights import read_header, user_folder

    _check_name(name)
    if not photos and not labelled:
        raise click.UsageError("name at least one PHOTO, or --labelled FOLDER")
    if not read_header(weights).classes:  # before the photos are read
        raise ValueError(f"{weights}: does not say which characters it knows; save it with classes=...")
    contact = check_file(Path(f"{name}-boxes.png") if contact is None else contact, "--contact")
    if contact.suffix.lower() != ".png":
        raise click.BadParameter(f"{contact}: needs a name that ends in .png", param_hint="--contact")
    folder = make_folder(user_folder(), "HELLO_DL_DATA")
    parts = [load_folder(path) for path in labelled]
    from_photos, failed = _read_photos(photos, contact, yes)
    parts += [from_photos] if from_photos is not None else []
    if not parts:
        context.exit(1)
    known = None if fresh else load_letters(folder / name)
    if known is not None:
        click.echo(f"{len(known)} letters of {name} from before")
        parts.insert(0, known)
    letters = join(parts)
    taught = _teach(letters, name, weights, folder / f"{name}.safetensors", steps, seed)
    save_letters(folder / name, letters)
    _report(taught, name, folder)
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


def _read_photos(photos: Sequence[str], contact: Path, yes: bool) -> tuple[Images | None, bool]:
    """Read all photos and ask about doubtful boxes; return the letters, and whether a photo failed."""
    from hello_dl.commands.errors import debugging, describe
    from hello_dl.teaching.letter_sets import contact_sheet, to_images
    from hello_dl.teaching.sheet.form import KINDS
    from hello_dl.teaching.sheet.scan import scan_form

    boxes: list[Filled] = []
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
        count = {
            state: sum(b.state == state for b in scan.boxes) for state in ("written", "empty", "doubtful")
        }
        click.echo(
            f"{photo}: {KINDS[scan.code.kind][0]}, page {scan.code.page} of {scan.code.pages}: "
            + ", ".join(f"{n} {state}" for state, n in count.items() if n)
        )
        boxes += scan.boxes
    if not boxes:
        return None, failed
    save_picture(contact_sheet(boxes), contact)
    click.echo(f"What was found: {contact}")
    boxes = _ask_about_doubtful(boxes, yes)
    save_picture(contact_sheet(boxes), contact)
    kept = [box for box in boxes if box.state == "written"]
    if not kept:
        raise ValueError("all boxes are empty or crossed out; write the letters into them first")
    return to_images([b.glyph for b in kept], [b.slot.char for b in kept], "sheets"), failed


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


def _teach(letters: Images, name: str, weights: str, target: Path, steps: int, seed: int) -> Taught:
    """Teach the network the letters that are among its classes, and save it."""
    from tqdm import tqdm

    from hello_dl import weights as files
    from hello_dl.teaching.learn import FOLDS, Teacher

    path = files.find(weights)
    model, header = files.load(path)
    own = letters.only(header.classes)
    left_out = f", {own.dropped} left out: not among the characters of {weights}" if own.dropped else ""
    click.echo(f"Teaching {weights} {len(own)} letters{left_out} ...")
    teacher = Teacher(model, header, seed, steps)
    with tqdm(total=(FOLDS + 1) * steps, unit="step", disable=None) as bar:
        taught = teacher.teach(own, lambda _: bar.update(1))
    kept = ("classes", "merged", "normalisation", "step", "accuracy", "temperature", "threshold")
    about = {"name": name, "letters": len(own), "steps": steps, "kept": taught.kept, "from": path.name}
    notes = {**header.notes, "taught": about}
    files.save(target, model, seed=seed, **{field: getattr(header, field) for field in kept}, **notes)
    return taught


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
