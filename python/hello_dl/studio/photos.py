"""Photos that people give to the page: kept in a folder, read one after the other, corrected, deleted.

Each has a folder of its own in the studio's data folder: `original` (the bytes that came), `shown.jpg`
(upright, for the page), `page.json` (what was read) and `corrections.json`. Its name is a random number, so
nothing of an upload chooses a path.
"""

from __future__ import annotations

import asyncio
import json
import re
import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import APIRouter, HTTPException, UploadFile
from fastapi.responses import FileResponse, PlainTextResponse
from pydantic import BaseModel, Field

from hello_dl.files import write_text
from hello_dl.reading.lines.alphabet import SIGNS
from hello_dl.studio.hands import Hands, Name, Sample
from hello_dl.studio.limits import Limits
from hello_dl.studio.photo_reading import (
    annotated_picture,
    corrected_lines,
    load_json,
    read_photo,
    right_words,
)
from hello_dl.studio.safety import too_large
from hello_dl.studio.workers import Busy, Workers, answer

Id = Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")]
Stage = Literal["waiting", "reading", "read", "failed"]


class Photo(BaseModel):
    """A photo: its stage, what was read, or why it could not be read; words that were corrected by hand."""

    id: str
    name: str
    stage: Stage
    before: int = 0
    message: str = ""
    page: dict[str, Any] | None = None
    corrections: dict[str, str] = {}


class Correction(BaseModel):
    """What a word really is; `word` counts the words of the page from 0. An empty text takes it back."""

    word: int = Field(ge=0, le=100_000)
    text: str = Field(max_length=200)


@dataclass
class _Kept:
    """What is known of a photo besides its files."""

    name: str
    stage: Stage
    message: str = ""
    task: asyncio.Task[None] | None = None


class Photos:
    """The photos of this studio: those in its folder, and those that wait or are being read."""

    def __init__(self, folder: Path, workers: Workers, limits: Limits) -> None:
        self.folder, self.workers, self.limits = folder / "photos", workers, limits
        self.known: dict[str, _Kept] = {}

    def found(self) -> list[str]:
        """Return the ids of the photos on disk, the newest first."""
        if not self.folder.is_dir():
            return []
        folders = [f for f in self.folder.iterdir() if re.fullmatch("[0-9a-f]{16}", f.name) and f.is_dir()]
        return [f.name for f in sorted(folders, key=lambda f: f.stat().st_mtime, reverse=True)]

    def at(self, key: str) -> Path:
        """Return the folder of a photo; 404 if there is none."""
        folder = self.folder / key
        if not folder.is_dir():
            raise HTTPException(404, f"there is no photo {key}; it may have been deleted")
        return folder

    async def take(self, upload: UploadFile) -> Photo:
        """Put an upload on disk, and have it read when its turn comes."""
        if self.workers.waiting > self.limits.waiting:
            raise HTTPException(503, f"{self.workers.waiting} photos wait already; try again in a while")
        key = secrets.token_hex(8)
        folder = self.folder / key
        folder.mkdir(parents=True)
        try:
            size = 0
            with (folder / "original").open("wb") as file:
                while block := await upload.read(1 << 20):
                    size += len(block)
                    if size > self.limits.photo_bytes:
                        raise too_large(self.limits.photo_bytes)
                    file.write(block)
            name = (upload.filename or "photo")[:100]
            write_text(folder / "name.json", json.dumps(name))
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        kept = self.known[key] = _Kept(name, "waiting")
        kept.task = asyncio.create_task(self._read(key, kept))
        for old in self.found()[self.limits.kept :]:
            self.forget(old)
        return self.state(key)

    async def _read(self, key: str, kept: _Kept) -> None:
        """Wait for a photo's turn and read it; what goes wrong becomes its message."""
        try:
            await self.workers.run(read_photo, self.folder / key, self.limits.photo_pixels)
            kept.stage = "read"
        except asyncio.CancelledError:
            raise
        except (Busy, OSError, ValueError, RuntimeError, MemoryError) as error:
            kept.stage = "failed"
            kept.message = str(error).replace(str(self.folder / key / "original"), kept.name)
        except Exception as error:  # one photo must not stop the studio
            kept.stage, kept.message = "failed", f"{type(error).__name__}: {error}"

    def state(self, key: str) -> Photo:
        """Return what is known of a photo."""
        folder = self.at(key)
        kept = self.known.get(key)
        name = kept.name if kept else load_json(folder / "name.json", "photo")
        page = load_json(folder / "page.json", None)
        stage: Stage = kept.stage if kept else "read" if page else "failed"
        message = kept.message if kept else "" if page else "its reading was interrupted; give it again"
        before = [k for k, one in self.known.items() if one.stage == "waiting"]
        place = before.index(key) if key in before else 0
        if stage == "waiting" and place == 0:
            stage = "reading"
        corrections = load_json(folder / "corrections.json", {})
        return Photo(
            id=key, name=name, stage=stage, before=place, message=message, page=page, corrections=corrections
        )

    def correct(self, key: str, given: Correction) -> Photo:
        """Keep what a word really is."""
        folder = self.at(key)
        page = load_json(folder / "page.json", None)
        if page is None:
            raise HTTPException(409, "this photo is not read yet")
        words = sum(len(line["words"]) for line in page["lines"])
        if given.word >= words:
            raise HTTPException(
                422, f"word: needs one of the {words} words, counted from 0; got {given.word}"
            )
        text = " ".join(given.text.split())
        if lacking := sorted(set(text) - set(SIGNS)):
            raise HTTPException(422, f"text: the reader has no sign for {' '.join(lacking)}")
        corrections = load_json(folder / "corrections.json", {})
        if text:
            corrections[str(given.word)] = text
        else:
            corrections.pop(str(given.word), None)
        write_text(folder / "corrections.json", json.dumps(corrections))
        return self.state(key)

    def forget(self, key: str) -> None:
        """Delete a photo, and stop waiting for it."""
        kept = self.known.pop(key, None)
        if kept is not None and kept.task is not None:
            kept.task.cancel()
        shutil.rmtree(self.folder / key, ignore_errors=True)


