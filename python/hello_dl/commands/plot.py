"""`hello-dl plot`: draws what a run log or a study holds."""

from __future__ import annotations

from pathlib import Path

import click

from hello_dl.commands import options


@click.command(short_help="Draw what happened inside: losses, mistakes, weights, gradients, filters.")
@click.argument("log", metavar="RUN.sqlite|STUDY.journal", type=options.PATH)
@click.option(
    "--run", "runs", multiple=True, type=int, metavar="ID", help="Only this run; can be given several times."
)
@options.out("FOLDER", "Where the pictures go (default: RUN-plots).")
@options.count(
    "--filter", metavar="N", least=0, default=0, help="Which filter of the first layer to draw over time."
)
def plot(log: Path, runs: tuple[int, ...], out: Path | None, filter: int) -> None:
    """Draw the runs that `hello-dl train ... --log RUN.sqlite` has logged, even while they go on.

    curves.png shows all runs; the other pictures show the newest run, or each --run. Of a study of
    `hello-dl sweep` it draws all trials, and how much each setting matters. Needs matplotlib:
    pip install 'hello-dl[plot]'.
    """
    from hello_dl.plots import draw, draw_sweep
    from hello_dl.train.sweep import is_study

    out = Path(f"{log.stem}-plots") if out is None else out
    if log.is_file() and log.stat().st_size and is_study(log):
        click.echo(str(draw_sweep(log, out)))
        return
    files, missing = draw(log, out, runs, filter)
    for file in files:
        click.echo(str(file))
    for words in missing:
        click.echo(words, err=True)
