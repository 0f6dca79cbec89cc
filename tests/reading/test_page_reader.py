"""Pages are read line by line; words say how sure they are, and doubtful ones are marked as such."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

import hello_dl
from hello_dl.data.builtin import write_page
from hello_dl.reading import Character, Line, Page, PageReader, Reader, Word, reader_of
from hello_dl.reading.score import character_accuracy

TEXT = "the quick brown\nfox\njumps over it"


@pytest.fixture(scope="module")
def photo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a picture of two lines of made-up handwriting."""
    path = tmp_path_factory.mktemp("photo") / "page.png"
    Image.fromarray(write_page(TEXT, 4)[0]).save(path)
    return path


@pytest.fixture(scope="module")
def reader() -> PageReader:
    """Return the package's reader of pages."""
    return PageReader.load()


def word(text: str, probability: float | None) -> Word:
    """Return a word of characters that are all sure."""
    return Word([Character((i, 0, i + 1, 2), [(sign, 0.9)]) for i, sign in enumerate(text)], probability)


def test_a_page_is_read_with_places_and_probabilities(photo: Path, reader: PageReader) -> None:
    page = reader.read(photo)
    assert character_accuracy(TEXT, page.text) > 0.85
    assert [len(line.words) for line in page.lines] == [3, 1, 3]
    assert not page.is_by_letters
    for line, next_line in zip(page.lines, page.lines[1:], strict=False):
        assert line.box[3] < next_line.box[3]
    for one in page.words:
        assert 0 < one.probability < 1
        left, top, right, bottom = one.box
        assert 0 <= left < right <= page.size[0]
        assert 0 <= top < bottom <= page.size[1]
    assert page.to_dict()["lines"][0]["words"][0]["probability"] == round(page.words[0].probability, 6)


def test_options_reach_the_reader(photo: Path, reader: PageReader) -> None:
    plain = reader.read(photo, context="off", top=2)
    assert not plain.context
    assert reader.read(photo).context
    assert max(len(character.best) for character in plain.characters) <= 2
    seen: list[str] = []
    reader.read(photo, trace=lambda name, picture: seen.append(name))
    assert {"ink", "lines", "straight"} <= set(seen)
    with pytest.raises(ValueError, match="context needs to be one of"):
        reader.read(photo, context="maybe")
    with pytest.raises(ValueError, match="top needs to be at least 1"):
        reader.read(photo, top=0)


def test_a_weights_file_says_what_reads_it() -> None:
    assert isinstance(reader_of("lines"), PageReader)
    assert isinstance(reader_of("letters"), Reader)
    with pytest.raises(FileNotFoundError):
        reader_of("nothing.safetensors")


def test_a_single_letter_is_read_by_itself(tmp_path: Path) -> None:
    picture = write_page("a", 5)[0]
    page = hello_dl.read(Image.fromarray(picture))
    assert page.text.lower() == "a"


def test_words_that_are_hard_to_read_are_not_printed() -> None:
    page = Page([Line([word("sure", 0.9), word("maybe", 0.3)]), Line([word("no", 0.1)])], (10, 10))
    assert page.without_guesses(0.25).text == "sure maybe\n[?]"
    assert page.without_guesses(0.5).text == "sure [?]\n[?]"
    assert page.without_guesses(0.25).lines[1].box == page.lines[1].box
    assert page.is_doubtful
    assert not replace(page, lines=page.lines[:1]).is_doubtful
    by_letters = Page([Line([word("letters", None)])], (10, 10))
    assert by_letters.words[0].probability == pytest.approx(0.9**7)
    assert by_letters.without_guesses(0.99).text == "letters"
    assert by_letters.is_by_letters
    assert not by_letters.is_doubtful


def test_the_command_says_so_and_guesses_if_asked(tmp_path: Path) -> None:
    picture = tmp_path / "wild.png"
    page = write_page("abcdef ghijkl", 1)[0]
    wild = Image.fromarray(page).resize((page.shape[1], page.shape[0] // 3))  # flat letters
    wild.rotate(8, fillcolor=255).save(picture)
    plain, guessed = (
        subprocess.run(
            [sys.executable, "-m", "hello_dl", "read", picture, *more],
            capture_output=True,
            text=True,
            check=False,
        )
        for more in ([], ["--guess"])
    )
    assert plain.returncode == guessed.returncode == 0
    assert "[?]" not in guessed.stdout
    assert len(plain.stdout.splitlines()) == len(guessed.stdout.splitlines())


def printed(text: str, chance: float | None) -> Word:
    """Return a word of which is known how probably it is print."""
    return replace(word(text, 0.9), printed=chance)


def test_a_page_comes_back_from_json() -> None:
    page = Page([Line([printed("sure", 0.25), word("maybe", 0.5)])], (10, 12), True, ("turned",))
    assert Page.from_dict(json.loads(json.dumps(page.to_dict()))) == page


def test_print_beside_handwriting_is_left_out() -> None:
    page = Page(
        [
            Line([printed("Name:", 0.99), printed("Ada", 0.2)]),
            Line([printed("PLEASE", 0.95), printed("PRINT", 0.97)]),
            Line([word("old", None)]),
        ],
        (40, 40),
    )
    alone = page.without_print()
    assert alone.text == "Ada\nold"
    assert alone.notes == ("printed words are left out: 3 (--printed keeps them)",)
    assert page.to_dict()["lines"][0]["words"][0]["printed"] == 0.99
    assert page.to_dict()["lines"][2]["words"][0]["printed"] is None


def test_a_page_of_print_stays_as_it_is() -> None:
    page = Page([Line([printed("twenty", 0.99), printed("letters", 0.99), printed("o", 0.1)])], (40, 40))
    kept = page.without_print()
    assert kept.text == page.text
    assert "most of this is print" in kept.notes[0]
    assert Page([], (4, 4)).without_print() == Page([], (4, 4))


def test_a_form_is_read_without_its_print(reader: PageReader, tmp_path: Path) -> None:
    """Below a printed sentence stands a written one, which alone is read, unless print is asked for, too."""
    written = write_page("the quick brown fox", 4)[0]
    page = Image.new("L", (written.shape[1], written.shape[0] + 160), int(np.median(written)))
    page.paste(Image.fromarray(written), (0, 160))
    font = ImageFont.load_default(size=60)
    ImageDraw.Draw(page).text((60, 60), "Please write below this line", fill=20, font=font)
    path = tmp_path / "form.png"
    page.save(path)
    assert "below" not in reader.read(path).text
    assert "below" in reader.read(path, printed=True).text
    command = [sys.executable, "-m", "hello_dl", "read", str(path)]
    alone = subprocess.run(command, capture_output=True, text=True, check=True)
    both = subprocess.run([*command, "--printed"], capture_output=True, text=True, check=True)
    assert "below" not in alone.stdout
    assert "printed words are left out" in alone.stderr
    assert "below" in both.stdout
