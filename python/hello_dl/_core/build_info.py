"""What is installed and how it runs: version, instruction set, precision, threads."""

from __future__ import annotations

from typing import Any

from hello_dl import _core


def version() -> str:
    """Return the version of the installed package, or "0+unknown" if it runs from its sources."""
    from importlib import metadata

    try:
        return metadata.version("hello-dl")
    except metadata.PackageNotFoundError:
        return "0+unknown"


def config() -> dict[str, Any]:
    """Return what show_config prints, as a dict."""
    import platform

    import numpy

    return {
        "hello_dl": version(),
        "instruction set": _core.isa,
        "precision": _core.real,
        "threads": _core.get_num_threads(),
        "Eigen": _core.eigen_version,
        "numpy": numpy.__version__,
        "Python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
    }


def show_config() -> None:
    """Print the version, instruction set, precision and threads, and the versions of Eigen and numpy."""
    for name, value in config().items():
        print(f"{name:16} {value}")
