"""The simplest tokeniser: every character that occurs in a corpus gets a number."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ids = NDArray[np.int64]
MOST_NAMED = 8  # unknown characters that an error message names; it counts the others


class CharacterVocabulary:
    """Turns text into numbers, one for each character, and back.

    `characters` are the known ones, each once; the number of a character is its index there. The networks of
    chapter 9 write letter by letter with such a vocabulary.
    """

    def __init__(self, characters: Iterable[str]) -> None:
        self.characters = "".join(characters)
        codes = _codes(self.characters)
        if len(codes) == 0:
            raise ValueError("CharacterVocabulary: needs at least one character, got an empty text")
        self._order = np.argsort(codes, kind="stable")
        self._sorted = codes[self._order]
        twice = self._sorted[1:][self._sorted[1:] == self._sorted[:-1]]
        if len(twice):
            raise ValueError(f"CharacterVocabulary: the character {chr(int(twice[0]))!r} is there twice")

    @classmethod
    def of(cls, text: str) -> CharacterVocabulary:
        """Return the vocabulary of all characters of a text, in Unicode's order."""
        return cls(map(chr, np.unique(_codes(text)).tolist()))

    @property
    def size(self) -> int:
        """The number of different characters."""
        return len(self.characters)

    def encode(self, text: str | bytes) -> Ids:
        """Return the number of each character: int64 (n,). ValueError names characters that are not known."""
        text = text.decode("utf-8") if isinstance(text, bytes) else text
        codes = _codes(text)
        place = np.minimum(np.searchsorted(self._sorted, codes), self.size - 1)
        unknown = self._sorted[place] != codes
        if unknown.any():
            raise ValueError(_unknown_message(np.unique(codes[unknown]).tolist(), self.characters))
        return self._order[place].astype(np.int64)

    def decode(self, ids: Iterable[int]) -> str:
        """Return the characters of these numbers. IndexError for one that no character has."""
        characters = []
        for i in ids:
            if not 0 <= i < self.size:
                raise IndexError(f"decode: needs numbers from 0 to {self.size - 1}, got {i}")
            characters.append(self.characters[i])
        return "".join(characters)

    def decode_bytes(self, ids: Iterable[int]) -> bytes:
        """Return what `decode` does, in UTF-8."""
        return self.decode(ids).encode("utf-8", "surrogatepass")

    def description(self) -> dict[str, Any]:
        """Return this vocabulary as data for JSON; `tokeniser_from` in tokenisers.py is the inverse."""
        return {"type": "characters", "characters": self.characters}


def _codes(text: str) -> NDArray[np.uint32]:
    """Return the Unicode code point of each character, (n,)."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4").astype(np.uint32)


def _unknown_message(codes: list[int], known: str) -> str:
    """Return the error message about unknown characters, given by their code points."""
    names = ", ".join(repr(chr(code)) for code in codes[:MOST_NAMED])
    more = f" and {len(codes) - MOST_NAMED} more" if len(codes) > MOST_NAMED else ""
    printable = "".join(sorted(c for c in known if c.isprintable()))
    return f"unknown characters {names}{more}; this vocabulary has {len(known)}: {printable}"
