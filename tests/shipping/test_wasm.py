"""WebAssembly: the module needs nothing from outside, and gives our answers."""

from __future__ import annotations

import ctypes
import importlib.util
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from compiled import close, ours

import hello_dl
from hello_dl import functional as F
from hello_dl import nn
from hello_dl.shipping import About, export

X = np.random.default_rng(6).random((1, 2, 6, 6), np.float32)


class Module:
    """A WebAssembly module, run by wasmtime."""

    def __init__(self, path: Path) -> None:
        import wasmtime

        self.store = wasmtime.Store()
        module = wasmtime.Module.from_file(self.store.engine, str(path))
        instance = wasmtime.Instance(self.store, module, [])  # nothing is imported
        self.exports = instance.exports(self.store)
        self.call("_initialize")

    def call(self, name: str) -> Any:
        return self.exports[name](self.store)

    def array(self, door: str, shape: tuple[int, ...], dtype: Any = np.float32) -> Any:
        """Return an array on the memory behind a door."""
        start = ctypes.addressof(self.exports["memory"].data_ptr(self.store).contents)
        size = int(np.prod(shape)) * np.dtype(dtype).itemsize
        memory = (ctypes.c_char * size).from_address(start + self.call(door))
        return np.frombuffer(memory, dtype).reshape(shape)

    def about(self) -> Any:
        start = ctypes.addressof(self.exports["memory"].data_ptr(self.store).contents)
        return json.loads(ctypes.string_at(start + self.call("about")))


@pytest.mark.slow  # zig compiles its C library once, which takes half a minute
@pytest.mark.parametrize("bits", [32, 8])
def test_the_module_gives_our_answers(bits: int, tmp_path: Path) -> None:
    if not all(importlib.util.find_spec(name) for name in ("ziglang", "wasmtime")):
        pytest.skip("no zig or no wasmtime here")
    model = nn.Sequential(
        nn.Conv2d(2, 9, 3), nn.GELU(), nn.Flatten(), nn.Linear(144, 3), nn.Softmax(1)
    ).eval()
    about = About("net", ("a", 'b"', "é"), "x is x.", notes={"why": "a test"})
    names = {"input_names": ["x"], "output_names": ["answers"]}
    path = export(model, X, tmp_path / "net.wasm", bits=bits, about=about, **names)  # type: ignore[arg-type]
    module = Module(path)
    module.array("input0", X.shape)[:] = X
    module.call("run")
    wanted = ours(model, X)
    close([module.array("output0", (1, 3))], wanted, 1e-5 if bits == 32 else 0.01)
    assert module.about() == {
        "name": "net",
        "inputs": [{"name": "x", "type": "float", "size": 72}],
        "outputs": [{"name": "answers", "type": "float", "size": 3}],
        "classes": ["a", 'b"', "é"],
        "meaning": "x is x.",
        "why": "a test",
    }


def test_without_zig_the_message_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hello_dl.shipping.wasm.find_spec", lambda name: None)
    with pytest.raises(ImportError, match=r'pip install "hello-dl\[wasm\]"'):
        export(F.relu, X, tmp_path / "net.wasm")
    assert list(tmp_path.iterdir()) == []


def test_what_zig_says_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hello_dl.shipping.wasm.find_spec", lambda name: True)
    monkeypatch.setattr("hello_dl.shipping.wasm.sys", type("sys", (), {"executable": "false"}))
    assert sys.executable != "false"
    with pytest.raises(ValueError, match="zig did not compile the network"):
        export(hello_dl.relu, X, tmp_path / "net.wasm")
    assert list(tmp_path.iterdir()) == []
