"""Writes a network as WebAssembly, which browsers run: the C file, compiled by zig (extra `wasm`).

The module needs nothing from the page. It exports its memory, input0() and output0(), which return where the
numbers of an input and an output are (and so on for more of them), run(), and about(), the place of a text in
JSON, ended by a zero byte, that says what the arrays hold.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from hello_dl.files import write_aside
from hello_dl.shipping.c_file import c_source, literal
from hello_dl.shipping.graph import About

TARGET = ["-target", "wasm32-wasi", "-mexec-model=reactor", "-msimd128"]  # four numbers at once; no main()
ARGUMENT = re.compile(r"(const )?(float|long long|unsigned char) (\w+)\[(\d+)\]")


def write_wasm(
    path: Path,
    model: Callable[..., Any],
    example: Any,
    about: About,
    input_names: Sequence[str] = (),
    output_names: Sequence[str] = (),
    bits: int = 32,
) -> None:
    """Write the network to a WebAssembly file, whole or not at all. Raises as write_c, and ImportError."""
    if find_spec("ziglang") is None:
        raise ImportError('WebAssembly needs the compiler zig: pip install "hello-dl[wasm]"')
    source = c_source(model, example, about, input_names, output_names, bits)
    with tempfile.TemporaryDirectory() as folder:
        code, made = Path(folder) / "network.c", Path(folder) / "network.wasm"
        code.write_text(source + "\n" + _doors(source, about))
        command = [sys.executable, "-m", "ziglang", "cc", *TARGET, "-std=c99", "-O2", "-s"]
        done = subprocess.run([*command, str(code), "-o", str(made)], capture_output=True, text=True)
        if done.returncode != 0:
            raise ValueError(f"export: zig did not compile the network: {done.stderr.strip()[:500]}")
        content = made.read_bytes()
    with write_aside(path) as file:
        file.write(content)


def _doors(source: str, about: About) -> str:
    """Return the C code of what the module exports."""
    head = source[source.index(f"void {about.name}(") :].split(";")[0]
    arguments = [match.groups() for match in ARGUMENT.finditer(head)]
    lines: list[str] = []
    names: list[str] = []
    told: list[dict[str, Any]] = []
    for const, kind, name, count in arguments:
        door = f"input{len(told)}" if const else f"output{len(names) - len(told)}"
        if const:
            told.append({"name": name, "type": kind, "size": int(count)})
        names.append(door)
        lines.append(f"static {kind} {door}_numbers[{count}];")
        lines.append(_exported(f"{kind} *", door, f"return {door}_numbers;"))
    outputs = [{"name": n, "type": k, "size": int(c)} for const, k, n, c in arguments if not const]
    text = {"name": about.name, "inputs": told, "outputs": outputs, "classes": list(about.classes)}
    text |= {"meaning": about.meaning, **about.notes}
    called = ", ".join(f"{door}_numbers" for door in names)
    lines.append(_exported("void ", "run", f"{about.name}({called});"))
    lines.append(_exported("const char *", "about", f"return {literal(json.dumps(text))};"))
    return "\n".join(lines) + "\n"


def _exported(kind: str, name: str, body: str) -> str:
    """Return a function that the page may call."""
    return f'__attribute__((export_name("{name}"))) {kind}door_{name}(void) {{ {body} }}'
