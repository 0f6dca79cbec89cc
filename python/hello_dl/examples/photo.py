"""Chapter 8: reading a photo of handwriting, step by step.

The network of chapter 5 knows single letters, 28 pixels wide, white on black, each in the middle of its
picture. A photo shows a table, a sheet, shadows and lines of words. Image processing and a small network that
finds ink make single letters of it. This example prints and draws each step.

    python -m hello_dl.examples.photo                      # a page made up by the generator
    python -m hello_dl.examples.photo my-photo.jpg         # your own
    python -m hello_dl.examples.photo --steps docs/photo   # write a small picture of each step
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from hello_dl.data.pages import generate_page
from hello_dl.examples.common import errors_in_one_line, make_parser, run_example
from hello_dl.reading import Reader, annotate
from hello_dl.reading.image.load import open_image
from hello_dl.reading.score import character_accuracy

TEXT = "hello deep learning\nthis photo shows a page\nof separate letters\nwritten on ruled paper"
WIDTH = 480  # pixels of a step's picture
EXPLAINED = {
    "ink-survey": "a small network says how much of each pixel is ink: shadows and printed lines are not",
    "sheet": "the sheet, cut out and straightened; nothing on the table can be taken for writing now",
    "upright": "turned until the lines of writing are level",
    "ink": "ink once more, at the size at which letters are read",
    "letters": "connected patches of ink, grouped into letters; a dot belongs to its i",
    "glyphs": "each letter as the network knows letters: 28 x 28 pixels, the longer side 24",
}


def as_picture(shown: NDArray[Any]) -> Image.Image:
    """Return a step's array as a picture: grey 0..1, a mask, or glyphs (n, 28, 28) side by side."""
    if shown.ndim == 3 and shown.shape[1:] == (28, 28):
        columns = WIDTH // 28
        rows = -(-len(shown) // columns)
        cells = np.zeros((rows * columns, 28, 28), np.uint8)
        cells[: len(shown)] = shown
        sheet = cells.reshape(rows, columns, 28, 28).swapaxes(1, 2).reshape(rows * 28, columns * 28)
        return Image.fromarray(255 - sheet)
    grey = np.clip(shown.astype(np.float32), 0, 1) * 255
    return Image.fromarray(np.rint(grey).astype(np.uint8))


def main() -> None:
    """Read a photo, print each step, and compare the text with the truth if it is known."""
    parser = make_parser(__doc__)
    parser.add_argument("photo", nargs="?", help="a photo of your own (default: a page is made up)")
    parser.add_argument("--weights", default="letters", help="the network (default: %(default)s)")
    parser.add_argument("--steps", type=Path, metavar="FOLDER", help="write a picture of each step there")
    parser.add_argument("--seed", type=int, default=54, help="of the made-up page (default: %(default)s)")
    args = parser.parse_args()
    count = 0

    def save(name: str, picture: Image.Image) -> None:
        nonlocal count
        if args.steps is not None:
            count += 1
            args.steps.mkdir(parents=True, exist_ok=True)
            height = round(picture.height * WIDTH / picture.width)
            small = picture.resize((WIDTH, height), Image.Resampling.LANCZOS)
            few = small.quantize(96 if small.mode == "RGB" else 16)
            few.save(args.steps / f"{count}-{name}.png", optimize=True)

    def show(name: str, shown: NDArray[Any]) -> None:
        print(f"{name:11} {shown.shape}: {EXPLAINED.get(name, '')}")
        save(name, as_picture(shown))

    with errors_in_one_line():
        reader = Reader.load(args.weights)
        truth = None
        if args.photo is None:
            photo, truth = generate_page(args.seed, "hard", TEXT, megapixels=2)
            print(f"A made-up photo, {photo.width} x {photo.height}: {truth.about}")
        else:
            photo = open_image(args.photo)
        save("photo", photo.convert("RGB"))
        page = reader.read(photo, trace=show)
    save("read", annotate(photo, page))

    print(f"\n{len(page.lines)} lines, {len(page.characters)} characters:\n\n{page.text}\n")
    unsure = sorted(page.characters, key=lambda character: character.probability)[:5]
    print("Least sure of: " + ", ".join(f"{c.text} ({c.probability:.0%})" for c in unsure))
    if truth is not None:
        print(f"Character accuracy: {character_accuracy(truth.text, page.text):.1%}")


if __name__ == "__main__":
    run_example(main)
