"""The house: imports run one way, from what is used to what uses it, and old names lead to new places."""

from __future__ import annotations

import ast
import importlib
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import hello_dl

PACKAGE = Path(hello_dl.__file__).parent

# The floors of the house. A module may import from its own folder and from lower floors only; folders
# on one floor do not know each other. "" is hello_dl/__init__.py itself, which stands on `tensors`.
FLOORS: list[set[str]] = [
    {"_core", "files"},
    {"tensors"},
    {""},
    {"functional", "autograd", "linalg", "fft", "special"},
    {"nn"},
    {"optim", "data", "models", "distributions", "func"},
    {"weights", "distributed"},
    {"evaluation", "pytorch", "shipping"},
    {"runlog"},
    {"train"},
    {"reading", "pictures", "text", "dna"},
    {"teaching", "plots"},
    {"studio"},
    {"commands", "examples"},
    {"__main__"},
]

# Names that moved in 0.3 and stay for one version.
MOVED = {
    "augment": "data.augment",
    "averaging": "train.averaging",
    "calibration": "evaluation.calibration",
    "graph_picture": "pictures.graph",
    "looking": "pictures.attention_maps",
    "quantising": "weights.packing",
    "random": "tensors.random",
    "robustness": "evaluation.robustness",
    "sweep": "train.sweep",
    "vit": "models.vision_transformer",
}


def modules() -> dict[str, ast.Module]:
    """Return every module of the package by its name without `hello_dl.`, parsed."""
    found = {}
    for path in PACKAGE.rglob("*.py"):
        parts = list(path.relative_to(PACKAGE).with_suffix("").parts)
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        found[name] = ast.parse(path.read_text())
    return found


def imports(tree: ast.Module, known: set[str]) -> set[str]:
    """Return what a module imports of the package, wherever it does: at its top, in a function, for types."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"an import is not written in full: from {'.' * node.level}{node.module}"
            if node.module is None or node.module.split(".")[0] != "hello_dl":
                continue
            base = node.module.removeprefix("hello_dl").removeprefix(".")
            for alias in node.names:
                inner = f"{base}.{alias.name}".removeprefix(".")
                found.add(inner if inner in known else base)
        elif isinstance(node, ast.Import):
            names = [a.name for a in node.names if a.name.split(".")[0] == "hello_dl"]
            found |= {name.removeprefix("hello_dl").removeprefix(".") for name in names}
    return found


@pytest.fixture(scope="module")
def arrows() -> dict[str, set[str]]:
    trees = modules()
    return {name: imports(tree, set(trees)) for name, tree in trees.items()}


def test_imports_never_run_in_a_circle(arrows: dict[str, set[str]]) -> None:
    try:
        list(TopologicalSorter(arrows).static_order())
    except CycleError as error:
        pytest.fail(" -> ".join(reversed(error.args[1])))


def test_imports_never_run_up(arrows: dict[str, set[str]]) -> None:
    floor = {folder: number for number, folders in enumerate(FLOORS) for folder in folders}
    wrong = []
    for name, targets in arrows.items():
        room = name.split(".")[0]
        if room in MOVED:
            continue
        assert room in floor, f"{name}: which floor of the house does {room} stand on? Add it to FLOORS"
        for target in targets:
            below = target.split(".")[0]
            assert below not in MOVED, f"{name} imports {target}, which has moved to {MOVED[below]}"
            if below != room and floor[below] >= floor[room]:
                wrong.append(f"{name} -> {target}")
    assert not wrong


def test_a_wrong_arrow_is_seen() -> None:
    tree = ast.parse("def f():\n    from hello_dl.train import fit\n    import hello_dl.data.idx\n")
    assert imports(tree, {"train", "train.loop", "data.idx"}) == {"train", "data.idx"}
    with pytest.raises(AssertionError, match="in full"):
        imports(ast.parse("from ..data import x"), set())


def test_few_modules_lie_beside_the_folders() -> None:
    lie_there = {path.stem for path in PACKAGE.glob("*.py")} - set(MOVED)
    assert lie_there == {"__init__", "__main__", "files"}


@pytest.mark.parametrize("old", sorted(MOVED))
def test_names_that_moved_still_lead_there(old: str) -> None:
    old_module, new_module = (importlib.import_module(f"hello_dl.{name}") for name in (old, MOVED[old]))
    public = [name for name in vars(new_module) if not name.startswith("_")]
    assert public
    for name in getattr(new_module, "__all__", public):
        assert getattr(old_module, name) is getattr(new_module, name)


def test_every_folder_says_what_is_in_it() -> None:
    for path in PACKAGE.rglob("__init__.py"):
        assert ast.get_docstring(ast.parse(path.read_text())), path


def test_files_of_tests_have_names_of_their_own() -> None:
    """Pytest finds no second file of the same name, since its folders are no packages."""
    names = [path.name for path in Path(__file__).parent.rglob("test_*.py")]
    assert sorted(names) == sorted(set(names))
