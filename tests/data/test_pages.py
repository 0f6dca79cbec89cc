"""Made-up photos of pages: repeatable, as hard as they say, and exactly true about where the ink is."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from command import command, refused
from hello_dl.data.builtin import Writer
from hello_dl.data.pages import RECIPES, Truth, generate_blank, generate_page
from hello_dl.data.pages.camera import look_at

TEXT = "the quick brown fox\njumps over a lazy dog 0123456789 SPHINX"


def grey(image: Image.Image) -> np.ndarray:
    return np.asarray(image.convert("L"), np.float32) / 255


def inside(truth: Truth, grow: float = 0.0) -> np.ndarray:
    """Return a mask of the pixels within the characters' quadrilaterals, each grown by `grow` pixels."""
    image = Image.new("L", truth.size)
    for character in truth.characters:
        corners = np.array(character.quad) - 0.5
        out = corners - corners.mean(axis=0)
        corners += grow * out / np.linalg.norm(out, axis=1, keepdims=True)
        ImageDraw.Draw(image).polygon([tuple(c) for c in corners], fill=255)
    return np.asarray(image) > 0


@pytest.mark.parametrize("difficulty", RECIPES)
def test_same_seed_same_page_and_another_seed_another(difficulty: str) -> None:
    image, truth = generate_page(3, difficulty, TEXT, megapixels=0.5)
    again, truth_again = generate_page(3, difficulty, TEXT, megapixels=0.5)
    other, _ = generate_page(4, difficulty, TEXT, megapixels=0.5)
    assert image.tobytes() == again.tobytes()
    assert truth == truth_again
    assert image.tobytes() != other.tobytes()
    assert image.mode == "RGB"
    assert image.size == truth.size
    assert abs(image.width * image.height / 0.5e6 - 1) < 0.01


@pytest.mark.parametrize("difficulty", RECIPES)
def test_the_truth_has_the_text_and_a_place_in_the_photo_for_every_character(difficulty: str) -> None:
    for seed in range(3):
        truth = generate_page(seed, difficulty, TEXT, megapixels=0.3)[1]
        assert truth.text.split() == TEXT.split()
        assert all(char.text in TEXT for char in truth.characters)
        for left, top, right, bottom in (character.box for character in truth.characters):
            assert 0 <= left < right <= truth.size[0]
            assert 0 <= top < bottom <= truth.size[1]
        for line in truth.lines:
            starts = [character.quad[0][0] for word in line for character in word]
            assert starts == sorted(starts)
        plain = json.loads(json.dumps(truth.to_dict()))
        assert plain["text"] == truth.text
        assert len(plain["lines"]) == len(truth.lines)


def test_the_ink_is_within_its_quadrilaterals_and_fills_them() -> None:
    for seed in range(6):
        image, truth = generate_page(seed, "easy", TEXT, megapixels=0.8)
        if truth.about["paper"] != "plain" or truth.about["pen"] not in ("blue", "black"):
            continue
        dark = grey(image) < 0.55
        left, top, right, bottom = np.array([c.box for c in truth.characters]).T
        block = np.s_[top.min() - 20 : bottom.max() + 20, left.min() - 20 : right.max() + 20]
        assert not (dark & ~inside(truth, 3))[block].any(), seed
        for character in truth.characters:  # turned by less than a degree: boxes are as good
            left, top, right, bottom = character.box
            rows, columns = np.nonzero(dark[top:bottom, left:right])
            beyond = (bottom - top - rows[-1], right - left - columns.max())
            assert max(rows[0], columns.min()) <= 4, (seed, character)
            assert max(beyond) <= 5, (seed, character)


