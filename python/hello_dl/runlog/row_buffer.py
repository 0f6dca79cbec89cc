"""Rows of a run log that wait in memory, to be written together; errors of the file stop no training."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from hello_dl.runlog.schema import database_error

PAUSE = 1.0  # seconds from one write to the file to the next
LONGEST_PAUSE = 60.0  # seconds: after each failed write the pause doubles, up to this
MOST_ROWS = 100_000  # rows in memory; with more, a failed write drops them all


class RowBuffer:
    """The waiting rows of one run. An error of the database is reported once on stderr, never raised."""

    def __init__(self, connection: sqlite3.Connection, path: Path, run: int) -> None:
        self._connection, self._path, self._run = connection, path, run
        self._rows: dict[str, list[Sequence[Any]]] = {}  # name of a table: its waiting rows
        self._pause, self._next_write, self._reported = PAUSE, PAUSE, False

    def add(self, table: str, row: Sequence[Any]) -> None:
        """Collect a row. Until it is written, the caller may still change a row that is a list."""
        self._rows.setdefault(table, []).append(row)

    def replace(self, table: str, rows: Sequence[Sequence[Any]]) -> None:
        """Collect the rows of a table that are to stand in place of the run's earlier ones."""
        self._rows[table] = list(rows)

    def is_due(self, now: float) -> bool:
        """Tell whether it is time to write; `now` is in seconds since the run began."""
        return now >= self._next_write

    def write(self, now: float) -> None:
        """Write all rows in one transaction. If that fails they stay, for a later attempt."""
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            if "mistake" in self._rows:
                self._connection.execute("DELETE FROM mistake WHERE run = ?", (self._run,))
            for table, rows in self._rows.items():
                if rows:
                    self._connection.executemany(_statement(table, len(rows[0])), rows)
            self._connection.execute("COMMIT")
        except sqlite3.Error as error:
            self._report(error)
            if sum(map(len, self._rows.values())) > MOST_ROWS:
                self._rows = {}
            self._pause = min(2 * self._pause, LONGEST_PAUSE)
        else:
            self._rows = {}
            self._pause = PAUSE
        self._next_write = now + self._pause

    def _report(self, error: sqlite3.Error) -> None:
        """Leave the failed transaction, and write the error to stderr if it is the first of the run."""
        with suppress(sqlite3.Error):
            self._connection.execute("ROLLBACK")
        if not self._reported:
            from tqdm import tqdm

            reason = database_error(error, self._path)
            words = f"run log {reason}; the training goes on, the log may lack rows"
            tqdm.write(words, file=sys.stderr)  # does not break a progress bar
        self._reported = True


def _statement(table: str, columns: int) -> str:
    """Return the SQL that writes a row; "end" stands for the last columns of the table `run`."""
    if table == "end":
        return "UPDATE run SET finished = ?, outcome = ? WHERE id = ?"
    return f"INSERT OR REPLACE INTO {table} VALUES ({', '.join('?' * columns)})"
