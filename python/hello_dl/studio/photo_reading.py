"""Reads a photo in its folder, in the process for heavy work, and makes use of its corrections."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from PIL import Image

from hello_dl.files import save_picture, write_text
from hello_dl.reading.annotate import annotate
from hello_dl.reading.image.arrays import Bytes
from hello_dl.reading.image.load import open_image
from hello_dl.reading.page import Page
from hello_dl.reading.reader import PageReader
from hello_dl.teaching.lines.written import see_lines

SHOWN_SIDE = 2400  # pixels: longer side of the picture that the page shows


@cache
def page_reader() -> PageReader:
    """Return the reader of this process, loaded once."""
    return PageReader.load()


def warm_up() -> None:
    """Load the reader before the first photo comes."""
    page_reader()


def read_photo(folder: Path, pixels: int) -> None:
    """Read the photo `original` in a folder; write `shown.jpg` and `page.json`.

    ValueError if it has more pixels than `pixels`, or is no picture.
    """
    Image.MAX_IMAGE_PIXELS = pixels
    picture = open_image(folder / "original")
    if picture.width * picture.height > pixels:
        raise ValueError(
            f"needs at most {pixels / 1e6:.0f} megapixels, got {picture.width} x {picture.height} pixels"
        )
    shown = picture.convert("RGB")
    shown.thumbnail((SHOWN_SIDE, SHOWN_SIDE))
    save_picture(shown, folder / "shown.jpg")
    write_text(folder / "page.json", json.dumps(page_reader().read(picture).to_dict()))


def right_words(page: dict[str, Any], corrections: dict[str, str]) -> list[list[str]]:
    """Return the words of each line, corrected; corrections have the number of the word on the page."""
    lines, number = [], 0
    for line in page["lines"]:
        words = [word["text"] for word in line["words"]]
        lines.append([corrections.get(str(k), word) for k, word in enumerate(words, number)])
        number += len(words)
    return lines


def corrected_lines(folder: Path) -> list[tuple[Bytes, str]]:
    """Return the pictures (48, w) of a photo's lines with corrected words, and what they really say."""
    page = load_json(folder / "page.json", {"lines": []})
    corrections = load_json(folder / "corrections.json", {})
    seen = see_lines(folder / "original", page_reader().lines)
    found = []
    for was, right in zip(right_words(page, {}), right_words(page, corrections), strict=True):
        same = [line for line in seen if line.text.split() == was]
        if right != was and same:
            found.append((same[0].picture, " ".join(right)))
    return found


def annotated_picture(folder: Path) -> Path:
    """Draw what was read onto a photo, and return the file."""
    page = Page.from_dict(load_json(folder / "page.json", None))
    save_picture(annotate(folder / "original", page), folder / "annotated.png")
    return folder / "annotated.png"


def load_json(path: Path, otherwise: Any) -> Any:
    """Return what a JSON file holds; something else if it is not there or damaged."""
    try:
        return json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return otherwise
