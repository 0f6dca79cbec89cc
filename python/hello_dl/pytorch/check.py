"""Looks at a program without running it: which names of PyTorch it uses, and which of them hello_dl lacks."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hello_dl._core import Tensor
from hello_dl.pytorch.faces import ABSENT, TOPS, find
from hello_dl.pytorch.places import PLACES
from hello_dl.pytorch.source import read_source
from hello_dl.tensors.instead import lacks

# Names below these are used where an accelerator is there, which it never is; what runs is told then.
ACCELERATORS = ("torch.cuda.", "torch.mps.", "torch.xpu.")
MOST_FILES = 200  # of a program's own modules that are looked at


@dataclass(frozen=True)
class Use:
    """A name of PyTorch, such as torch.nn.Linear, and the lines of a file in which it is used."""

    name: str
    path: Path
    lines: tuple[int, ...]

    @property
    def is_here(self) -> bool:
        """Whether hello_dl has it."""
        return has(self.name)

    @property
    def message(self) -> str:
        """Say where it is used and that hello_dl lacks it."""
        return f"{self.path}:{self.lines[0]}: {lacks(self.name)}"


def uses(path: Path) -> list[Use]:
    """Return the names of PyTorch that a program and the modules beside it use, in the order of lines.

    Names are found where they are written out, as in nn.Linear after `from torch import nn`; methods of
    tensors are not seen. SyntaxError if the program is no Python, OSError if it cannot be read.
    """
    files, found = [path], []
    for file in files:
        tree = ast.parse(read_source(file), str(file))
        seen: dict[str, list[int]] = {}
        for name, line in _names(tree):
            seen.setdefault(name, []).append(line)
        here = [Use(name, file, tuple(sorted({*lines}))) for name, lines in seen.items()]
        found += sorted(here, key=lambda use: use.lines)
        new = [other for other in _beside(tree, path.parent) if other not in files]
        files += new[: MOST_FILES - len(files)]
    return found


def has(name: str) -> bool:
    """Return whether hello_dl has a full name of PyTorch, such as torch.nn.Linear or torch.Tensor.sum."""
    if name in PLACES or name.startswith(ACCELERATORS):
        return True
    parts = name.split(".")
    for k in range(len(parts) - 1, 0, -1):
        path = ".".join(parts[:k])
        if path in PLACES:
            if parts[k].startswith("__"):
                return True
            found: Any = find(path, parts[k])
            for part in parts[k + 1 :]:
                if found is ABSENT or not isinstance(found, type):
                    break  # what an object has is seen when the program runs
                found = getattr(found, part, ABSENT)
            return found is not ABSENT
    return False


def _names(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Yield each full name of PyTorch in a program with its line, the longest one where it is used."""
    known: dict[str, str] = {}  # what a name of the program stands for: nn for torch.nn
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.split(".")[0] in TOPS:
                    known[alias.asname or alias.name.split(".")[0]] = (
                        alias.name if alias.asname else alias.name.split(".")[0]
                    )
                    yield alias.name, node.lineno
        elif (
            isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in TOPS and not node.level
        ):
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                if alias.name == "*":
                    yield node.module or "", node.lineno
                else:
                    known[alias.asname or alias.name] = full
                    yield full, node.lineno
    inner: set[int] = set()  # parts of a longer name
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and id(node) not in inner:
            parts, base = [], node
            while isinstance(base, ast.Attribute):
                inner.add(id(base))
                parts.append(base.attr)
                base = base.value  # type: ignore[assignment]
            if isinstance(base, ast.Name) and base.id in known:
                yield _shortened(known[base.id], parts[::-1]), node.lineno


def _shortened(start: str, parts: list[str]) -> str:
    """Return a full name up to the first part that is no module: torch.cuda.is_available, without more.

    Of a class the next part counts too, as in torch.Tensor.sum.
    """
    name = start
    for k, part in enumerate(parts):
        if name not in PLACES:
            is_class = name == "torch.Tensor" and isinstance(Tensor, type)
            return f"{name}.{part}" if is_class and k else name
        name = f"{name}.{part}"
    return name


def _beside(tree: ast.Module, folder: Path) -> Iterator[Path]:
    """Yield the files of the modules that a program imports from its own folder."""
    for node in ast.walk(tree):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            names = [module, *(f"{module}.{alias.name}".strip(".") for alias in node.names)]
        for name in filter(None, names):
            place = folder.joinpath(*name.split("."))
            for file in (place.with_suffix(".py"), place / "__init__.py"):
                if file.is_file():
                    yield file
