"""Goes on with a run in a run log: what was logged after the checkpoint is logged anew."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from hello_dl.runlog.schema import database_error

BY_STEP = ("training", "validation", "tensor", "value", "confusion")  # tables whose rows belong to a step


def started(connection: sqlite3.Connection, run: int) -> str | None:
    """Return when a run has begun, by which it is known again; None while the log cannot be read."""
    with suppress(sqlite3.Error):
        row = connection.execute("SELECT started FROM run WHERE id = ?", (run,)).fetchone()
        return None if row is None else str(row[0])
    return None


def take_up(connection: sqlite3.Connection, path: Path, state: Mapping[str, Any]) -> dict[str, Any]:
    """Return the state of a run that goes on, with its rows after the state's step removed.

    `state` is what RunWriter.state_dict returned. An empty dict if the log does not have that run: then the
    log is another one. Raises as `open_to_write` if it cannot be written.
    """
    run, step = state["id"], state["step"]
    if state["started"] is None or started(connection, run) != state["started"]:
        return {}
    try:
        connection.execute("BEGIN IMMEDIATE")
        for table in BY_STEP:
            connection.execute(f"DELETE FROM {table} WHERE run = ? AND step > ?", (run, step))
        connection.execute("UPDATE run SET finished = NULL, outcome = NULL WHERE id = ?", (run,))
        connection.execute("COMMIT")
    except sqlite3.Error as error:
        connection.close()
        raise database_error(error, path) from None
    return dict(state)
