"""Run logs that another program or a fault has changed: refused in words that name the file and the place."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from command import command, refused
from hello_dl import nn
from hello_dl.plots.confusion import draw_confusion, read_confusion
from hello_dl.runlog import LogReader, RunLog


@pytest.fixture
def change(tmp_path: Path) -> Callable[[str], Path]:
    """Return a function that makes a log of one run, and changes it by a statement of SQL."""
    path = tmp_path / "run.sqlite"
    run = RunLog(path).run(nn.Linear(2, 2), hyperparameters={}, classes="ab")
    run.step(1, 1, 0.5, 0.1)
    run.end()

    def changed(sql: str) -> Path:
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            connection.executescript(sql)
        return path

    return changed


def read_all(path: Path) -> Any:
    with LogReader(path) as log:
        for run in log.runs():
            for table in ("training", "validation", "tensor", "confusion"):
                log.table(table, run.id)
            log.values(run.id, "weight")


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("SELECT 1", ""),  # not damaged
        ("UPDATE run SET classes = '[1'", "JSON that is none"),
        ("UPDATE run SET versions = NULL", ""),  # refused by the table itself
        ("UPDATE run SET hyperparameters = '[]'", r"needs a dict in JSON, got \[\]"),
        ("UPDATE run SET hyperparameters = x'ff00'", "column hyperparameters must not hold bytes"),
        (f"UPDATE run SET versions = '{'[' * 100_000}'", "JSON that is none"),
        ("UPDATE training SET loss = 'low'", "column loss must not hold str"),
        ("UPDATE training SET wall = x'00'", "column wall must not hold bytes"),
        ("ALTER TABLE training DROP COLUMN accuracy", "table training lacks accuracy"),
        ("INSERT INTO value VALUES (1, 1, 'parameter', 'weight', '[2]', x'00')", "do not fit their shape"),
        ("INSERT INTO value VALUES (1, 1, 'parameter', 'weight', '[-1]', x'')", "do not fit their shape"),
        ("INSERT INTO value VALUES (1, 1, 'parameter', 'weight', '[1e999]', x'')", "do not fit their shape"),
    ],
)
def test_what_is_damaged_is_named(change: Callable[[str], Path], sql: str, words: str) -> None:
    try:
        path = change(sql)
    except sqlite3.IntegrityError:
        return
    if not words:
        read_all(path)
        return
    with pytest.raises(ValueError, match=rf"run\.sqlite: is damaged: .*{words}"):
        read_all(path)


@pytest.mark.parametrize(
    "sql",
    [
        "DROP TABLE training; CREATE VIEW training AS WITH RECURSIVE n(step) AS (SELECT 1 UNION ALL"
        " SELECT step + 1 FROM n) SELECT 1 AS run, step, 1 AS epoch, 0.0 AS wall, 0.0 AS cpu, 0.0 AS loss,"
        " 0.0 AS accuracy, 0.0 AS lr FROM n",
        "CREATE VIEW more AS SELECT * FROM run",
        "CREATE TRIGGER more AFTER INSERT ON run BEGIN DELETE FROM run; END",
    ],
)
@pytest.mark.parametrize("name", ["plot", "watch"])
def test_a_log_with_a_view_is_refused_before_it_is_read(
    change: Callable[[str], Path], sql: str, name: str
) -> None:
    """A view may have no end: `plot` and `watch` would wait for ever."""
    refused(command(name, change(sql)), "run.sqlite: needs a run log of hello_dl, got one with the")


@pytest.mark.parametrize("row", ["1, 1, 0, 5, 1", "1, 1, -1, 0, 1", "1, 1, 0, 4000000000, 1"])
def test_answers_of_classes_that_there_are_not(change: Callable[[str], Path], row: str) -> None:
    words = r"run\.sqlite: is damaged: counts answers of class"
    path = change(f"INSERT INTO confusion VALUES ({row})")
    with LogReader(path) as log, pytest.raises(ValueError, match=words):
        read_confusion(log, log.runs()[0])


def test_images_of_another_size(change: Callable[[str], Path]) -> None:
    sql = "INSERT INTO confusion VALUES (1, 1, 0, 1, 3); INSERT INTO mistake VALUES (1, 0, 1, x'00')"
    words = r"run\.sqlite: is damaged: needs images of 784 bytes"
    with LogReader(change(sql)) as log, pytest.raises(ValueError, match=words):
        draw_confusion(log, log.runs()[0])
