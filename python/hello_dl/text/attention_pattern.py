"""The attention weights of a GPT for a text, and a picture of them."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from hello_dl._core import from_numpy
from hello_dl.functional.attention import attention_weights
from hello_dl.tensors.grad_mode import no_grad
from hello_dl.text.characters import Ids
from hello_dl.text.gpt import GPT, Block


def attention_pattern(model: GPT, ids: Ids) -> NDArray[Any]:
    """Return the attention weights of all heads for a text: ids (T,), result (layers, heads, T, T).

    Row i of a head holds the weights of all tokens for token i: 0 for those after it, and 1 in sum.
    """
    model.eval()
    patterns = []
    with no_grad():
        x = model.wte(from_numpy(ids[None])) + model.wpe.weight[: len(ids)]
        for block in cast("Iterable[Block]", model.h):
            q, k, _ = block.attn.c_attn(block.ln_1(x)).chunk(3, -1)
            patterns.append(attention_weights(q, k, model.heads, is_causal=True)[0].numpy())
            x = block(x)
    return np.stack(patterns)


def draw_attention(pattern: NDArray[Any], text: str, path: str | os.PathLike[str]) -> None:
    """Draw the attention weights of one layer, (heads, T, T), as a PNG with a panel for each head.

    A row of a panel is a letter of `text`, a column a letter that it looked at to predict the next one.
    Raises ImportError without matplotlib (pip install 'hello-dl[plot]'), OSError if `path` cannot be written.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise ImportError("a picture of attention needs matplotlib: pip install 'hello-dl[plot]'") from None
    heads, T = pattern.shape[:2]
    columns = min(heads, 2)
    rows = -(-heads // columns)
    side = max(3.5, T * 0.125)  # inches of a panel: an eighth of an inch for each letter's label
    figure = Figure(figsize=(columns * side + 0.4, rows * (side + 0.3) + 0.5), layout="constrained", dpi=110)
    axes = figure.subplots(rows, columns, squeeze=False).reshape(-1)
    letters = [
        letter if letter.isprintable() and letter != " " else "␣" if letter == " " else "↵" for letter in text
    ]
    for head, axis in enumerate(axes):
        if head >= heads:
            axis.axis("off")
            continue
        # The square root makes small weights visible beside large ones.
        axis.imshow(np.sqrt(pattern[head]), cmap="Blues", vmin=0, vmax=1, interpolation="nearest")
        axis.set_title(f"head {head + 1}", fontsize=10)
        for ticks, labels in ((axis.set_xticks, letters), (axis.set_yticks, letters)):
            ticks(range(T), labels, fontsize=7, family="monospace")
        axis.tick_params(length=0, top=True, labeltop=True)
        axis.set_xlabel("looked at", fontsize=9)
        axis.set_ylabel("guesses what comes after", fontsize=9)
    figure.suptitle("Each line is a letter: the darker a field, the more it looked at that letter before it")
    figure.savefig(Path(path), format="png")
