"""save and load: what is saved comes back; PyTorch's own files are read bit by bit, or refused by name."""

from __future__ import annotations

import argparse
import io
import os
import pickle
import zipfile
from collections import Counter, OrderedDict
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import hello_dl as h
from hello_dl import nn, optim, weights

SAVED = {
    "tensor": h.tensor([[1.5, -2.0], [float("inf"), 0.1]]),
    "integers": h.tensor([2**53 + 1, -(2**63)]),
    "truths": h.tensor([True, False]),
    "number": h.tensor(3.5),
    "empty": h.zeros(0, 3),
    "learned": h.ones(2, requires_grad=True),
    "parameter": nn.Parameter(h.ones(2)),
    "plain": [None, True, 3, 2**70, 0.1, float("-inf"), "text", b"\x00\xff", (1, [2]), {3, 4}, 1j],
    "dicts": OrderedDict(a={1: "one", (2, 3): "pair", None: 0}, b=Counter("aab")),
    "settings": argparse.Namespace(lr=0.1, names=["a"]),
    "numpy": [np.float64(0.1), np.arange(3, dtype=np.int32)],
}


def same(a: Any, b: Any) -> bool:
    """Whether two objects are alike, with the class and the numbers of each part."""
    if type(a) is not type(b):
        return False
    if isinstance(a, h.Tensor):
        arrays = (a.detach().numpy(), b.detach().numpy())
        return (a.dtype, a.shape, a.requires_grad) == (b.dtype, b.shape, b.requires_grad) and bool(
            np.array_equal(*arrays, equal_nan=True)
        )
    if isinstance(a, np.ndarray):
        return a.dtype == b.dtype and np.array_equal(a, b)
    if isinstance(a, dict):
        return list(a) == list(b) and all(same(a[key], b[key]) for key in a)
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(map(same, a, b))
    return bool(a == b)


def through(value: Any) -> Any:
    """Return a value saved and loaded again."""
    file = io.BytesIO()
    h.save(value, file)
    file.seek(0)
    return h.load(file)


@pytest.mark.parametrize("name", SAVED)
def test_what_is_saved_comes_back(name: str) -> None:
    assert same(through(SAVED[name]), SAVED[name])
    assert same(through({"x": [SAVED[name]]}), {"x": [SAVED[name]]})


def test_a_state_dict_opens_elsewhere(tmp_path: Path) -> None:
    from safetensors.numpy import load_file

    net = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3))
    h.save(net.state_dict(), tmp_path / "net.pt")
    assert set(load_file(tmp_path / "net.pt")) == set(net.state_dict())
    assert [path.name for path in tmp_path.iterdir()] == ["net.pt"]  # nothing is left beside it


def test_a_training_goes_on_where_it_was(tmp_path: Path) -> None:
    x, y = h.randn(8, 3), h.randn(8, 1)

    def train(net: nn.Module, optimizer: Any, steps: int) -> float:
        for _ in range(steps):
            optimizer.zero_grad()
            loss = (net(x) - y).square().mean()
            loss.backward()
            optimizer.step()
        return float(loss)

    net = nn.Linear(3, 1)
    optimizer = optim.Adam(net.parameters(), lr=0.1)
    train(net, optimizer, 3)
    h.save({"net": net.state_dict(), "optimizer": optimizer.state_dict(), "step": 3}, tmp_path / "at3.pt")
    expected = train(net, optimizer, 3)
    again = nn.Linear(3, 1)
    other = optim.Adam(again.parameters(), lr=0.5)
    checkpoint = h.load(tmp_path / "at3.pt", map_location="cpu", weights_only=True)
    again.load_state_dict(checkpoint["net"])
    other.load_state_dict(checkpoint["optimizer"])
    assert train(again, other, checkpoint["step"]) == expected


def test_other_objects_are_refused_by_name(tmp_path: Path) -> None:
    net = nn.Linear(2, 2)
    circle: list[Any] = []
    circle.append(circle)
    for wrong, words in (
        (net, r"nn\.linear\.Linear; save its state_dict"),
        ({"a": {"net": net}}, r"at 'a\.net'"),
        (optim.SGD(net.parameters(), lr=0.1), r"SGD; save its state_dict"),
        (lambda: 1, "function"),
        (np.array(["a"]), "ndarray"),
    ):
        with pytest.raises(TypeError, match=words):
            h.save(wrong, tmp_path / "x.pt")
    with pytest.raises(ValueError, match="hold itself"):
        h.save(circle, tmp_path / "x.pt")
    assert not list(tmp_path.iterdir())


def test_places_that_are_no_good_are_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"none\.pt: there is no such file"):
        h.load(tmp_path / "none.pt")
    with pytest.raises(OSError, match="cannot be written"):
        h.save({}, tmp_path / "no folder" / "x.pt")
    (tmp_path / "text.pt").write_text("this is no file of weights, it is text")
    with pytest.raises(ValueError, match=r"text\.pt: needs an intact safetensors file"):
        h.load(tmp_path / "text.pt")
    with pytest.raises(ValueError, match="CPU alone"):
        h.load(tmp_path / "text.pt", map_location="cuda:0")
    with pytest.raises(ValueError, match="no pickle"):
        h.load(tmp_path / "text.pt", pickle_module=pickle)


# ---- files of PyTorch ----------------------------------------------------------------------------------


def of_torch(value: Any, new: bool = True) -> io.BytesIO:
    """Return a file that PyTorch has saved."""
    torch = pytest.importorskip("torch")
    file = io.BytesIO()
    torch.save(value, file, _use_new_zipfile_serialization=new)
    file.seek(0)
    return file


