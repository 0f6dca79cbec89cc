"""What networks say of a drawing: of one letter, with the picture that they see, or of a line of writing."""

from __future__ import annotations

import base64
import io
from functools import lru_cache
from pathlib import Path
from typing import Annotated

import numpy as np
from fastapi import APIRouter, HTTPException
from PIL import Image
from pydantic import BaseModel, Field

from hello_dl.evaluation.classifier import Classifier
from hello_dl.pictures.canvas import grid
from hello_dl.pictures.colours import signed
from hello_dl.pictures.responses import STRONG, responses
from hello_dl.reading.image.arrays import Bytes, Grey
from hello_dl.reading.ink_map.measures import letter_height
from hello_dl.reading.lines import certainty
from hello_dl.reading.lines.language import shipped
from hello_dl.reading.lines.line_reader import LineReader, find_lines, usual_height
from hello_dl.reading.lines.shown import one_below_the_other
from hello_dl.reading.lines.straighten import straighten
from hello_dl.reading.lines.trace_lines import Curve
from hello_dl.reading.sheet.ink_page import TALL
from hello_dl.studio.limits import Limits
from hello_dl.studio.strokes import Points, letter_image, page_of_ink
from hello_dl.weights import find, user_folder

NETWORKS = ("letters", "digits", "characters")  # of the package, for one letter at a time
BEST = 5  # answers of a network that are given
RUBBER, STEP = 6, 2  # pixels: side of the square that is rubbed out, and from one place to the next
SHARP = 30.0  # pixels: the x-height at which lines are drawn for the line reader
ALIKE = 0.2  # natural logarithm of the ratio of x-heights from which lines are drawn once more
SHOWN = 16  # responses of each convolution that are drawn

Number = Annotated[float, Field(ge=-100_000, le=100_000, allow_inf_nan=False)]
Point = tuple[Number, Number, Annotated[float, Field(ge=0, le=1)]]
Strokes = Annotated[list[Annotated[list[Point], Field(min_length=1)]], Field(min_length=1, max_length=2000)]


class Drawing(BaseModel):
    """Strokes on the canvas: points x, y in its pixels, y downwards, and the pen's pressure, 0 to 1."""

    strokes: Strokes


class LetterDrawing(Drawing):
    """Strokes of one letter, and which network is asked: a bundled one or one that was taught."""

    network: str = Field("letters", max_length=100, pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._-]*$")


class LineDrawing(Drawing):
    """Strokes of a line of writing; with `context` a language model helps the network."""

    context: bool = True


class Guess(BaseModel):
    """A class, and how probable it is."""

    text: str
    probability: float


class LetterAnswer(BaseModel):
    """The best guesses, and the picture that the network sees: 28 rows of 28 pixels, 255 = ink."""

    best: list[Guess]
    sees: list[list[int]]


class WordAnswer(Guess):
    """A word; `sure` says whether it is more likely right than wrong."""

    sure: bool


class LineAnswer(BaseModel):
    """The text, its words line by line, and the straight lines that the network sees: a PNG in Base64."""

    text: str
    lines: list[list[WordAnswer]]
    sees: str


class Layer(BaseModel):
    """The responses of one convolution, as a PNG in Base64; red is positive, blue negative."""

    name: str
    filters: int
    picture: str


class InsideAnswer(BaseModel):
    """Each convolution's responses, and what rubbing out changes.

    `rubbed[y][x]` is by how much the probability of the best class falls if a square around this place is
    rubbed out.
    """

    best: Guess
    layers: list[Layer]
    rubbed: list[list[float]]


@lru_cache(maxsize=8)
def _classifier(path: Path, changed: float) -> Classifier:
    """Return the network in a file; `changed`, the file's time, tells it from an older one."""
    del changed
    return Classifier.load(path)


def classifier(name: str) -> Classifier:
    """Return a network by its name. 404 if there is none, or if its file is gone."""
    path = find(name) if name in NETWORKS else user_folder() / f"{name}.safetensors"
    if not path.is_file():
        raise HTTPException(404, f"there is no network {name!r}; there are {', '.join(names_of_networks())}")
    try:
        return _classifier(path, path.stat().st_mtime)
    except (OSError, ValueError) as error:
        raise HTTPException(404, f"{name}: {error}") from None


def names_of_networks() -> list[str]:
    """Return the networks that read single letters: the package's, and those that were taught."""
    from hello_dl.reading.lines.network import is_line_network

    taught = sorted(user_folder().glob("*.safetensors")) if user_folder().is_dir() else []
    return [
        *NETWORKS,
        *(path.stem for path in taught if path.name.count(".") == 1 and not is_line_network(path)),
    ]


@lru_cache(maxsize=2)
def line_reader(context: bool) -> LineReader:
    """Return the line reader, with the language model or without it."""
    return LineReader.load(language=shipped() if context else None)


def warm_up() -> None:
    """Load what the first strokes need, before they come."""
    classifier(NETWORKS[0])
    line_reader(True)


def png(picture: Image.Image) -> str:
    """Return a picture as a PNG in Base64."""
    file = io.BytesIO()
    picture.save(file, "PNG")
    return base64.b64encode(file.getvalue()).decode("ascii")


