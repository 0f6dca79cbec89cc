"""Every command and subcommand takes the options that are common to all: --help and --traceback."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from command import command
from hello_dl.commands.main import cli, run

# Commands that run no network and draw no page, and those that draw no random numbers.
WITHOUT_THREADS = {
    "config",
    "data fetch",
    "data list",
    "difference",
    "mean",
    "plot",
    "poster",
    "sheet",
    "watch",
}
WITHOUT_SEED = {"config", "data fetch", "data list", "label", "plot", "read", "run", "sheet", "watch"}
WITHOUT_SEED |= {"export", "studio"}


def walk(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[str, click.Command]]:
    """Yield every command below a group with the words that call it: "read", "data", "data list" ..."""
    for name, found in group.commands.items():
        yield " ".join((*path, name)), found
        if isinstance(found, click.Group):
            yield from walk(found, (*path, name))


COMMANDS = dict(walk(cli))
LEAVES = [words for words, found in COMMANDS.items() if not isinstance(found, click.Group)]


def test_all_commands_are_walked() -> None:
    assert {"read", "data", "data fetch", "data list", "write", "write train", "write prompt"} <= set(
        COMMANDS
    )


@pytest.mark.parametrize("words", ["", *COMMANDS])
@pytest.mark.parametrize("options", [["--help"], ["-h"], ["--traceback", "--help"]], ids=" ".join)
def test_every_command_takes_help_and_traceback(
    words: str, options: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HELLO_DL_DEBUG", "0")  # --traceback sets it
    assert run([*words.split(), *options]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("Usage: hello-dl " + words)
    assert "--traceback" in out
    assert "--help" in out
    assert err == ""


@pytest.mark.parametrize("words", LEAVES)
def test_commands_that_compute_take_threads_and_those_that_draw_take_a_seed(words: str) -> None:
    options = {name for parameter in COMMANDS[words].params for name in parameter.opts}
    assert ("--threads" in options) == (words not in WITHOUT_THREADS)
    assert ("--seed" in options) == (words not in WITHOUT_SEED)


@pytest.mark.parametrize(
    "args",
    [
        ("write", "prompt", "hello", "--weights", "none", "--traceback"),
        ("write", "--traceback", "hello", "--weights", "none"),
        ("--traceback", "write", "hello", "--weights", "none"),
        ("write", "train", "none.txt", "--traceback"),
        ("data", "--traceback", "pages", "folder/below-a-missing-one"),
        ("read", "none.png", "--traceback"),
    ],
    ids=" ".join,
)
def test_traceback_shows_where_an_error_arose(args: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / "folder").write_text("a file where a folder is needed")
    without = command(*(arg for arg in args if arg != "--traceback"), cwd=tmp_path)
    assert without.code == 1
    assert "Traceback" not in without.err
    answer = command(*args, cwd=tmp_path)
    assert answer.code == 1
    assert answer.err.startswith("Traceback"), answer.err
