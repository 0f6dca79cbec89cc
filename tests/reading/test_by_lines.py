"""Pages are made sharp enough for the size of their writing; turned pages are read upright."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from hello_dl.data.builtin import write_page
from hello_dl.reading.by_lines import WORTH_IT, _read_upright, read_by_lines
from hello_dl.reading.image.load import open_picture
from hello_dl.reading.lines.line_reader import LineReader, find_lines, usual_height
from hello_dl.reading.score import character_accuracy
from hello_dl.reading.sheet.ink_page import LARGEST_AGAIN, make_ink_page
from hello_dl.reading.sheet.photo import Photo

TEXT = "over the lazy dog\nquick brown fox"


@pytest.fixture(scope="module")
def reader() -> LineReader:
    """Return the package's reader of lines, without a language."""
    return LineReader.load()


def written(share: float) -> Image.Image:
    """Return a made-up page of separated letters, so many times as large."""
    page = Image.fromarray(write_page(TEXT, 4)[0])
    return page.resize((round(page.width * share), round(page.height * share)), Image.Resampling.LANCZOS)


def test_a_page_is_made_again_at_another_size(reader: LineReader) -> None:
    photo = Photo(open_picture(written(0.5)).grey)
    page = make_ink_page(photo, photo.guesses[0])
    larger = page.again(1.5)
    assert larger.ink.shape == pytest.approx(np.multiply(page.ink.shape, 1.5), abs=1.5)
    corner = np.array([[larger.ink.shape[1]], [larger.ink.shape[0]], [1.0]])
    same = np.array([[page.ink.shape[1]], [page.ink.shape[0]], [1.0]])
    places = [m @ p for m, p in ((larger.to_picture, corner), (page.to_picture, same))]
    np.testing.assert_allclose(*(p[:2] / p[2] for p in places), atol=2)
    heights = [usual_height(curves) * scale for curves, scale in map(find_lines, (page.ink, larger.ink))]
    assert heights[1] / heights[0] == pytest.approx(1.5, rel=0.2)


def test_a_page_is_not_enlarged_without_end(reader: LineReader) -> None:
    photo = Photo(open_picture(written(0.5)).grey)
    page = make_ink_page(photo, photo.guesses[0]).again(1000.0)
    assert max(page.ink.shape) <= LARGEST_AGAIN * max(photo.grey.shape) + 1


@pytest.mark.parametrize("share", [0.25, 1.0])
def test_writing_of_any_size_is_read(reader: LineReader, share: float) -> None:
    page = read_by_lines(written(share), reader)
    assert character_accuracy(TEXT, page.text) > 0.8
    boxes = np.array([word.box for word in page.words])
    assert boxes[:, 2].max() <= page.size[0]
    assert boxes[:, 2].max() > 0.4 * page.size[0]


def test_joined_writing_is_looked_at_larger(reader: LineReader) -> None:
    """Joined letters are one patch of ink, which hides how small they are until the lines are found."""
    picture = written(1.0)
    draw = ImageDraw.Draw(picture)
    for line in read_by_lines(picture, reader).lines:
        left, top, right, bottom = line.box
        draw.line((left, (top + 2 * bottom) // 3, right, (top + 2 * bottom) // 3), fill=30, width=5)
    shown: list[int] = []

    def trace(name: str, seen: np.ndarray) -> None:  # type: ignore[type-arg]
        if name == "ink":
            shown.append(seen.shape[1])

    grey = open_picture(picture).grey
    assert _read_upright(grey, reader, trace, glance=True).lines
    glance, shown = max(shown), []
    assert _read_upright(grey, reader, trace).lines
    assert max(shown) > WORTH_IT * glance


def test_a_page_on_its_side_is_read_upright(reader: LineReader, tmp_path: Path) -> None:
    path = tmp_path / "side.png"
    written(0.7).rotate(90, expand=True).save(path)
    page = read_by_lines(path, reader)
    assert character_accuracy(TEXT, page.text) > 0.8
    assert "stands on its side" in page.notes[-1]