@pytest.mark.parametrize("difficulty", ["medium", "hard"])
def test_seen_through_the_camera_too_there_is_ink_in_each_and_paper_between(difficulty: str) -> None:
    for seed in range(2):
        image, truth = generate_page(seed, difficulty, TEXT, megapixels=1.5)
        pixels = grey(image)
        near = inside(truth, 8) & ~inside(truth, 2)
        sign = -1 if truth.about["pen"] == "white" else 1
        for character in truth.characters:
            left, top, right, bottom = character.box
            ink = np.percentile(sign * pixels[top:bottom, left:right], 5)
            place = np.s_[max(top - 8, 0) : bottom + 8, max(left - 8, 0) : right + 8]
            paper = np.median(sign * pixels[place][near[place]])
            assert paper - ink > 0.05, (seed, character)


def test_hard_is_darker_and_more_turned_than_medium_and_medium_than_easy() -> None:
    def measure(difficulty: str) -> tuple[float, float]:
        brightness, turns = [], []
        for seed in range(6):
            image, truth = generate_page(seed, difficulty, "a", megapixels=0.2)
            brightness.append(np.median(grey(image)))
            assert truth.sheet is not None
            (x0, y0), (x1, y1) = truth.sheet[:2]
            turns.append(abs(np.degrees(np.arctan2(y1 - y0, x1 - x0))))
        return float(np.mean(brightness)), float(np.mean(turns))

    (light, straight), (less, turned), (least, most) = map(measure, ("easy", "medium", "hard"))
    assert light > less > least
    assert straight < 1.2 < turned < most


def test_pictures_without_writing_have_no_characters() -> None:
    for seed in range(5):
        _, truth = generate_blank(seed, megapixels=0.2)
        assert truth.text == ""
        assert truth.characters == []


def test_one_writer_writes_several_pages_in_one_hand() -> None:
    def width_by_height(seed: int, writer: Writer) -> float:
        quad = np.array(generate_page(seed, "easy", "O", megapixels=0.2, writer=writer)[1].characters[0].quad)
        return float((quad[1, 0] - quad[0, 0]) / (quad[3, 1] - quad[0, 1]))

    shapes = {who: [width_by_height(seed, Writer(who)) for seed in range(4)] for who in range(4)}
    within = np.mean([np.std(values) for values in shapes.values()])
    assert within < np.std([np.mean(values) for values in shapes.values()])


def test_the_camera_finds_its_way_back_to_the_sheet() -> None:
    view = look_at((0, 0, 210, 297), (300, 400), turn=12, tilt=(14, -8), wave=(1.5, 150, 1))
    x, y = view.to_sheet(400, 300)
    there = view.to_photo(np.stack([x, y], axis=-1))
    rows, columns = np.mgrid[:400, :300] + 0.5
    assert np.abs(there[..., 0] - columns).max() < 0.05
    assert np.abs(there[..., 1] - rows).max() < 0.05


def test_what_cannot_be_written_or_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="can write 0-9"):
        generate_page(0, text="naïve")
    with pytest.raises(ValueError, match="do not fit on one sheet"):
        generate_page(0, text="word " * 400, megapixels=0.1)
    with pytest.raises(ValueError, match="difficulty easy, medium, hard"):
        generate_page(0, "extreme")
    with pytest.raises(ValueError, match="megapixels"):
        generate_page(0, megapixels=1000)


def test_the_command_writes_pictures_with_their_truth(tmp_path: Path) -> None:
    done = command(
        "data", "pages", tmp_path / "set", "-n", 2, "--seed", 5, "--text", "ab cd", "--megapixels", 0.2
    )
    assert done.code == 0, done
    assert "2 pages" in done.out
    names = sorted(path.name for path in (tmp_path / "set").iterdir())
    assert names == ["page-0005.jpg", "page-0005.json", "page-0006.jpg", "page-0006.json"]
    truth = json.loads((tmp_path / "set" / "page-0005.json").read_text())
    with Image.open(tmp_path / "set" / "page-0005.jpg") as image:
        assert truth["text"] == "ab cd"
        assert truth["size"] == list(image.size)
    (tmp_path / "file").write_text("")
    refused(command("data", "pages", tmp_path / "file"), "file", "choose another name")
    refused(command("data", "pages", tmp_path / "x", "--text", "é", "-n", 1), "can write 0-9")
