"""Write and read weights files. A file is written completely or not at all."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from hello_dl import nn
from hello_dl._core import Tensor
from hello_dl.files import write_aside
from hello_dl.models import build, describe
from hello_dl.tensors.random import default_generator
from hello_dl.weights import torch_reader
from hello_dl.weights.header import FORMAT, KEY, Header, parse_header
from hello_dl.weights.packing import dequantise
from hello_dl.weights.packing import quantise as pack_state
from hello_dl.weights.places import BUNDLED, find
from hello_dl.weights.tensors import read_tensors

M = TypeVar("M", bound=nn.Module)


def save(
    path: str | os.PathLike[str],
    model: nn.Module,
    *,
    architecture: Any = None,
    classes: Sequence[str] = (),
    merged: Sequence[str] | frozenset[str] = (),
    normalisation: tuple[float, float] = (0.0, 1.0),
    seed: int | None = None,
    step: int | None = None,
    accuracy: float | None = None,
    temperature: float = 1.0,
    threshold: float | None = None,
    **notes: Any,
) -> None:
    """Write the model's state and its header to `path`, completely or not at all.

    The other arguments are the fields of Header; notes are free. `architecture` is found automatically for a
    Sequential of hello_dl's own layers; for another model give any description that JSON can hold. OSError if
    the file cannot be written, TypeError if a value cannot be JSON.
    """
    header = Header(
        describe(model) if architecture is None else architecture,
        tuple(classes),
        tuple(sorted(merged)),
        normalisation,
        seed,
        step,
        accuracy,
        temperature,
        threshold,
        notes=notes,
    )
    _write(Path(path), {name: tensor.numpy() for name, tensor in model.state_dict().items()}, header)


def annotate(path: str | os.PathLike[str], out: str | os.PathLike[str], **changes: Any) -> Header:
    """Copy a weights file and change fields of its header: `annotate(path, path, temperature=1.2)`.

    The tensors stay as they are, also packed ones. Raises as `load` and `save`.
    """
    path = find(path)
    metadata, arrays = _read(path)
    header = replace(parse_header(path, metadata), **changes)
    _write(Path(out), arrays, header)
    return header


def quantise(
    path: str | os.PathLike[str],
    out: str | os.PathLike[str],
    *,
    bits: int = 4,
    method: str = "linear",
    per: str = "channel",
) -> dict[str, float]:
    """Copy a weights file with its weights in few bits each (8, 4, 3, 2 or 1); it loads as any other.

    `method` and `per` are as in packing.py. Return for each tensor the root mean square of its changes,
    divided by that of its weights. ValueError if the file is quantised already.
    """
    path = find(path)
    metadata, arrays = _read(path)
    header = parse_header(path, metadata)
    refuse_quantised(path, header)
    try:
        packed, note = pack_state(arrays, bits, method, per)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None
    _write(Path(out), packed, replace(header, quantised=note))
    again = dequantise(packed, note)
    return {name: _distance(again[name], arrays[name]) for name in note["shapes"]}


def refuse_quantised(path: Path, header: Header) -> None:
    """Raise ValueError if the weights of a file are quantised already."""
    if header.quantised is not None:
        raise ValueError(
            f"{path}: is quantised already, to {header.quantised.get('bits')} bits; what was lost then stays"
            " lost, so take the file that it was made of"
        )


def _distance(new: np.ndarray[Any, Any], old: np.ndarray[Any, Any]) -> float:
    """Return the norm of the change, divided by the norm of the old numbers; 0 if these are all 0."""
    old = old.astype(np.float64)  # in 32 bits, the squares of small numbers become 0
    size = float(np.linalg.norm(old))
    return float(np.linalg.norm(new - old)) / size if size else 0.0


def _write(path: Path, arrays: Mapping[str, np.ndarray[Any, Any]], header: Header) -> None:
    """Write arrays and header as one file, completely or not at all. OSError names the path."""
    from safetensors.numpy import save as to_bytes

    mean, std = map(float, header.normalisation)
    entries = {"format": FORMAT, **vars(header), "normalisation": {"mean": mean, "std": std}}
    text = json.dumps({key: value for key, value in entries.items() if key != "quantised" or value})
    content = to_bytes({name: np.array(a, order="C") for name, a in arrays.items()}, {KEY: text})
    with write_aside(path) as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def load(path: str | os.PathLike[str], model: M | None = None) -> tuple[M | nn.Sequential, Header]:
    """Read a weights file: return its model in eval mode, and its header.

    The model is built from the file alone, unless `model` is given to be filled; then the file may also be
    another program's, without a header, or a state_dict that PyTorch has saved. Numbers of 16 bits, float16
    and bfloat16, are read as float32. `path` may be the name of a bundled file, such as `letters` (see
    `find`).

    FileNotFoundError if there is no such file, ValueError if it is damaged, from a newer version, of another
    architecture, or holds numbers of a type that is not read.
    """
    path = find(path)
    metadata, arrays = _read(path)
    is_foreign = model is not None and KEY not in metadata
    header = Header(architecture=None) if is_foreign else parse_header(path, metadata)
    filled: M | nn.Sequential
    try:
        if header.quantised is not None:
            arrays = dequantise(arrays, header.quantised)
        filled = _build(header.architecture) if model is None else model
        filled.load_state_dict(arrays)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None
    return filled.eval(), header


def read_header(path: str | os.PathLike[str]) -> Header:
    """Read only the header of a weights file. Raises as `load`."""
    path = find(path)
    return parse_header(path, _read(path)[0])


def _build(architecture: Any) -> nn.Sequential:
    """Build the model and put the random generator back: loading must not change what is drawn next."""
    state = default_generator.get_state()
    try:
        return build(architecture)
    finally:
        default_generator.set_state(state)


def _read(path: Path) -> tuple[dict[str, str], dict[str, np.ndarray[Any, Any]]]:
    """Return metadata and arrays of a safetensors file. Raises as `load`, and OSError if it is unreadable."""
    if not path.is_file():
        kind = "this is a directory" if path.is_dir() else "there is no such file"
        raise FileNotFoundError(
            f"{path}: {kind}; needs a weights file, as `hello-dl train` writes them, or the name of a bundled"
            f" one: {', '.join(BUNDLED)}"
        )
    with path.open("rb") as file:
        first = file.read(2)
    if first == b"PK" or torch_reader.is_pickle(first):
        return {}, _of_pytorch(path)
    return read_tensors(path)


def _of_pytorch(path: Path) -> dict[str, np.ndarray[Any, Any]]:
    """Return the arrays of a state_dict that PyTorch has saved. ValueError for anything else."""
    state = torch_reader.read(path.read_bytes(), str(path))
    if not isinstance(state, dict) or not all(isinstance(value, Tensor) for value in state.values()):
        raise ValueError(f"{path}: needs a state_dict, tensors by name; load it with hello_dl.load instead")
    return {str(name): value.detach().numpy() for name, value in state.items()}
