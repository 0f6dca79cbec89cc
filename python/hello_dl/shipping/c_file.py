"""Writes a network as one C99 file: weights, buffers and one function, without dependencies or allocation.

Only the lengths of the example are possible, so the example is one input: an image, not a batch. The
function's name is that of the file; it takes an array for each input, and one for each output.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from hello_dl.files import write_text
from hello_dl.shipping.c_layers import LAYERS
from hello_dl.shipping.c_numbers import EXPRESSIONS, ToC
from hello_dl.shipping.c_ops import OPS
from hello_dl.shipping.c_writer import ARRAYS, BYTES, TYPES, CWriter, c_type, laid_out, size_of
from hello_dl.shipping.graph import About, Graph, Step, Value, chosen_names, refuse_unknown
from hello_dl.shipping.simplify import simplified
from hello_dl.shipping.trace import trace

Named: TypeAlias = tuple[Value, str]
TABLE: dict[str, ToC] = {**OPS, **LAYERS}
SNIPPETS = Path(__file__).parent / "c"
SAME = {"reshape", "copy", "dropout"}  # ops that change no number, if the dtype stays
_WORDS = (
    "auto break case char const continue default do double else enum extern float for goto if inline int long"
    " register restrict return short signed sizeof static struct switch typedef union unsigned void volatile"
    " while main four LOAD STORE NAN INFINITY exp log log1p expm1 exp2 log2 log10 sin cos tan sinh cosh"
    " tanh asin acos atan atan2 sqrt pow fabs floor ceil rint round trunc erf isnan isinf isfinite gamma"
    " j0 j1 jn y0 y1 yn"
)
KEYWORDS = frozenset(_WORDS.split())
OWN = re.compile(r"[cv]\d+|[a-q]")  # names that the file gives to constants, buffers and places


def write_c(
    path: Path,
    model: Callable[..., Any],
    example: Any,
    about: About,
    input_names: Sequence[str] = (),
    output_names: Sequence[str] = (),
    bits: int = 32,
) -> None:
    """Write the network to a C file, whole or not at all. ValueError for what C lacks here."""
    write_text(path, c_source(model, example, about, input_names, output_names, bits))


def c_source(
    model: Callable[..., Any],
    example: Any,
    about: About,
    input_names: Sequence[str] = (),
    output_names: Sequence[str] = (),
    bits: int = 32,
) -> str:
    """Return the C file's text. With 8 bits, weights of convolutions and linear layers are kept in these."""
    graph = simplified(trace(model, example))
    refuse_unknown(graph, "C", {**TABLE, "reshape": None})
    if any(0 in value.shape for value in (*graph.inputs, *graph.outputs)):
        raise ValueError("export: C has no arrays without numbers; take another example")
    inputs = chosen_names(input_names, len(graph.inputs), "input")
    outputs = chosen_names(output_names, len(graph.outputs), "output")
    check_names([about.name, *inputs, *outputs])
    w = CWriter(graph, bits)
    w.names = dict(zip(graph.inputs, inputs, strict=True))
    _write_steps(w, outputs)
    sizes = laid_out(w.buffers)
    arguments = [f"const {c_type(v)} {n}[{size_of(v)}]" for v, n in zip(graph.inputs, inputs, strict=True)]
    arguments += [f"{c_type(v)} {n}[{size_of(v)}]" for v, n in zip(graph.outputs, outputs, strict=True)]
    head = f"void {about.name}({', '.join(arguments)})"
    named = list(zip([*graph.inputs, *graph.outputs], [*inputs, *outputs], strict=True))
    parts = [_comment(w, about, head, sizes, named)]
    parts.append("#include <math.h>")
    parts += [(SNIPPETS / f"{name}.c").read_text().strip() for name in _in_order(w.helpers)]
    if about.classes:
        parts.append(_classes(about))
    parts.append("\n".join(w.constants))
    parts.append("\n".join(f"static {kind} {ARRAYS[kind]}[{count}];" for kind, count in sizes.items()))
    parts.append(_function(w, head))
    if about.classes and about.picture:
        parts.append(_main(about))
    return "\n\n".join(part for part in parts if part) + "\n"


def check_names(names: list[str]) -> None:
    """Raise ValueError unless all are different names that C allows and the file does not use itself."""
    used = {path.stem for path in SNIPPETS.glob("*.c")} | set(ARRAYS.values()) | KEYWORDS
    for name in names:
        if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
            raise ValueError(
                f"export: {name!r} is no name in C, which has letters, digits and _; choose another"
            )
        if name in used or OWN.fullmatch(name) or name.startswith("_"):
            raise ValueError(f"export: the name {name!r} is taken in C or in the file; choose another")
    if len(set(names)) < len(names):
        raise ValueError(f"export: needs different names in C, got {', '.join(names)}")


# ---- steps and buffers -----------------------------------------------------------------------------------


def _write_steps(w: CWriter, outputs: list[str]) -> None:
    """Write all steps, each with the array for its result."""
    graph = w.graph
    same, last = _shared(graph)
    given: dict[Value, str] = {}
    for value, name in zip(graph.outputs, outputs, strict=True):
        root = same.get(value, value)
        if root not in w.names and not root.is_constant and root not in given:
            given[root] = name
    for w.now, step in enumerate(graph.steps):
        root = same.get(step.output, step.output)
        if root not in w.names:
            w.names[root] = given.get(root) or w.buffer(size_of(root), c_type(root), last[root])
        w.names[step.output] = w.of(root)
        if not _changes_nothing(step):
            TABLE[step.op](w, step, w.names[step.output])
    for value, name in zip(graph.outputs, outputs, strict=True):
        if w.of(value) != name:
            w.lines += [f"for (int i = 0; i < {size_of(value)}; i++)", f"    {name}[i] = {w.of(value)}[i];"]


