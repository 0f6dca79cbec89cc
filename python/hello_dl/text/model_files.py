"""Weights files of networks that write text: weights, sizes and tokeniser in one file."""

from __future__ import annotations

import os
from typing import Any

from hello_dl import weights
from hello_dl.tensors.random import default_generator
from hello_dl.text.gpt import GPT
from hello_dl.text.recurrent_text import RecurrentText
from hello_dl.text.tokenisers import Tokeniser, tokeniser_from

TextModel = GPT | RecurrentText
KINDS: dict[str, type[GPT] | type[RecurrentText]] = {"GPT": GPT, "RecurrentText": RecurrentText}


def save(
    path: str | os.PathLike[str],
    model: TextModel,
    tokeniser: Tokeniser,
    *,
    seed: int | None = None,
    **notes: Any,
) -> None:
    """Write a network and its tokeniser to one weights file, whole or not at all. Raises OSError."""
    weights.save(
        path,
        model,
        architecture={"type": model.kind, **model.settings},
        seed=seed,
        tokeniser=tokeniser.description(),
        **notes,
    )


def load(path: str | os.PathLike[str]) -> tuple[TextModel, Tokeniser, weights.Header]:
    """Return the network that `save` wrote, its tokeniser, and the file's header.

    Raises FileNotFoundError if there is no such file, ValueError if it is damaged or holds another kind of
    network.
    """
    header = weights.read_header(path)
    try:
        model = _build(header.architecture)
        tokeniser = tokeniser_from(header.notes.get("tokeniser"))
        if tokeniser.size != model.vocabulary:
            raise ValueError(
                f"the network knows {model.vocabulary} tokens, the vocabulary beside it {tokeniser.size}"
            )
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None
    weights.load(path, model)
    return model, tokeniser, header


def _build(architecture: Any) -> TextModel:
    """Return the network that a file describes; the default random generator stays as it is."""
    kind = architecture.get("type") if isinstance(architecture, dict) else architecture
    if kind not in KINDS:
        raise ValueError(
            f"needs a network that writes ({', '.join(KINDS)}), this file holds {kind!r};"
            " train one with: hello-dl write train"
        )
    settings = {name: value for name, value in architecture.items() if name != "type"}
    before = default_generator.get_state()
    try:
        return KINDS[kind](**settings)
    except (TypeError, MemoryError) as error:
        raise ValueError(f"a damaged description of a network: {error}") from None
    finally:
        default_generator.set_state(before)
