"""The tables of a run log, and how its file is opened: an SQLite database of many runs and many processes."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from functools import cache
from pathlib import Path

APPLICATION_ID = 0x68646C72  # "hdlr", stored in the file: marks it as a run log of hello_dl
VERSION = 1  # of the tables below, stored in the file as its user_version
WAIT = 10.0  # longest wait for another process that is writing, in seconds

# wall and cpu are seconds since the run began; cpu adds up those of all threads. Epochs and steps count
# from 1. Loss and accuracy of training are of the step's own batch; accuracies are shares from 0 to 1.
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


# Kinds of values in a column.
KINDS: dict[str, set[type]] = {"INTEGER": {int}, "REAL": {float, int}, "TEXT": {str}, "BLOB": {bytes}}


@cache
def _columns() -> dict[str, dict[str, tuple[str, bool]]]:
    """Return for each table its columns: the type, and whether a value may be missing."""
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(TABLES)
        ours = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        names = connection.execute(ours).fetchall()
        rows = {name: connection.execute(f"PRAGMA table_info({name})").fetchall() for (name,) in names}
    return {name: {row[1]: (row[2], not row[3]) for row in rows[name]} for (name,) in names}


def columns_of(table: str) -> list[str]:
    """Return the names of the columns that a table of a run log has."""
    return list(_columns().get(table, ()))


@cache
def kinds_of_columns() -> dict[str, set[type]]:
    """Return which kinds of values a column of this name may hold, in whatever table."""
    kinds: dict[str, set[type]] = {}
    for columns in _columns().values():
        for name, (kind, may_miss) in columns.items():
            kinds.setdefault(name, set()).update(KINDS[kind])
            if may_miss:
                kinds[name].add(type(None))
    return kinds


def open_to_write(path: Path, wait: float = WAIT) -> sqlite3.Connection:
    """Open a run log to write to it; make one if there is none.

    Several processes may write at the same time: each waits for its turn, at most `wait` seconds. Raises
    ValueError if the file is no run log or one of a newer version, OSError if it cannot be opened or made.
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
            raise database_error(error, path) from None
        raise
    return connection


def open_to_read(path: Path) -> sqlite3.Connection:
    """Open a run log to read it, also while other processes write to it.

    Raises FileNotFoundError if there is none, ValueError if the file is no run log or one of a newer version,
    OSError if it cannot be opened.
    """
    if not path.is_file():
        raise FileNotFoundError(f"{path}: there is no such file; `hello-dl train ... --log {path}` makes one")
    # SQLite needs to make a file beside it (path-wal). In a read-only folder it cannot; then no process can
    # be writing to the log either, and `immutable` tells SQLite to do without that file.
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
            if isinstance(error, UnicodeDecodeError):
                raise ValueError(f"{path}: is damaged: holds text that is not UTF-8 ({error})") from None
            if not isinstance(error, sqlite3.Error):
                raise
            problem = database_error(error, path)
    raise problem from None


def database_error(error: sqlite3.Error, path: Path) -> Exception:
    """Return the exception to raise for an error of SQLite: it names the file and says what to do."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the higher bits only name subkinds
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
    """Tell whether the database is empty and belongs to no program yet."""
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    return bool(tables == 0 and _number(connection, "application_id") == 0)


def _check(connection: sqlite3.Connection, path: Path) -> None:
    """Raise ValueError for a database of another program, or of a newer version of hello_dl."""
    if _number(connection, "application_id") != APPLICATION_ID:
        raise ValueError(
            f"{path}: needs a run log of hello_dl, got another program's database; it stays as it is"
        )
    odd = "SELECT type, name FROM sqlite_master WHERE type NOT IN ('table', 'index')"
    if found := connection.execute(odd).fetchone():  # a view may have no end
        raise ValueError(f"{path}: needs a run log of hello_dl, got one with the {found[0]} {found[1]}")
    version = _number(connection, "user_version")
    if version > VERSION:
        raise ValueError(
            f"{path}: was written by a newer hello_dl (format {version}, this one knows {VERSION}): upgrade"
        )


def _number(connection: sqlite3.Connection, pragma: str) -> int:
    """Return a setting of the database that is a whole number."""
    (number,) = connection.execute(f"PRAGMA {pragma}").fetchone()
    return int(number)


def _speed_up(connection: sqlite3.Connection) -> None:
    """Switch to a write-ahead log: others can read during a write, and few writes wait for the disk.

    A killed process loses nothing that it has written; a power cut can lose the last rows.
    """
    try:
        connection.execute("PRAGMA journal_mode = WAL")
    except sqlite3.OperationalError:
        return  # the database is in use, or the file system cannot do it: slower, but right
    connection.execute("PRAGMA synchronous = NORMAL")
