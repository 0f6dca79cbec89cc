"""The page of sentences: what is copied, and the lines that are cut out of a photo of it."""

from __future__ import annotations

import string
from itertools import pairwise

import numpy as np
import pytest
from PIL import Image

from hello_dl.data.builtin import Writer
from hello_dl.reading.lines.best_path import best_path
from hello_dl.reading.lines.line_reader import LineReader
from hello_dl.reading.score import edit_distance
from hello_dl.teaching.lines.line_sets import check_text
from hello_dl.teaching.sheet.code import PageCode
from hello_dl.teaching.sheet.form import HEIGHT, KINDS, SENTENCES, draw_form, mark_corners, row_marks
from hello_dl.teaching.sheet.line_boxes import cut_lines
from hello_dl.teaching.sheet.scan import Scan, scan_form
from hello_dl.teaching.sheet.sentences import PITCH, line_slots
from virtual import photograph_form, plain

PAIRS = "th he in er an re nd at on nt ha es st en ed to it ou ea hi is or ti as te et ng of al de se le ve"


@pytest.fixture(scope="module")
def scan() -> Scan:
    hand = Writer(5, neat=True)
    code = PageCode(SENTENCES)
    return scan_form(photograph_form(hand, code, 1, left_empty=[3], crossed_out=[7], megapixels=4))


def test_the_sentences_have_all_letters_digits_usual_marks_and_frequent_pairs() -> None:
    texts = [slot.text for slot in line_slots()]
    for text in texts:
        check_text(text)
        assert 25 <= len(text) <= 35
    wanted = string.ascii_letters + string.digits + ".,;:!?'\"()-/&$"
    assert set(wanted) <= set("".join(texts))
    small = " ".join(texts).lower()
    assert [pair for pair in PAIRS.split() if pair not in small] == []


def test_the_boxes_are_apart_from_each_other_and_from_all_marks() -> None:
    boxes = [slot.box for slot in line_slots()]
    for above, below in pairwise(boxes):
        assert below[1] - above[1] == pytest.approx(PITCH)
        assert below[1] - above[3] >= 3  # room for the printed line
    for mark in [*mark_corners(), *row_marks()]:
        for box in boxes:
            assert mark[2] < box[0] or mark[0] > box[2] or mark[3] < box[1] or mark[1] > box[3]
    assert boxes[-1][3] < HEIGHT


def test_a_photo_gives_the_lines_that_were_written(scan: Scan) -> None:
    assert KINDS[scan.code.kind][0] == "sentences"
    assert scan.boxes == []
    assert [line.slot for line in scan.lines] == line_slots()
    states = [line.state for line in scan.lines]
    assert [i for i, state in enumerate(states) if state == "empty"] == [3]
    assert [i for i, state in enumerate(states) if state == "doubtful"] == [7]


def test_the_pictures_are_those_that_the_reader_can_read(scan: Scan) -> None:
    written = [line for line in scan.lines if line.state == "written"]
    read = LineReader.load().ask([line.picture for line in written])
    texts = [plain(line.slot.text) for line in written]
    wrong = sum(edit_distance(text, best_path(a)) for text, a in zip(texts, read, strict=True))
    assert wrong / sum(map(len, texts)) < 0.15


def test_a_dark_edge_in_a_box_is_no_writing() -> None:
    form = draw_form(PageCode(SENTENCES), dpi=127)
    left, top = ((form.width / 5 - 180) / 2, (form.height / 5 - HEIGHT) / 2)
    part = form.crop((round(left * 5), round(top * 5), round((left + 180) * 5), round((top + HEIGHT) * 5)))
    page = np.asarray(part.resize((900, 1260), Image.Resampling.BICUBIC), np.float32) / 255
    page *= np.linspace(1, 0.5, page.shape[1], dtype=np.float32)
    assert {line.state for line in cut_lines(page, 5.0)} == {"empty"}
