"""The default corpus: the documentation of this package.

It is collected from the installed package when it is asked for, so that nothing is stored twice: the README
in the package's metadata, the docstring of every module, class and function, the description of every op.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from importlib import metadata, resources
from importlib.resources.abc import Traversable

from hello_dl import _core

NAME = "hello_dl's own documentation"
DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def own_documentation() -> str:
    """Return the documentation of hello_dl as one text, always in the same order."""
    parts = [_readme(), *_docstrings(resources.files("hello_dl")), *_ops()]
    return "\n\n".join(part for part in parts if part) + "\n"


def _readme() -> str:
    """Return the README from the package's metadata, or "" if the package is not installed."""
    try:
        found = metadata.metadata("hello-dl")
    except metadata.PackageNotFoundError:  # the package runs from its sources
        return ""
    return str(found.json.get("description", "")).strip()


def _docstrings(folder: Traversable) -> Iterator[str]:
    """Yield the docstrings of all Python files in a folder; the files are parsed, not run."""
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.is_dir():
            yield from _docstrings(entry)
        elif entry.name.endswith(".py"):
            for node in ast.walk(ast.parse(entry.read_text("utf-8"))):
                if isinstance(node, DOCUMENTED) and (text := ast.get_docstring(node)):
                    yield text if isinstance(node, ast.Module) else f"{node.name}: {text}"


def _ops() -> Iterator[str]:
    """Yield the name, arguments and description of each op of the engine."""
    for name, signature, doc in _core.registered_ops:
        yield f"{name}{signature}: {inspect.cleandoc(doc)}"
