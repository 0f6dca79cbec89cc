"""The formats in which `hello-dl read` gives what it has read: text, Markdown, JSON, hOCR, searchable PDF."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from hello_dl.reading import Page
    from hello_dl.reading.documents import Scan

LEAST = 0.25  # probability: less sure words are not printed, unless guesses are wanted
FORMATS = ("text", "markdown", "json", "hocr", "pdf")


def print_above_bar(text: str) -> None:
    """Print to stdout above a progress bar."""
    from tqdm import tqdm

    with tqdm.external_write_mode():
        click.echo(text)


def note(name: str, text: str) -> None:
    """Write a note on a picture to stderr, above a progress bar."""
    from tqdm import tqdm

    tqdm.write(f"hello-dl: {name}: {text}", file=sys.stderr)


class Text:
    """Prints each page's text, below its picture's name if there are several. Other formats build on it."""

    def __init__(self, several: bool = False, guess: bool = True) -> None:
        self.several, self.guess = several, guess

    def page(self, scan: Scan, page: Page) -> None:
        """Give a page that was read."""
        text = self.honest(page).text
        print_above_bar(f"{scan.name}:\n{text}\n" if self.several else text)

    def honest(self, page: Page) -> Page:
        """Return the page without words that are hard to read, unless guesses are wanted."""
        return page if self.guess else page.without_guesses(LEAST)

    def failed(self, scan: Scan, message: str, /) -> None:
        """Tell of a picture that could not be read."""

    def end(self) -> None:
        """Finish, after the last page."""


class Markdown(Text):
    """Prints each page as Markdown; below a comment with its picture's name if there are several."""

    def page(self, scan: Scan, page: Page) -> None:
        """Give a page that was read."""
        from hello_dl.reading.markdown import to_markdown

        text = to_markdown(self.honest(page))
        name = scan.name.replace("--", "- -")  # two hyphens would end the comment
        print_above_bar(f"<!-- {name} -->\n\n{text}\n" if self.several else text)


class Json(Text):
    """Prints a line of JSON for each page: all that a Page holds."""

    def page(self, scan: Scan, page: Page) -> None:
        """Give a page that was read."""
        self._print(scan, page.to_dict())

    def failed(self, scan: Scan, message: str) -> None:
        """Tell of a picture that could not be read."""
        self._print(scan, {"text": "", "lines": [], "error": message})

    def _print(self, scan: Scan, found: dict[str, Any]) -> None:
        """Print a line that tells which picture or page it was, and what was found."""
        number = {"page": scan.number} if scan.pages > 1 else {}
        print_above_bar(json.dumps({"picture": scan.path, **number, **found}))


class Hocr(Text):
    """Prints one hOCR document with all pages."""

    def __init__(self) -> None:
        from hello_dl.reading.hocr import HEAD

        super().__init__()
        self.count = 0
        click.echo(HEAD)

    def page(self, scan: Scan, page: Page) -> None:
        """Give a page that was read."""
        from hello_dl.reading.hocr import page_element

        self.count += 1
        print_above_bar(page_element(page, scan.path, self.count))

    def end(self) -> None:
        """Finish, after the last page."""
        from hello_dl.reading.hocr import END

        print_above_bar(END)


class Pdf(Text):
    """Writes a searchable PDF of some pictures. One that could not be read is there, too, without words.

    Raises ImportError without pikepdf, ValueError if a document cannot be changed.
    """

    def __init__(self, scans: Sequence[Scan], target: Path) -> None:
        from hello_dl.reading.pdf.searchable import SearchablePdf

        super().__init__()
        self.target = target
        self.document = SearchablePdf(scans)

    def page(self, scan: Scan, page: Page) -> None:
        """Give a page that was read."""
        from hello_dl.reading.pdf.pages import has_text

        if scan.is_pdf and has_text(Path(scan.path), scan.number):
            note(scan.name, "has text already, which stays; what was read is added to it")
        self.document.add(scan, page)

    def failed(self, scan: Scan, _: str) -> None:
        """Tell of a picture that could not be read."""
        with suppress(OSError, ValueError, ImportError):  # why it cannot be opened was told
            self.document.add(scan, None)

    def end(self) -> None:
        """Finish, after the last page."""
        pages = len(self.document.pdf.pages)
        if pages > 0:
            self.document.save(self.target)
            print_above_bar(f"{self.target}: {pages} page{'s' * (pages > 1)}, {self.document.words} words")
        self.document.close()


def output(kind: str, scans: Sequence[Scan], target: Path | None, *, several: bool, guess: bool) -> Text:
    """Return what gives pages in one of FORMATS; `target` is the file for "pdf".

    Without `guess`, text and Markdown have `[?]` in the place of words that are hard to read.
    """
    if kind == "pdf":
        assert target is not None
        return Pdf(scans, target)
    plain: dict[str, Callable[[], Text]] = {
        "text": lambda: Text(several, guess),
        "markdown": lambda: Markdown(several, guess),
        "json": Json,
        "hocr": Hocr,
    }
    return plain[kind]()
