"""Markdown: what another program shows of it is what was written."""

from __future__ import annotations

import pytest

from documents import page_of
from hello_dl.reading import Line, Page, to_markdown
from hello_dl.reading.paragraphs import Kind, parts_of


def joined(*parts: Page) -> Page:
    """Return the lines of pages as one page, as they lie."""
    return Page([line for part in parts for line in part.lines], parts[0].size)


def moved(page: Page, right: int = 0, down: int = 0) -> Page:
    """Return a page with all letters moved."""
    from dataclasses import replace

    step = (right, down, right, down)
    lines = [
        Line([replace(word, characters=[
            replace(c, box=tuple(a + b for a, b in zip(c.box, step, strict=True))) for c in word.characters
        ]) for word in line.words])
        for line in page.lines
    ]  # fmt: skip
    return replace(page, lines=lines)


def test_a_large_line_is_a_heading_and_a_gap_ends_a_paragraph() -> None:
    title = moved(page_of("my holidays", height=90), down=-300)
    text = page_of("we went to a lake\nand swam every day")
    later = moved(page_of("then it rained\nand we stayed at home"), down=300)
    page = joined(title, text, later)
    assert [(part.kind, len(part.lines)) for part in parts_of(page)] == [
        (Kind.HEADING, 1),
        (Kind.PARAGRAPH, 2),
        (Kind.PARAGRAPH, 2),
    ]
    assert to_markdown(page) == (
        "# my holidays\n\nwe went to a lake\nand swam every day\n\nthen it rained\nand we stayed at home"
    )


def test_later_headings_are_of_the_second_level() -> None:
    text = page_of("we went to a lake\nand swam every day\nuntil it rained")
    later = moved(page_of("the end", height=90), down=300)
    assert to_markdown(joined(text, later)).endswith("until it rained\n\n## the end")


def test_items_of_a_list_and_their_second_lines() -> None:
    page = page_of(
        "to buy today:\n- milk and some\n  more of it\n* eggs\n\u2022 bread\n2) tea\nthat was all here"
    )
    assert to_markdown(page) == (
        "to buy today:\n\n- milk and some\n  more of it\n- eggs\n- bread\n2) tea\n\nthat was all here"
    )


def test_a_second_column_is_no_part_of_the_first() -> None:
    left = moved(page_of("one two\nthree four\nfive six"), right=-250)
    right = moved(page_of("seven eight\nnine ten\neleven"), right=250)
    assert to_markdown(joined(left, right)).count("\n\n") == 1


def test_nothing_and_a_single_line() -> None:
    assert to_markdown(Page([], (9, 9))) == ""
    assert to_markdown(page_of("one")) == "one"


HARD = [
    "*stars* and _lines_ and `ticks`",
    "# no heading",
    "> no quotation",
    "1. is a number",
    "-5 degrees",
    "+7 more",
    "===",
    "---",
    "[a](b) ![c](d) <b>bold</b> &amp; a|b",
    "back\\slash ~~gone~~ [?]",
    "2026. A year",
]


@pytest.mark.parametrize("text", HARD)
def test_signs_with_a_meaning_are_shown_as_they_are(text: str) -> None:
    markdown = pytest.importorskip("markdown_it")
    for written in (text, f"before\n{text}"):
        page = page_of(written)
        html = markdown.MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(to_markdown(page))
        shown = _text(html)
        number = (
            "" if not text.startswith("1. ") else "1. "
        )  # a number of a list is shown, but is not in the text
        assert (
            shown.split() == written.replace(number, "").split()
            if number
            else shown.split() == written.split()
        )


def _text(html: str) -> str:
    """Return what a browser shows of HTML."""
    from html.parser import HTMLParser

    texts: list[str] = []
    parser = HTMLParser()
    parser.handle_data = texts.append  # type: ignore[method-assign]
    parser.feed(html)
    parser.close()
    return "".join(texts)
