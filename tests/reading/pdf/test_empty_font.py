"""The font without shapes, as other programs see it."""

from __future__ import annotations

import io
import struct

import pytest
from PIL import ImageFont

from hello_dl.reading.pdf.empty_font import GLYPHS, empty_font


@pytest.mark.filterwarnings("ignore")
def test_another_library_reads_it_and_finds_all_checksums_right() -> None:
    fonts = pytest.importorskip("fontTools.ttLib")
    font = fonts.TTFont(io.BytesIO(empty_font()), checkChecksums=2)
    assert font["maxp"].numGlyphs == GLYPHS
    assert [font["hmtx"][name][0] for name in font.getGlyphOrder()] == [500, 500]
    assert (font["hhea"].ascent, font["hhea"].descent, font["head"].unitsPerEm) == (800, -200, 1000)
    letter = font["glyf"][font.getGlyphOrder()[1]]
    assert (letter.xMin, letter.yMin, letter.xMax, letter.yMax) == (0, -200, 500, 800)
    assert [tuple(point) for point in letter.coordinates] == [(0, -200), (500, 800)]


def test_its_whole_checksum_is_the_one_that_truetype_asks_for() -> None:
    font = empty_font()
    assert len(font) % 4 == 0
    assert sum(struct.unpack(f">{len(font) // 4}I", font)) % 2**32 == 0xB1B0AFBA


def test_freetype_draws_nothing_with_it() -> None:
    font = ImageFont.truetype(io.BytesIO(empty_font()), 40)
    assert font.getlength("a") == 20
    assert font.getmask("abc").getbbox() is None