def _changes_nothing(step: Step) -> bool:
    """Whether the result of a step is its input, perhaps in another shape."""
    return step.op in SAME and step["x"].dtype == step.output.dtype


def _shared(graph: Graph) -> tuple[dict[Value, Value], dict[Value, int]]:
    """Return whose array each result uses, where that is another's, and the last step that needs an array.

    A reshape has the array of its input, and so has an op on single numbers, if it is the last to need it.
    """
    same: dict[Value, Value] = {}
    for step in graph.steps:
        if _changes_nothing(step):
            same[step.output] = same.get(step["x"], step["x"])
    last: dict[Value, int] = {}
    for now, step in enumerate(graph.steps):
        for value in (*step.inputs, step.output):
            last[same.get(value, value)] = now
    for value in graph.outputs:
        last[same.get(value, value)] = len(graph.steps)
    fixed = set(graph.inputs)
    for now, step in enumerate(graph.steps):
        if step.op not in EXPRESSIONS or _changes_nothing(step):
            continue
        x = step.inputs[0]
        root, own = same.get(x, x), step.output
        roots = [same.get(v, v) for v in step.inputs]
        fits = x.shape == own.shape and x.dtype == own.dtype and roots.count(root) == 1
        if not fits or root.is_constant or root in fixed or last[root] != now:
            continue
        last[root] = last[own]
        same.update({value: root for value, of in same.items() if of is own})
        same[own] = root
    return same, last


# ---- the text --------------------------------------------------------------------------------------------


def _function(w: CWriter, head: str) -> str:
    """Return the function: where the buffers are, then the steps."""
    body = " ".join(w.lines)
    unused = [name for v in w.graph.inputs if not re.search(rf"\b{(name := w.names[v])}\b", body)]
    places = [f"(void){name};" for name in unused]
    places += [f"{b.kind} *const {b.name} = {ARRAYS[b.kind]} + {b.place};" for b in w.buffers]
    lines = [line for text in (*places, *w.lines) for line in text.split("\n")]
    return "\n".join([head, "{", *[f"    {line}" for line in lines], "}"])


def _in_order(helpers: list[str]) -> list[str]:
    """Return the snippets so that each comes after those that it calls."""
    wanted = {*helpers, *(["linear", "four"] if {"rnn", "gru", "lstm"} & set(helpers) else [])}
    first = [name for name in ("four", "unpack", "pad", "conv2d", "linear") if name in wanted]
    return first + sorted(wanted - set(first))


def _comment(
    w: CWriter, about: About, head: str, sizes: dict[str, int], named: list[tuple[Value, str]]
) -> str:
    """Return what the file says of itself at its top."""
    from hello_dl._core.build_info import version

    memory = sum(count * BYTES[kind] for kind, count in sizes.items())
    written = f"written by hello_dl {version()} as C99 that needs nothing but <math.h>"
    lines = [f"{about.name}: a network, {written}.", ""]
    lines += [f"    {head};", ""]
    width = max(len(name) for _, name in named)
    for value, name in named:
        shape = " x ".join(map(str, value.shape)) or "1"
        lines.append(f"{name:{width}}  {TYPES[value.dtype]}, {shape}")
    lines += ["", *_wrapped(about.meaning)] if about.meaning else []
    lines += [
        "",
        f"Weights take {w.weight_bytes:,} bytes, constant, buffers {memory:,} bytes, which are static: so",
        "only one call at a time. Nothing is allocated; the stack holds less than 1 KB.",
        "",
    ]
    lines += [f"{k}: {v if isinstance(v, str) else json.dumps(v)}" for k, v in about.notes.items()]
    text = "\n".join(f"   {line}".rstrip() for line in lines).strip().replace("*/", "* /")
    return f"/* {text} */"


def _wrapped(text: str) -> list[str]:
    """Return a text in lines of 110 characters."""
    import textwrap

    return [line for part in text.split("\n") for line in textwrap.wrap(part, 110) or [""]]


def _classes(about: About) -> str:
    """Return the table of the names of classes."""
    names = ", ".join(literal(name) for name in about.classes)
    return f"const char *const {about.name}_classes[{len(about.classes)}] = {{\n{names}\n}};"


def literal(text: str) -> str:
    """Return a text as C writes it, in UTF-8."""
    plain = {ord('"'): '\\"', ord("\\"): "\\\\", ord("?"): "\\?"}
    shown = [plain.get(b, chr(b) if 32 <= b < 127 else f"\\{b:03o}") for b in text.encode()]
    return f'"{"".join(shown)}"'


def _main(about: About) -> str:
    """Return the program that reads a picture."""
    text = (SNIPPETS / "main.c").read_text().strip()
    height, width = about.picture or (0, 0)
    for word, value in (("HEIGHT", height), ("WIDTH", width), ("CLASSES", len(about.classes))):
        text = re.sub(rf"\b{word}\b", str(value), text)
    text = text.replace("NAME_MAIN", f"{about.name.upper()}_MAIN").replace("NAME", about.name)
    return f"#ifdef {about.name.upper()}_MAIN\n{text}\n#endif"
