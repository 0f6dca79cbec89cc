"""The header of a weights file: what it says about its model."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hello_dl.files import MISSHAPEN

KEY = "hello_dl"  # of the header in the metadata of the safetensors file
FORMAT = 2  # of the header; 1 had no temperature, threshold and quantised. A higher number is refused


@dataclass(frozen=True)
class Header:
    """What a weights file says about its model.

    `classes` name the scores in order; a class in `merged` stands for the capital and the small letter.
    An input is (pixel / 255 - mean) / std, with `normalisation` = (mean, std). `accuracy` (0 to 1) is that on
    the validation data, `step` the number of training steps, `notes` anything else that JSON can hold.
    The probabilities are softmax(scores / `temperature`); an answer with a probability below `threshold`
    means "I don't know" (None: every answer counts). `quantised` says how the weights are packed.
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


def parse_header(path: Path, metadata: Mapping[str, str]) -> Header:
    """Return the header from the metadata of a file. ValueError if it is missing, damaged or too new."""
    if KEY not in metadata:
        raise ValueError(
            f"{path}: holds tensors, but no header of hello_dl's, which says what model they belong to; make"
            " that model and have it filled, with load(path, model)"
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
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None
    except MISSHAPEN as error:
        raise ValueError(f"{path}: the header is damaged or incomplete ({error})") from None