@pytest.mark.parametrize("new", [True, False], ids=["zip", "before 1.6"])
@pytest.mark.parametrize(
    "kind", ["float64", "float32", "float16", "bfloat16", "int64", "int32", "int16", "int8", "uint8", "bool"]
)
def test_pytorchs_tensors_are_read_bit_by_bit(kind: str, new: bool) -> None:
    torch = pytest.importorskip("torch")
    dtype = getattr(torch, kind)
    x = torch.arange(-60, 60).reshape(4, 30)
    x = (x / 7).to(dtype) if dtype.is_floating_point else x.to(dtype) if kind != "bool" else x > 3
    tensors = {
        "plain": x,
        "transposed": x.t(),
        "part": x[1:3, 2::5],
        "a number": x[2, 2],
        "empty": x[:0],
        "repeated": x[:, :1].expand(4, 3),
        "the same storage": x.view(-1)[7:],
    }
    read = h.load(of_torch(tensors, new))
    assert list(read) == list(tensors)
    for name, t in tensors.items():
        expected = t.float().numpy() if dtype.is_floating_point else t.numpy()
        assert tuple(read[name].shape) == tuple(t.shape), name
        assert read[name].dtype == {"f": "float32", "b": "bool"}.get(expected.dtype.kind, "int64")
        assert np.array_equal(read[name].numpy(), expected), name


@pytest.mark.parametrize("new", [True, False], ids=["zip", "before 1.6"])
def test_pytorchs_checkpoints_are_read(new: bool) -> None:
    torch = pytest.importorskip("torch")
    net = torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.BatchNorm1d(2))
    optimizer = torch.optim.Adam(net.parameters(), lr=0.02)
    net(torch.randn(5, 3)).square().mean().backward()
    optimizer.step()
    plain = [None, True, 2**70, 0.1, "text", b"\x00\xff", (1, [2]), {3, 4}, {"a": 1}]
    file = of_torch(
        {"net": net.state_dict(), "optimizer": optimizer.state_dict(), "plain": plain, "p": net[0].weight},
        new,
    )
    read = h.load(file)
    assert same(read["plain"], plain)
    assert isinstance(read["p"], nn.Parameter)
    ours = nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2))
    ours.load_state_dict(read["net"])
    x = np.ones((1, 3), np.float32)
    assert np.allclose(
        ours.eval()(h.tensor(x)).numpy(), net.eval()(torch.tensor(x)).detach().numpy(), atol=1e-6
    )
    theirs = optim.Adam(ours.parameters())
    theirs.load_state_dict(read["optimizer"])
    assert theirs.param_groups[0]["lr"] == 0.02
    names = h.load(of_torch([torch.float16, torch.Size([1, 2]), torch.device("cpu")], new))
    assert names == ["float16", (1, 2), "cpu"]


def test_weights_load_fills_a_model_from_pytorchs_file(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    net = torch.nn.Linear(3, 2)
    torch.save(net.state_dict(), tmp_path / "net.pth")
    ours, _ = weights.load(tmp_path / "net.pth", nn.Linear(3, 2))
    assert np.array_equal(ours.weight.numpy(), net.weight.detach().numpy())
    torch.save([net.weight], tmp_path / "list.pth")
    with pytest.raises(ValueError, match=r"list\.pth: needs a state_dict"):
        weights.load(tmp_path / "list.pth", nn.Linear(3, 2))


class Evil:
    """Runs a command when Python's own unpickler reads it."""

    def __reduce__(self) -> Any:
        return (os.mkdir, ("was_run",))


@pytest.mark.parametrize("new", [True, False], ids=["zip", "before 1.6"])
def test_other_objects_in_pytorchs_files_are_refused_by_name(
    new: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    torch = pytest.importorskip("torch")
    monkeypatch.chdir(tmp_path)
    for wrong, words in (
        (torch.nn.Linear(2, 2), r"torch\.nn\.modules\.linear\.Linear"),
        ({"a": Evil()}, r"\.mkdir"),
        (argparse.Namespace(a=1), r"argparse\.Namespace"),
        (np.float64(1), r"numpy"),
        (torch.tensor([1e300], dtype=torch.float64), "too large for float32"),
        (torch.ones(2, dtype=torch.complex64), "ComplexFloatStorage"),
    ):
        with pytest.raises(ValueError, match=words):
            h.load(of_torch(wrong, new))
    assert not (tmp_path / "was_run").exists()
    with pytest.raises(ValueError, match="mkdir"):
        h.load(io.BytesIO(pickle.dumps(Evil(), 2)))


def test_damaged_files_of_pytorch_are_refused(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    for new in (True, False):
        whole = of_torch({"x": torch.arange(10.0)}, new).getvalue()
        for length in (*range(3, len(whole), 37), len(whole) - 9):
            path = tmp_path / "cut.pt"
            path.write_bytes(whole[:length])
            with pytest.raises(ValueError, match=r"cut\.pt"):
                h.load(path)
        for place in range(2, len(whole), 53):
            bytes_ = bytearray(whole)
            bytes_[place] ^= 0xFF
            with suppress(ValueError):  # no other error; a changed number is no damage that can be seen
                h.load(io.BytesIO(bytes(bytes_)))


def rewritten(file: io.BytesIO, change: Any) -> io.BytesIO:
    """Return the zip with its pickle changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, change(content) if name.endswith("data.pkl") else content)
    out.seek(0)
    return out


def test_tensors_outside_of_their_storage_are_refused() -> None:
    torch = pytest.importorskip("torch")
    file = of_torch(torch.arange(7.0))
    with pytest.raises(ValueError, match="outside of its storage"):
        h.load(rewritten(file, lambda content: content.replace(b"K\x07\x85", b"K\x09\x85")))
    packed = io.BytesIO()
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
    packed.seek(0)
    with pytest.raises(ValueError, match="is packed"):
        h.load(packed)
