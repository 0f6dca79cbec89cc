"""A bar that shows how far a training or a download is, on terminals and in notebooks."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from typing import Any

NOTEBOOK_INTERVAL = 0.5  # least seconds between two states of a bar of text; a notebook keeps each of them


def progress_bar(progress: bool, **settings: Any) -> Any:
    """Return tqdm's progress bar with these settings, such as `total` and `unit`.

    In a notebook it is a widget if the package ipywidgets is there, else a line of text. Without `progress`,
    and where there is neither a terminal nor a notebook, it shows nothing.
    """
    from tqdm import tqdm

    if not progress:
        return tqdm(disable=True, **settings)
    if not in_notebook():
        return tqdm(disable=None, **settings)  # None: a bar on terminals only
    if find_spec("ipywidgets") is None:
        return tqdm(disable=False, mininterval=NOTEBOOK_INTERVAL, **settings)
    from tqdm.notebook import tqdm as widget

    return widget(**settings)


def in_notebook() -> bool:
    """Return whether this code runs in the kernel of a notebook, such as Jupyter, Colab or VS Code."""
    ipython: Any = sys.modules.get("IPython")  # there, it has been imported before
    shell = None if ipython is None else ipython.get_ipython()
    return getattr(shell, "kernel", None) is not None
