"""The interface of tokenisers, and a tokeniser made from its description in a file."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol

from hello_dl.text.bpe import BytePairEncoder
from hello_dl.text.characters import CharacterVocabulary, Ids


class Tokeniser(Protocol):
    """Turns text into numbers from 0 to size - 1, and back."""

    @property
    def size(self) -> int:
        """The number of different tokens."""

    def encode(self, text: str | bytes) -> Ids:
        """Return the tokens of a text: int64 (n,)."""

    def decode(self, ids: Iterable[int]) -> str:
        """Return the text of tokens."""

    def decode_bytes(self, ids: Iterable[int]) -> bytes:
        """Return the bytes of tokens; they may end within a character."""

    def description(self) -> dict[str, Any]:
        """Return this tokeniser as data for JSON; `tokeniser_from` is the inverse."""


def tokeniser_from(raw: Any) -> Tokeniser:
    """Return the tokeniser that `description` has written. Raises ValueError for anything else."""
    kind = raw.get("type") if isinstance(raw, dict) else raw
    if kind == "characters" and isinstance(raw.get("characters"), str):
        return CharacterVocabulary(raw["characters"])
    if kind == "bytes":
        return BytePairEncoder.from_description(raw)
    raise ValueError(f"needs a tokeniser of kind 'characters' or 'bytes', got {kind!r}")