def arrays_of(drawing: Drawing, limits: Limits) -> list[Points]:
    """Return the strokes as arrays (n, 3). 413 if they have too many points."""
    points = sum(map(len, drawing.strokes))
    if points > limits.points:
        raise HTTPException(413, f"a drawing has at most {limits.points:,} points, this one {points:,}")
    return [np.array(stroke, np.float32) for stroke in drawing.strokes]


def router(limits: Limits) -> APIRouter:
    """Return the part of the API that answers drawings."""
    api = APIRouter(prefix="/api", tags=["draw"])

    @api.get("/networks")
    def networks() -> list[str]:
        """Return the names of the networks that read single letters."""
        return names_of_networks()

    @api.post("/letter")
    def letter(drawing: LetterDrawing) -> LetterAnswer:
        """Say which letter the strokes are."""
        network = classifier(drawing.network)
        image = letter_image(arrays_of(drawing, limits))
        return LetterAnswer(best=best_of(network, image), sees=image.tolist())

    @api.post("/inside")
    def inside(drawing: LetterDrawing) -> InsideAnswer:
        """Show what happens inside the network, and which parts of the letter it depends on."""
        network = classifier(drawing.network)
        image = letter_image(arrays_of(drawing, limits))
        best = best_of(network, image)[0]
        try:
            found = responses(network.model, image, network.header.normalisation)
        except ValueError:  # a network without convolutions
            found = []
        layers = [Layer(name=n, filters=len(y), picture=png(tiles(y))) for n, y in found]
        return InsideAnswer(best=best, layers=layers, rubbed=rubbed_out(network, image).tolist())

    @api.post("/line")
    def line(drawing: LineDrawing) -> LineAnswer:
        """Read the strokes as lines of writing, joined or not."""
        return read_lines(arrays_of(drawing, limits), drawing.context)

    return api


def best_of(network: Classifier, image: np.ndarray[tuple[int, int], np.dtype[np.uint8]]) -> list[Guess]:
    """Return the best guesses of a network for a letter (28, 28)."""
    chances = network.classify(image[None])[0]
    order = np.argsort(-chances)[:BEST]
    return [Guess(text=network.classes[k], probability=float(chances[k])) for k in order.tolist()]


def rubbed_out(
    network: Classifier, image: np.ndarray[tuple[int, int], np.dtype[np.uint8]]
) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    """Return by how much the best class's probability falls where a square is rubbed out (14, 14)."""
    side = image.shape[0]
    places = np.arange(STEP // 2, side, STEP)
    copies = np.repeat(image[None], 1 + len(places) ** 2, axis=0)
    for i, (y, x) in enumerate((y, x) for y in places for x in places):
        top, left = max(0, y - RUBBER // 2), max(0, x - RUBBER // 2)
        copies[1 + i, top : y + RUBBER // 2, left : x + RUBBER // 2] = 0
    changed = (copies[1:] != image).any(axis=(1, 2))
    chances = network.classify(copies[np.concatenate([[True], changed])])
    falls = np.zeros(len(places) ** 2, np.float32)
    falls[changed] = chances[0].max() - chances[1:, int(chances[0].argmax())]
    return falls.reshape(len(places), len(places))


def tiles(y: np.ndarray[tuple[int, int, int], np.dtype[np.float32]]) -> Image.Image:
    """Return the first responses (filters, h, w) of a convolution, side by side."""
    most = float(np.percentile(np.abs(y), STRONG))
    return grid([signed(one, most) for one in y[:SHOWN]], 8, scale=max(1, round(44 / y.shape[2])), gap=3)


def found_lines(reader: LineReader, strokes: list[Points]) -> tuple[Grey, list[Curve], float]:
    """Return strokes as a page of ink with its lines, as `find_lines` returns them.

    They are drawn once more when the height of an x is known.
    """
    ink, scale = page_of_ink(strokes, TALL, TALL)
    tall = letter_height(ink)
    if tall is None:
        return ink, [], 1.0
    ink, scale = page_of_ink(strokes, tall / scale, TALL)
    curves, factor = find_lines(ink, reader.finder)
    x_height = usual_height(curves) * factor
    if curves and abs(np.log(x_height / SHARP)) > ALIKE:
        ink, _ = page_of_ink(strokes, x_height / scale, SHARP)
        curves, factor = find_lines(ink, reader.finder)
    return ink, curves, factor


def line_pictures(strokes: list[Points]) -> list[Bytes]:
    """Return the pictures (48, w) of the lines that strokes make, as the line reader sees them."""
    ink, curves, factor = found_lines(line_reader(False), strokes)
    page = np.rint(ink * 255).astype(np.uint8)
    return [straighten(page, curve, factor) for curve in curves]


def read_lines(strokes: list[Points], context: bool) -> LineAnswer:
    """Read strokes as lines of writing."""
    reader = line_reader(context)
    found = reader.read_lines(*found_lines(reader, strokes))
    sure = certainty.shipped()
    lines = []
    for one in found:
        chances = [sure.of(word) for word in one.words]
        texts = one.text.split()
        lines.append(
            [WordAnswer(text=t, probability=p, sure=p >= 0.5) for t, p in zip(texts, chances, strict=True)]
        )
    sees = one_below_the_other([one.picture for one in found]) if found else None
    shown = "" if sees is None else png(Image.fromarray(np.rint(sees * 255).astype(np.uint8)))
    return LineAnswer(text="\n".join(one.text for one in found), lines=lines, sees=shown)
