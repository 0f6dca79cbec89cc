"""Whole models in files, as in torch.save(model, path): this process can load them again, others cannot.

What makes an object of a class is code, which no file of hello_dl holds or runs. So a copy of the object
stays in this process, and the file has a model's weights and the key of that copy.
"""

from __future__ import annotations

import copy
import itertools
import os
import warnings
from typing import Any

from hello_dl.nn.module import Module
from hello_dl.tensors.dtypes import _outside as outside
from hello_dl.weights.containers import Packer, UnknownObjectError

MOST_KEPT = 20  # objects; the oldest ones are forgotten, since each holds a model's weights


class KeptObjects:
    """The copies of this process, by their keys."""

    def __init__(self) -> None:
        self._kept: dict[str, Any] = {}
        self._numbers = itertools.count()
        self._told = False

    def keep(self, value: Any, packer: Packer, path: str) -> dict[str, Any]:
        """Keep a copy of an object; return its class and key, and of a model the weights, as JSON."""
        name = f"{type(value).__module__}.{type(value).__qualname__}"
        try:
            kept = copy.deepcopy(value)
        except Exception as error:
            raise TypeError(f"save: cannot copy {name}: {error}; save its numbers and texts") from error
        key = f"{os.getpid()}-{next(self._numbers)}"
        self._kept[key] = kept
        for oldest in list(self._kept)[:-MOST_KEPT]:
            del self._kept[oldest]
        if not self._told:
            self._told = True
            warnings.warn(
                f"save: the file does not hold the code of {name}, so only this process can load it as it is;"
                " save its state_dict() for others",
                UserWarning,
                stacklevel=outside(),
            )
        state = packer.pack(value.state_dict(), path) if isinstance(value, Module) else None
        return {"class": name, "key": key, "state": state}

    def take(self, content: dict[str, Any]) -> Any:
        """Return a copy of a kept object. UnknownObjectError if another process has saved it."""
        if content["key"] not in self._kept:
            raise UnknownObjectError(
                f"holds a whole {content['class']}, saved by another process; its code is not in the file:"
                " make the object, and save and load the state_dict() of a model"
            )
        return copy.deepcopy(self._kept[content["key"]])
