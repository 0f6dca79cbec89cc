"""`hello-dl evaluate`: how many characters of a data set a trained network gets right."""

from __future__ import annotations

import json

import click

from hello_dl.commands.common import data_option, load_data, seed_option, threads_option


@click.command(short_help="Measure a trained network on labelled data.")
@click.argument("weights", default="letters")
@data_option(required=True)
@click.option(
    "--json", "as_json", is_flag=True, help="Print n, dropped, accuracy and loss as one JSON object."
)
@seed_option
@threads_option
def evaluate(weights: str, sources: tuple[str, ...], as_json: bool, seed: int) -> None:
    """Measure the network in the file WEIGHTS (default: the bundled letters) on labelled data.

    Case does not count where the network does not know it; items of classes it does not know are dropped and
    counted. Downloaded sets give their test part, builtin other writers than in training.
    """
    from hello_dl.reading import Reader
    from hello_dl.train import evaluate

    reader = Reader.load(weights)
    data = load_data(sources, "--data", classes=reader.classes, split="test", seed=seed, progress=not as_json)
    result = evaluate(reader.model, data, normalisation=reader.header.normalisation)
    if as_json:
        numbers = {"n": result.n, "dropped": data.dropped, "accuracy": result.accuracy, "loss": result.loss}
        click.echo(json.dumps({"weights": weights, "data": list(sources), **numbers}))
        return
    click.echo(f"{result.accuracy:.2%} of {result.n} right, loss {result.loss:.4f}")
    if data.dropped:
        click.echo(f"{data.dropped} dropped: not among the network's {len(reader.classes)} classes")
