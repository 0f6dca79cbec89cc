"""The form: printed, photographed anyhow, and found again with everything that was written in its boxes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter

from command import command, refused
from hello_dl.data.builtin import Writer
from hello_dl.data.pages import generate_page
from hello_dl.teaching.sheet import scan
from hello_dl.teaching.sheet.code import PageCode, decode, encode
from hello_dl.teaching.sheet.form import KINDS, PAPERS, SETS, draw_form, mark_corners, slots
from hello_dl.teaching.sheet.scan import scan_form
from virtual import photograph_form

HAND = Writer(5, neat=True)


SMALL = PageCode(0)


def flat(code: PageCode = SMALL, paper: str = "A4") -> Image.Image:
    """Return an empty page as a scanner sees it."""
    return draw_form(code, paper, dpi=110)


def hide(image: Image.Image, mark: int) -> Image.Image:
    """Cover one corner mark of a flat page, as a thumb does."""
    left, top, right, bottom = mark_corners()[mark]
    dx, dy = (PAPERS["A4"][0] - 180) / 2, (PAPERS["A4"][1] - 252) / 2
    box = [round(v * 110 / 25.4) for v in (left + dx - 1, top + dy - 1, right + dx + 1, bottom + dy + 1)]
    ImageDraw.Draw(image).rectangle(box, fill=200)
    return image


@pytest.fixture(scope="module")
def photo() -> Image.Image:
    return photograph_form(HAND, PageCode(0, 2, 3), 1, left_empty=[3, 50], crossed_out=[7, 20], megapixels=3)


def states(image: Image.Image, state: str) -> list[int]:
    return [i for i, box in enumerate(scan_form(image).boxes) if box.state == state]


def test_a_photographed_form_is_found_with_its_code_and_every_box(photo: Image.Image) -> None:
    found = scan_form(photo)
    assert found.code == PageCode(0, 2, 3)
    assert [box.slot for box in found.boxes] == slots(0)
    assert states(photo, "empty") == [3, 50]
    assert states(photo, "doubtful") == [7, 20]
    assert all(box.glyph.max() == 255 for box in found.boxes if box.state == "written")


def test_the_glyphs_are_those_that_were_written(photo: Image.Image) -> None:
    boxes = [box for box in scan_form(photo).boxes if box.state == "written"]
    glyphs = np.stack([box.glyph.ravel() for box in boxes]).astype(np.float32)
    glyphs /= np.linalg.norm(glyphs, axis=1, keepdims=True)
    alike = glyphs @ glyphs.T
    np.fill_diagonal(alike, 0)
    same = np.mean([boxes[i].slot.char == boxes[k].slot.char for i, k in enumerate(alike.argmax(axis=1))])
    assert same > 0.8  # the letter most like each is the same one: in one hand, that says it was cut out well


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_it_may_lie_turned_or_upside_down(photo: Image.Image, turn: int) -> None:
    turned = photo.rotate(turn, expand=True)
    assert states(turned, "empty") == [3, 50]
    assert states(turned, "doubtful") == [7, 20]


@pytest.mark.slow
def test_shadow_and_a_steep_angle_do_no_harm() -> None:
    for seed in range(2):
        hard = photograph_form(HAND, PageCode(1), seed, "hard", left_empty=[0, 129], megapixels=4)
        assert states(hard, "empty") == [0, 129]
        assert len(states(hard, "doubtful")) <= 2


@pytest.mark.parametrize("paper", PAPERS)
@pytest.mark.parametrize("kind", range(len(KINDS)))
def test_both_papers_and_all_kinds_of_pages_are_read(paper: str, kind: int) -> None:
    found = scan_form(flat(PageCode(kind, 1, 1), paper))
    assert found.code.kind == kind
    assert {box.state for box in [*found.boxes, *found.lines]} == {"empty"}


@pytest.mark.parametrize("mark", range(4))
def test_one_missing_mark_does_not_matter(mark: int) -> None:
    image = flat(PageCode(1, 4, 5))
    draw = ImageDraw.Draw(image)
    dx, dy = (PAPERS["A4"][0] - 180) / 2, (PAPERS["A4"][1] - 252) / 2
    for i in (0, 64, 129):
        left, top, right, bottom = slots(1)[i].box
        middle = [round(v * 110 / 25.4) for v in ((left + right) / 2 + dx, (top + bottom) / 2 + dy)]
        draw.ellipse((middle[0] - 14, middle[1] - 18, middle[0] + 14, middle[1] + 18), outline=30, width=4)
    for angle in (0, 7, 180):
        turned = hide(image.copy(), mark).rotate(angle, Image.Resampling.BICUBIC, expand=True, fillcolor=230)
        found = scan_form(turned)
        assert found.code == PageCode(1, 4, 5)
        assert [i for i, box in enumerate(found.boxes) if box.state != "empty"] == [0, 64, 129]


def test_with_two_marks_missing_it_says_so() -> None:
    with pytest.raises(ValueError, match=r"found 2 of the four corner marks, needs at least three"):
        scan_form(hide(hide(flat(), 0), 2))


def test_what_is_no_form_is_refused_in_words() -> None:
    for image in (
        generate_page(1, "easy", megapixels=1)[0],
        Image.new("L", (800, 1000), 255),
        Image.new("L", (800, 1000), 0),
        Image.fromarray(np.random.default_rng(0).integers(0, 256, (800, 600), np.uint8)),
    ):
        with pytest.raises(ValueError, match=r"corner marks.*hello-dl sheet"):
            scan_form(image)


def test_a_form_of_another_version_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValueError, match="version 2, this hello-dl reads version 1; print a new one"):
        scan_form(flat(PageCode(0, version=2)))
    page = flat(PageCode(2))
    monkeypatch.setattr(scan, "KINDS", KINDS[:2])  # as if digits were new
    with pytest.raises(ValueError, match="unknown kind"):
        scan_form(page)


def test_a_blurred_or_a_tiny_form_is_refused() -> None:
    with pytest.raises(ValueError, match=r"blurred|sharp"):
        scan_form(flat().filter(ImageFilter.GaussianBlur(14)))
    with pytest.raises(ValueError, match=r"too small|corner marks"):
        scan_form(flat().resize((400, 566)))


def test_the_code_notices_every_wrong_cell() -> None:
    code = PageCode(2, 13, 40)
    cells = 1.0 - np.array(encode(code), np.float64)
    assert decode(cells) == code == decode(0.2 + 0.3 * cells)
    for i in range(2, len(cells) - 2):
        wrong = cells.copy()
        wrong[i] = 1 - wrong[i]
        assert decode(wrong) is None
    with pytest.raises(ValueError, match="page from 0 to 63"):
        encode(PageCode(0, page=64))


@pytest.mark.parametrize("set_", SETS)
def test_the_command_prints_a_pdf(set_: str, tmp_path: Path) -> None:
    done = command("sheet", "--out", "my.pdf", "--set", set_, "--paper", "letter", cwd=tmp_path)
    assert done.code == 0, done
    assert "of letter" in done.out
    content = (tmp_path / "my.pdf").read_bytes()
    assert content.startswith(b"%PDF")
    assert content.count(b"/Type /Page\n") == len(SETS[set_])
    assert len(content) < 1_000_000
    assert b"[ 0 0 612" in content  # 8.5 inches of 72 points


def test_the_command_refuses_another_kind_of_file(tmp_path: Path) -> None:
    refused(command("sheet", "--out", "my.png", cwd=tmp_path), "my.png", "ends in .pdf", code=2)
    refused(command("sheet", "--out", "no/my.pdf", cwd=tmp_path), "there is no folder")
