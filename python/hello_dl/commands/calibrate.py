"""`hello-dl calibrate`: calibrates a network's probabilities, and chooses a threshold for "I don't know"."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

from hello_dl.commands import options
from hello_dl.commands.printing import choice_line
from hello_dl.files import check_file

PRECISION = click.FloatRange(0, 1, min_open=True)


@click.command(short_help="Calibrate a network's probabilities, and let it say \"I don't know\".")
@click.argument("weights")
@options.data(required=True)
@options.value(
    "--precision", type=PRECISION, default=0.99, help="Share of the answers given that has to be right."
)
@click.option(
    "--flag",
    type=options.SHARE,
    default=0.0,
    help="Share of noise, of specks and of blank images that has to stay without an answer.",
)
@options.out("FILE", "Where to write the weights with temperature and threshold (default: back to WEIGHTS).")
@options.seed
@options.threads
def calibrate(
    weights: str, sources: tuple[str, ...], precision: float, flag: float, out: Path | None, seed: int
) -> None:
    """Fit the temperature of the network in the file WEIGHTS, and choose its threshold.

    The data must not be those it has learned from. All scores are divided by the temperature, so that nine in
    ten of the answers with a probability of 90 % are right. An answer with a probability below the threshold
    counts as "I don't know". Both numbers are stored in the file.
    """
    from hello_dl import weights as files
    from hello_dl.evaluation import Classifier, calibration, robustness
    from hello_dl.evaluation.robustness import measure

    path = files.find(weights)
    if out is None and files.is_bundled(path):
        raise click.BadParameter(
            f"the bundled {weights} stays as it is; name another file", param_hint="--out"
        )
    out = check_file(path if out is None else out)
    classifier = Classifier.load(path)
    data = options.load_data(sources, "--data", classes=classifier.classes, split="test", seed=seed)
    before = measure(classifier, data)
    temperature = calibration.calibrate(classifier.model, data, classifier.header.normalisation)
    classifier.header = replace(classifier.header, temperature=temperature, threshold=None)
    after = measure(classifier, data)
    least = robustness.threshold_against_noise(classifier, flag, seed) if flag else 0.0
    choice = calibration.choose_threshold(after.confidence, after.right, precision, least)
    notes = {**classifier.header.notes, "precision": precision}
    files.annotate(path, out, temperature=temperature, threshold=choice.threshold, notes=notes)
    click.echo(
        f"temperature {temperature:.4f}: the network was too {'sure' if temperature > 1 else 'modest'}"
    )
    click.echo(
        f"calibration error on {after.n} images {before.calibration_error:.2%},"
        f" now {after.calibration_error:.2%}"
    )
    click.echo(
        f"threshold {choice.threshold:.2%}: {choice_line(choice)}; all answers: {after.accuracy:.2%} right"
    )
    click.echo(f"saved in {out}")
