"""`hello-dl evaluate`: measures trained networks on labelled data, clean or disturbed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from hello_dl.commands import options
from hello_dl.commands.printing import choice_line, show_table

if TYPE_CHECKING:
    from hello_dl.data import Images
    from hello_dl.evaluation import Classifier
    from hello_dl.evaluation.robustness import Flagged, Measured

MOST_SHIFT, PIXELS = 28.0, 28 * 28  # the width of an image, and its number of pixels


@click.command(short_help="Measure trained networks on labelled data, clean or disturbed.")
@click.argument("weights", nargs=-1)
@options.data(required=True)
@click.option(
    "--shift",
    type=click.FloatRange(0, MOST_SHIFT),
    default=0.0,
    help="Also with each image moved at random by up to so many pixels each way.",
)
@click.option(
    "--flip",
    type=click.IntRange(0, PIXELS),
    default=0,
    help="Also with so many random pixels of each image turned into their opposite.",
)
@click.option("--classes", "by_class", is_flag=True, help="Also a line for each class.")
@click.option(
    "--out-of-class",
    is_flag=True,
    help='Also how much of what the network does not know is flagged as "I don\'t know".',
)
@options.json("Print a line of JSON for each network instead.")
@options.seed
@options.threads
def evaluate(
    weights: tuple[str, ...],
    sources: tuple[str, ...],
    shift: float,
    flip: int,
    by_class: bool,
    out_of_class: bool,
    as_json: bool,
    seed: int,
) -> None:
    """Measure the networks in the files WEIGHTS (default: the bundled letters) on labelled data.

    Capitals count as small letters for a network that knows only these. Items of classes that it does not
    know are left out and counted. Downloaded sets give their test part, builtin other writers than in
    training. Each network is measured on the sources that have some of its classes.
    """
    from hello_dl.evaluation import Classifier, robustness

    weights = weights or ("letters",)
    classifiers = [Classifier.load(name) for name in weights]
    disturbances = robustness.disturbances(shift, flip)
    rows = []
    for name, classifier in zip(weights, classifiers, strict=True):
        data = _load_for(classifier, sources, seed, progress=not as_json)
        measured = robustness.measure(classifier, data, disturbances, seed)
        flagged = robustness.flag_unknown_images(classifier, measured, seed) if out_of_class else None
        if as_json:
            numbers = _numbers(classifier, data, measured, flagged, by_class)
            click.echo(json.dumps({"weights": name, "data": list(sources), **numbers}))
            continue
        rows.append(_row(name, measured))
        if len(weights) == 1:
            _print_summary(classifier, data, measured)
        elif flagged or by_class:
            click.echo(f"\n{name}")
        if by_class:
            _print_classes(classifier.classes, measured)
        if flagged:
            _print_flagged(*flagged)
    if not as_json and (len(weights) > 1 or disturbances):
        click.echo()
        lost = ["lost"] if disturbances else []
        show_table(["", "n", "clean", *disturbances, *lost, "loss", "calibration error"], rows)


def _load_for(classifier: Classifier, sources: Sequence[str], seed: int, progress: bool) -> Images:
    """Load the sources that have some of a network's classes. Raises NoneLeft if none of them has."""
    from hello_dl.data import NoneLeft, concatenate

    parts, missed = [], None
    for source in sources:
        try:
            parts.append(
                options.load_data(
                    (source,),
                    "--data",
                    classes=classifier.classes,
                    split="test",
                    seed=seed,
                    progress=progress,
                )
            )
        except NoneLeft as error:
            missed = error
    if missed is not None and not parts:
        raise missed
    return concatenate(parts)


def _numbers(
    classifier: Classifier,
    data: Images,
    measured: Measured,
    flagged: tuple[float, list[Flagged]] | None,
    by_class: bool,
) -> dict[str, Any]:
    """Return what --json prints about one network."""
    given = measured.given
    numbers: dict[str, Any] = {
        "n": measured.n,
        "dropped": data.dropped,
        "accuracy": measured.accuracy,
        "loss": measured.loss,
        "calibration_error": measured.calibration_error,
        "temperature": classifier.header.temperature,
        "threshold": classifier.header.threshold,
        "answered": None if given is None else given.answered,
        "precision": None if given is None else given.precision,
        "disturbed": measured.disturbed,
    }
    if by_class:
        numbers["classes"] = {
            name: {"n": int(row.sum()), "right": int(row[i])}
            for i, (name, row) in enumerate(zip(classifier.classes, measured.confusion, strict=True))
        }
    if flagged is not None:
        threshold, kinds = flagged
        numbers["out_of_class"] = {"threshold": threshold, "kinds": [vars(kind) for kind in kinds]}
    return numbers


def _row(name: str, measured: Measured) -> list[str]:
    """Return the line of the table about one network."""
    disturbed = list(measured.disturbed.values())
    lost = [f"{100 * (measured.accuracy - disturbed[-1]):.2f} points"] if disturbed else []
    shares = [f"{share:.2%}" for share in (measured.accuracy, *disturbed)]
    return [
        name,
        str(measured.n),
        *shares,
        *lost,
        f"{measured.loss:.4f}",
        f"{measured.calibration_error:.2%}",
    ]


def _print_summary(classifier: Classifier, data: Images, measured: Measured) -> None:
    """Print the results of one network in sentences."""
    click.echo(f"{measured.accuracy:.2%} of {measured.n} right, loss {measured.loss:.4f}")
    if data.dropped:
        click.echo(f"{data.dropped} dropped: not among the network's {len(classifier.classes)} classes")
    click.echo(
        f"calibration error {measured.calibration_error:.2%}"
        f" at temperature {classifier.header.temperature:.3g}"
    )
    if (given := measured.given) is not None:
        click.echo(f"{choice_line(given)} (confidence from {given.threshold:.2%} on)")


def _print_classes(classes: tuple[str, ...], measured: Measured) -> None:
    """Print for each class the share that is right, and its most frequent wrong answer."""
    rows = []
    for i, (name, row) in enumerate(zip(classes, measured.confusion, strict=True)):
        if n := int(row.sum()):
            others = row.copy()
            others[i] = 0
            worst = int(others.argmax())
            taken = f"{classes[worst]} ({others[worst]})" if others[worst] else ""
            rows.append([name, str(n), f"{row[i] / n:.1%}", taken])
    click.echo()
    show_table(["class", "n", "right", "mostly taken for"], rows)


def _print_flagged(threshold: float, kinds: list[Flagged]) -> None:
    """Print how much of each kind of unknown images is flagged."""
    click.echo(f"\nwhat the network does not know, flagged below a confidence of {threshold:.2%}:")
    rows = [[m.kind, str(m.n), f"{m.flagged:.1%}", f"{m.auroc:.3f}", " ".join(m.taken_for)] for m in kinds]
    show_table(["", "n", "flagged", "AUROC", "seen in it"], rows)
