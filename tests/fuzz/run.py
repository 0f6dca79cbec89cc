"""Starts the child processes, watches them, and counts inputs and findings."""

from __future__ import annotations

import json
import queue
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from tests.fuzz.child import SECONDS
from tests.fuzz.readers import READERS

ROOT = Path(__file__).parents[2]
AT_ONCE = 2000  # damaged files that one child reads
STARTING = 300  # seconds that a child may take to begin


@dataclass
class Tally:
    """What came of one reader: inputs, seconds, and findings by kind with the seed of the first of each."""

    inputs: int = 0
    seconds: float = 0.0
    kinds: Counter[str] = field(default_factory=Counter)
    seeds: dict[str, int] = field(default_factory=dict)

    def add(self, kind: str, seed: int) -> None:
        """Count a finding."""
        self.kinds[kind] += 1
        self.seeds.setdefault(kind, seed)


def fuzz(names: list[str], seconds: float, seed: int, count: int | None = None) -> int:
    """Read damaged files for so many seconds, or `count` by each reader; return the number of findings.

    Slow readers read fewer than `count` (Reader.share).
    """
    tallies = {name: Tally() for name in names}
    for name, tally in tallies.items():
        begin, first = time.monotonic(), seed
        wanted = max(1, count // READERS[name].share) if count else None
        while tally.inputs < wanted if wanted else time.monotonic() - begin < seconds / len(names):
            end = None if wanted else begin + seconds / len(names)
            first = _child(name, first, wanted or AT_ONCE, tally, end)
        tally.seconds = time.monotonic() - begin
    print("| reader | inputs | a second | findings |\n|---|---|---|---|")
    for name, tally in tallies.items():
        rate = tally.inputs / max(tally.seconds, 1e-9)
        print(f"| {name} | {tally.inputs:,} | {rate:.0f} | {tally.kinds.total()} |")
    for name, tally in tallies.items():
        for kind, times in tally.kinds.most_common():
            print(f"{name}, {times} times, first with --seed {tally.seeds[kind]} --count 1: {kind}")
    return sum(tally.kinds.total() for tally in tallies.values())


def _child(name: str, first: int, count: int, tally: Tally, end: float | None) -> int:
    """Let a child read files from number `first` on, until `end`; return the number to go on with."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "tests.fuzz.child", name, str(first), str(count), folder]
        child = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        lines: queue.Queue[str | None] = queue.Queue()
        threading.Thread(target=_pass_on, args=(child, lines), daemon=True).start()
        at = None
        patience = float(STARTING)
        while True:
            try:
                line = lines.get(timeout=patience)
            except queue.Empty:
                child.kill()
                tally.add("hangs outside of Python", first if at is None else at)
                break
            if line is None:
                break
            said = json.loads(line)
            if "begins" in said:
                at, patience = int(said["begins"]), SECONDS + 10.0
                tally.inputs += 1
                if end is not None and time.monotonic() > end:
                    child.kill()
                    child.wait()
                    return at
            else:
                kind = re.sub(r"0x\w+|\d+", "N", said["error"].split("\n")[0])
                tally.add(f"{kind} at {said['place']}", said["seed"])
        errors = child.stderr.read() if child.stderr else ""
        if at is None:
            raise RuntimeError(f"{name}: the child could not begin: {errors[-2000:]}")
        if child.wait() not in (0, -9):
            tally.add(f"ended with {child.returncode}: {errors[-200:]}", at)
        return at + 1


def _pass_on(child: subprocess.Popen[str], lines: queue.Queue[str | None]) -> None:
    """Put a child's lines into a queue, and None at their end."""
    assert child.stdout is not None
    for line in child.stdout:
        lines.put(line)
    lines.put(None)
