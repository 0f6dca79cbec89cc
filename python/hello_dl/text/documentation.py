"""The embedded corpus: what this project says about itself, as the original trained on its author's posts.

It is put together when it is asked for, from the installed package: the README that its metadata hold, the
docstring of every module, class and function, and the words of every op. So nothing is stored twice.
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
    try:
        found = metadata.metadata("hello-dl")
    except metadata.PackageNotFoundError:  # run from its sources
        return ""
    return str(found.json.get("description", "")).strip()


def _docstrings(folder: Traversable) -> Iterator[str]:
    """Yield the docstrings of all sources in a folder, which are read and not run."""
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.is_dir():
            yield from _docstrings(entry)
        elif entry.name.endswith(".py"):
            for node in ast.walk(ast.parse(entry.read_text("utf-8"))):
                if isinstance(node, DOCUMENTED) and (text := ast.get_docstring(node)):
                    yield text if isinstance(node, ast.Module) else f"{node.name}: {text}"


def _ops() -> Iterator[str]:
    for name, signature, doc in _core.registered_ops:
        yield f"{name}{signature}: {inspect.cleandoc(doc)}"
