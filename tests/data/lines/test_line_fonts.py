"""Fonts: their band is measured, their table is read, and their pictures stand on the baseline."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from hello_dl.data.lines.fonts import DRAWN, UNSEEN, Font, measure, read_fonts
from hello_dl.data.lines.form import BASELINE, X_HEIGHT
from hello_dl.data.lines.print_font import draw_font
from hello_dl.data.lines.style import LineStyle

HEAD = "file\tjoined(J joined,P partly,N separate,C capitals only)\trealism1-5\tin_folder\tlacks_ascii\n"


def plain_style(**change: tuple[float, float]) -> LineStyle:
    """Return a style in which nothing varies and nothing is added."""
    none = (
        "lean",
        "letter_gap",
        "drift",
        "offset",
        "tilt",
        "curve",
        "wave",
        "elastic",
        "grow",
        "grain",
        "noise",
    )
    one = ("squeeze", "scale", "word_gap", "fade_size")
    values: dict[str, tuple[float, float] | float] = dict.fromkeys(none, (0.0, 0.0))
    values |= dict.fromkeys(one, (1.0, 1.0))
    values |= {"margin": (5.0, 5.0), "blur": (0.0, 0.0), "smooth": (1, 1), "slant": (-1.0, 1.0)}
    values |= {"gain": (6.0, 6.0), "threshold": (0.5, 0.5), "strength": (0.5, 0.5), "wobble": (0.0, 0.0)}
    values |= {name: 0.0 for name in LineStyle.__dataclass_fields__ if name.endswith("_chance")}
    return LineStyle(**{**values, **change})  # type: ignore[arg-type]


def rows_of_ink(picture: np.ndarray[tuple[int, int], np.dtype[np.uint8]]) -> tuple[int, int]:
    """Return the first row of ink and the one after the last."""
    rows = np.flatnonzero(picture.max(axis=1) > 127)
    return int(rows[0]), int(rows[-1]) + 1


def test_a_font_stands_on_the_baseline_and_its_x_reaches_the_x_line(font: Font) -> None:
    rng = np.random.default_rng(0)
    top, bottom = rows_of_ink(draw_font(font, "xzvx", plain_style(), rng, (16, 1600)))
    assert abs(bottom - BASELINE) <= 1
    assert abs(top - (BASELINE - X_HEIGHT)) <= 1


def test_capitals_alone_are_one_and_a_half_x_heights_tall(font: Font) -> None:
    rng = np.random.default_rng(0)
    top, bottom = rows_of_ink(draw_font(font, "HEIT 1", plain_style(), rng, (16, 1600)))
    assert abs(bottom - BASELINE) <= 1
    assert abs(top - (BASELINE - 1.5 * X_HEIGHT)) <= 1.5


def test_a_larger_scale_and_a_shift_move_the_ink_as_they_say(font: Font) -> None:
    style = plain_style(scale=(1.2, 1.2), offset=(3.0, 3.0))
    top, bottom = rows_of_ink(draw_font(font, "xzvx", style, np.random.default_rng(0), (16, 1600)))
    assert abs(bottom - BASELINE - 3) <= 1
    assert abs(bottom - top - 1.2 * X_HEIGHT) <= 1.5


def test_letters_are_as_far_apart_as_asked_and_joined_ones_are_not_moved(font: Font) -> None:
    near = font.draw("nn nn", 0, 40, [0.0] * 5, None)[0].shape[1]
    far = font.draw("nn nn", 10, 40, [0.0] * 5, None)[0].shape[1]
    assert abs(far - near - 20) <= 3
    joined = Font(font.path, font.size, font.tall, font.signs, joined=True)
    words = [joined.draw("nn nn", gap, 40, [0.0] * 5, None)[0].shape[1] for gap in (0, 10)]
    assert abs(words[1] - words[0]) <= 1


def test_a_font_writes_what_it_can(font: Font) -> None:
    poor = Font(font.path, font.size, font.tall, frozenset("AB "), capitals=True)
    assert poor.written("a-b  c") == "AB"
    assert font.factor("abc") == 1
    assert font.factor("A1") == pytest.approx(1.5 / font.tall)
    assert font.size == pytest.approx(DRAWN * 200 / measure_x(font), rel=0.02)


def measure_x(font: Font) -> float:
    """Return the height of the font's small letters at 200 pixels to the em, from a picture of an x."""
    big = Font(font.path, 200.0, font.tall, font.signs)
    return float(big.draw("x", 0, 0, [0.0], None)[1])


def fonts_folder(folder: Path, font: Font, rows: list[str]) -> Path:
    for row in rows:
        shutil.copy(font.path, folder / f"{row.split(chr(9))[0]}.ttf")
    (folder / "fonts.tsv").write_text(HEAD + "\n".join(rows) + "\n")
    return folder


def test_the_table_says_how_a_font_writes_and_how_often(tmp_path: Path, font: Font) -> None:
    rows = ["One\tJ\t5\tyes\t$~", "Two\tC\t3\tyes\t", "Three\tN\t4\tno", f"{UNSEEN[0]}\tN\t4\tyes\t"]
    fonts = read_fonts(fonts_folder(tmp_path, font, rows))
    assert [f.path.stem for f in fonts] == ["One", "Two"]
    assert (fonts[0].joined, fonts[0].capitals, fonts[1].joined, fonts[1].capitals) == (
        True,
        False,
        False,
        True,
    )
    assert fonts[0].weight > fonts[1].weight
    assert not fonts[0].signs & set("$~")
    assert len(fonts[1].signs) == 95
    assert len(read_fonts(tmp_path, without=())) == 3


def test_wrong_fonts_are_named(tmp_path: Path, font: Font) -> None:
    with pytest.raises(FileNotFoundError, match=r"fonts\.tsv"):
        read_fonts(tmp_path)
    broken = tmp_path / "broken.ttf"
    broken.write_text("no font")
    with pytest.raises(ValueError, match=r"broken\.ttf: needs a TrueType"):
        measure(broken)
    (tmp_path / "fonts.tsv").write_text("file\tjoined\n")
    with pytest.raises(ValueError, match="needs a column joined"):
        read_fonts(tmp_path)
    (tmp_path / "fonts.tsv").write_text(HEAD)
    with pytest.raises(ValueError, match="got none"):
        read_fonts(tmp_path)
    (tmp_path / "fonts.tsv").write_text(HEAD + "Lost\tN\t4\tyes\t\n")
    with pytest.raises(ValueError, match=r"Lost\.ttf"):
        read_fonts(tmp_path)
    assert font.weight == 1


def test_a_table_in_another_encoding_is_named(tmp_path: Path) -> None:
    (tmp_path / "fonts.tsv").write_bytes(b"file\tcaf\xe9\n")
    with pytest.raises(ValueError, match=r"fonts\.tsv: needs a table in UTF-8"):
        read_fonts(tmp_path)


def test_a_font_with_damaged_outlines_is_named(tmp_path: Path) -> None:
    matplotlib = pytest.importorskip("matplotlib")
    content = bytearray((Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "cmr10.ttf").read_bytes())
    where = content.index(b"glyf") + 8
    start = int.from_bytes(content[where : where + 4], "big")
    content[start : start + 12_000] = b"\x7f" * 12_000
    path = tmp_path / "damaged.ttf"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"damaged\.ttf: needs"):
        measure(path).draw("Hand", 1.0, 10.0, [0.0] * 4, np.random.default_rng(1))
