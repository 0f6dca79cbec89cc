"""Starts and stops the studio's own programs: trainings and lessons."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

PATIENCE = 5.0  # seconds in which a program has to end after Ctrl-C


def start(module: str, *arguments: str, said: Path, folder: Path | None = None) -> subprocess.Popen[bytes]:
    """Start `python -m module arguments` in a folder; what it prints goes into the file `said`."""
    with said.open("wb") as output:
        return subprocess.Popen(
            [sys.executable, "-m", module, *arguments], stdout=output, stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL, cwd=folder, start_new_session=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )  # fmt: skip


def stop(process: subprocess.Popen[bytes]) -> bool:
    """Stop a program as Ctrl-C does, or kill it if it does not end; return whether it still ran."""
    if process.poll() is not None:
        return False
    process.send_signal(signal.SIGINT)
    try:
        process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    return True


def last_words(said: Path) -> str:
    """Return the last line that a program printed, shortened; nothing if it printed none."""
    lines = said.read_text("utf-8", "replace").replace("\r", "\n").strip().splitlines()
    return lines[-1][-300:] if lines else ""
