"""Run an example in a process of its own."""

from __future__ import annotations

import subprocess
import sys


def run(name: str, *options: object, fails: bool = False) -> str:
    """Run an example in a process of its own, as a user does; return what it prints."""
    command = [sys.executable, "-W", "error", "-m", f"hello_dl.examples.{name}", *map(str, options)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode != 0) == fails, done.stderr
    return done.stderr if fails else done.stdout
