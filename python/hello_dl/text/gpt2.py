"""Reads files with GPT-2's published weights and vocabulary (Radford et al. 2019).

The tensors have the names of our GPT's; in some files "transformer." stands before each name. Matrices are
transposed: they are (in, out), as in the "Conv1D" layers that wrote them, where ours are (out, in).
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hello_dl.files import MISSHAPEN, read_text
from hello_dl.tensors.random import default_generator
from hello_dl.text.bpe import BytePairEncoder
from hello_dl.text.gpt import GPT
from hello_dl.weights.tensors import read_tensors

PREFIX = "transformer."
TRANSPOSED = ("attn.c_attn.weight", "attn.c_proj.weight", "mlp.c_fc.weight", "mlp.c_proj.weight")
MASK = re.compile(r"h\.\d+\.attn\.(masked_)?bias")  # name of a causal mask, which some files hold as well
FEATURES_A_HEAD = 64  # in every published size
Arrays = dict[str, NDArray[Any]]


def load_gpt2(path: str | os.PathLike[str], heads: int | None = None) -> GPT:
    """Return a GPT with the weights of a safetensors file in GPT-2's layout; its sizes follow from the file.

    The file does not tell the number of heads: by default it is the width divided by 64, as in all of GPT-2.
    Raises FileNotFoundError, or ValueError that names the file and the tensor that is missing or has another
    shape.
    """
    path = Path(path)
    arrays = _read(path)
    try:
        vocabulary, width = _matrix(arrays, "wte.weight")
        context, also_width = _matrix(arrays, "wpe.weight")
        if width != also_width:
            raise ValueError(f"wpe.weight needs the width of wte.weight, {width}, got {also_width}")
        if heads is None and width % FEATURES_A_HEAD:
            raise ValueError(
                f"a width of {width} is none of GPT-2's ({FEATURES_A_HEAD} features a head); give the"
                " number of heads"
            )
        layers = len({name.split(".")[1] for name in arrays if name.startswith("h.")})
        before = default_generator.get_state()
        model = GPT(vocabulary, context, width, max(1, layers), heads or width // FEATURES_A_HEAD)
        default_generator.set_state(before)
        _fill(model, arrays)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None
    model.eval()
    return model


def _read(path: Path) -> Arrays:
    """Return the tensors of a file by their names without the prefix, and without the masks."""
    if not path.is_file():
        raise FileNotFoundError(f"{path}: there is no such file; needs GPT-2's weights as safetensors")
    _, arrays = read_tensors(path)
    named = {name.removeprefix(PREFIX): array for name, array in arrays.items()}
    return {name: array for name, array in named.items() if not MASK.fullmatch(name)}


def _matrix(arrays: Arrays, name: str) -> tuple[int, int]:
    """Return the shape of a matrix. Raises ValueError if it is missing or no matrix."""
    if name not in arrays:
        raise ValueError(f"the tensor {name} is missing; is this GPT-2?")
    if arrays[name].ndim != 2:
        raise ValueError(f"{name} needs two axes, got shape {arrays[name].shape}")
    rows, columns = arrays[name].shape
    return rows, columns


def _fill(model: GPT, arrays: Arrays) -> None:
    """Copy the tensors into the model, matrices transposed. Raises ValueError that names the wrong tensor."""
    output = arrays.pop("lm_head.weight", None)
    if output is not None and not np.array_equal(output, arrays["wte.weight"]):
        raise ValueError("lm_head.weight differs from wte.weight; GPT-2 shares them")
    state = {}
    for name, mine in model.state_dict().items():
        if name not in arrays:
            raise ValueError(f"the tensor {name} is missing")
        transposed = name.endswith(TRANSPOSED)
        needs = tuple(mine.shape[::-1] if transposed else mine.shape)
        if arrays[name].shape != needs:
            raise ValueError(
                f"{name} needs shape {needs} for a width of {model.width}, got {arrays[name].shape}"
            )
        state[name] = arrays[name].T if transposed else arrays[name]
    if unknown := sorted(set(arrays) - set(state)):
        raise ValueError(f"the tensor {unknown[0]} has no place in GPT-2 ({len(unknown)} such)")
    model.load_state_dict(state)


def gpt2_vocabulary(vocab: str | os.PathLike[str], merges: str | os.PathLike[str]) -> BytePairEncoder:
    """Return the byte-pair encoder of GPT-2's own files, vocab.json and merges.txt.

    Raises OSError, or ValueError that names the file (and line) that is wrong.
    """
    byte_of = {letter: byte for byte, letter in _byte_letters().items()}

    def as_bytes(token: str) -> bytes:
        return bytes(byte_of[letter] for letter in token)

    text = read_text(Path(vocab), "JSON")
    try:
        numbers = json.loads(text)
        tokens = [as_bytes(token) for token, _ in sorted(numbers.items(), key=lambda item: int(item[1]))]
        if sorted(numbers.values()) != list(range(len(numbers))):
            raise ValueError("needs the numbers 0, 1, 2 and so on, each once")
    except MISSHAPEN as error:
        raise ValueError(f"{vocab}: needs the tokens of GPT-2 and their numbers as JSON; {error}") from None
    number = {token: i for i, token in enumerate(tokens)}
    pairs = []
    for n, line in enumerate(read_text(Path(merges)).split("\n"), 1):
        if not line or (n == 1 and line.startswith("#version")):
            continue
        try:
            first, second = line.split(" ")
            pairs.append((number[as_bytes(first)], number[as_bytes(second)]))
        except (ValueError, KeyError):
            raise ValueError(f"{merges}: line {n} needs two tokens of {vocab}, got {line!r}") from None
    try:
        return BytePairEncoder(tokens, pairs)
    except ValueError as error:
        raise ValueError(f"{merges}: does not fit {vocab}; {error}") from None


def _byte_letters() -> dict[int, str]:
    """Return the letter by which these files write each byte.

    It is the byte's character in Latin-1 if that is visible, else the next free character from U+0100 on.
    """
    visible = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)]
    others = [byte for byte in range(256) if byte not in visible]
    return {byte: chr(byte) for byte in visible} | {byte: chr(256 + i) for i, byte in enumerate(others)}
