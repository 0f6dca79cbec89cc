"""`hello-dl splice`: trains networks on splice junctions, cross-validates them, and searches new DNA."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hello_dl.commands import options
from hello_dl.files import check_file

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from hello_dl import dna


@click.command(short_help="Find splice junctions in DNA (chapter 9).")
@click.argument("data", required=False, type=options.PATH)
@options.count("--folds", "-k", least=0, default=10, help="Parts for the cross-validation; 0: none.")
@options.choice("--model", choices=["gru", "conv", "both"], default="both", help="Which networks.")
@options.count("--members", default=2, help="Networks of each kind.")
@options.count("--epochs", "-e", help="Passes over the data (default: 15).")
@options.choice(
    "--group",
    choices=["sequence", "gene"],
    default="sequence",
    help="Which sequences stay in one part: equal ones, or also those of one gene.",
)
@options.out("WEIGHTS", "Learn from all of DATA, and save that.")
@options.path("--picture", metavar="PNG", help="Draw which bases decide, beside what is known.")
@options.path("--weights", "-w", metavar="WEIGHTS", help="Use these networks, train none.")
@options.path("--predict", "-p", metavar="FASTA", help="Find junctions in these sequences.")
@options.value(
    "--threshold",
    type=options.SHARE,
    default=0.9,
    help="How probable a junction in a long sequence must be to be shown.",
)
@options.json("Print the result as one JSON object, in the last line.")
@options.checkpoints
@options.seed
@options.threads
@click.pass_context
def splice(
    context: click.Context,
    data: Path | None,
    folds: int,
    model: str,
    members: int,
    epochs: int | None,
    group: str,
    out: Path | None,
    picture: Path | None,
    weights: Path | None,
    predict: Path | None,
    threshold: float,
    as_json: bool,
    checkpoint: Path | None,
    every: float,
    resume: bool,
    seed: int,
) -> None:
    """Classify the middle of DNA sequences: donor (EI: exon, then intron), acceptor (IE) or neither (N).

    DATA is UCI's splice.data, or FASTA with the words EI, IE or N after the names. It is cut into folds; each
    is predicted by networks that learned from all others, and confusion matrices are printed.

    With --predict, networks that --out saved give three probabilities for each sequence of their length, and
    search for junctions in longer ones.
    """
    if predict is not None:
        if weights is None or data is not None:
            raise click.UsageError("--predict FASTA needs --weights WEIGHTS, and no DATA", context)
        _predict(predict, weights, threshold, as_json)
        return
    if data is None:
        raise click.UsageError("needs DATA, or --predict FASTA with --weights WEIGHTS", context)
    if folds == 1:
        raise click.BadParameter("needs 2 or more parts, or 0 for none, got 1", context, param_hint="--folds")
    if weights is not None and out is not None:
        raise click.UsageError("--out saves what is learned, but --weights learns nothing", context)
    options.check_checkpoint(checkpoint, resume)
    _check_outputs(out, picture)
    from hello_dl import dna
    from hello_dl.train import Checkpoint

    sequences = dna.read(data)
    x, y = dna.training_set(sequences)
    _describe(sequences)
    result: dict[str, Any] = {"data": str(data), "n": len(y), "different": len(set(sequences.texts))}
    kinds = [kind for kind in dna.KINDS if model in (kind, "both") for _ in range(members)]
    ensemble, accuracy, trained = None, None, dna.Trained()
    if checkpoint is not None:  # it is written whenever a network has been trained
        known = {"networks": kinds, "epochs": epochs, "seed": seed, "folds": folds, "group": group}
        trained.checkpoint = Checkpoint(
            checkpoint, settings=known, data={"sequences": (x, y)}, every=every, resume=resume
        )
        trained.checkpoint.keep(trained=trained)
    if weights is not None:
        ensemble = dna.load(weights)
        result["networks"] = {weights.name: _report(weights.name, y, dna.classify(ensemble, x))}
    elif folds:
        fold = dna.folds(y, dna.groups(sequences, group), folds, seed)
        say = _say_fold(y, fold)
        found = dna.cross_validate(x, y, fold, kinds, epochs=epochs, seed=seed, on_fold=say, trained=trained)
        result["networks"] = {name: _report(name, y, p) for name, p in found.items()}
        accuracy = result["networks"][model]["accuracy"]
    if ensemble is None and (out or picture):
        ensemble = dna.train(x, y, kinds, epochs=epochs, seed=seed, trained=trained)
    if out is not None and ensemble is not None:
        dna.save(out, ensemble, seed=seed, accuracy=accuracy, trained_on=data.name)
        click.echo(f"saved {len(kinds)} networks, trained on all {len(y):,} sequences, in {out}")
    if picture is not None and ensemble is not None:
        _draw(ensemble, x, y, picture)
    if as_json:
        click.echo(json.dumps(result))


def _check_outputs(out: Path | None, picture: Path | None) -> None:
    """Check before the work that its results can be written. Raises OSError or ImportError if not."""
    if out is not None:
        check_file(out)
    if picture is not None:
        from hello_dl.dna.drawing import need_matplotlib

        need_matplotlib()
        if picture.suffix.lower() not in (".png", ".svg", ".pdf"):
            raise click.BadParameter(
                f"{picture}: needs a name that ends in .png, .svg or .pdf", param_hint="--picture"
            )
        check_file(picture, "--picture")


def _describe(sequences: dna.Sequences) -> None:
    """Print how many sequences there are, of which classes, and how many of them differ."""
    from hello_dl import dna

    counts = [f"{int((sequences.labels == i).sum()):,} {name}" for i, name in enumerate(dna.CLASSES)]
    different = len(set(sequences.texts))
    click.echo(f"{len(sequences):,} sequences of {len(sequences.texts[0])} bases: {', '.join(counts)};")
    click.echo(f"{different:,} of them are different, and equal ones are always in one fold")


def _say_fold(y: NDArray[np.int64], fold: NDArray[np.int64]) -> Any:
    """Return a function that prints the accuracy on a fold."""

    def say(k: int, found: dict[str, NDArray[np.float32]]) -> None:
        here = fold == k
        right = [f"{name} {(p[here].argmax(axis=1) == y[here]).mean():.2%}" for name, p in found.items()]
        click.echo(f"fold {k + 1} of {fold.max() + 1}: {', '.join(right)} of {here.sum()} right")

    return say


def _report(name: str, y: NDArray[np.int64], p: NDArray[np.float32]) -> dict[str, Any]:
    """Print the confusion matrix with precision and recall, and return them as data for JSON."""
    from hello_dl import dna

    table = dna.confusion(y, p)
    precision, recall = dna.precision_recall(table)
    accuracy = float(table.trace() / table.sum())
    click.echo(f"\n{name}: {accuracy:.2%} of {len(y):,} right")
    click.echo("      taken for " + "".join(f"{taken:>7}" for taken in dna.CLASSES) + "   precision  recall")
    for i, true in enumerate(dna.CLASSES):
        counts = "".join(f"{n:7}" for n in table[i])
        click.echo(f"{'is ' + true:>15} {counts}   {precision[i]:9.2%}  {recall[i]:.2%}")
    return {
        "accuracy": accuracy,
        "confusion": table.tolist(),
        "precision": precision.tolist(),
        "recall": recall.tolist(),
    }


def _draw(ensemble: dna.Ensemble, x: NDArray[np.float32], y: NDArray[np.int64], picture: Path) -> None:
    """Print and draw which bases the networks take for a sign of a donor and of an acceptor."""
    from hello_dl import dna
    from hello_dl.files import write_aside

    weights = {}
    for name in dna.CONSENSUS:
        label = dna.CLASSES.index(name)
        weights[name] = dna.saliency(ensemble, x[y == label], label)
        letters, known, agree = dna.read_out(weights[name], label)
        click.echo(f"{name}: what speaks for it {letters}, known {known}: {agree} of {len(known) - 1} agree")
    with write_aside(picture) as file:
        dna.draw(weights).savefig(file, format=picture.suffix.lower()[1:])
    click.echo(f"drew which bases decide in {picture}")


def _predict(fasta: Path, weights: Path, threshold: float, as_json: bool) -> None:
    """Print the probabilities of sequences of the networks' length, and the junctions in longer ones."""
    from dataclasses import asdict

    from hello_dl import dna

    ensemble = dna.load(weights)
    sequences = dna.read(fasta)
    short = [
        name
        for name, text in zip(sequences.names, sequences.texts, strict=True)
        if len(text) < ensemble.length
    ]
    if short:
        raise ValueError(
            f"{fasta}: {short[0]} is too short; these networks need at least {ensemble.length} bases"
        )
    results: list[dict[str, Any]] = []
    for name, text in zip(sequences.names, sequences.texts, strict=True):
        if len(text) == ensemble.length:
            p = dna.classify(ensemble, dna.one_hot([text]))[0]
            row = {kind: float(number) for kind, number in zip(dna.CLASSES, p, strict=True)}
            results.append({"name": name, "probabilities": row})
            click.echo(f"{name}: " + "  ".join(f"{kind} {number:.4f}" for kind, number in row.items()))
        else:
            junctions = dna.search(ensemble, text, threshold, progress=True)
            results.append({"name": name, "junctions": [asdict(junction) for junction in junctions]})
            click.echo(f"{name}: {len(junctions)} junctions in {len(text):,} bases")
            for j in junctions:
                click.echo(f"{j.position:10} {j.kind} {j.probability:.4f}  {j.around}")
    if as_json:
        click.echo(json.dumps({"weights": str(weights), "sequences": results}))
