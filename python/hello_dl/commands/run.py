"""`hello-dl run`: runs a program that was written for PyTorch, unchanged, with hello_dl in torch's place."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from hello_dl.commands import options

if TYPE_CHECKING:  # the command starts faster without it
    from hello_dl.pytorch.check import Use


@click.command(
    short_help="Run a program that was written for PyTorch.",
    context_settings={"allow_interspersed_args": False},
)
@click.option("--check", is_flag=True, help="Only list the names of PyTorch that the program uses.")
@options.threads
@click.argument("program", metavar="PROGRAM.py", type=options.PATH)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def run(check: bool, program: Path, arguments: tuple[str, ...]) -> None:
    """Run a program that was written for PyTorch, with hello_dl in torch's place.

    PROGRAM.py may also be a notebook, NAME.ipynb. All that follows it is given to the program. Names of
    PyTorch that hello_dl does not have are listed first. The exit code is the program's own; with --check it
    is 1 if a name is missing.
    """
    from hello_dl.pytorch import run_program, uses

    if not program.is_file():
        raise click.UsageError(f"there is no file {program}")
    try:
        found = uses(program)
    except SyntaxError:
        found = []  # running it shows the error as Python does
        if check:
            raise click.UsageError(f"{program}: is no program in this version of Python") from None
    missing = [use for use in found if not use.is_here]
    if check:
        _list(found)
        raise click.exceptions.Exit(1 if missing else 0)
    for use in missing:
        click.echo(f"hello-dl: {use.message}", err=True)
    code = run_program(program, arguments)
    if code:
        raise click.exceptions.Exit(code)


def _list(found: list[Use]) -> None:
    """Print each name of PyTorch, the lines where it is used, and whether it is missing."""
    for use in found:
        lines = ", ".join(map(str, use.lines[:8])) + (", ..." if len(use.lines) > 8 else "")
        click.echo(f"{'' if use.is_here else 'MISSING '}{use.name}  ({use.path.name}: {lines})")
    missing = [use for use in found if not use.is_here]
    for use in missing:
        click.echo(use.message)
    names = len({use.name for use in found})
    click.echo(f"{names} names of PyTorch, {len({use.name for use in missing})} of them missing")
