"""Print is told from handwriting, word by word, also in one line."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from hello_dl import no_grad
from hello_dl.data.builtin import write_page
from hello_dl.reading.by_lines import read_by_lines
from hello_dl.reading.lines.line_reader import LineReader
from hello_dl.reading.lines.printed import STEP, are_printed, print_odds, printed_network, to_input
from hello_dl.tensors.creation import tensor


def test_there_is_an_answer_for_each_eight_pixels() -> None:
    for width in (1, 8, 50, 1601):
        odds = print_odds(np.zeros((48, width), np.uint8))
        assert odds.shape == (max(2, -(-width // STEP)),)
        assert np.isfinite(odds).all()


def test_narrow_and_wide_lines_of_a_batch_give_the_same_answers_as_alone() -> None:
    rng = np.random.default_rng(0)
    pictures = [rng.integers(0, 256, (48, width), np.uint8) for width in (64, 200)]
    model = printed_network().eval()
    with no_grad():
        both = model(tensor(to_input(pictures))).numpy()[1, 0, 0]
    np.testing.assert_allclose(both, print_odds(pictures[1], model), rtol=1e-4, atol=1e-5)


def test_a_word_is_judged_by_its_own_answers_and_its_line() -> None:
    odds = np.array([-5.0, -5.0, 3.0, 5.0, -5.0], np.float32)
    (alone,) = are_printed(odds, [(16, 32)])
    assert alone == pytest.approx(1 / (1 + np.exp(-4.0)))
    written, printed = are_printed(odds, [(0, 16), (16, 32)])  # the line's mean is (-5 + 4) / 2
    assert written == pytest.approx(1 / (1 + np.exp(2.75)))
    assert printed == pytest.approx(1 / (1 + np.exp(-1.75)))
    assert are_printed(odds, [(400, 408)]) == [0.5]  # beyond the picture nothing is known
    assert are_printed(odds, []) == []


def test_words_of_a_page_are_told_apart() -> None:
    """Of three printed and three written lines, no word is taken for the other kind."""
    written = write_page("a quick brown fox\njumps over\nthe lazy dog", 3)[0]
    page = Image.new("L", (written.shape[1], written.shape[0] + 400), int(np.median(written)))
    page.paste(Image.fromarray(written), (0, 400))
    draw = ImageDraw.Draw(page)
    font = ImageFont.load_default(size=60)
    for i, text in enumerate(("What is printed", "is not what somebody", "wrote by hand")):
        draw.text((60, 40 + 120 * i), text, fill=30, font=font)
    words = read_by_lines(page, LineReader.load()).words
    below = [word.printed for word in words if word.box[1] > 380]
    above = [word.printed for word in words if word.box[1] <= 380]
    assert len(above) >= 9
    assert len(below) >= 7
    assert min(chance or 0 for chance in above) > 0.5
    assert max(chance or 0 for chance in below) < 0.5
