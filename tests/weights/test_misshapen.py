"""Files of another shape than their readers expect: each is refused in words that name it, at once."""

from __future__ import annotations

import bz2
import gzip
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save_file

from hello_dl import nn, weights
from hello_dl.data.lines.stroke_files import read_file
from hello_dl.dna.train_splice import Ensemble
from hello_dl.dna.train_splice import load as load_splice
from hello_dl.dna.train_splice import save as save_splice
from hello_dl.files import read_text
from hello_dl.reading.lines.network import LineNetwork
from hello_dl.reading.lines.network import load as load_lines
from hello_dl.reading.lines.network import save as save_lines
from hello_dl.text.bpe import BytePairEncoder
from hello_dl.train.checkpoint import KEY, Checkpoint
from hello_dl.weights.header import KEY as HEADER
from hello_dl.weights.tensors import read_tensors

DEEP = "[" * 100_000 + "]" * 100_000


def changed(path: Path, key: str, change: Callable[[Any], Any]) -> Path:
    """Write a file of tensors anew, with the JSON under a key of its metadata changed."""
    metadata, arrays = read_tensors(path)
    metadata[key] = change(metadata[key])
    save_file(arrays, path, metadata)
    return path


@pytest.fixture
def model(tmp_path: Path) -> Path:
    weights.save(tmp_path / "model.safetensors", nn.Sequential(nn.Linear(2, 2)), step=3)
    return tmp_path / "model.safetensors"


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace('"notes"', f'"deep": {DEEP}, "notes"'),
        lambda text: DEEP,
        lambda text: text.replace('"format": ', '"format": Infinity, "was": '),
        lambda text: text.replace('"format": ', '"format": 1e999, "was": '),
        lambda text: text.replace('"format": ', '"format": {}, "was": '),
        lambda text: "7",
    ],
)
def test_a_header_of_weights(model: Path, change: Callable[[str], str]) -> None:
    with pytest.raises(ValueError, match=r"model\.safetensors: "):
        weights.load(changed(model, HEADER, change))


def test_a_network_with_endless_numbers_in_its_description(model: Path) -> None:
    def change(text: str) -> str:
        header = json.loads(text)
        header["architecture"]["layers"][0][1]["in_features"] = 1e400
        return json.dumps(header)

    with pytest.raises(ValueError, match=r"model\.safetensors: "):
        weights.load(changed(model, HEADER, change))


@pytest.mark.parametrize(
    ("name", "value"), [("networks", ["conv"] * 100_000), ("length", 1e400), ("length", 0)]
)
def test_splice_networks_that_nobody_has(tmp_path: Path, name: str, value: object) -> None:
    path = tmp_path / "splice.safetensors"
    save_splice(path, Ensemble(60, ["conv"]))

    def change(text: str) -> str:
        header = json.loads(text)
        header["architecture"][name] = value
        return json.dumps(header)

    with pytest.raises(ValueError, match=r"splice\.safetensors: needs networks as"):
        load_splice(changed(path, HEADER, change))


@pytest.mark.parametrize(
    "states",
    [
        None,
        7,
        {"dict": []},
        {"dict": [["hello_dl", {"dict": []}], ["numpy", 1], ["python", 2]]},
        {"dict": [["hello_dl", None], ["numpy", None], ["python", None]]},
    ],
)
def test_states_of_random_generators_in_a_checkpoint(tmp_path: Path, states: object) -> None:
    path, net = tmp_path / "run.state", nn.Linear(2, 2)
    with Checkpoint(path) as checkpoint:
        checkpoint.keep(model=net)

    def change(text: str) -> str:
        kept = json.loads(text)
        kept["state"]["dict"] = [
            [name, states if name == "random" else state] for name, state in kept["state"]["dict"]
        ]
        return json.dumps(kept)

    words = r"run\.state: holds no states of random generators"
    with (
        Checkpoint(changed(path, KEY, change), resume=True) as checkpoint,
        pytest.raises(ValueError, match=words),
    ):
        checkpoint.keep(model=net)


