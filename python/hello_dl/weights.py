"""Weights files: all numbers of a model as safetensors, with a header that says what model it is.

The tensors have PyTorch's names and shapes, so any program that reads safetensors can use them. The header is
JSON, under the key "hello_dl" of the file's metadata. Nothing in the file is ever executed.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from hello_dl import nn
from hello_dl.data.idx import write_aside
from hello_dl.models import build, describe
from hello_dl.random import default_generator

KEY = "hello_dl"
FORMAT = 1  # of the header; a file with a higher number is refused
M = TypeVar("M", bound=nn.Module)


@dataclass(frozen=True)
class Header:
    """What a weights file says about its model.

    `classes` name the scores in order; those in `merged` stand for the capital and the small letter alike.
    An input is (pixel / 255 - mean) / std, with `normalisation` = (mean, std). `accuracy` (0 to 1) is that on
    the validation data, `step` the number of training steps, `notes` anything else that JSON can hold.
    """

    architecture: Any
    classes: tuple[str, ...] = ()
    merged: tuple[str, ...] = ()
    normalisation: tuple[float, float] = (0.0, 1.0)
    seed: int | None = None
    step: int | None = None
    accuracy: float | None = None
    notes: Mapping[str, Any] = field(default_factory=dict)


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
    **notes: Any,
) -> None:
    """Write the model's state and what is known about it to `path`, whole or not at all.

    `architecture` is found by itself for a Sequential of our own layers; for another model give any
    description that JSON can hold. Raises OSError if it cannot be written, TypeError if something is no
    JSON.
    """
    header = {
        "format": FORMAT,
        "architecture": describe(model) if architecture is None else architecture,
        "classes": list(classes),
        "merged": sorted(merged),
        "normalisation": {"mean": float(normalisation[0]), "std": float(normalisation[1])},
        "seed": seed,
        "step": step,
        "accuracy": accuracy,
        "notes": notes,
    }
    from safetensors.numpy import save as to_bytes

    arrays = {name: np.array(tensor.numpy(), order="C") for name, tensor in model.state_dict().items()}
    _write(Path(path), to_bytes(arrays, {KEY: json.dumps(header)}))


def _write(path: Path, content: bytes) -> None:
    try:
        with write_aside(path) as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        why = error.strerror or error
        raise type(error)(f"{path}: cannot be written ({why}); choose another place") from None


def load(path: str | os.PathLike[str], model: M | None = None) -> tuple[M | nn.Sequential, Header]:
    """Read a weights file: return its model, ready for use (eval), and its header.

    The model is built from the file alone, unless you give one to fill. Raises FileNotFoundError if there
    is no such file, ValueError if it is damaged, not ours, from a newer version, or of another
    architecture.
    """
    path = Path(path)
    metadata, arrays = _read(path)
    header = _header(path, metadata)
    filled: M | nn.Sequential
    try:
        filled = _build(header.architecture) if model is None else model
        filled.load_state_dict(arrays)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None
    return filled.eval(), header


def read_header(path: str | os.PathLike[str]) -> Header:
    """Read only what a weights file says about its model. Raises as `load`."""
    return _header(Path(path), _read(Path(path))[0])


def _build(architecture: Any) -> nn.Sequential:
    """Build the model without using up random numbers: loading must not change what is drawn next."""
    state = default_generator.get_state()
    try:
        return build(architecture)
    finally:
        default_generator.set_state(state)


def _read(path: Path) -> tuple[dict[str, str], dict[str, np.ndarray[Any, Any]]]:
    from safetensors import SafetensorError, safe_open

    if not path.is_file():
        kind = "this is a directory" if path.is_dir() else "there is no such file"
        raise FileNotFoundError(f"{path}: {kind}; needs a weights file, as `hello-dl train` writes them")
    try:
        with safe_open(path, framework="numpy") as file:
            return file.metadata() or {}, {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (SafetensorError, TypeError) as error:
        raise ValueError(
            f"{path}: needs an intact safetensors file, this one is damaged or of another kind ({error});"
            " write or copy it again"
        ) from None
    except OSError as error:
        raise type(error)(f"{path}: cannot be read ({error.strerror or error})") from None


def _header(path: Path, metadata: Mapping[str, str]) -> Header:
    if KEY not in metadata:
        raise ValueError(
            f"{path}: holds tensors, but no header of hello_dl's; to use them anyway, make the model and"
            " give its load_state_dict what safetensors.numpy.load_file reads"
        )
    try:
        raw = json.loads(metadata[KEY])
        version = int(raw["format"])
        if version > FORMAT:
            raise ValueError(f"has format {version}, needs {FORMAT} or less; install a newer hello_dl")
        mean, std = float(raw["normalisation"]["mean"]), float(raw["normalisation"]["std"])
        if not (math.isfinite(mean) and math.isfinite(std) and std > 0):
            raise ValueError(f"needs a finite mean and a std above 0, got {mean} and {std}")
        return Header(
            raw["architecture"],
            tuple(map(str, raw["classes"])),
            tuple(map(str, raw["merged"])),
            (mean, std),
            raw["seed"],
            raw["step"],
            raw["accuracy"],
            dict(raw["notes"]),
        )
    except json.JSONDecodeError:
        raise ValueError(f"{path}: the header is no JSON; the file is damaged") from None
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{path}: the header is damaged or incomplete ({error})") from None
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None
