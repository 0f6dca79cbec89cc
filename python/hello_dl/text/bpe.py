"""Byte-pair encoding: tokens of several bytes, found by joining the most frequent pair again and again."""

from __future__ import annotations

import json
import os
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from hello_dl.files import MISSHAPEN, read_text, write_aside
from hello_dl.text.characters import Ids
from hello_dl.text.splitting import pieces

BYTES = 256
MOST_CACHED = 100_000  # pieces of text whose tokens an encoder keeps, so as not to compute them again
Pair = tuple[int, int]


class BytePairEncoder:
    """Turns any bytes into tokens and back: frequent words become one token, rare ones several.

    `tokens` are the bytes of each token by its number, `merges` the pairs of tokens to join, in the order in
    which training found them. All 256 bytes are tokens, so any text can be encoded.
    Sennrich et al. 2016, algorithm 1, on bytes as in GPT-2 (Radford et al. 2019, section 2.2).
    """

    def __init__(self, tokens: Sequence[bytes], merges: Sequence[Pair]) -> None:
        self.tokens, self.merges = list(tokens), [(a, b) for a, b in merges]
        number = {token: i for i, token in enumerate(self.tokens)}
        missing = [b for b in range(BYTES) if bytes([b]) not in number]
        if missing:
            raise ValueError(
                f"BytePairEncoder: needs a token for each of 256 bytes, has none for {missing[0]}"
            )
        self._of_byte = [number[bytes([b])] for b in range(BYTES)]
        self._rank: dict[Pair, tuple[int, int]] = {}  # of a pair: its index in `merges`, and the joined token
        for rank, (a, b) in enumerate(self.merges):
            if not (0 <= a < self.size and 0 <= b < self.size):
                raise ValueError(f"BytePairEncoder: merge {rank} joins tokens {a} and {b} of {self.size}")
            joined = number.get(self.tokens[a] + self.tokens[b])
            if joined is None:
                raise ValueError(
                    f"BytePairEncoder: merge {rank} gives {self.tokens[a] + self.tokens[b]!r}, no token"
                )
            self._rank.setdefault((a, b), (rank, joined))
        self._cache: dict[str, list[int]] = {}

    @classmethod
    def train(cls, text: str | bytes, merges: int) -> BytePairEncoder:
        """Return an encoder trained on a text: `merges` times, the most frequent pair of tokens is joined.

        Pairs are counted again after each join, so later tokens can consist of earlier ones. Training stops
        early when no pair occurs twice. Of equally frequent pairs the one with the smaller numbers is joined.
        """
        if merges < 0:
            raise ValueError(f"BytePairEncoder.train: needs 0 merges or more, got {merges}")
        counted = Counter(pieces(_as_text(text)))
        words = [list(_as_bytes(word)) for word in counted]
        counts = list(counted.values())
        tokens = [bytes([b]) for b in range(BYTES)]
        joined: list[Pair] = []
        frequency, places = _count_pairs(words, counts)
        while len(joined) < merges and frequency:
            pair = min(frequency, key=lambda p: (-frequency[p], p))
            if frequency[pair] < 2:
                break
            for w in places.pop(pair):
                _join_in_word(words[w], counts[w], pair, len(tokens), frequency, places, w)
            frequency.pop(pair, None)
            tokens.append(tokens[pair[0]] + tokens[pair[1]])
            joined.append(pair)
        return cls(tokens, joined)

    @property
    def size(self) -> int:
        """The number of tokens."""
        return len(self.tokens)

    def encode(self, text: str | bytes) -> Ids:
        """Return the tokens of a text, or of any bytes: int64 (n,)."""
        ids: list[int] = []
        for piece in pieces(_as_text(text)):
            known = self._cache.get(piece)
            if known is None:
                known = self._join([self._of_byte[b] for b in _as_bytes(piece)])
                if len(self._cache) < MOST_CACHED:
                    self._cache[piece] = known
            ids += known
        return np.array(ids, np.int64)

    def _join(self, ids: list[int]) -> list[int]:
        """Join pairs in the order in which training found them, until no such pair is left."""
        while len(ids) > 1:
            ranks = [self._rank.get(pair, (len(self.merges), -1)) for pair in pairwise(ids)]
            best = min(ranks)
            if best[1] < 0:
                break
            ids = _joined(ids, [rank == best for rank in ranks], best[1])
        return ids

    def decode_bytes(self, ids: Iterable[int]) -> bytes:
        """Return the bytes of these tokens. IndexError for a number that no token has."""
        parts = []
        for i in ids:
            if not 0 <= i < self.size:
                raise IndexError(f"decode: needs tokens from 0 to {self.size - 1}, got {i}")
            parts.append(self.tokens[i])
        return b"".join(parts)

    def decode(self, ids: Iterable[int]) -> str:
        """Return the text of these tokens; bytes that are not UTF-8 become the replacement character."""
        return self.decode_bytes(ids).decode("utf-8", "replace")

    def description(self) -> dict[str, Any]:
        """Return this encoder as data for JSON; `from_description` is the inverse.

        Bytes are written as Latin-1, one character for each byte. If every token but the 256 bytes is the
        result of a merge, only the bytes and the merges are written.
        """
        own = len(self.tokens) == BYTES + len(self.merges) and all(
            self.tokens[BYTES + i] == self.tokens[a] + self.tokens[b] for i, (a, b) in enumerate(self.merges)
        )
        tokens = [token.decode("latin-1") for token in (self.tokens[:BYTES] if own else self.tokens)]
        return {"type": "bytes", "tokens": tokens, "merges": [list(pair) for pair in self.merges]}

    @classmethod
    def from_description(cls, raw: Any) -> BytePairEncoder:
        """Return the encoder that `description` has written. Raises ValueError if it is damaged."""
        try:
            tokens = [token.encode("latin-1") for token in raw["tokens"]]
            merges = [(int(a), int(b)) for a, b in raw["merges"]]
            if len(tokens) == BYTES:
                for a, b in merges:
                    tokens.append(tokens[a] + tokens[b])
        except MISSHAPEN as error:
            raise ValueError(f"a damaged description of a byte-pair encoder: {error}") from None
        return cls(tokens, merges)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the encoder as JSON, whole or not at all."""
        with write_aside(Path(path)) as file:
            file.write(json.dumps(self.description()).encode())

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> BytePairEncoder:
        """Read what `save` wrote. Raises OSError, or ValueError that names the file."""
        text = read_text(Path(path), "JSON")
        try:
            return cls.from_description(json.loads(text))
        except (ValueError, RecursionError) as error:
            raise ValueError(f"{path}: needs an encoder that BytePairEncoder.save wrote; {error}") from None


def _as_text(text: str | bytes) -> str:
    """Return text; bytes that are not UTF-8 become lone surrogates, which `_as_bytes` turns back."""
    return text.decode("utf-8", "surrogateescape") if isinstance(text, bytes) else text


def _as_bytes(piece: str) -> bytes:
    """Return the bytes of a text: the inverse of `_as_text`."""
    try:
        return piece.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:  # a lone surrogate that `_as_text` has not made
        return piece.encode("utf-8", "surrogatepass")


def _joined(ids: list[int], here: Sequence[bool], token: int) -> list[int]:
    """Return ids with ids[i] and ids[i + 1] joined where here[i]; of overlapping pairs the first."""
    result, i = [], 0
    while i < len(ids):
        joins = i < len(here) and here[i]
        result.append(token if joins else ids[i])
        i += 2 if joins else 1
    return result


def _count_pairs(words: list[list[int]], counts: list[int]) -> tuple[Counter[Pair], dict[Pair, set[int]]]:
    """Return how often each pair occurs in the text, and the indices of the words that hold it."""
    frequency: Counter[Pair] = Counter()
    places: dict[Pair, set[int]] = defaultdict(set)
    for w, (word, count) in enumerate(zip(words, counts, strict=True)):
        for pair in pairwise(word):
            frequency[pair] += count
            places[pair].add(w)
    return frequency, places


def _join_in_word(
    word: list[int],
    count: int,
    pair: Pair,
    token: int,
    frequency: Counter[Pair],
    places: dict[Pair, set[int]],
    w: int,
) -> None:
    """Join a pair in the word of index w; subtract its old pairs from the counts and add its new ones."""
    for old in pairwise(word):
        frequency[old] -= count
        if frequency[old] <= 0:
            del frequency[old]
    here = [p == pair for p in pairwise(word)]
    word[:] = _joined(word, here, token)
    for new in pairwise(word):
        frequency[new] += count
        places[new].add(w)
