"""The shipped letters network outside this package: how large its files are, and how long one image takes.

    python benchmarks/shipping.py

Each way takes one image at a time on one thread: here; ONNX Runtime; the C file by gcc -O2, with weights as
floats and in 8 bits; the same C file with a plain nest of loops in place of its convolutions and linear
layers; and WebAssembly, run by wasmtime. A time is the least of several rounds.
"""

from __future__ import annotations

import ctypes
import re
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
from numpy.typing import NDArray

import hello_dl
from hello_dl.commands.export import _network
from hello_dl.shipping import About, c_file, c_layers, c_writer, export

ROUNDS, SECONDS = 7, 0.3  # rounds, and how long each lasts
NAIVE = {
    "conv2d": """
static void conv2d(const float *x, int width, int plane, int channels, const float *w, const float *bias,
                   int kh, int kw, int sy, int sx, int dy, int dx, float *y, int out, int oh, int ow)
{
    for (int o = 0; o < out; o++)
        for (int r = 0; r < oh; r++)
            for (int q = 0; q < ow; q++) {
                float sum = bias[o];
                for (int c = 0; c < channels; c++)
                    for (int i = 0; i < kh; i++)
                        for (int j = 0; j < kw; j++)
                            sum += x[c * plane + (r * sy + i * dy) * width + q * sx + j * dx]
                                   * w[((o * channels + c) * kh + i) * kw + j];
                y[(o * oh + r) * ow + q] = sum;
            }
}""",
    "linear": """
static void linear(const float *x, int lines, int in, const float *w, const float *bias,
                   float *y, int out, int step)
{
    for (int l = 0; l < lines; l++)
        for (int o = 0; o < out; o++) {
            float sum = bias[o];
            for (int i = 0; i < in; i++)
                sum += x[l * in + i] * w[o * in + i];
            y[l * step + o] = sum;
        }
}""",
}


def in_rows(weight: NDArray[Any]) -> NDArray[Any]:
    """Return weights (out, ...) in the order of plain loops."""
    return weight.reshape(len(weight), -1)


def naive_source(source: Callable[[], str]) -> str:
    """Return the C file with plain loops, and weights in their order."""
    with patch.object(c_writer, "in_blocks_of_8", in_rows), patch.object(c_layers, "in_blocks_of_8", in_rows):
        text = source()
    for name, loops in NAIVE.items():
        start = text.index(f"static void {name}(")
        end = re.compile(r"^}", re.M).search(text, start)
        assert end is not None
        text = text[:start] + loops.strip() + text[end.end() :]
    return text


def best(call: Callable[[], Any]) -> float:
    """Return the seconds of a call, the least of several rounds."""
    call()
    found = []
    for _ in range(ROUNDS):
        count, start = 0, time.perf_counter()
        while time.perf_counter() - start < SECONDS:
            call()
            count += 1
        found.append((time.perf_counter() - start) / count)
    return min(found)


def compiled(text: str, folder: Path, name: str, image: Any) -> tuple[Callable[[], Any], Any, int]:
    """Compile a C file by gcc -O2; return a call for one image, its answers, and the library's bytes."""
    source, library = folder / f"{name}.c", folder / f"{name}.so"
    source.write_text(text)
    subprocess.run(["gcc", "-std=c99", "-O2", "-shared", "-fPIC", source, "-o", library, "-lm"], check=True)
    answers = np.zeros((1, 26), np.float32)
    pointers = [array.ctypes.data_as(ctypes.c_void_p) for array in (image, answers)]
    function = ctypes.CDLL(str(library)).letters
    return lambda: function(*pointers), answers, library.stat().st_size


def main() -> None:
    """Print a table."""
    hello_dl.set_num_threads(1)
    network = _network("letters", None)
    image = np.random.default_rng(0).random((1, 1, 28, 28), np.float32)
    names: dict[str, Any] = {"input_names": network.inputs, "output_names": network.outputs}
    about = About("letters", network.classes, network.meaning, network.picture)

    def source(bits: int = 32) -> str:
        return c_file.c_source(network.model, network.example, about, *names.values(), bits)

    def here() -> Any:
        with hello_dl.no_grad():
            return network.model(hello_dl.tensor(image)).numpy()

    wanted, rows = here(), []

    def add(name: str, size: int, call: Callable[[], Any], answers: Any) -> None:
        seconds = best(call)
        rows.append((name, size, seconds, float(np.abs(answers - wanted).max())))

    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        add("hello_dl, plain call", 0, here, wanted)
        for name, text in (
            ("C, gcc -O2, floats", source()),
            ("C, gcc -O2, 8 bits", source(8)),
            ("C, gcc -O2, plain loops", naive_source(source)),
        ):
            call, answers, size = compiled(text, folder, re.sub(r"\W+", "_", name), image)
            call()
            add(name, size, call, answers)
        add_onnx(network, names, folder, image, add)
        add_wasm(network, names, about, folder, image, add)
    by_plain_loops = next(seconds for name, _, seconds, _ in rows if "plain loops" in name)
    print(f"{'':26}{'bytes':>10}{'us':>8}{'plain loops':>13}{'differs by':>12}")
    for name, size, seconds, difference in rows:
        print(f"{name:26}{size:10,}{seconds * 1e6:8.0f}{by_plain_loops / seconds:12.1f}x{difference:12.1e}")


def add_onnx(network: Any, names: Any, folder: Path, image: Any, add: Callable[..., None]) -> None:
    """Measure ONNX Runtime, if it is there."""
    try:
        import onnxruntime
    except ImportError:
        return
    path = export(network.model, network.example, folder / "letters.onnx", **names)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    inputs = {"image": image}
    add("ONNX Runtime", path.stat().st_size, lambda: session.run(None, inputs), session.run(None, inputs)[0])


def add_wasm(
    network: Any, names: Any, about: About, folder: Path, image: Any, add: Callable[..., None]
) -> None:
    """Measure WebAssembly, if zig and wasmtime are there."""
    try:
        import wasmtime
        import ziglang  # noqa: F401
    except ImportError:
        return
    for bits in (32, 8):
        path = export(
            network.model, network.example, folder / "letters.wasm", bits=bits, about=about, **names
        )
        store = wasmtime.Store()
        module = wasmtime.Module.from_file(store.engine, str(path))
        exports: Any = wasmtime.Instance(store, module, []).exports(store)
        start = ctypes.addressof(exports["memory"].data_ptr(store).contents)
        ctypes.memmove(start + exports["input0"](store), image.ctypes.data, image.nbytes)
        run = exports["run"]
        run(store)
        found = np.frombuffer(ctypes.string_at(start + exports["output0"](store), 26 * 4), np.float32)
        add(
            f"WebAssembly, {bits} bits",
            path.stat().st_size,
            lambda run=run, store=store: run(store),
            found[None],
        )


if __name__ == "__main__":
    main()
