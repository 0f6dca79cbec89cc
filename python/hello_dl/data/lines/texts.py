"""Draws texts as notes have them, without end: phrases, names, numbers, addresses, lists, headings."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hello_dl.data.lines.figures import date, digits, formula, number, one, price, telephone, time
from hello_dl.data.pages.words import WORDS
from hello_dl.files import read_text

Doubles = NDArray[np.float64]

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
SYMBOLS = "~^`|\\<>{}[]_#@&*=+/;%$"
_NAMES = "Anna Ben Carla David Emma Felix Grace Hugo Ines Jack Kate Liam Mia Noah Olga Paul Rosa Sam Zoe"
_STREETS = "Street Road Avenue Lane Square Way Drive St. Rd. Ave."
_NOTES = "TODO: ToDo NB: Note: P.S. Q: A: e.g. Re: cc: i.e. etc. vs."
NAMES, STREETS, NOTES = _NAMES.split(), _STREETS.split(), _NOTES.split()

# One form a line. The names in braces are filled in by the methods of Texts.
_PEOPLE = """{f}
{f} {l}
{f} {l}
{f} {i}. {l}
{i}. {l}
Mr. {l}
Mrs {l}
Dr. {l}"""
_MAILS = """{u}.{f}@{h}.{e}
{f}@{h}.{e}
{f}_{u}@{h}.{e}
{f}-{u}@{h}.{e}
www.{h}.{e}
https://{h}.{e}/{u}"""
_ENTRIES = """-
-
*
+
>
->
=>
[ ]
[x]
o
{n})
{n})
{n}.
({n})
{c})
{c}.
#{n}"""
_QUOTES = """"{a}"
'{b}'
({a})
{b} ({a})
[{b}]
{b}-{c}
{b}/{c}
{b} & {c}
"{b}", {a}
{b}'s {c}"""
_CODES = """{b}{s}{c}
{s}{b}
{b} {s} {c}
{s} {b} {o}
{{{b}}}
{b}[{n}]
<{b}>
{b}_{c}
{b}({c});
`{b}`
~{n}
{s}{o}
${b}
{b} | {c}
{b} % {n}
C:\\{b}"""
PEOPLE, MAILS, ENTRIES = _PEOPLE.split("\n"), _MAILS.split("\n"), _ENTRIES.split("\n")
QUOTES, CODES = _QUOTES.split("\n"), _CODES.split("\n")
ENDS = ["", "", "", ".", ",", "?", "!", ":", ";", " -", "..."]  # what may follow the last word


