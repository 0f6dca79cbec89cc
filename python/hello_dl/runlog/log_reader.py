"""Reads a run log, even while it is being written: runs, and their tables as arrays."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from hello_dl.runlog.schema import in_words, open_to_read

Table = dict[str, NDArray[Any]]  # a column by its name; NULL is NaN


@dataclass(frozen=True)
class Run:
    """What the log knows of one run; `outcome` is None while it runs, and for ever if it was killed."""

    id: int
    started: str
    finished: str | None
    outcome: str | None
    command: str
    seed: int | None
    steps: int | None
    epoch_steps: int | None
    hyperparameters: dict[str, Any]
    versions: dict[str, Any]
    classes: tuple[str, ...]


class LogReader:
    """An open run log: `with LogReader("run.sqlite") as log: log.runs()`.

    Raises FileNotFoundError if there is none, ValueError if the file is another program's or a newer one.
    """

    def __init__(self, path: str | PathLike[str]) -> None:
        self.path = Path(path)
        self._connection = open_to_read(self.path)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        self._connection.close()

    def query(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """Return the rows that an SQL query gives."""
        try:
            return self._connection.execute(sql, values).fetchall()
        except sqlite3.Error as error:
            raise in_words(error, self.path) from None

    def runs(self, ids: Sequence[int] = ()) -> list[Run]:
        """Return these runs (default: all, oldest first). Raises ValueError for one that is not there."""
        columns = ", ".join(Run.__dataclass_fields__)
        found = {}
        for row in self.query(f"SELECT {columns} FROM run ORDER BY id"):
            *plain, settings, versions, classes = row
            texts = (json.loads(settings), json.loads(versions), tuple(json.loads(classes)))
            found[row[0]] = Run(*(*plain, *texts))
        if not found:
            raise ValueError(f"{self.path}: holds no run yet")
        for wanted in ids:
            if wanted not in found:
                there = ", ".join(map(str, found)) if len(found) < 10 else f"{min(found)} to {max(found)}"
                raise ValueError(f"{self.path}: has no run {wanted}; there are {there}")
        return [found[i] for i in dict.fromkeys(ids)] if ids else list(found.values())

    def table(self, name: str, run: int, where: str = "", *values: Any) -> Table:
        """Return the rows of a table that belong to a run, in order, as arrays; `where` selects further."""
        columns = [row[1] for row in self.query(f"PRAGMA table_info({name})")]
        condition = f"run = ? AND {where}" if where else "run = ?"
        order = "step" if "step" in columns else "rowid"
        rows = self.query(f"SELECT * FROM {name} WHERE {condition} ORDER BY {order}", run, *values)
        return {column: _array([row[i] for row in rows]) for i, column in enumerate(columns)}

    def values(self, run: int, name: str, kind: str = "parameter") -> tuple[NDArray[Any], NDArray[Any]]:
        """Return the steps (t,) at which a tensor was kept whole, and its numbers (t, ...)."""
        rows = self.query(
            "SELECT step, shape, numbers FROM value WHERE run = ? AND name = ? AND kind = ? ORDER BY step",
            *(run, name, kind),
        )
        steps = np.array([step for step, _, _ in rows], np.int64)
        shape = json.loads(rows[0][1]) if rows else [0]
        numbers = np.frombuffer(b"".join(blob for _, _, blob in rows), "<f4")
        return steps, numbers.reshape(len(rows), *shape)


def _array(column: list[Any]) -> NDArray[Any]:
    if any(isinstance(value, str | bytes) for value in column):
        return np.array(column, dtype=object)
    return np.array([np.nan if value is None else value for value in column])
