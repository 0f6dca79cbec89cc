"""What writing needs of a network: read some tokens, say what may come next, and remember."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np


class Reader:
    """Reads a text token by token; every network that writes has one (see its `reader()`)."""

    def read(self, ids: Sequence[int]) -> np.ndarray[Any, Any]:
        """Return the scores of what follows these tokens, (vocabulary,), after all that were read before."""
        raise NotImplementedError(f"{type(self).__name__} has no read(self, ids)")
