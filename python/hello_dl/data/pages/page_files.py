"""Writes a set of synthetic pages to a folder: page-0000.jpg with page-0000.json beside it, and so on."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

from hello_dl.data.pages.generate import generate_blank, generate_page
from hello_dl.files import write_aside, write_text


def save_pages(
    folder: str | os.PathLike[str],
    n: int,
    difficulty: str = "medium",
    seed: int = 0,
    *,
    kind: str = "letters",
    text: str | None = None,
    megapixels: float = 2.4,
    blank: bool = False,
) -> Iterator[Path]:
    """Write n pages with the seeds `seed`, `seed` + 1, ... to a folder; yield each picture's path.

    The other arguments are those of `generate_page`; with `blank`, the pictures have no writing. The truth of
    each is written beside it, as JSON (see `Truth.to_dict`). The folder is made if it is not there. Raises
    ValueError as `generate_page` does, OSError if a file cannot be written.
    """
    if n < 0:
        raise ValueError(f"save_pages: needs n >= 0 pages, got {n}")
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(seed, seed + n):
        if blank:
            photo, truth = generate_blank(number, difficulty, megapixels=megapixels)
        else:
            photo, truth = generate_page(number, difficulty, text, kind=kind, megapixels=megapixels)
        path = folder / f"page-{number:04}.jpg"
        with write_aside(path) as file:
            photo.save(file, format="JPEG", quality=92)
        write_text(path.with_suffix(".json"), json.dumps(truth.to_dict()))
        yield path
