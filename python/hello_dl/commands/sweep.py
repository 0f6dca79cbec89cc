"""`hello-dl sweep`: searches for good settings of a training, in one process or several."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hello_dl.commands import options
from hello_dl.commands.train import DEFAULT_DATA, MODELS, TASKS, load_parts

if TYPE_CHECKING:
    from hello_dl.train.sweep import Sweep

SEARCHED = ("lr", "batch_size", "weight_decay", "dropout", "augment", "width")


@click.command(short_help="Search for the settings that train best.")
@click.argument("task", metavar="{digits|letters|characters}", type=click.Choice(sorted(TASKS)))
@options.data()
@options.path(
    "--study",
    "file",
    required=True,
    metavar="STUDY.journal",
    help="The file of the search; several processes can share it, and a later one can continue it.",
)
@options.count("--trials", default=20, help="Trainings to add to it.")
@options.count("--epochs", "-e", default=4, help="Of each training.")
@options.choice(
    "--search",
    multiple=True,
    choices=SEARCHED,
    help="What to search for; can be given several times (default: all of it).",
)
@options.choice("--model", "model_name", choices=MODELS, help="The network (default: as in train).")
@options.path("--log", metavar="RUN.sqlite", help="Log all trainings to this file.")
@options.seed
@options.threads
def sweep(
    task: str,
    sources: tuple[str, ...],
    file: Path,
    trials: int,
    epochs: int,
    search: tuple[str, ...],
    model_name: str | None,
    log: Path | None,
    seed: int,
) -> None:
    """Train repeatedly with different settings, and find out which are best, and which of them matter.

    A tenth of the data is kept back for validation. Trainings worse than the others are stopped early. The
    same command can be started several times, also on several machines with a common disk: all work on one
    study. Then `hello-dl plot STUDY.journal`. Needs Optuna: pip install 'hello-dl[sweep]'.
    """
    from hello_dl.runlog import RunLog
    from hello_dl.train.sweep import Sweep, complete, open_study, run_trial, settings_line

    sources = sources or (DEFAULT_DATA,)
    model_name = model_name or ("digits_mlp" if task == "digits" else "letters_cnn")
    what = Sweep(model_name, epochs, seed, f"{task} in {' + '.join(sources)}", search or SEARCHED)
    study = open_study(file, what)
    typed = shlex.join(["hello-dl", *sys.argv[1:]])
    run_log = None if log is None else RunLog(log, command=typed)
    data, held_back = load_parts(task, sources, (), seed)
    click.echo(f"{model_name}, {epochs} epochs of {len(data):,} images, judged by {len(held_back):,}")
    click.echo(f"{file}: {len(study.trials)} trials so far")
    for _ in range(trials):
        trial = run_trial(study, what, data, held_back, run_log)
        click.echo(f"trial {trial.number}: {_outcome(trial)} ({settings_line(trial.params)})")
    done = complete(study)
    if not done:
        return
    best = max(done, key=lambda trial: trial.value)
    click.echo(f"best of {len(study.trials)}: trial {best.number}, {best.value:.2%} right")
    click.echo(f"to train with its settings: {_command(task, sources, what, best.params)}")


def _outcome(trial: Any) -> str:
    """Return in words how a trial ended."""
    if trial.state.name == "PRUNED":
        return (
            f"cut short after epoch {trial.last_step}, {trial.intermediate_values[trial.last_step]:.2%} right"
        )
    if "error" in trial.user_attrs:
        return "exploded"
    return f"{trial.value:.2%} right"


def _command(task: str, sources: tuple[str, ...], what: Sweep, settings: dict[str, Any]) -> str:
    """Return the command line that trains with these settings."""
    words = ["hello-dl", "train", task, *(word for source in sources for word in ("--data", source))]
    words += ["--model", what.model, "--epochs", str(what.epochs)]
    for name, value in settings.items():
        option = f"--{name.replace('_', '-')}"
        if isinstance(value, bool):
            words.append(option if value else f"--no-{name}")
        else:
            words += [option, f"{value:.3g}" if isinstance(value, float) else str(value)]
    return shlex.join(words)
