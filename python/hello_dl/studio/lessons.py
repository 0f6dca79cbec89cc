"""Teaches hands, each in a process of its own, and tells how that goes (lesson_process.py does the work)."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from fastapi import APIRouter, HTTPException
from pydantic import BaseModel, Field

from hello_dl.studio import processes
from hello_dl.studio.hands import Hands, Kind, Name
from hello_dl.studio.runs import Curve, thinned
from hello_dl.teaching.keep import STEPS


class Hand(BaseModel):
    """A hand: how many letters and lines it has, and whether it is being taught."""

    name: str
    letters: int
    lines: int
    teaching: bool


class Lesson(BaseModel):
    """How teaching is: steps done and to be done, the loss so far, and in the end what came of it.

    `result` has error rates (0 to 1) before and after, of the hand's own samples (judged by networks that
    were taught without them) and of writing by others.
    """

    running: bool
    done: int = 0
    steps: int = 0
    loss: Curve | None = None
    result: dict[str, float | None] | None = None
    message: str = ""


class Lessons:
    """The processes that teach hands."""

    def __init__(self, hands: Hands) -> None:
        self.hands = hands
        self.known: dict[str, subprocess.Popen[bytes]] = {}

    def listed(self) -> list[Hand]:
        """Return all hands."""
        return [
            Hand(
                name=name,
                letters=len(self.hands.at(name, "letters")),
                lines=len(self.hands.at(name, "lines")),
                teaching=self.is_running(name),
            )
            for name in self.hands.names()
        ]

    def is_running(self, name: str) -> bool:
        """Whether a hand is being taught."""
        return name in self.known and self.known[name].poll() is None

    def begin(self, name: str, kind: Kind, steps: int) -> Lesson:
        """Begin to teach a hand's samples of a kind. 409 if one is being taught, or there are none."""
        if running := [other for other in self.known if self.is_running(other)]:
            raise HTTPException(409, f"{running[0]} is being taught; stop it first, or wait")
        if not self.hands.at(name, kind):
            raise HTTPException(409, f"{name} has no {kind} yet; write some first")
        folder = self.hands.folder / name
        (folder / "lesson.jsonl").unlink(missing_ok=True)
        work = ("hello_dl.studio.lesson_process", str(folder), name, kind, str(steps))
        self.known[name] = processes.start(*work, said=folder / "lesson.txt")
        return self.state(name)

    def state(self, name: str) -> Lesson:
        """Return how teaching a hand is, or how it last ended."""
        running, folder = self.is_running(name), self.hands.folder / name
        rows = _rows(folder / "lesson.jsonl")
        steps = next((row["steps"] for row in rows if "steps" in row), 0)
        losses = np.array([row["loss"] for row in rows if "loss" in row], np.float64)
        result = next((row["result"] for row in rows if "result" in row), None)
        message = ""
        if not running and result is None and name in self.known:
            message = processes.last_words(folder / "lesson.txt") or "stopped"
        loss = thinned(np.arange(1, len(losses) + 1, dtype=np.float64), losses) if len(losses) else None
        return Lesson(
            running=running, done=len(losses), steps=steps, loss=loss, result=result, message=message
        )

    def stop(self, name: str) -> None:
        """Stop teaching a hand; the weights stay as they were."""
        if name in self.known:
            processes.stop(self.known[name])

    def stop_all(self) -> None:
        """Stop what still runs."""
        for name in self.known:
            self.stop(name)


def _rows(file: Path) -> list[dict[str, Any]]:
    """Return the whole lines of a file of JSON lines that is still being written."""
    try:
        lines = file.read_text("utf-8").splitlines(keepends=True)
    except OSError:
        return []
    return [json.loads(line) for line in lines if line.endswith("\n")]


def router(lessons: Lessons) -> APIRouter:
    """Return the part of the API that teaches hands."""
    api = APIRouter(prefix="/api/hands", tags=["teach"])

    @api.get("")
    def listed() -> list[Hand]:
        """Return all hands."""
        return lessons.listed()

    @api.delete("/{name}", status_code=204)
    def forget_all(name: Name) -> None:
        """Delete all samples of a hand, and stop teaching it."""
        lessons.stop(name)
        lessons.hands.forget_all(name)

    @api.post("/{name}/lessons/{kind}", status_code=201)
    def teach(name: Name, kind: Kind, steps: Annotated[int, Field(ge=1, le=2000)] = STEPS) -> Lesson:
        """Begin to teach what a hand has written; the weights appear under its name."""
        return lessons.begin(name, kind, steps)

    @api.get("/{name}/lesson")
    def lesson(name: Name) -> Lesson:
        """Return how teaching is, or how it last ended."""
        return lessons.state(name)

    @api.delete("/{name}/lesson")
    def stop(name: Name) -> Lesson:
        """Stop teaching."""
        lessons.stop(name)
        return lessons.state(name)

    return api
