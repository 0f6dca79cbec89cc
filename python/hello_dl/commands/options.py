"""Options of commands: kinds of options, the options that several commands share, and what they do.

Every command and subcommand takes --help and --traceback; main.py adds both. A command takes --threads if it
runs a network or draws pages, and --seed if it draws random numbers: it lists `options.threads` and
`options.seed` itself. tests/commands/test_common_options.py names the commands that need neither.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext, redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from hello_dl.data import Images

Option = Callable[[Callable[..., None]], Callable[..., None]]  # what click.option returns: a decorator

MOST_THREADS = 1024

# Types of arguments and options.
PATH = click.Path(path_type=Path)
ABOVE_0 = click.FloatRange(0, min_open=True)
SHARE = click.FloatRange(0, 1)
DROPOUT = click.FloatRange(0, 1, max_open=True)  # the probability of dropping a value; 1 would drop all


def value(*names: str, help: str | None = None, default: Any = None, **settings: Any) -> Option:
    """Return an option; its default, if it has one, is shown in --help. `settings` go to click.option."""
    shown = {} if default is None else {"default": default, "show_default": True}
    return click.option(*names, help=help, **shown, **settings)


def path(*names: str, metavar: str, help: str, **settings: Any) -> Option:
    """Return an option whose value is a path."""
    return value(*names, metavar=metavar, type=PATH, help=help, **settings)


def out(metavar: str, help: str, default: str | None = None, **settings: Any) -> Option:
    """Return the option --out: the file or folder for the results."""
    return path("--out", "-o", metavar=metavar, help=help, default=default, **settings)


def choice(*names: str, choices: Sequence[str], help: str, **settings: Any) -> Option:
    """Return an option whose value is one of `choices`."""
    return value(*names, type=click.Choice(choices), help=help, **settings)


def count(*names: str, help: str, least: int = 1, **settings: Any) -> Option:
    """Return an option whose value is a whole number, `least` or more."""
    return value(*names, type=click.IntRange(least), help=help, **settings)


def _set_threads(_: click.Context, __: click.Parameter, threads: int | None) -> None:
    """Tell the engine how many threads it may use, if --threads was given."""
    if threads is not None:
        import hello_dl

        hello_dl.set_num_threads(threads)


threads = click.option(
    "--threads",
    type=click.IntRange(1, MOST_THREADS),
    expose_value=False,
    callback=_set_threads,
    help="How many cores to use (default: all that this process may use).",
)

seed = value(
    "--seed",
    type=click.IntRange(0, 2**62),
    default=0,
    help="The same seed gives the same result, bit by bit.",
)


def checkpoints(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command --checkpoint, --every and --resume."""
    for option in (
        click.option("--resume", is_flag=True, help="Go on from the checkpoint, if there is one yet."),
        value(
            "--every",
            type=ABOVE_0,
            default=60.0,
            metavar="SECONDS",
            help="Time from one checkpoint to the next; one is also written when an epoch ends.",
        ),
        path(
            "--checkpoint",
            metavar="FILE",
            help="Keep the training's whole state in this file: a training that was killed goes on from it"
            " with --resume, to the same bits.",
        ),
    ):
        command = option(command)
    return command


shards = count(
    "--shards",
    help="Cut each batch into so many parts, which processes share (default: 8 under mpiexec, which must not"
    " have more processes; else none). Any number of processes comes to the same bits.",
)


@contextmanager
def together() -> Iterator[None]:
    """Join the processes that mpiexec has started; only the first one prints, and an error ends all."""
    from hello_dl import distributed

    if not distributed.is_launched():
        yield
        return
    distributed.init()
    with (
        distributed.ending_together(),
        Path(os.devnull).open("w") as nowhere,
        redirect_stdout(nowhere) if distributed.rank() > 0 else nullcontext(),
    ):
        yield


def check_checkpoint(file: Path | None, resume: bool) -> None:
    """Report a checkpoint that cannot be taken, before the work; tell of one that is not there yet."""
    if resume and file is None:
        raise click.UsageError("--resume needs --checkpoint FILE", click.get_current_context())
    if file is not None and file.exists() and not resume:
        raise FileExistsError(
            f"--checkpoint {file}: is there already; add --resume to go on from it, or remove it"
        )
    if resume and file is not None and not file.exists():
        click.echo(f"hello-dl: there is no checkpoint {file} yet; begins from the start", err=True)


weights = value(
    "--weights",
    "-w",
    default="letters",
    metavar="WEIGHTS",
    help="A weights file, as `hello-dl train` writes them, or a bundled one: digits, letters, characters.",
)


def json(help: str) -> Option:
    """Return the flag --json, which is given to the command as `as_json`."""
    return click.option("--json", "as_json", is_flag=True, help=help)


def data(**settings: Any) -> Option:
    """Return the option --data, which can be given several times; `settings` go to click.option."""
    text = "builtin[:N], mnist, emnist-letters|digits|balanced, or PATH[:CODE]; several are joined."
    return click.option("--data", "-d", "sources", multiple=True, metavar="SOURCE", help=text, **settings)


def load_data(sources: Sequence[str], option: str, **settings: Any) -> Images:
    """Load and join data sources; report an unknown one as a mistake on the command line.

    Warnings about the data, such as that characters lie on their side, are written to stderr.
    """
    from hello_dl.data import UnknownSource, load

    try:
        with warnings.catch_warnings(record=True) as noted:
            warnings.simplefilter("always", UserWarning)
            images = load(*sources, **settings)
        _tell({str(note.message) for note in noted})
        return images
    except UnknownSource as error:
        raise click.BadParameter(str(error), click.get_current_context(), param_hint=option) from None


def _tell(notes: set[str]) -> None:
    """Write notes to stderr, each once in a run of the command."""
    told: set[str] = click.get_current_context().meta.setdefault("hello_dl.told", set())
    for note in sorted(notes - told):
        click.echo(f"hello-dl: {note}", err=True)
    told |= notes
