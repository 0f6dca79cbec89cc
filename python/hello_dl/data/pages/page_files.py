"""Writes a set of made-up pages to a folder: page-0000.jpg with page-0000.json beside it, and so on."""

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
    """Makes n pages, seeds `seed`, `seed` + 1 ..., and yields each picture's path when it is written.

    The truth lies beside each picture, as JSON: `Truth.to_dict` says how. `blank` makes pictures without
    writing. The folder is made if it is not there. Raises ValueError as `generate_page`, OSError if a file
    cannot be written.
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