class Texts:
    """Draws texts of one line, in printable ASCII: `texts(rng)` is the next.

    books        file of running text, for phrases of one to eight words
    word_counts  file with a word and its count in each line; words are drawn by the square root of their
                 counts, so that rare ones come, too
    names        file of names, one in a line

    Without a file, a short list of the package takes its place. Raises ValueError for a file without words.
    """

    def __init__(
        self,
        books: str | Path | None = None,
        word_counts: str | Path | None = None,
        names: str | Path | None = None,
    ) -> None:
        self._running = _words_of(books) if books else list(WORDS)
        even = np.arange(1, len(WORDS) + 1) / len(WORDS)
        self._words, self._cumulated = _counted(word_counts) if word_counts else (list(WORDS), even)
        self._names = [name for name in _words_of(names) if name.isalpha()] if names else NAMES
        kinds: list[tuple[float, Callable[[np.random.Generator], str]]] = [
            (30, self.phrase),
            (16, self.words),
            (8, self.heading),
            (12, self.capitals),
            (6, self.name),
            (5, date),
            (3, time),
            (7, number),
            (4, price),
            (5, formula),
            (1, telephone),
            (4, self.address),
            (3, self.mail),
            (7, self.entry),
            (3, self.to_do),
            (5, self.quoted),
            (5, self.code),
            (5, self.field),
            (4, self.spelled),
        ]
        self._kinds = [kind for _, kind in kinds]
        share = np.array([weight for weight, _ in kinds])
        self._share = np.cumsum(share / share.sum())

    def __call__(self, rng: np.random.Generator) -> str:
        """Draw the text of one line."""
        kind = self._kinds[min(int(np.searchsorted(self._share, rng.random())), len(self._kinds) - 1)]
        return " ".join(kind(rng).split())

    def word(self, rng: np.random.Generator) -> str:
        """Draw a word by the square root of its count, in small letters."""
        return self._words[min(int(np.searchsorted(self._cumulated, rng.random())), len(self._words) - 1)]

    def phrase(self, rng: np.random.Generator) -> str:
        """Draw one to eight words that follow each other in the running text."""
        count = int(rng.integers(1, 9))
        at = int(rng.integers(max(1, len(self._running) - count)))
        return " ".join(self._running[at : at + count])

    def words(self, rng: np.random.Generator) -> str:
        """Draw one to five words, sometimes with a mark after the last."""
        words = [self.word(rng) for _ in range(int(rng.integers(1, 6)))]
        if rng.random() < 0.3:
            words[0] = words[0].capitalize()
        return " ".join(words) + one(rng, ENDS)

    def heading(self, rng: np.random.Generator) -> str:
        """Draw one to four words in Title Case."""
        words = [self.word(rng).capitalize() for _ in range(int(rng.integers(1, 5)))]
        return " ".join(words) + one(rng, ["", "", "", ":"])

    def capitals(self, rng: np.random.Generator) -> str:
        """Draw a text in CAPITALS, as forms and headings have them."""
        kind = [self.words, self.words, self.words, self.name, self.address][int(rng.integers(5))]
        return kind(rng).upper()

    def name(self, rng: np.random.Generator) -> str:
        """Draw a person's name, with an initial or a title now and then."""
        first, last = one(rng, self._names).capitalize(), one(rng, self._names).capitalize()
        return one(rng, PEOPLE).format(f=first, l=last, i=one(rng, LETTERS))

    def address(self, rng: np.random.Generator) -> str:
        """Draw a line of a postal address."""
        street = f"{rng.integers(1, 400)} {self.word(rng).capitalize()} {one(rng, STREETS)}"
        state = one(rng, LETTERS) + one(rng, LETTERS)
        town = f"{self.word(rng).capitalize()}, {state} {digits(rng, 5)}"
        return one(rng, [street, town, f"Flat {rng.integers(1, 99)}, {street}"])

    def mail(self, rng: np.random.Generator) -> str:
        """Draw an e-mail or web address."""
        user, host = self.word(rng).replace("'", ""), self.word(rng).replace("'", "")
        end = one(rng, ["com", "org", "net", "de", "co.uk", "edu"])
        return one(rng, MAILS).format(u=user, h=host, e=end, f=one(rng, self._names).lower())

    def entry(self, rng: np.random.Generator) -> str:
        """Draw an entry of a list."""
        bullet = one(rng, ENTRIES).format(n=rng.integers(1, 31), c=one(rng, "abcdefgABC"))
        return f"{bullet} {self.words(rng)}"

    def to_do(self, rng: np.random.Generator) -> str:
        """Draw a note to oneself."""
        return f"{one(rng, NOTES)} {self.words(rng)}"

    def quoted(self, rng: np.random.Generator) -> str:
        """Draw words in quotes or brackets, or joined by a hyphen or a slash."""
        return one(rng, QUOTES).format(a=self.phrase(rng), b=self.word(rng), c=self.word(rng))

    def code(self, rng: np.random.Generator) -> str:
        """Draw words with signs that are rare elsewhere, as in program text."""
        sign, other, n = one(rng, SYMBOLS), one(rng, SYMBOLS), rng.integers(0, 100)
        return one(rng, CODES).format(b=self.word(rng), c=self.word(rng), s=sign, o=other, n=n)

    def spelled(self, rng: np.random.Generator) -> str:
        """Draw letters or digits one by one, in any order or as in a b c, with spaces or without."""
        alphabet = one(rng, [LETTERS, LETTERS.lower(), "0123456789", LETTERS + "0123456789"])
        if rng.random() < 0.3:
            start = int(rng.integers(len(alphabet)))
            signs = list(alphabet[start : start + int(rng.integers(1, 14))])
        else:
            signs = [alphabet[int(rng.integers(len(alphabet)))] for _ in range(int(rng.integers(1, 9)))]
        return one(rng, ["", " "]).join(signs)

    def field(self, rng: np.random.Generator) -> str:
        """Draw a field of a form with its value."""
        value = [self.name, date, number, price, time, self.word][int(rng.integers(6))](rng)
        return f"{self.word(rng).capitalize()}{one(rng, [':', ':', ' =', ' -', ''])} {value}"


def _read(path: str | Path) -> str:
    """Read a text file that must not be empty."""
    text = read_text(Path(path))
    if not text.strip():
        raise ValueError(f"{path}: needs text, got an empty file")
    return text


def _words_of(path: str | Path) -> list[str]:
    """Return the words of a file that are printable ASCII and of usual length."""
    words = [word for word in _read(path).split() if re.fullmatch(r"[!-~]{1,20}", word)]
    if not words:
        raise ValueError(f"{path}: needs words of printable ASCII, got none")
    return words


def _counted(path: str | Path) -> tuple[list[str], Doubles]:
    """Return the words of a file of counts, and the sums of their shares up to each."""
    words, counts = [], []
    for line in _read(path).split("\n"):
        parts = line.split()
        if len(parts) == 2 and parts[1].isdigit() and re.fullmatch(r"[a-z']{1,16}", parts[0]):
            words.append(parts[0])
            counts.append(float(parts[1]))
    if not words:
        raise ValueError(f"{path}: needs lines of a word and its count, got none")
    share = np.sqrt(np.array(counts))
    return words, np.cumsum(share / share.sum())
