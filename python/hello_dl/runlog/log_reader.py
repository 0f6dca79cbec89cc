"""Reads a run log, also while it is being written: the runs, and their tables as arrays."""

from __future__ import annotations

import json
import math
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from hello_dl.runlog.schema import columns_of, database_error, kinds_of_columns, open_to_read

Table = dict[str, NDArray[Any]]  # name of a column: its values, NaN where the database has NULL


@dataclass(frozen=True)
class Run:
    """One run in the log: a row of the table `run`.

    `finished` and `outcome` are None while it runs; they stay None if its process is killed.
    """

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
    """A run log that is open for reading: `with LogReader("run.sqlite") as log: log.runs()`.

    Raises FileNotFoundError if there is none, ValueError if the file is no run log or one of a newer version.
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
        """Return the rows that an SQL query gives; `values` take the place of its question marks.

        Raises ValueError if a column of the run log holds values of another kind than it should.
        """
        try:
            cursor = self._connection.execute(sql, values)
            rows: list[tuple[Any, ...]] = cursor.fetchall()
        except sqlite3.Error as error:
            raise database_error(error, self.path) from None
        except UnicodeDecodeError as error:
            raise ValueError(f"{self.path}: is damaged: holds text that is not UTF-8 ({error})") from None
        for (name, *_), column in zip(cursor.description or (), zip(*rows, strict=True), strict=False):
            kinds = {type(value) for value in column} - kinds_of_columns().get(name, {*map(type, column)})
            if kinds:
                found = ", ".join(sorted(kind.__name__ for kind in kinds))
                raise ValueError(f"{self.path}: is damaged: its column {name} must not hold {found}")
        return rows

    def _from_json(self, text: str, kind: type) -> Any:
        """Return what a column of JSON holds, of a kind: dict or list."""
        try:
            value = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise ValueError(f"{self.path}: is damaged: holds JSON that is none ({error})") from None
        if not isinstance(value, kind):
            raise ValueError(f"{self.path}: is damaged: needs a {kind.__name__} in JSON, got {text[:40]}")
        return value

    def runs(self, ids: Sequence[int] = ()) -> list[Run]:
        """Return the runs with these ids, or all runs, oldest first.

        Raises ValueError for an id that is not there, and for a log without runs.
        """
        columns = ", ".join(Run.__dataclass_fields__)
        found = {}
        for row in self.query(f"SELECT {columns} FROM run ORDER BY id"):
            *plain, settings, versions, classes = row
            known = self._from_json(settings, dict), self._from_json(versions, dict)
            names = tuple(map(str, self._from_json(classes, list)))
            found[row[0]] = Run(*(*plain, *known, names))
        if not found:
            raise ValueError(f"{self.path}: holds no run yet")
        for wanted in ids:
            if wanted not in found:
                there = ", ".join(map(str, found)) if len(found) < 10 else f"{min(found)} to {max(found)}"
                raise ValueError(f"{self.path}: has no run {wanted}; there are {there}")
        return [found[i] for i in dict.fromkeys(ids)] if ids else list(found.values())

    def table(self, name: str, run: int, where: str = "", *values: Any) -> Table:
        """Return the rows of a table that belong to a run, ordered by step: {column: array (rows,)}.

        `where` is a further condition in SQL; `values` take the place of its question marks.
        """
        columns = [row[1] for row in self.query(f"PRAGMA table_info({name})")]
        condition = f"run = ? AND {where}" if where else "run = ?"
        if missing := set(columns_of(name)) - set(columns):
            raise ValueError(f"{self.path}: is damaged: its table {name} lacks {', '.join(sorted(missing))}")
        order = "step" if "step" in columns else "rowid"
        rows = self.query(f"SELECT * FROM {name} WHERE {condition} ORDER BY {order}", run, *values)
        return {column: _array([row[i] for row in rows]) for i, column in enumerate(columns)}

    def values(self, run: int, name: str, kind: str = "parameter") -> tuple[NDArray[Any], NDArray[Any]]:
        """Return the steps (t,) at which all values of a tensor were stored, and the values (t, *its shape).

        `name` is that of a parameter; `kind` chooses itself ("parameter") or its gradient ("gradient").
        """
        rows = self.query(
            "SELECT step, shape, numbers FROM value WHERE run = ? AND name = ? AND kind = ? ORDER BY step",
            *(run, name, kind),
        )
        steps = np.array([step for step, _, _ in rows], np.int64)
        shape = self._from_json(rows[0][1], list) if rows else [0]
        whole = all(type(n) is int and n >= 0 for n in shape)
        if not whole or any(len(blob) != 4 * math.prod(shape) for _, _, blob in rows):
            raise ValueError(f"{self.path}: is damaged: values of {name} do not fit their shape {shape}")
        numbers = np.frombuffer(b"".join(blob for _, _, blob in rows), "<f4")
        return steps, numbers.reshape(len(rows), *shape)


def _array(column: list[Any]) -> NDArray[Any]:
    """Return a column as an array: of objects if it holds texts, else of numbers, with NaN for NULL."""
    if any(isinstance(value, str | bytes) for value in column):
        return np.array(column, dtype=object)
    return np.array([np.nan if value is None else value for value in column])
