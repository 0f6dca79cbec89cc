"""Small files in GPT-2's published layout."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from hello_dl.text import BytePairEncoder
from hello_dl.text.gpt2 import _byte_letters

V, CONTEXT, C, LAYERS, HEADS = 50, 12, 24, 2, 3


Arrays = dict[str, Any]


def published(prefix: str = "") -> Arrays:
    """Return random tensors with GPT-2's names and shapes: matrices are (in, out)."""
    rng = np.random.default_rng(0)
    shapes: dict[str, tuple[int, ...]] = {"wte.weight": (V, C), "wpe.weight": (CONTEXT, C)}
    for i in range(LAYERS):
        h = f"h.{i}."
        for ln in ("ln_1", "ln_2"):
            shapes |= {f"{h}{ln}.weight": (C,), f"{h}{ln}.bias": (C,)}
        for name, (n, m) in {
            "attn.c_attn": (C, 3 * C),
            "attn.c_proj": (C, C),
            "mlp.c_fc": (C, 4 * C),
            "mlp.c_proj": (4 * C, C),
        }.items():
            shapes |= {f"{h}{name}.weight": (n, m), f"{h}{name}.bias": (m,)}
    shapes |= {"ln_f.weight": (C,), "ln_f.bias": (C,)}
    return {prefix + name: rng.normal(0, 0.4, shape).astype(np.float32) for name, shape in shapes.items()}


def write_vocabulary(folder: Path) -> BytePairEncoder:
    """Write vocab.json and merges.txt as GPT-2's are written, from an encoder of our own."""
    encoder = BytePairEncoder.train("low lower lowest newer newest é é " * 3, 30)
    letters = _byte_letters()
    tokens = ["".join(letters[b] for b in token) for token in encoder.tokens]
    order = [*sorted(tokens[:256], key=lambda t: (ord(t) > 255, ord(t))), *tokens[256:], "<|endoftext|>"]
    (folder / "vocab.json").write_text(json.dumps({t: i for i, t in enumerate(order)}), "utf-8")
    lines = ["#version: 0.2", *(f"{tokens[a]} {tokens[b]}" for a, b in encoder.merges)]
    (folder / "merges.txt").write_text("\n".join(lines) + "\n", "utf-8")
    return encoder
