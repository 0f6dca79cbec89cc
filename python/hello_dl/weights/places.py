"""Where weights files are: a path, a bundled one by its name, or one that this user has taught."""

from __future__ import annotations

import os
from pathlib import Path

BUNDLED = ("digits", "letters", "characters")  # the networks that come with the package


SHIPPED = Path(__file__).parents[1] / "shipped"  # the folder they are in


def find(name_or_path: str | os.PathLike[str]) -> Path:
    """Return the weights file that is meant: the path, a word in BUNDLED, or a name that was taught.

    A file of that name in the current folder goes first, then the package's own, then those in
    `user_folder()`. Raises FileNotFoundError for a bundled one that is not there; any other path is returned
    as it is.
    """
    path = Path(name_or_path)
    taught = user_folder() / f"{path}.safetensors"
    if path.name == os.fspath(name_or_path) and path.name not in BUNDLED and taught.is_file():
        return path if path.is_file() else taught
    if os.fspath(name_or_path) not in BUNDLED or path.is_file():
        return path
    bundled = SHIPPED / f"{path}.safetensors"
    if bundled.is_file():
        return bundled
    raise FileNotFoundError(
        f"{path}: there is no such file here, and this installation lacks the bundled {bundled};"
        f" give the path of a weights file; `hello-dl train {path}` writes {path}.safetensors"
    )


def is_bundled(path: Path) -> bool:
    """Whether a file lies in the package's own folder of weights, which users leave as it is."""
    return path.parent == SHIPPED


def user_folder() -> Path:
    """Return the folder of the weights that this user has taught: `hello-dl teach --name me` fills it.

    It is the platform's folder for a user's data, or `weights` in the folder that HELLO_DL_DATA names.
    """
    if chosen := os.environ.get("HELLO_DL_DATA"):
        return Path(chosen).expanduser() / "weights"
    import platformdirs

    return platformdirs.user_data_path("hello_dl", appauthor=False) / "weights"
