"""What people write for the studio to learn: samples of a hand, one by one.

A hand is a folder of its name. Each sample is two files: its picture as the network sees it (ID.png), and
what it says, with its strokes if it was drawn (ID.json). Nothing leaves this computer.
"""

from __future__ import annotations

import json
import re
import secrets
import shutil
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from fastapi import APIRouter, HTTPException
from PIL import Image
from pydantic import BaseModel, Field

from hello_dl.files import save_picture, write_text
from hello_dl.studio.drawing import Drawing, arrays_of, line_pictures, png
from hello_dl.studio.limits import Limits
from hello_dl.studio.strokes import letter_image
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


class Hands:
    """The hands in the studio's folder."""

    def __init__(self, folder: Path, limits: Limits) -> None:
        self.folder, self.limits = folder / "hands", limits

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

    def names(self) -> list[str]:
        """Return the names of all hands."""
        return sorted(f.name for f in self.folder.iterdir() if f.is_dir()) if self.folder.is_dir() else []

    def add(self, name: str, given: SampleDrawing) -> Sample:
        """Keep a drawn sample. 422 if the strokes are no such sample."""
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
        """Write a sample's two files. 422 for a bundled name, or a picture too short for its text."""
        if name in BUNDLED:
            raise HTTPException(422, f"name: {name} is the name of bundled weights; choose another")
        if len(self.at(name)) >= self.limits.samples:
            raise HTTPException(409, f"{name} has {self.limits.samples} samples already; delete some first")
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
        if not (self.folder / name).is_dir():
            raise HTTPException(404, f"there is no hand {name}")
        shutil.rmtree(self.folder / name)


def _read(file: Path) -> dict[str, Any]:
    """Return what is known of a sample; nothing if its file is gone or damaged."""
    try:
        about = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return about if isinstance(about, dict) else {}


def router(hands: Hands) -> APIRouter:
    """Return the part of the API that keeps samples."""
    api = APIRouter(prefix="/api", tags=["teach"])

    @api.get("/prompts/{kind}")
    def prompts(kind: Kind) -> list[str]:
        """Return what is to be written: characters, or sentences that have all of them."""
        return list(SENTENCES) if kind == "lines" else [*CLASSES, *CLASSES]

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

    return api
