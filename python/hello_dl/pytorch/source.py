"""Reads a program: a file of Python, or the code of a notebook."""

from __future__ import annotations

import json
import re
from pathlib import Path

from hello_dl.files import MISSHAPEN

# A line of a notebook that is no Python: %matplotlib inline, !pip install torch, or a help request as in net?
MAGIC = re.compile(r"^(\s*)([%!].*|[\w.]+\?+)$", re.MULTILINE)


def read_source(path: Path) -> bytes:
    """Return the text of a program. Of a notebook it is the code of all cells, without what is no Python.

    ValueError for a notebook that cannot be read, OSError for a file that cannot.
    """
    content = path.read_bytes()
    if path.suffix != ".ipynb":
        return content
    try:
        cells = ["".join(c["source"]) for c in json.loads(content)["cells"] if c["cell_type"] == "code"]
    except MISSHAPEN as error:
        raise ValueError(f"{path}: is no notebook that can be read ({error!r})") from None
    python = [cell for cell in cells if not cell.startswith("%%")]
    return "\n\n".join(MAGIC.sub(r"\1pass  # \2", cell) for cell in python).encode()
