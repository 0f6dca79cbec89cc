"""`hello-dl train`: learn digits, letters or both from labelled images, and keep the weights."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hello_dl.commands.common import check_file, data_option, load_data, seed_option, threads_option

if TYPE_CHECKING:
    from hello_dl import nn
    from hello_dl.data import Images
    from hello_dl.train import Epoch

TASKS = {"digits": "digits", "letters": "letters26", "characters": "byclass62"}  # and their class codes
MODELS = ("digits_mlp", "letters_cnn")
DEFAULT_DATA = "builtin:60000"
KEPT_BACK = 0.1  # of the data, for validation, where none is given
UNEVEN = 2.0  # a class with this many times the items of another: then all are drawn equally often


@click.command(short_help="Train a network on labelled images.")
@click.argument("task", metavar="{digits|letters|characters}", type=click.Choice(sorted(TASKS)))
@data_option()
@click.option(
    "--validation",
    multiple=True,
    metavar="SOURCE",
    help="Data to judge each epoch by (default: a tenth of the training data is kept back).",
)
@click.option(
    "--out",
    "-o",
    metavar="WEIGHTS",
    type=click.Path(path_type=Path),
    help="Where to save the weights (default: digits.safetensors and so on).",
)
@click.option(
    "--epochs", "-e", type=click.IntRange(1), default=5, show_default=True, help="Passes over the data."
)
@click.option(
    "--batch-size", "-b", type=click.IntRange(1), default=64, show_default=True, help="Images a step."
)
@click.option(
    "--lr",
    type=click.FloatRange(0, min_open=True),
    default=2e-3,
    show_default=True,
    help="Highest learning rate (Adam; rises, then falls to 0).",
)
@click.option(
    "--model",
    "model_name",
    type=click.Choice(MODELS),
    help="The network (default: digits_mlp for digits, else letters_cnn).",
)
@click.option(
    "--augment/--no-augment",
    default=None,
    help="Change images at random: moved, turned, bent ... (default: for letters_cnn on data of files).",
)
@click.option(
    "--balanced/--no-balanced",
    default=None,
    help="Draw all classes equally often (default: where one has twice the items of another).",
)
@seed_option
@threads_option
def train(
    task: str,
    sources: tuple[str, ...],
    validation: tuple[str, ...],
    out: Path | None,
    epochs: int,
    batch_size: int,
    lr: float,
    model_name: str | None,
    augment: bool | None,
    balanced: bool | None,
    seed: int,
) -> None:
    """Train a network that knows digits, letters (case merged) or all characters, and save it.

    SOURCE is what `hello-dl data list` shows. Without --data the embedded generator draws 60,000 characters.
    The weights kept are those of the epoch that did best on the validation data.
    """
    import hello_dl
    from hello_dl import models
    from hello_dl.augment import HANDWRITING
    from hello_dl.train import fit, one_cycle

    out = check_file(Path(f"{task}.safetensors") if out is None else out)
    sources = sources or (DEFAULT_DATA,)
    data, judge = _load(task, sources, validation, seed)
    if model_name is None:
        model_name = "digits_mlp" if task == "digits" else "letters_cnn"
    if augment is None:
        augment = model_name == "letters_cnn" and not all(s.startswith("builtin") for s in sources)
    if balanced is None:
        balanced = _uneven(data)
    hello_dl.manual_seed(seed)
    model: nn.Module = getattr(models, model_name)(len(data.classes))
    parameters = sum(p.numel() for p in model.parameters())
    click.echo(f"{model_name}, {parameters:,} parameters, learns {len(data.classes)} classes")
    notes = [f"{len(data):,} images", f"{len(judge):,} for validation"]
    notes += [f"{data.dropped:,} dropped"] if data.dropped else []
    notes += ["augmented"] if augment else []
    notes += ["classes drawn equally often"] if balanced else []
    click.echo(", ".join(notes))
    history = fit(
        model,
        data,
        judge,
        epochs=epochs,
        batch_size=batch_size,
        lr=lr,
        schedule=one_cycle,
        seed=seed,
        augment=HANDWRITING if augment else None,
        balanced=balanced,
        save=out,
        on_epoch=show_epoch,
    )
    click.echo(f"saved epoch {history.best.epoch} in {out}")


def _load(
    task: str, sources: tuple[str, ...], validation: tuple[str, ...], seed: int
) -> tuple[Images, Images]:
    """Load training and validation data, labelled with the classes of the task."""
    from hello_dl.data import CODES

    code = TASKS[task]
    if task == "characters" and all(source.startswith("emnist-balanced") for source in sources):
        code = "balanced47"
    settings: dict[str, Any] = {"classes": CODES[code].classes, "seed": seed}
    data = load_data(sources, "--data", **settings)
    if validation:
        return data, load_data(validation, "--validation", split="test", **settings)
    if round(len(data) * KEPT_BACK) < 1:
        raise ValueError(
            f"{data.name}: {len(data)} images are too few to keep some back; add --validation SOURCE"
        )
    return data.split(1 - KEPT_BACK, seed)


def _uneven(data: Images) -> bool:
    """Whether one class has UNEVEN times the items of another, of those that there are."""
    import numpy as np

    counts = np.bincount(data.labels)
    return bool(counts.max() >= UNEVEN * counts[counts > 0].min())


def show_epoch(epoch: Epoch) -> None:
    """Print a line about an epoch, above the progress bar if there is one."""
    from tqdm import tqdm

    result = epoch.validation
    judged = "" if result is None else f", validation {result.accuracy:.2%} right, loss {result.loss:.4f}"
    tqdm.write(f"epoch {epoch.epoch}: loss {epoch.loss:.4f}{judged} ({epoch.seconds:.1f} s)")
