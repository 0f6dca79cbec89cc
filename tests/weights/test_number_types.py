"""Weights files in other types than float32 are read exactly, or the tensor and its type are named."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors
import safetensors.numpy

from gpt2_files import published
from hello_dl import nn, weights
from hello_dl.text.gpt2 import load_gpt2
from hello_dl.weights.tensors import read_tensors

# Numbers at the ends of each type's range, and between.
NUMBERS = [0.0, -0.0, 1.0, -2.5, 3.140625, 2.0**-24, 65504.0, 1e-38, 3.3895e38, float("inf"), float("nan")]


def write(path: Path, kind: str, numbers: dict[str, Any], metadata: dict[str, str] | None = None) -> None:
    """Write a safetensors file by hand, in any type of number; `numbers` are shapes and bytes."""
    entries, content = {}, b""
    for name, (shape, raw) in numbers.items():
        entries[name] = {
            "dtype": kind,
            "shape": shape,
            "data_offsets": [len(content), len(content) + len(raw)],
        }
        content += raw
    header = json.dumps(entries | ({"__metadata__": metadata} if metadata else {})).encode()
    path.write_bytes(len(header).to_bytes(8, "little") + header + content)


def upper_half(array: Any) -> bytes:
    """Return float32 numbers as bfloat16: the upper 16 bits of each."""
    return (np.asarray(array, "<f4").view("<u4") >> 16).astype("<u2").tobytes()


def saved(path: Path) -> tuple[nn.Sequential, dict[str, str], dict[str, np.ndarray[Any, Any]]]:
    """Save a small network; return it, and the metadata and arrays of the file."""
    model = nn.Sequential(nn.Linear(3, 2))
    weights.save(path, model, classes="ab")
    return model, *read_tensors(path)


def in_kind(arrays: dict[str, Any], kind: str) -> dict[str, Any]:
    """Return shapes and bytes of arrays in bfloat16, float16 or float64."""
    pack = {
        "BF16": upper_half,
        "F16": lambda a: a.astype("<f2").tobytes(),
        "F64": lambda a: a.astype("<f8").tobytes(),
    }
    return {name: (list(array.shape), pack[kind](array)) for name, array in arrays.items()}


@pytest.mark.parametrize("kind", ["BF16", "F16", "F64"])
def test_a_network_in_other_numbers_is_read(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "w"
    _, metadata, arrays = saved(path)
    write(path, kind, in_kind(arrays, kind), metadata)
    again, header = weights.load(path)
    assert header.classes == ("a", "b")
    for name, tensor in again.state_dict().items():
        assert tensor.dtype == "float32"
        near = {"BF16": 2**-7, "F16": 2**-10, "F64": 0}[kind]
        np.testing.assert_allclose(tensor.numpy(), arrays[name], rtol=near)
    weights.annotate(path, path, temperature=2.0)
    weights.quantise(path, tmp_path / "small", bits=8)
    assert weights.load(tmp_path / "small")[1].temperature == 2.0


def test_every_number_of_bfloat16_is_exact(tmp_path: Path) -> None:
    every = np.arange(2**16, dtype="<u2")
    empty: tuple[list[int], bytes] = ([0, 3], b"")
    write(tmp_path / "w", "BF16", {"a": ([256, 256], every.tobytes()), "b": ([], b"\x80\x3f"), "c": empty})
    _, arrays = read_tensors(tmp_path / "w")
    assert arrays["a"].dtype == np.float32
    assert (arrays["a"].view(np.uint32).reshape(-1) == every.astype(np.uint32) << 16).all()
    assert (arrays["b"].shape, arrays["b"].item(), arrays["c"].shape) == ((), 1.0, (0, 3))


def test_bfloat16_is_read_as_pytorch_writes_it(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    from safetensors.torch import save_file

    theirs = {
        "x": torch.tensor(NUMBERS).to(torch.bfloat16),
        "n": torch.arange(3),
        "y": torch.tensor(NUMBERS).half(),
    }
    save_file(theirs, tmp_path / "w")
    _, arrays = read_tensors(tmp_path / "w")
    for name in theirs:
        np.testing.assert_array_equal(arrays[name], theirs[name].float().numpy())
    assert arrays["n"].dtype == np.int64


@pytest.mark.parametrize(
    ("kind", "words", "size"),
    [("F8_E4M3", "float8_e4m3fn", 1), ("F8_E5M2", "float8_e5m2", 1), ("C64", "complex64", 8)],
)
def test_other_types_are_named_with_their_tensor(tmp_path: Path, kind: str, words: str, size: int) -> None:
    path = tmp_path / "w"
    _, metadata, arrays = saved(path)
    write(path, kind, {name: (list(a.shape), bytes(size * a.size)) for name, a in arrays.items()}, metadata)
    for call in (weights.load, weights.read_header, load_gpt2):
        with pytest.raises(
            ValueError, match=rf"w: the tensor 0\.\w+ has the type {words}; needs float32, float16"
        ):
            call(path)


def test_numbers_too_large_for_float32_are_named(tmp_path: Path) -> None:
    path = tmp_path / "w"
    _, metadata, arrays = saved(path)
    arrays["0.bias"] = np.array([1e39, np.inf])
    write(path, "F64", in_kind(arrays, "F64"), metadata)
    with pytest.raises(ValueError, match=r"w: the tensor 0\.bias has the type float64 and 1e\+39, too large"):
        weights.load(path)


@pytest.mark.parametrize("kind", ["BF16", "F16", None])
def test_a_file_of_another_program_fills_a_given_model(tmp_path: Path, kind: str | None) -> None:
    path = tmp_path / "w"
    model, _, arrays = saved(path)
    if kind is None:
        safetensors.numpy.save_file(arrays, path)
    else:
        write(path, kind, in_kind(arrays, kind))
    other = nn.Sequential(nn.Linear(3, 2))
    filled, header = weights.load(path, other)
    assert filled is other
    assert header.architecture is None
    np.testing.assert_allclose(other[0].weight.numpy(), model[0].weight.numpy(), rtol=2**-7)  # type: ignore[attr-defined]
    with pytest.raises(ValueError, match=r"no header of hello_dl's, .*with load\(path, model\)"):
        weights.load(path)
    with pytest.raises(ValueError, match=r"w: load_state_dict: does not fit .*needs shape"):
        weights.load(path, nn.Sequential(nn.Linear(4, 2)))


def test_gpt2_in_bfloat16_is_read(tmp_path: Path) -> None:
    arrays = published()
    write(tmp_path / "gpt", "BF16", in_kind(arrays, "BF16"))
    model = load_gpt2(tmp_path / "gpt", heads=3)
    np.testing.assert_allclose(model.wte.weight.numpy(), arrays["wte.weight"], rtol=2**-7)
