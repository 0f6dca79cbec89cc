"""Generates text: a network predicts the next token, which is drawn and appended, again and again."""

from __future__ import annotations

import codecs
from collections.abc import Iterator, Sequence
from typing import Any, Protocol

from numpy.typing import NDArray

from hello_dl.tensors.random import Generator
from hello_dl.text.sampling import Sampling
from hello_dl.text.tokenisers import Tokeniser


class TokenReader(Protocol):
    """Reads a text token by token, and keeps what the network needs of the tokens before."""

    def read(self, ids: Sequence[int]) -> NDArray[Any]:
        """Return the scores (vocabulary,) of the token after `ids`, which follow all ids read before."""


class Writer(Protocol):
    """A network that can write: GPT or RecurrentText."""

    def reader(self) -> TokenReader:
        """Return a reader that begins a new text."""


def tokens(
    model: Writer, prompt: list[int], length: int, sampling: Sampling, generator: Generator
) -> Iterator[int]:
    """Yield `length` tokens after the prompt, each as soon as it is drawn. ValueError for an empty prompt."""
    if not prompt:
        raise ValueError("write: needs a prompt of at least one token to begin with")
    reader, written = model.reader(), list(prompt)
    scores = reader.read(prompt)
    for i in range(length):
        token = sampling.choose(scores, generator, written)
        yield token
        written.append(token)
        if i + 1 < length:
            scores = reader.read([token])


def write(
    model: Writer,
    tokeniser: Tokeniser,
    prompt: str,
    length: int = 500,
    sampling: Sampling | None = None,
    seed: int = 0,
) -> Iterator[str]:
    """Yield the text of `length` tokens after the prompt, piece by piece; the prompt is not repeated.

    A character whose bytes belong to several tokens is yielded with its last byte. The same seed gives the
    same text. ValueError for an empty prompt, or one with characters that the tokeniser does not know.
    """
    generator = Generator().manual_seed(seed)
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    for token in tokens(model, tokeniser.encode(prompt).tolist(), length, sampling or Sampling(), generator):
        text = decoder.decode(tokeniser.decode_bytes([token]))
        if text:
            yield text
    if rest := decoder.decode(b"", final=True):
        yield rest