@pytest.mark.parametrize("merges", [DEEP, "[[Infinity, 1]]", "[[1e999, 1]]", "[[1]]", "[[999999, 0]]"])
def test_pairs_of_an_encoder(tmp_path: Path, merges: str) -> None:
    path = tmp_path / "pairs.json"
    BytePairEncoder.train("hello hello hello", 2).save(path)
    raw = json.loads(path.read_text())
    text = json.dumps({**raw, "merges": "HERE"}).replace('"HERE"', merges)
    path.write_text(text)
    with pytest.raises(ValueError, match=r"pairs\.json: needs an encoder"):
        BytePairEncoder.load(path)


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress])
def test_a_packed_text_has_a_limit(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    path = tmp_path / "book.txt.packed"
    path.write_bytes(pack(b"to be or not to be\n" * 100_000))
    assert len(read_text(path)) == 1_900_000
    with pytest.raises(ValueError, match=r"book\.txt\.packed: unpacks to more than 1,000,000 bytes"):
        read_text(path, most=1_000_000)


def test_members_of_a_zip_file_that_are_packed_in_an_unknown_way(tmp_path: Path) -> None:
    path = tmp_path / "strokes.npz"
    np.savez(path, delta=np.zeros((2, 2), np.int16))
    content = bytearray(path.read_bytes())
    places = [i for i in range(len(content)) if content[i : i + 4] == b"PK\x01\x02"]
    content[places[0] + 10] = 99  # the method, in the directory at the end
    path.write_bytes(content)
    with pytest.raises(NotImplementedError), zipfile.ZipFile(path) as file:
        file.read("delta.npy")
    with pytest.raises(ValueError, match=r"strokes\.npz: needs an npz file of pen strokes"):
        read_file(path)
    content[places[0] + 6] = 127  # the version that it needs
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"strokes\.npz: needs an npz file of pen strokes"):
        read_file(path)


@pytest.mark.parametrize("change", [{"layers": None}, {"hidden": "many"}, {"features": 1e400}, {"depth": -1}])
def test_a_description_of_a_line_reader(tmp_path: Path, change: dict[str, object]) -> None:
    path = tmp_path / "lines.safetensors"
    save_lines(path, LineNetwork((4, (4, 2), (3, 1)), features=4, hidden=4, depth=1))

    def changes(text: str) -> str:
        header = json.loads(text)
        header["architecture"]["lines"].update(change)
        return json.dumps(header)

    with pytest.raises(ValueError, match=r"lines\.safetensors: "):
        load_lines(changed(path, HEADER, changes))


@pytest.mark.parametrize("state", [3, None, []])
def test_parts_of_a_checkpoint(tmp_path: Path, state: object) -> None:
    path, net = tmp_path / "run.state", nn.Linear(2, 2)
    with Checkpoint(path) as checkpoint:
        checkpoint.keep(model=net)
    changed(path, KEY, lambda text: json.dumps({**json.loads(text), "state": state}))
    with pytest.raises(ValueError, match=r"run\.state: is damaged"):
        Checkpoint(path, resume=True)


def test_metadata_that_is_null(tmp_path: Path) -> None:
    path = tmp_path / "null.safetensors"
    header = b'{"__metadata__":null}'
    path.write_bytes(len(header).to_bytes(8, "little") + header)
    with pytest.raises(ValueError, match=r"null\.safetensors: "):
        weights.load(path)


@pytest.mark.parametrize("ending", ["", ".npy"])
def test_members_of_an_npz_file_that_are_no_arrays(tmp_path: Path, ending: str) -> None:
    path = tmp_path / "strokes.npz"
    with zipfile.ZipFile(path, "w") as file:
        for name in ("delta", "stroke", "item", "writer", "held"):
            file.writestr(name + ending, b"12")
    with pytest.raises(ValueError, match=r"strokes\.npz: needs the arrays"):
        read_file(path)
