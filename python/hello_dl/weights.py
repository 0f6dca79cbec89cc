"""Weights files: all numbers of a model as safetensors, with a header that says what model it is.

The tensors have PyTorch's names and shapes, so any program that reads safetensors can use them. The header is
JSON, under the key "hello_dl" of the file's metadata. Nothing in the file is ever executed. The package comes
with three such files: wherever a file is asked for, `digits`, `letters` and `characters` mean these.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from hello_dl import nn
from hello_dl.files import write_aside
from hello_dl.models import build, describe
from hello_dl.quantising import dequantise
from hello_dl.quantising import quantise as pack_state
from hello_dl.random import default_generator

KEY = "hello_dl"
FORMAT = 2  # of the header; 1 had no temperature, threshold and quantised. A higher number is refused
BUNDLED = ("digits", "letters", "characters")  # the networks that come with the package
SHIPPED = Path(__file__).with_name("shipped")  # the folder they are in
M = TypeVar("M", bound=nn.Module)


@dataclass(frozen=True)
class Header:
    """What a weights file says about its model.

    `classes` name the scores in order; those in `merged` stand for the capital and the small letter alike.
    An input is (pixel / 255 - mean) / std, with `normalisation` = (mean, std). `accuracy` (0 to 1) is that on
    the validation data, `step` the number of training steps, `notes` anything else that JSON can hold.
    The probabilities are softmax(scores / `temperature`); an answer with less than `threshold` is better
    taken as "I don't know" (None: every answer counts). `quantised` says how the weights are packed.
    """

    architecture: Any
    classes: tuple[str, ...] = ()
    merged: tuple[str, ...] = ()
    normalisation: tuple[float, float] = (0.0, 1.0)
    seed: int | None = None
    step: int | None = None
    accuracy: float | None = None
    temperature: float = 1.0
    threshold: float | None = None
    quantised: Mapping[str, Any] | None = None
    notes: Mapping[str, Any] = field(default_factory=dict)


def find(name_or_path: str | os.PathLike[str]) -> Path:
    """Return the weights file that is meant: the path, a word in BUNDLED, or a name that was taught.

    A file of that name in the current folder goes first, then the package's own, then those in
    `user_folder()`. Raises FileNotFoundError for a bundled one that is not there; any other path is returned
    as it is.
    """
    path = Path(name_or_path)
    taught = user_folder() / f"{path}.safetensors"
    if path.name == os.fspath(name_or_path) and path.name not in BUNDLED and taught.is_file():
        return path if path.is_file() else taught
    if os.fspath(name_or_path) not in BUNDLED or path.is_file():
        return path
    bundled = SHIPPED / f"{path}.safetensors"
    if bundled.is_file():
        return bundled
    raise FileNotFoundError(
        f"{path}: there is no such file here, and this installation lacks the bundled {bundled};"
        f" give the path of a weights file; `hello-dl train {path}` writes {path}.safetensors"
    )


def user_folder() -> Path:
    """Return the folder of the weights that this user has taught: `hello-dl teach --name me` fills it.

    It is the platform's folder for a user's data, or `weights` in the folder that HELLO_DL_DATA names.
    """
    if chosen := os.environ.get("HELLO_DL_DATA"):
        return Path(chosen).expanduser() / "weights"
    import platformdirs

    return platformdirs.user_data_path("hello_dl", appauthor=False) / "weights"


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
    """Write the model's state and what is known about it to `path`, whole or not at all.

    `architecture` is found by itself for a Sequential of our own layers; for another model give any
    description that JSON can hold. Raises OSError if it cannot be written, TypeError if something is no
    JSON.
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
    """Copy a weights file with other fields of its header: `annotate(path, path, temperature=1.2)`.

    The tensors stay as they are, packed ones too. Raises as `load` and `save`.
    """
    path = find(path)
    metadata, arrays = _read(path)
    header = replace(_header(path, metadata), **changes)
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

    `method` and `per` are as in `quantising`. Returns how far each tensor has moved: the root mean square of
    the changes, divided by that of the weights. Raises ValueError if the file is quantised already.
    """
    path = find(path)
    metadata, arrays = _read(path)
    header = _header(path, metadata)
    refuse_quantised(path, header)
    try:
        packed, note = pack_state(arrays, bits, method, per)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None
    _write(Path(out), packed, replace(header, quantised=note))
    again = dequantise(packed, note)
    return {name: _distance(again[name], arrays[name]) for name in note["shapes"]}


def refuse_quantised(path: Path, header: Header) -> None:
    """Raise ValueError if the weights in a file are in few bits already."""
    if header.quantised is not None:
        raise ValueError(
            f"{path}: is quantised already, to {header.quantised.get('bits')} bits; what was lost then stays"
            " lost, so take the file that it was made of"
        )


def _distance(new: np.ndarray[Any, Any], old: np.ndarray[Any, Any]) -> float:
    """Return the size of the change as a share of the size of the old numbers."""
    size = float(np.linalg.norm(old))
    return float(np.linalg.norm(new - old)) / size if size else 0.0


def _write(path: Path, arrays: Mapping[str, np.ndarray[Any, Any]], header: Header) -> None:
    """Write arrays and header as one file, whole or not at all."""
    from safetensors.numpy import save as to_bytes

    mean, std = map(float, header.normalisation)
    entries = {"format": FORMAT, **vars(header), "normalisation": {"mean": mean, "std": std}}
    text = json.dumps({key: value for key, value in entries.items() if key != "quantised" or value})
    content = to_bytes({name: np.array(a, order="C") for name, a in arrays.items()}, {KEY: text})
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

    The model is built from the file alone, unless you give one to fill; `letters` and so on are the bundled
    files (see `find`). Raises FileNotFoundError if there is no such file, ValueError if it is damaged, not
    ours, from a newer version, or of another architecture.
    """
    path = find(path)
    metadata, arrays = _read(path)
    header = _header(path, metadata)
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
    """Read only what a weights file says about its model. Raises as `load`."""
    path = find(path)
    return _header(path, _read(path)[0])


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
        raise FileNotFoundError(
            f"{path}: {kind}; needs a weights file, as `hello-dl train` writes them, or the name of a bundled"
            f" one: {', '.join(BUNDLED)}"
        )
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
        temperature, threshold = float(raw.get("temperature", 1.0)), raw.get("threshold")
        if not (math.isfinite(temperature) and temperature > 0):
            raise ValueError(f"needs a temperature above 0, got {temperature}")
        if threshold is not None and not 0 <= float(threshold) <= 1:
            raise ValueError(f"needs a threshold from 0 to 1, or none, got {threshold}")
        return Header(
            raw["architecture"],
            tuple(map(str, raw["classes"])),
            tuple(map(str, raw["merged"])),
            (mean, std),
            raw["seed"],
            raw["step"],
            raw["accuracy"],
            temperature,
            None if threshold is None else float(threshold),
            None if raw.get("quantised") is None else dict(raw["quantised"]),
            dict(raw["notes"]),
        )
    except json.JSONDecodeError:
        raise ValueError(f"{path}: the header is no JSON; the file is damaged") from None
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{path}: the header is damaged or incomplete ({error})") from None
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None
