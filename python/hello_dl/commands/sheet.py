"""`hello-dl sheet`: makes a form to fill in by hand, from which `hello-dl teach` learns."""

from __future__ import annotations

from pathlib import Path

import click

from hello_dl.commands import options
from hello_dl.files import check_file


@click.command(short_help="Make a form to write letters or sentences into, for `teach`.")
@options.out("PDF", "The file to print.", "sheet.pdf")
@options.choice(
    "--set",
    "set_",
    choices=["letters", "digits", "characters", "sentences"],
    default="characters",
    help="letters: small ones and capitals, a page each; digits; characters, all three pages; or sentences "
    "to copy, for the reader of whole lines.",
)
@options.choice("--paper", choices=["A4", "letter"], default="A4", help="To print it on.")
@options.value("--copies", type=click.IntRange(1, 20), default=1, help="Of each page; more teach more.")
def sheet(out: Path, set_: str, paper: str, copies: int) -> None:
    """Make a form (PDF) with boxes for every character, or for sentences to copy (--set sentences).

    Print it at its real size, fill it in as you always write, photograph each page with its four corner
    marks, and teach: hello-dl teach PHOTO... --name me
    """
    from hello_dl.files import write_aside
    from hello_dl.teaching.sheet.code import PageCode
    from hello_dl.teaching.sheet.form import SETS, draw_form

    if out.suffix.lower() != ".pdf":
        raise click.BadParameter(f"{out}: needs a name that ends in .pdf", param_hint="--out")
    check_file(out)
    kinds = [kind for kind in SETS[set_] for _ in range(copies)]
    pages = [draw_form(PageCode(kind, i, len(kinds)), paper) for i, kind in enumerate(kinds, 1)]
    with write_aside(out) as file:
        pages[0].save(
            file,
            "PDF",
            save_all=True,
            append_images=pages[1:],
            resolution=200,
            quality=90,
            title="hello-dl sheet",
        )
    click.echo(f"{out}: {len(pages)} page{'s' * (len(pages) > 1)} of {paper}")
    click.echo("Print, fill in, photograph each page, then: hello-dl teach PHOTO... --name me")
