"""Where weights files are: at a path, in the package, or in the folder of networks taught by the user."""

from __future__ import annotations

import os
from pathlib import Path

BUNDLED = ("digits", "letters", "characters", "lines")  # the networks in the package
SHIPPED = Path(__file__).parents[1] / "shipped"  # the folder of their files


def find(name_or_path: str | os.PathLike[str]) -> Path:
    """Return the path of a weights file from a path, a name in BUNDLED, or the name of a taught network.

    A file of that name in the current folder comes first, then the package's own, then those in
    `user_folder()`. FileNotFoundError if a bundled file is missing; any other path is returned as it is.
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
    """Return whether a file is in the package's own folder of weights, where commands write nothing."""
    return path.parent == SHIPPED


def user_folder() -> Path:
    """Return the folder of this user's own weights, where `hello-dl teach --name me` stores them.

    It is in the operating system's folder for user data, or in the folder that HELLO_DL_DATA names.
    """
    if chosen := os.environ.get("HELLO_DL_DATA"):
        return Path(chosen).expanduser() / "weights"
    import platformdirs

    return platformdirs.user_data_path("hello_dl", appauthor=False) / "weights"
