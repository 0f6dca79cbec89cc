"""What people write for the studio to learn: samples of a hand, one by one, and what was taught of them.

A hand is a folder of its name. Each sample is two files: its picture as the network sees it (ID.png), and
what it says, with its strokes if it was drawn (ID.json). Nothing leaves this computer.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from fastapi import APIRouter, HTTPException
from PIL import Image
from pydantic import BaseModel, Field

from hello_dl.files import save_picture, write_text
from hello_dl.studio.drawing import Drawing, arrays_of, line_pictures, png
from hello_dl.studio.limits import Limits
from hello_dl.studio.runs import Curve, thinned
from hello_dl.studio.strokes import letter_image
from hello_dl.teaching.keep import STEPS
from hello_dl.teaching.letter_sets import CLASSES
from hello_dl.teaching.lines.line_sets import check_line
from hello_dl.teaching.sheet.sentences import SENTENCES
from hello_dl.weights import BUNDLED

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_-]{0,60}$")]
Id = Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")]
Kind = Literal["letters", "lines"]


class SampleDrawing(Drawing):
    """Strokes that say `text`: one letter or digit, or a line of writing."""

    kind: Kind
    text: str = Field(min_length=1, max_length=200)


class Sample(BaseModel):
    """A sample: its picture as the network sees it, as a PNG in Base64, and what it says."""

    id: str
    kind: Kind
    text: str
    picture: str


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


class Hands:
    """The hands in the studio's folder, and the processes that teach them."""

    def __init__(self, folder: Path, limits: Limits) -> None:
        self.folder, self.limits = folder / "hands", limits
        self.lessons: dict[str, subprocess.Popen[bytes]] = {}

    def at(self, name: str, kind: Kind | None = None) -> list[Path]:
        """Return the files of a hand's samples, of one kind if it is given, the oldest first."""
        folder = self.folder / name
        found = (
            [f for f in folder.glob("*.json") if re.fullmatch("[0-9a-f]{16}", f.stem)]
            if folder.is_dir()
            else []
        )
        found.sort(key=lambda file: (file.stat().st_mtime_ns, file.name))
        return [file for file in found if kind is None or _read(file).get("kind") == kind]

    def listed(self) -> list[Hand]:
        """Return all hands."""
        folders = sorted(f for f in self.folder.iterdir() if f.is_dir()) if self.folder.is_dir() else []
        return [
            Hand(
                name=f.name,
                letters=len(self.at(f.name, "letters")),
                lines=len(self.at(f.name, "lines")),
                teaching=self.is_running(f.name),
            )
            for f in folders
        ]

    def add(self, name: str, given: SampleDrawing) -> Sample:
        """Keep a drawn sample. 422 if the strokes are no such sample."""
        if name in BUNDLED:
            raise HTTPException(422, f"name: {name} is the name of bundled weights; choose another")
        if len(self.at(name)) >= self.limits.samples:
            raise HTTPException(409, f"{name} has {self.limits.samples} samples already; delete some first")
        strokes = arrays_of(given, self.limits)
        text = " ".join(given.text.split())
        if given.kind == "letters":
            if text not in CLASSES:
                raise HTTPException(422, f"text: needs one letter or digit, got {text!r}")
            picture = letter_image(strokes)
        else:
            pictures = line_pictures(strokes)
            if len(pictures) != 1:
                raise HTTPException(
                    422, f"needs one line of writing, found {len(pictures)}; write it once more"
                )
            picture = pictures[0]
        return self.keep(name, given.kind, text, picture, given.strokes)

    def keep(
        self,
        name: str,
        kind: Kind,
        text: str,
        picture: np.ndarray[Any, np.dtype[np.uint8]],
        strokes: Any = None,
    ) -> Sample:
        """Write a sample's two files. 422 if the picture is too short for its text."""
        if kind == "lines":
            try:
                check_line(picture, text)
            except ValueError as error:
                raise HTTPException(422, str(error)) from None
        key = secrets.token_hex(8)
        (self.folder / name).mkdir(parents=True, exist_ok=True)
        save_picture(Image.fromarray(picture), self.folder / name / f"{key}.png")
        about = {"kind": kind, "text": text, "strokes": strokes}
        write_text(self.folder / name / f"{key}.json", json.dumps(about))
        return self.sample(name, key)

    def sample(self, name: str, key: str) -> Sample:
        """Return a sample; 404 if there is none."""
        about = _read(self.folder / name / f"{key}.json")
        try:
            with Image.open(self.folder / name / f"{key}.png") as picture:
                return Sample(id=key, kind=about["kind"], text=about["text"], picture=png(picture))
        except (OSError, KeyError, ValueError):
            raise HTTPException(404, f"{name} has no sample {key}; it may have been deleted") from None

    def samples(self, name: str) -> list[Sample]:
        """Return all samples of a hand."""
        found = []
        for file in self.at(name):
            try:
                found.append(self.sample(name, file.stem))
            except HTTPException:  # deleted meanwhile, or damaged
                continue
        return found

    def forget(self, name: str, key: str) -> None:
        """Delete a sample; 404 if there is none."""
        self.sample(name, key)
        for ending in ("json", "png"):
            (self.folder / name / f"{key}.{ending}").unlink(missing_ok=True)

    def forget_all(self, name: str) -> None:
        """Delete a hand with all its samples; what was taught stays."""
        self.stop(name)
        if not (self.folder / name).is_dir():
            raise HTTPException(404, f"there is no hand {name}")
        shutil.rmtree(self.folder / name)

    def is_running(self, name: str) -> bool:
        """Whether a hand is being taught."""
        return name in self.lessons and self.lessons[name].poll() is None

    def teach(self, name: str, kind: Kind, steps: int) -> Lesson:
        """Begin to teach a hand's samples of a kind, in another process. 409 if one is being taught."""
        if running := [other for other in self.lessons if self.is_running(other)]:
            raise HTTPException(409, f"{running[0]} is being taught; stop it first, or wait")
        if not self.at(name, kind):
            raise HTTPException(409, f"{name} has no {kind} yet; write some first")
        folder = self.folder / name
        (folder / "lesson.jsonl").unlink(missing_ok=True)
        command = [sys.executable, "-m", "hello_dl.studio.lesson", str(folder), name, kind, str(steps)]
        with (folder / "lesson.txt").open("wb") as said:
            self.lessons[name] = subprocess.Popen(
                command, stdout=said, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                start_new_session=True, env={**os.environ, "PYTHONUNBUFFERED": "1"},
            )  # fmt: skip
        return self.lesson(name)

    def lesson(self, name: str) -> Lesson:
        """Return how teaching a hand is, or how it last ended."""
        running = self.is_running(name)
        rows = _rows(self.folder / name / "lesson.jsonl")
        steps = next((row["steps"] for row in rows if "steps" in row), 0)
        losses = [row["loss"] for row in rows if "loss" in row]
        result = next((row["result"] for row in rows if "result" in row), None)
        message = ""
        if not running and result is None and name in self.lessons:
            said = (self.folder / name / "lesson.txt").read_text("utf-8", "replace").strip().splitlines()
            message = said[-1][-300:] if said else "stopped"
        numbers = np.arange(1, len(losses) + 1, dtype=np.float64)
        loss = thinned(numbers, np.array(losses, np.float64)) if losses else None
        return Lesson(
            running=running, done=len(losses), steps=steps, loss=loss, result=result, message=message
        )

    def stop(self, name: str) -> None:
        """Stop teaching a hand; the weights stay as they were."""
        if self.is_running(name):
            self.lessons[name].send_signal(signal.SIGINT)
            try:
                self.lessons[name].wait(5)
            except subprocess.TimeoutExpired:
                self.lessons[name].kill()

    def stop_all(self) -> None:
        """Stop what still runs."""
        for name in self.lessons:
            self.stop(name)