def router(photos: Photos, hands: Hands) -> APIRouter:
    """Return the part of the API that reads photos."""
    api = APIRouter(prefix="/api/photos", tags=["read"])

    @api.get("")
    def listed() -> list[Photo]:
        """Return all photos, the newest first, without what was read."""
        found = [photos.state(key) for key in photos.found()]
        return [one.model_copy(update={"page": None}) for one in found]

    @api.post("", status_code=202)
    async def take(photo: UploadFile) -> Photo:
        """Take a photo; it is read when those before it have been."""
        return await photos.take(photo)

    @api.get("/{key}")
    def state(key: Id) -> Photo:
        """Return a photo's stage, and what was read."""
        return photos.state(key)

    @api.get("/{key}/picture", response_class=FileResponse)
    def picture(key: Id) -> FileResponse:
        """Return the upright picture."""
        file = photos.at(key) / "shown.jpg"
        if not file.is_file():
            raise HTTPException(404, "this photo could not be opened, or is not yet")
        return FileResponse(file, media_type="image/jpeg")

    @api.get("/{key}/annotated", response_class=FileResponse)
    def annotated(key: Id) -> FileResponse:
        """Return the picture with what was read drawn onto it."""
        if photos.state(key).page is None:
            raise HTTPException(409, "this photo is not read yet")
        return FileResponse(annotated_picture(photos.at(key)), media_type="image/png", filename="read.png")

    @api.get("/{key}/text", response_class=PlainTextResponse)
    def text(key: Id) -> str:
        """Return the text, with the corrections."""
        photo = photos.state(key)
        lines = right_words(photo.page, photo.corrections) if photo.page else []
        return "\n".join(" ".join(words) for words in lines)

    @api.put("/{key}/words")
    def correct(key: Id, given: Correction) -> Photo:
        """Say what a word really is."""
        return photos.correct(key, given)

    @api.post("/{key}/samples/{name}", status_code=201)
    async def keep(key: Id, name: Name) -> list[Sample]:
        """Keep the lines with corrected words as samples of a hand."""
        lines = await answer(photos.workers, corrected_lines, photos.at(key))
        if not lines:
            raise HTTPException(409, "no line of this photo has a corrected word yet")
        return [hands.keep(name, "lines", text, picture) for picture, text in lines]

    @api.delete("/{key}", status_code=204)
    def delete(key: Id) -> None:
        """Delete a photo and all that was read in it."""
        photos.at(key)
        photos.forget(key)

    return api
