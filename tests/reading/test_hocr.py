"""hOCR: well-formed, with the specification's classes and properties."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from documents import page_of
from hello_dl.reading import Character, Line, Page, Word, to_hocr

XHTML = "{http://www.w3.org/1999/xhtml}"


def elements(document: str, kind: str) -> list[ElementTree.Element]:
    """Return the elements of a class."""
    return [e for e in ElementTree.fromstring(document.encode()).iter() if e.get("class") == kind]


def properties(element: ElementTree.Element) -> dict[str, str]:
    """Return an element's properties by their names."""
    return dict(part.strip().split(" ", 1) for part in (element.get("title") or "").split(";"))


def test_lines_and_words_stand_in_pages_and_paragraphs_with_their_boxes() -> None:
    page = page_of("the quick brown\nfox jumps")
    document = to_hocr([(page, "a.png"), (Page([], (30, 20)), "b.png")])
    first, second = elements(document, "ocr_page")
    assert properties(first) == {"image": '"a.png"', "bbox": "0 0 1000 800", "ppageno": "0"}
    assert properties(second) == {"image": '"b.png"', "bbox": "0 0 30 20", "ppageno": "1"}
    (paragraph,) = first
    assert (paragraph.tag, paragraph.get("class")) == (f"{XHTML}p", "ocr_par")
    assert [line.get("class") for line in paragraph] == ["ocr_line", "ocr_line"]
    words = [word for line in page.lines for word in line.words]
    for word, element in zip(words, elements(document, "ocrx_word"), strict=True):
        assert element.text == word.text
        sure = round(100 * 0.9 ** len(word.text))  # all its letters must be right
        assert properties(element) == {"bbox": " ".join(map(str, word.box)), "x_wconf": str(sure)}
    ids = re.findall(r'id="(\w+)"', document)
    assert len(ids) == len(set(ids)) == 2 + 1 + 2 + 5


def test_signs_that_xml_uses_or_forbids_do_no_harm() -> None:
    signs = "<&>\"';]]>\x01\ufffe\ud800é\U0001f600"
    word = Word([Character((1, 1, 5, 9), [(sign, 1.0)]) for sign in signs])
    document = to_hocr([(Page([Line([word])], (20, 20)), 'a";b\x02<c>.png')])
    (found,) = elements(document, "ocrx_word")
    assert found.text == "<&>\"';]]>???é\U0001f600"
    (page,) = elements(document, "ocr_page")
    assert properties(page)["image"] == '"a\',b?<c>.png"'


@pytest.mark.parametrize("turned", [0, 6, -6])
def test_the_baseline_of_a_tilted_line(turned: float) -> None:
    page = page_of("a man in a room saw a moose", (1200, 800), turned)
    (line,) = elements(to_hocr([(page, "a.png")]), "ocr_line")
    slope, height = map(float, properties(line)["baseline"].split())
    assert slope == pytest.approx(turned * 0.01745, abs=0.02)
    left, _, _, bottom = page.lines[0].box
    # From the box's lower left corner, the line leads to the middle of the page, where the letters stand.
    assert bottom + height + slope * (600 - left) == pytest.approx(400, abs=4)


@pytest.mark.parametrize(("turned", "wanted"), [(90, 270), (180, 180), (-90, 90)])
def test_a_turned_line_has_its_angle(turned: float, wanted: float) -> None:
    page = page_of("turned to the side", (1200, 1200), turned)
    (line,) = elements(to_hocr([(page, "a.png")]), "ocr_line")
    assert float(properties(line)["textangle"]) == pytest.approx(wanted, abs=1.5)
