"""Teaches the samples of a hand, as a process of its own.

    python -m hello_dl.studio.lesson_process FOLDER NAME letters|lines STEPS

Each step's loss and in the end the result are appended to FOLDER/lesson.jsonl, which the studio reads.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from hello_dl import set_num_threads
from hello_dl.files import make_folder
from hello_dl.teaching.keep import keep_letters, keep_lines, steps_of_letters, steps_of_lines
from hello_dl.teaching.letter_sets import to_images
from hello_dl.teaching.lines.line_sets import OwnLines
from hello_dl.weights import user_folder


def load_samples(folder: Path, kind: str) -> tuple[list[Any], list[str]]:
    """Return the pictures of a hand's samples of a kind, "letters" or "lines", and what they say."""
    pictures, texts = [], []
    for file in sorted(folder.glob("*.json")):
        about = json.loads(file.read_text("utf-8"))
        if about.get("kind") == kind:
            with Image.open(file.with_suffix(".png")) as picture:
                pictures.append(np.array(picture.convert("L"), np.uint8))
            texts.append(about["text"])
    return pictures, texts


def teach(folder: Path, name: str, kind: str, steps: int) -> None:
    """Teach what a hand has written, and note how it goes."""
    pictures, texts = load_samples(folder, kind)
    target = make_folder(user_folder(), "HELLO_DL_DATA")
    with (folder / "lesson.jsonl").open("w", encoding="utf-8") as notes:

        def note(**what: object) -> None:
            notes.write(json.dumps(what) + "\n")
            notes.flush()

        how: dict[str, Any] = {"steps": steps, "on_step": lambda _, loss: note(loss=loss)}

        if kind == "lines":
            note(steps=steps_of_lines(len(texts), steps))
            lines = keep_lines(OwnLines(tuple(pictures), tuple(texts)), name, target, **how)
            own, others = (lines.own_before, lines.own_after), (lines.others_before, lines.others_after)
        else:
            note(steps=steps_of_letters(steps))
            letters, _ = keep_letters(to_images(pictures, texts, name), name, target, **how)
            after = None if letters.own_after is None else 1 - letters.own_after
            own, others = (
                (1 - letters.own_before, after),
                (1 - letters.others_before, 1 - letters.others_after),
            )
        names = ("own_before", "own_after", "others_before", "others_after")
        note(result=dict(zip(names, (*own, *others), strict=True)))


def main() -> None:
    """Teach; say in one line what goes wrong."""
    folder, name, kind, steps = sys.argv[1:]
    set_num_threads(1)  # the studio goes on answering
    try:
        teach(Path(folder), name, kind, int(steps))
    except (OSError, ValueError) as error:
        print(error)
        sys.exit(1)
    except KeyboardInterrupt:
        print("stopped")
        sys.exit(130)


if __name__ == "__main__":
    main()
