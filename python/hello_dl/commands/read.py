"""`hello-dl read`: reads pictures of handwriting, and prints their text or makes documents of them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hello_dl.commands import options
from hello_dl.commands.formats import FORMATS, Text, note, output
from hello_dl.files import check_file, make_folder, save_picture

if TYPE_CHECKING:
    from hello_dl.reading import Page, PageReader, Reader
    from hello_dl.reading.documents import Scan

PICTURES = (".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff")  # endings of the pictures that --out writes
CONTEXT = "read with context: neighbours decided between letters that look alike (--context off: never)"
DOUBTFUL = (
    "most words are uncertain; teach this hand: print `hello-dl sheet --set sentences`, write on it, and give"
    " its photo to `hello-dl teach`"
)
NOTHING = "found nothing written; is the writing sharp, and at least 15 pixels high?"

Job = tuple[
    Path | None, list[tuple["Scan", Path | None]]
]  # a document to write, if any; pictures, and drawings


@click.command(short_help="Read the handwriting in pictures and PDFs.")
@click.argument("pictures", metavar="PICTURE...", nargs=-1, required=True)
@options.value(
    "--weights",
    "-w",
    default="lines",
    metavar="WEIGHTS",
    help="lines reads whole lines, joined or not; letters, digits, characters, or a file as `hello-dl train` "
    "writes it, read what is written letter by letter.",
)
@options.choice(
    "--to", "kind", choices=FORMATS, help="What to make of it (default: text); pdf is searchable."
)
@options.out(
    "PATH",
    "With --to pdf: the PDF of all pages, or a folder for NAME-read.pdf of each file. Otherwise: the picture "
    "with what was read; for several pictures, a folder for NAME-read.png.",
)
@options.json(
    "The same as --to json: a line for each page: lines, words, characters with box and best guesses."
)
@options.choice(
    "--context",
    choices=["auto", "on", "off"],
    default="auto",
    help="Let neighbours decide between letters that look alike; auto: where the text looks like words.",
)
@click.option(
    "--guess", is_flag=True, help="Print the best guess of words that are hard to read, instead of [?]."
)
@click.option(
    "--printed/--no-printed",
    default=None,
    help="Keep printed words beside handwriting, or leave them out (default: keep them in hocr and pdf).",
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
    kind: str | None,
    out: Path | None,
    as_json: bool,
    context: str,
    guess: bool,
    printed: bool | None,
    lexicon: Path | None,
    steps: Path | None,
) -> None:
    """Read the handwriting in each PICTURE (JPEG, PNG, TIFF, HEIC, PDF ...) and print it as text.

    Of a folder all pictures and PDFs in it are read, of a PDF or TIFF all pages. After a picture that cannot
    be read the others follow, and the exit code is 1. Notes on a picture, such as that it was turned, are
    printed to stderr.
    """
    from tqdm import tqdm

    from hello_dl.commands.errors import debugging, describe
    from hello_dl.reading import PageReader, reader_of
    from hello_dl.reading.documents import find_scans
    from hello_dl.reading.language.ngrams import read_lexicon

    if as_json and kind not in (None, "json"):
        raise click.UsageError(f"--json and --to {kind}: name one of them")
    kind = "json" if as_json else kind or "text"
    scans = find_scans(pictures)
    jobs = _documents(scans, out) if kind == "pdf" else [_drawings(scans, out)]
    if steps is not None:
        make_folder(steps, "--debug")
    words = read_lexicon(lexicon) if lexicon is not None else []
    reader = reader_of(weights)
    how: dict[str, Any] = {"context": context, "lexicon": words}
    if isinstance(reader, PageReader):
        how["printed"] = kind in ("hocr", "pdf") if printed is None else printed
    reading = partial(_read_one, reader, steps=steps, **how)
    several, failed = len(scans) > 1, False
    with tqdm(total=len(scans), unit="page", leave=False, disable=None if several else True) as bar:
        for target, job in jobs:
            try:
                given = output(kind, [scan for scan, _ in job], target, several=several, guess=guess)
                failed |= not _read_all(reading, job, given, bar.update)
            except (OSError, ValueError) as error:  # of a document
                if len(jobs) == 1 or debugging():
                    raise
                failed = True
                tqdm.write(f"hello-dl: {describe(error)}", file=sys.stderr)
    if failed:
        raise click.exceptions.Exit(1)


def _read_all(
    reading: Callable[[Scan, Path | None], Page],
    job: Sequence[tuple[Scan, Path | None]],
    given: Text,
    done: Callable[[], object],
) -> bool:
    """Read pictures and give what is read; return whether all could be read. `done` is called after each."""
    from tqdm import tqdm

    from hello_dl.commands.errors import debugging, describe

    all_read = True
    for scan, drawing in job:
        try:
            page = reading(scan, drawing)
        except Exception as error:
            if debugging():
                raise
            all_read = False
            message = describe(error)
            tqdm.write(f"hello-dl: {message}", file=sys.stderr)
            given.failed(scan, message)
        else:
            for said in [*page.notes, *([CONTEXT] if page.context and page.is_by_letters else [])]:
                note(scan.name, said)
            if page.is_doubtful:
                note(scan.name, DOUBTFUL)
            given.page(scan, page)
        done()
    given.end()
    return all_read


def _read_one(
    reader: Reader | PageReader, scan: Scan, drawing: Path | None, *, steps: Path | None, **how: Any
) -> Page:
    """Read one picture and draw what was read into the file `drawing`.

    Raises ValueError if nothing is written; of a file of several pages some may be blank, which is noted.
    """
    from dataclasses import replace

    from hello_dl.reading import annotate
    from hello_dl.reading.debug_pictures import Steps

    picture = scan.picture()
    trace = None if steps is None else Steps(steps, scan.stem)
    page = reader.read(picture, **how) if trace is None else reader.read(picture, trace=trace, **how)
    if not page.lines:
        if scan.pages == 1:
            raise ValueError(f"{scan.name}: {NOTHING}")
        page = replace(page, notes=(*page.notes, NOTHING))
    if drawing is not None or trace is not None:
        drawn = annotate(picture, page)
        if drawing is not None:
            save_picture(drawn, drawing)
        if trace is not None:
            trace.save("read", drawn)
    return page


def _drawings(scans: Sequence[Scan], out: Path | None) -> Job:
    """Return pictures with the path of the drawing of each, after checking that it can be written."""
    if out is None:
        return None, [(scan, None) for scan in scans]
    _check_kept(scans, out)
    hint = "; a searchable PDF needs --to pdf" if out.suffix.lower() == ".pdf" else ""
    if len(scans) == 1:
        if out.suffix.lower() not in PICTURES and not out.is_dir():
            raise click.BadParameter(
                f"{out}: needs a name that ends in {', '.join(PICTURES)}{hint}", param_hint="--out"
            )
        return None, [(scans[0], check_file(out))]
    if out.suffix.lower() in (*PICTURES, ".pdf") and not out.is_dir():
        raise click.BadParameter(f"{out}: for {len(scans)} pictures, name a folder{hint}", param_hint="--out")
    make_folder(out)
    return None, list(zip(scans, _names(out, [scan.stem for scan in scans], ".png"), strict=True))


def _documents(scans: Sequence[Scan], out: Path | None) -> list[Job]:
    """Return the PDFs to write and the pictures for each, after checking that they can be written."""
    if out is None:
        raise click.UsageError("--to pdf needs --out: a name that ends in .pdf, or a folder")
    _check_kept(scans, out)
    if out.suffix.lower() == ".pdf" and not out.is_dir():
        return [(check_file(out), [(scan, None) for scan in scans])]
    if out.suffix and not out.is_dir():
        raise click.BadParameter(f"{out}: needs a name that ends in .pdf, or a folder", param_hint="--out")
    make_folder(out)
    files = [list(group) for _, group in groupby(scans, key=lambda scan: scan.path)]
    targets = _names(out, [Path(group[0].path).stem for group in files], ".pdf")
    return [(target, [(scan, None) for scan in group]) for target, group in zip(targets, files, strict=True)]


def _check_kept(scans: Sequence[Scan], out: Path) -> None:
    """Raise click.BadParameter if `out` is one of the files to be read."""
    if any(Path(scan.path).exists() and out.exists() and out.samefile(scan.path) for scan in scans):
        raise click.BadParameter(f"{out}: would replace the picture; choose another name", param_hint="--out")


def _names(folder: Path, stems: Sequence[str], ending: str) -> list[Path]:
    """Return a file STEM-read in a folder for each stem, all different, all checked to be writable."""
    files: list[Path] = []
    for stem in stems:
        name, number = f"{stem}-read", 1
        while (file := folder / f"{name}{'' if number == 1 else f'-{number}'}{ending}") in files:
            number += 1
        files.append(check_file(file))
    return files
