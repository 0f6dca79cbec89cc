"""Writes a network as a file of the kind that its name asks for."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from hello_dl.files import check_file
from hello_dl.shipping.graph import About

SUFFIXES = (".onnx", ".c", ".wasm")
BITS = (32, 8)


def export(
    model: Callable[..., Any],
    example: Any,
    path: str | os.PathLike[str],
    *,
    input_names: Sequence[str] = (),
    output_names: Sequence[str] = (),
    dynamic_axes: Mapping[str, Mapping[int, str]] | None = None,
    bits: int = 32,
    about: About | None = None,
) -> Path:
    """Write a network as a file that runs without this package; its ending says which: .onnx, .c or .wasm.

    `model` is a network in eval mode, or a function of tensors; `example` is an input, a tensor or array, or
    a tuple of inputs. The network is called with it, and must do the same steps for every input. In ONNX the
    axes named in dynamic_axes may have any length: {"input": {0: "batch"}}, which is the default, for the
    first axis of every input. A C file, also if compiled to WebAssembly, is made for the example's shapes
    alone; its function has the file's name, or about.name. There, with 8 bits, weights of convolutions and
    linear layers are kept in 8 bits, as chapter 7 does. `about` is what the file says of the network. Return
    the path.

    ValueError for a network in training mode, with random steps, with steps that depend on values, or with
    ops that the format lacks; OSError if the file cannot be written; ImportError without the library `onnx`,
    or, for WebAssembly, without zig.
    """
    path = check_file(Path(path), "export:")
    if path.suffix not in SUFFIXES:
        raise ValueError(f"export: needs a file name that ends in {', '.join(SUFFIXES)}, got {path.name}")
    about = about or About(path.stem)
    if bits not in BITS or (bits != 32 and path.suffix == ".onnx"):
        raise ValueError(f"export: needs bits of 32, or 8 in C, got {bits} for {path.name}")
    if path.suffix == ".onnx":
        from hello_dl.shipping.onnx_file import write_onnx

        write_onnx(path, model, example, about, input_names, output_names, dynamic_axes)
        return path
    if dynamic_axes:
        raise ValueError(
            f"export: {path.suffix} is written for the example's lengths alone, without dynamic_axes"
        )
    if path.suffix == ".wasm":
        from hello_dl.shipping.wasm import write_wasm as write
    else:
        from hello_dl.shipping.c_file import write_c as write
    write(path, model, example, about, input_names, output_names, bits)
    return path
