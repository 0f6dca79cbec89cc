"""What `hello-dl teach` does with lines: pages of sentences, and lines that `hello-dl label` has saved."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hello_dl.files import save_picture

if TYPE_CHECKING:
    from hello_dl.reading.lines.network import LineNetwork
    from hello_dl.teaching.lines.learn import TaughtLines
    from hello_dl.teaching.lines.line_sets import OwnLines
    from hello_dl.teaching.sheet.line_boxes import FilledLine

UNLIKE = 0.8  # share of wrong characters from which a box may hold something else than its sentence


def teach_lines(
    filled: Sequence[FilledLine],
    labelled: Sequence[OwnLines],
    name: str,
    weights: str,
    folder: Path,
    *,
    contact: Path,
    yes: bool,
    fresh: bool,
    steps: int | None,
    seed: int,
) -> None:
    """Teach the line reader WEIGHTS the lines of filled-in boxes and labelled ones; keep all under a name."""
    from tqdm import tqdm

    from hello_dl.reading.lines import network
    from hello_dl.teaching.keep import keep_lines, steps_of_lines
    from hello_dl.teaching.lines.learn import STEPS
    from hello_dl.teaching.lines.line_sets import ENDING, join, load_lines
    from hello_dl.weights import find

    parts = list(labelled)
    if filled:
        parts.append(_from_boxes(filled, network.load(find(weights)), contact, yes))
    kept = folder / f"{name}{ENDING}"
    if kept.is_file() and not fresh:
        known = load_lines(kept)
        click.echo(f"{len(known)} lines of {name} from before")
        parts.insert(0, known)
    own = join(parts)
    steps = steps or STEPS
    click.echo(f"Teaching {weights} {len(own)} line{'s' * (len(own) > 1)} ...")
    with tqdm(total=steps_of_lines(len(own), steps), unit="step", disable=None) as bar:
        taught = keep_lines(
            own, name, folder, start=weights, steps=steps, seed=seed, on_step=lambda *_: bar.update(1)
        )
    _report(taught, name, folder)


def _from_boxes(lines: Sequence[FilledLine], model: LineNetwork, contact: Path, yes: bool) -> OwnLines:
    """Draw what was found, ask about doubtful boxes, and return the lines to teach."""
    from hello_dl.teaching.lines.contact import contact_sheet
    from hello_dl.teaching.lines.line_sets import OwnLines

    lines = _ask_about_doubtful(lines, _readings(lines, model), yes)
    save_picture(contact_sheet(lines), contact)
    click.echo(f"What was found: {contact}")
    kept = [line for line in lines if line.state == "written"]
    if not kept:
        raise ValueError("all boxes are empty or crossed out; copy the sentences into them first")
    return OwnLines(tuple(line.picture for line in kept), tuple(line.slot.text for line in kept))


def _readings(lines: Sequence[FilledLine], model: LineNetwork) -> list[str]:
    """Return what the network reads in each box before it is taught."""
    from hello_dl.reading.lines.best_path import best_path
    from hello_dl.reading.lines.line_reader import LineReader

    return [best_path(answers) for answers in LineReader(model).ask([line.picture for line in lines])]


def _ask_about_doubtful(lines: Sequence[FilledLine], read: Sequence[str], yes: bool) -> list[FilledLine]:
    """Ask about each box that is crossed out or unlike its sentence; return all, with states decided."""
    from hello_dl.reading.score import edit_distance
    from hello_dl.teaching.lines.line_sets import check_line

    decided = list(lines)
    for i, (line, text) in enumerate(zip(lines, read, strict=True)):
        if line.state == "empty":
            continue
        wanted = line.slot.text
        try:
            check_line(line.picture, wanted)
        except ValueError:  # too short for its sentence: no question
            decided[i] = replace(line, state="doubtful")
            continue
        if line.state == "written" and edit_distance(wanted, text) < UNLIKE * len(wanted):
            continue
        why = "is hardly like its sentence" if line.state == "written" else "looks crossed out"
        state = "written" if not yes and _asked(f"Box {i + 1}, {wanted}: {why}.") else "doubtful"
        decided[i] = replace(line, state=state)
    if left_out := sum(line.state == "doubtful" for line in decided):
        click.echo(f"{left_out} box{'es' * (left_out > 1)} left out: crossed out, or unlike the sentence")
    return decided


def _asked(doubt: str) -> bool:
    """Ask whether to teach a box all the same."""
    click.echo(f"{doubt} Teach it all the same? [y/N] ", nl=False)
    sys.stdout.flush()
    answer = sys.stdin.readline().strip().lower()
    if not sys.stdin.isatty():
        click.echo()
    return answer in ("y", "yes")


def _report(taught: TaughtLines, name: str, folder: Path) -> None:
    """Print error rates before and after, and where the weights are."""
    click.echo(f"Your lines: {taught.own_before:.1%} of the characters wrong before", nl=False)
    if taught.own_after is None:
        click.echo("; too few lines to say how many after")
    else:
        click.echo(f", {taught.own_after:.1%} after (each line read by a network taught without it)")
    click.echo(f"Lines by others: {taught.others_before:.1%} before, {taught.others_after:.1%} after")
    click.echo(f"Saved as {folder / name}.safetensors; use it: hello-dl read PICTURE --weights {name}")
