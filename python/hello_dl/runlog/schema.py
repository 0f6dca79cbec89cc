"""What a run log holds, and how its file is opened: one SQLite database, several runs, several processes."""

from __future__ import annotations

import sqlite3
from pathlib import Path

APPLICATION_ID = 0x68646C72  # "hdlr": says whose database this is
VERSION = 1  # of the tables below; PRAGMA user_version
WAIT = 10.0  # seconds, for another process that is writing

# Seconds count from the run's start; cpu are those of all threads together. Epochs and steps count from 1.
# Loss and accuracy of training are those of the step's own batch; accuracies are shares from 0 to 1.
TABLES = """
CREATE TABLE run (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    started TEXT NOT NULL,         -- UTC, 2026-01-31T12:00:00+00:00
    finished TEXT,                 -- empty while it runs, and for ever if it was killed
    outcome TEXT,                  -- finished, stopped, or the error
    command TEXT NOT NULL,
    seed INTEGER,
    steps INTEGER,                 -- how many are planned
    epoch_steps INTEGER,           -- how many make an epoch
    hyperparameters TEXT NOT NULL, -- JSON, as are the next two
    versions TEXT NOT NULL,
    classes TEXT NOT NULL
);
CREATE TABLE training (
    run INTEGER NOT NULL REFERENCES run, step INTEGER NOT NULL, epoch INTEGER NOT NULL,
    wall REAL NOT NULL, cpu REAL NOT NULL, loss REAL, accuracy REAL, lr REAL,
    PRIMARY KEY (run, step)
) WITHOUT ROWID;
CREATE TABLE validation (
    run INTEGER NOT NULL REFERENCES run, step INTEGER NOT NULL, epoch INTEGER NOT NULL,
    wall REAL NOT NULL, cpu REAL NOT NULL, loss REAL, accuracy REAL, items INTEGER NOT NULL,
    PRIMARY KEY (run, step)
) WITHOUT ROWID;
CREATE TABLE tensor (
    run INTEGER NOT NULL REFERENCES run, step INTEGER NOT NULL,
    kind TEXT NOT NULL,            -- parameter (after the step) or gradient (of the step)
    name TEXT NOT NULL, size INTEGER NOT NULL, norm REAL, mean REAL,
    q0 REAL, q5 REAL, q25 REAL, q50 REAL, q75 REAL, q95 REAL, q100 REAL, -- quantiles in percent
    PRIMARY KEY (run, step, kind, name)
) WITHOUT ROWID;
CREATE TABLE value (
    run INTEGER NOT NULL REFERENCES run, step INTEGER NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL,
    shape TEXT NOT NULL,           -- JSON
    numbers BLOB NOT NULL,         -- float32, little-endian, row by row
    PRIMARY KEY (run, step, kind, name)
);
CREATE TABLE confusion (
    run INTEGER NOT NULL REFERENCES run, step INTEGER NOT NULL,
    truth INTEGER NOT NULL, answer INTEGER NOT NULL, items INTEGER NOT NULL, -- only where there are any
    PRIMARY KEY (run, step, truth, answer)
) WITHOUT ROWID;
CREATE TABLE mistake (             -- a few images of the pairs most often confused, at the last validation
    run INTEGER NOT NULL REFERENCES run, truth INTEGER NOT NULL, answer INTEGER NOT NULL,
    image BLOB NOT NULL            -- 28 x 28 bytes, 0 = paper, 255 = ink
);
CREATE INDEX mistake_run ON mistake (run);
"""


def open_to_write(path: Path, wait: float = WAIT) -> sqlite3.Connection:
    """Open a run log, or begin one. Raises ValueError if it is another kind of file, OSError if that fails.

    Others may write to it at the same time: each waits for its turn, for `wait` seconds at most.
    """
    if path.exists() and not path.is_file():
        raise OSError(f"{path}: needs the name of a file for the run log, but something else is there")
    if not path.parent.is_dir():
        raise FileNotFoundError(f"{path}: there is no folder {path.parent}; make it first")
    connection = None
    try:
        connection = sqlite3.connect(path, timeout=wait, isolation_level=None)
        connection.execute("BEGIN IMMEDIATE")  # so that of two processes only one makes the tables
        if _is_new(connection):
            for statement in TABLES.split(";\n"):
                connection.execute(statement)
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {VERSION}")
        _check(connection, path)
        connection.execute("COMMIT")
        _speed_up(connection)
    except BaseException as error:
        if connection is not None:
            connection.close()
        if isinstance(error, sqlite3.Error):
            raise in_words(error, path) from None
        raise
    return connection


def open_to_read(path: Path) -> sqlite3.Connection:
    """Open a run log to read it, even while others write to it. Raises ValueError or OSError."""
    if not path.is_file():
        raise FileNotFoundError(f"{path}: there is no such file; `hello-dl train ... --log {path}` makes one")
    # SQLite makes helper files beside it. In a folder that is read-only it cannot; nobody writes there then.
    alone = not Path(f"{path}-wal").exists()
    connection = None
    for options in ("mode=rw", "mode=ro&immutable=1") if alone else ("mode=rw",):
        try:
            connection = sqlite3.connect(f"{path.resolve().as_uri()}?{options}", uri=True, timeout=WAIT)
            connection.execute("PRAGMA query_only = ON")
            _check(connection, path)
            return connection
        except BaseException as error:
            if connection is not None:
                connection.close()
            if not isinstance(error, sqlite3.Error):
                raise
            problem = in_words(error, path)
    raise problem from None


def in_words(error: sqlite3.Error, path: Path) -> Exception:
    """Return what went wrong with a database as an exception that says what to do."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the rest tells apart kinds of the same thing
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return OSError(f"{path}: another program keeps it locked; end that one, or log to another file")
    if code == sqlite3.SQLITE_READONLY:
        return PermissionError(f"{path}: is read-only; log to another file, or make it writable")
    if code == sqlite3.SQLITE_FULL:
        return OSError(f"{path}: no space left on the disk (or the file may grow no further)")
    if code == sqlite3.SQLITE_CANTOPEN:
        return OSError(f"{path}: cannot be opened; choose a file in a folder that is yours")
    if code == sqlite3.SQLITE_IOERR:
        return OSError(f"{path}: reading or writing it fails; is the disk full?")
    return ValueError(f"{path}: needs a run log of hello_dl, got something else or a damaged file ({error})")


def _is_new(connection: sqlite3.Connection) -> bool:
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    return bool(tables == 0 and _number(connection, "application_id") == 0)


def _check(connection: sqlite3.Connection, path: Path) -> None:
    """Raise ValueError for the database of another program, or of a later version of ours."""
    if _number(connection, "application_id") != APPLICATION_ID:
        raise ValueError(
            f"{path}: needs a run log of hello_dl, got another program's database; it stays as it is"
        )
    version = _number(connection, "user_version")
    if version > VERSION:
        raise ValueError(
            f"{path}: was written by a newer hello_dl (format {version}, this one knows {VERSION}): upgrade"
        )


def _number(connection: sqlite3.Connection, pragma: str) -> int:
    (number,) = connection.execute(f"PRAGMA {pragma}").fetchone()
    return int(number)


def _speed_up(connection: sqlite3.Connection) -> None:
    """Let others read while we write, and wait for the disk only now and then; a kill loses nothing."""
    try:
        connection.execute("PRAGMA journal_mode = WAL")
    except sqlite3.OperationalError:
        return  # another process is at it, or the file system cannot; then the slower way
    connection.execute("PRAGMA synchronous = NORMAL")