def _read(file: Path) -> dict[str, Any]:
    """Return what is known of a sample; nothing if its file is gone or damaged."""
    try:
        about = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return about if isinstance(about, dict) else {}


def _rows(file: Path) -> list[dict[str, Any]]:
    """Return the whole lines of a file of JSON lines that is still being written."""
    try:
        lines = file.read_text("utf-8").splitlines(keepends=True)
    except OSError:
        return []
    return [json.loads(line) for line in lines if line.endswith("\n")]


def router(hands: Hands) -> APIRouter:
    """Return the part of the API that teaches a hand."""
    api = APIRouter(prefix="/api", tags=["teach"])

    @api.get("/prompts/{kind}")
    def prompts(kind: Kind) -> list[str]:
        """Return what is to be written: characters, or sentences that have all of them."""
        return list(SENTENCES) if kind == "lines" else [*CLASSES, *CLASSES]

    @api.get("/hands")
    def listed() -> list[Hand]:
        """Return all hands."""
        return hands.listed()

    @api.delete("/hands/{name}", status_code=204)
    def forget_all(name: Name) -> None:
        """Delete all samples of a hand."""
        hands.forget_all(name)

    @api.get("/hands/{name}/samples")
    def samples(name: Name) -> list[Sample]:
        """Return a hand's samples, the oldest first."""
        return hands.samples(name)

    @api.post("/hands/{name}/samples", status_code=201)
    def add(name: Name, sample: SampleDrawing) -> Sample:
        """Keep a drawn sample."""
        return hands.add(name, sample)

    @api.delete("/hands/{name}/samples/{key}", status_code=204)
    def forget(name: Name, key: Id) -> None:
        """Delete a sample."""
        hands.forget(name, key)

    @api.post("/hands/{name}/lessons/{kind}", status_code=201)
    def teach(name: Name, kind: Kind, steps: Annotated[int, Field(ge=1, le=2000)] = STEPS) -> Lesson:
        """Begin to teach what a hand has written; the weights appear under its name."""
        return hands.teach(name, kind, steps)

    @api.get("/hands/{name}/lesson")
    def lesson(name: Name) -> Lesson:
        """Return how teaching is, or how it last ended."""
        return hands.lesson(name)

    @api.delete("/hands/{name}/lesson")
    def stop(name: Name) -> Lesson:
        """Stop teaching."""
        hands.stop(name)
        return hands.lesson(name)

    return api
