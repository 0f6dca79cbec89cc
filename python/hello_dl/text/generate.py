"""Writing: a network is asked for the next token, again and again."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from typing import Protocol

from hello_dl.tensors.random import Generator
from hello_dl.text.sampling import Sampling
from hello_dl.text.token_reader import Reader
from hello_dl.text.tokenisers import Tokeniser


class Writer(Protocol):
    """A network that can write: GPT or RecurrentText."""

    def reader(self) -> Reader:
        """Return what reads text token by token with this network."""


def tokens(
    model: Writer, prompt: list[int], length: int, sampling: Sampling, generator: Generator
) -> Iterator[int]:
    """Yield `length` tokens that follow the prompt, each as soon as it is drawn."""
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
    """Yield, bit by bit, what the network writes after the prompt: `length` tokens, the prompt not repeated.

    A character whose bytes are spread over several tokens comes when its last byte does. The same seed gives
    the same text. ValueError for an empty prompt, or one with characters that the tokeniser does not know.
    """
    generator = Generator().manual_seed(seed)
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    for token in tokens(model, tokeniser.encode(prompt).tolist(), length, sampling or Sampling(), generator):
        text = decoder.decode(tokeniser.decode_bytes([token]))
        if text:
            yield text
    if rest := decoder.decode(b"", final=True):
        yield rest
