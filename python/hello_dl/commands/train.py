"""`hello-dl train`: trains a network on labelled images of digits, letters or both, and saves it."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hello_dl.commands import options
from hello_dl.files import check_file

if TYPE_CHECKING:
    from hello_dl import nn, optim
    from hello_dl.data import Images
    from hello_dl.train.history import Epoch
    from hello_dl.train.hooks import Schedule

TASKS = {"digits": "digits", "letters": "letters26", "characters": "byclass62"}  # and their class codes
SCHEDULES = ("one-cycle", "cosine", "step", "plateau", "constant")
MODELS = ("digits_mlp", "letters_cnn", "letters_resnet")
SHARDS = 8  # of a batch, under mpiexec without --shards
DEFAULT_DATA = "builtin:60000"
KEPT_BACK = 0.1  # share of the data that is used for validation without --validation
UNEVEN = 2.0  # if one class has this many times the items of another, all are drawn equally often


@click.command(short_help="Train a network on labelled images.")
@click.argument("task", metavar="{digits|letters|characters}", type=click.Choice(sorted(TASKS)))
@options.data()
@click.option(
    "--validation",
    multiple=True,
    metavar="SOURCE",
    help="Data to measure each epoch on (default: a tenth of the training data is kept back).",
)
@options.out("WEIGHTS", "Where to save the weights (default: digits.safetensors and so on).")
@options.count("--epochs", "-e", default=5, help="Passes over the data.")
@options.count("--batch-size", "-b", default=64, help="Images a step.")
@options.value("--lr", type=options.ABOVE_0, default=2e-3, help="Highest learning rate (of Adam).")
@options.choice(
    "--schedule",
    choices=SCHEDULES,
    default="one-cycle",
    help="How the learning rate changes: up, then down to 0; down to 0; to a tenth after each third; to a"
    " half after two epochs without improvement; not at all.",
)
@options.value(
    "--clip", type=options.ABOVE_0, metavar="NORM", help="Scale gradients with a larger norm down to this."
)
@click.option(
    "--weight-decay",
    type=click.FloatRange(0),
    default=0.0,
    help="Shrink the weights by this share of the learning rate at each step (AdamW).",
)
@click.option(
    "--dropout",
    type=options.DROPOUT,
    default=0.0,
    help="Set each input of the hidden linear layers to 0 with this probability.",
)
@options.choice(
    "--model",
    "model_name",
    choices=MODELS,
    help="The network (default: digits_mlp for digits, else letters_cnn).",
)
@options.count("--width", help="Channels of the first layer, of letters_resnet.")
@click.option(
    "--augment/--no-augment",
    default=None,
    help="Change images at random: shift, rotate, bend ... (default: for letters on data of files).",
)
@click.option(
    "--balanced/--no-balanced",
    default=None,
    help="Draw all classes equally often (default: where one has twice the items of another).",
)
@click.option(
    "--class-weights",
    is_flag=True,
    help="Give rare classes more weight in the loss, instead of drawing them more often.",
)
@options.path(
    "--log",
    metavar="RUN.sqlite",
    help="Log losses, weights and gradients to this file, for `plot` and `watch`; it may hold other runs.",
)
@click.option(
    "--log-values", is_flag=True, help="Also log all values of parameters and gradients (up to 100 MB)."
)
@options.checkpoints
@options.shards
@options.seed
@options.threads
@options.together()
def train(
    task: str,
    sources: tuple[str, ...],
    validation: tuple[str, ...],
    out: Path | None,
    epochs: int,
    batch_size: int,
    lr: float,
    schedule: str,
    clip: float | None,
    weight_decay: float,
    dropout: float,
    model_name: str | None,
    width: int | None,
    augment: bool | None,
    balanced: bool | None,
    class_weights: bool,
    log: Path | None,
    log_values: bool,
    checkpoint: Path | None,
    every: float,
    resume: bool,
    shards: int | None,
    seed: int,
) -> None:
    """Train a network that knows digits, letters (case merged) or all characters, and save it.

    SOURCE is what `hello-dl data list` shows. Without --data the embedded generator draws 60,000 characters.
    The weights of the epoch with the best result on the validation data are kept.
    """
    import hello_dl
    from hello_dl import distributed, models, weights
    from hello_dl.data.augment import HANDWRITING
    from hello_dl.evaluation.calibration import calibrate
    from hello_dl.runlog import RunLog
    from hello_dl.train import balancing_weights, fit

    if class_weights and balanced:
        raise click.UsageError("--class-weights does what --balanced does in another way; choose one")
    if width is not None and model_name != "letters_resnet":
        raise click.UsageError("--width needs --model letters_resnet")
    if log_values and log is None:
        raise click.UsageError("--log-values needs --log RUN.sqlite")
    out, is_first = Path(f"{task}.safetensors") if out is None else out, distributed.rank() == 0
    if is_first:  # the process that writes all files
        options.check_checkpoint(checkpoint, resume)
        check_file(out)
    typed = shlex.join(["hello-dl", *sys.argv[1:]])
    run_log = None if log is None or not is_first else RunLog(log, command=typed, values=log_values)
    sources = sources or (DEFAULT_DATA,)
    data, held_back = load_parts(task, sources, validation, seed)
    if model_name is None:
        model_name = "digits_mlp" if task == "digits" else "letters_cnn"
    if augment is None:
        augment = model_name != "digits_mlp" and not all(s.startswith("builtin") for s in sources)
    if balanced is None:
        balanced = _uneven(data) and not class_weights
    hello_dl.manual_seed(seed)
    model: nn.Sequential = getattr(models, model_name)(
        len(data.classes), **({} if width is None else {"width": width})
    )
    model = models.with_dropout(model, dropout) if dropout else model
    parameters = sum(p.numel() for p in model.parameters())
    click.echo(f"{model_name}, {parameters:,} parameters, learns {len(data.classes)} classes")
    notes = [f"{len(data):,} images", f"{len(held_back):,} for validation"]
    notes += [f"{data.dropped:,} dropped"] if data.dropped else []
    notes += ["augmented"] if augment else []
    notes += ["classes drawn equally often"] if balanced else []
    notes += ["rare classes count more"] if class_weights else []
    click.echo(", ".join(notes))
    optimizer = make_optimizer(model, lr, weight_decay)
    history = fit(
        model,
        data,
        held_back,
        epochs=epochs,
        batch_size=batch_size,
        optimizer=optimizer,
        schedule=make_schedule(schedule, optimizer),
        clip=clip,
        class_weights=balancing_weights(data) if class_weights else None,
        seed=seed,
        augment=HANDWRITING if augment else None,
        balanced=balanced,
        save=out,
        log=run_log,
        checkpoint=checkpoint,
        every=every,
        resume=resume,
        distributed=distributed.is_initialized() or shards is not None,
        shards=shards or SHARDS,
        on_epoch=show_epoch,
    )
    if is_first:
        weights.annotate(out, out, temperature=calibrate(model, held_back, history.normalisation))
    click.echo(f"saved epoch {history.best.epoch} in {out}")
    if log is not None:
        click.echo(f"logged in {log}; look at it with: hello-dl plot {log}")


def make_optimizer(model: nn.Module, lr: float, weight_decay: float) -> optim.Optimizer:
    """Return Adam, or AdamW if `weight_decay` is above 0."""
    from hello_dl import optim

    if weight_decay:
        return optim.AdamW(model.parameters(), lr=lr, weight_decay=weight_decay)
    return optim.Adam(model.parameters(), lr=lr)


def make_schedule(name: str, optimizer: optim.Optimizer) -> Schedule | None:
    """Return the schedule of a name in SCHEDULES, as `fit` takes it."""
    from hello_dl.optim.lr_scheduler import ReduceLROnPlateau
    from hello_dl.train import cosine, one_cycle

    if name == "plateau":
        return ReduceLROnPlateau(optimizer, factor=0.5, patience=1)
    functions: dict[str, Schedule] = {"one-cycle": one_cycle, "cosine": cosine, "step": _tenths}
    return functions.get(name)


def _tenths(progress: float) -> float:
    """Return the factor of the learning rate: 1, 0.1, 0.01 in the three thirds of the training."""
    return float(0.1 ** int(3 * progress))


def load_parts(
    task: str, sources: tuple[str, ...], validation: tuple[str, ...], seed: int
) -> tuple[Images, Images]:
    """Load training and validation data, labelled with the classes of the task."""
    from hello_dl.data import CODES

    code = TASKS[task]
    if task == "characters" and all(source.startswith("emnist-balanced") for source in sources):
        code = "balanced47"
    settings: dict[str, Any] = {"classes": CODES[code].classes, "seed": seed}
    data = options.load_data(sources, "--data", **settings)
    if validation:
        return data, options.load_data(validation, "--validation", split="test", **settings)
    if round(len(data) * KEPT_BACK) < 1:
        raise ValueError(
            f"{data.name}: {len(data)} images are too few to keep some back; add --validation SOURCE"
        )
    return data.split(1 - KEPT_BACK, seed)


def _uneven(data: Images) -> bool:
    """Return whether one class has at least UNEVEN times the items of another (without empty classes)."""
    import numpy as np

    counts = np.bincount(data.labels)
    return bool(counts.max() >= UNEVEN * counts[counts > 0].min())


def show_epoch(epoch: Epoch) -> None:
    """Print a line about an epoch, above the progress bar if there is one."""
    from tqdm import tqdm

    result = epoch.validation
    validated = "" if result is None else f", validation {result.accuracy:.2%} right, loss {result.loss:.4f}"
    tqdm.write(f"epoch {epoch.epoch}: loss {epoch.loss:.4f}{validated} ({epoch.seconds:.1f} s)")
