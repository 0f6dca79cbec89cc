"""The command `hello-dl`: runs a subcommand, and reports an error by one line on stderr and an exit code.

Exit codes: 0 success, 1 failure, 2 a mistake on the command line, 130 stopped with Ctrl-C. Each subcommand is
one file in `commands/`. Modules that take long to import are imported inside its functions, so that
`hello-dl --help` answers at once.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

import click

from hello_dl.commands.calibrate import calibrate
from hello_dl.commands.config import config
from hello_dl.commands.data import data
from hello_dl.commands.demo import demo
from hello_dl.commands.errors import debugging, describe
from hello_dl.commands.evaluate import evaluate
from hello_dl.commands.export import export
from hello_dl.commands.imagine import embedding, imagine, responses
from hello_dl.commands.label import label
from hello_dl.commands.pictures import difference, mean, poster
from hello_dl.commands.plot import plot
from hello_dl.commands.quantise import quantise
from hello_dl.commands.read import read
from hello_dl.commands.run import run as run_command
from hello_dl.commands.sheet import sheet
from hello_dl.commands.splice import splice
from hello_dl.commands.studio import studio
from hello_dl.commands.sweep import sweep
from hello_dl.commands.teach import teach
from hello_dl.commands.train import train
from hello_dl.commands.watch import watch
from hello_dl.commands.write import write

PROGRAM = "hello-dl"
FAILED, STOPPED = 1, 130


def _show_version(context: click.Context, _: click.Parameter, wanted: bool) -> None:
    """Print the version and end the command, if --version was given."""
    if wanted and not context.resilient_parsing:
        from hello_dl._core.build_info import version

        click.echo(f"{PROGRAM} {version()}")
        context.exit()


def _show_tracebacks(_: click.Context, __: click.Parameter, wanted: bool) -> None:
    """Let errors through with their traceback, if --traceback was given (errors.py reads the variable)."""
    if wanted:
        os.environ["HELLO_DL_DEBUG"] = "1"


# The headings of --help and the commands under each, in the order in which a beginner needs them.
SECTIONS: dict[str, tuple[click.Command, ...]] = {
    "Learn and read": (demo, train, sweep, evaluate, read),
    "Your own hand": (sheet, teach, label, studio),
    "Trust, size and shipping": (calibrate, quantise, export),
    "Look inside": (watch, plot, poster, mean, difference, imagine, responses, embedding),
    "Sequences": (write, splice),
    "Programs and set-up": (run_command, data, config),
}


class SectionedGroup(click.Group):
    """Lists its commands under the headings of SECTIONS."""

    def list_commands(self, _: click.Context) -> list[str]:
        """Return the names of all commands in the order of SECTIONS."""
        return [command.name or "" for commands in SECTIONS.values() for command in commands]

    def format_commands(self, _: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the part of --help that lists the commands, a section for each heading."""
        width = max(map(len, self.commands))
        for heading, commands in SECTIONS.items():
            with formatter.section(heading):
                rows = [((c.name or "").ljust(width), c.get_short_help_str(100)) for c in commands]
                formatter.write_dl(rows)


@click.group(
    cls=SectionedGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_show_version,
    help="Print the version.",
)
def cli() -> None:
    """Learn handwritten characters, then read them in a picture.

    Begin with: hello-dl demo
    """


TRACEBACK = click.Option(
    ["--traceback"],
    is_flag=True,
    expose_value=False,
    callback=_show_tracebacks,
    help="Show where in the source an error arose (as HELLO_DL_DEBUG=1 does).",
)


def _add_traceback(command: click.Command) -> None:
    """Add --traceback to a command, and to the subcommands of a group."""
    command.params.append(TRACEBACK)
    if isinstance(command, click.Group):
        for subcommand in command.commands.values():
            _add_traceback(subcommand)


for _commands in SECTIONS.values():
    for _command in _commands:
        cli.add_command(_command)
_add_traceback(cli)


def main(args: Sequence[str] | None = None) -> NoReturn:
    """Run the command with `args` (default: the process's own arguments) and end the process."""
    sys.exit(run(sys.argv[1:] if args is None else args))


def run(args: Sequence[str]) -> int:
    """Run the command with `args`, report an error in one line on stderr, and return the exit code."""
    try:
        with cli.make_context(PROGRAM, list(args)) as context:
            cli.invoke(context)
        sys.stdout.flush()  # a closed pipe may show only here; at Python's exit it could not be caught
        return 0
    except click.exceptions.Exit as end:
        return end.exit_code
    except BrokenPipeError:  # the program that reads the output has ended, as in `hello-dl ... | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # Python flushes once more at its end
        return FAILED
    except (KeyboardInterrupt, click.Abort):
        _report("stopped; no file is left half-written")
        return STOPPED
    except click.ClickException as error:
        return _click_error(error)
    except Exception as error:
        if debugging():
            raise
        _report(describe(error))
        return FAILED


def _click_error(error: click.ClickException) -> int:
    """Report a mistake on the command line in one line (click would take four)."""
    if isinstance(error, getattr(click.exceptions, "NoArgsIsHelpError", ())):  # newer versions of click
        error.show()
        return error.exit_code
    context: Any = getattr(error, "ctx", None)
    help_for = context.command_path if context is not None else PROGRAM
    hint = f" (see {help_for} --help)" if isinstance(error, click.UsageError) else ""
    _report(" ".join(error.format_message().split()).rstrip(".") + hint)
    return error.exit_code


def _report(message: str) -> None:
    """Write a message with the program's name to stderr."""
    print(f"{PROGRAM}: {message}", file=sys.stderr)
