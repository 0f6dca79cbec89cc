"""Puts hello_dl in torch's place in this process."""

from __future__ import annotations

import importlib
import sys
from types import ModuleType

from hello_dl._core import Tensor
from hello_dl.pytorch.faces import FaceFinder, installed
from hello_dl.pytorch.whole_objects import KeptObjects
from hello_dl.tensors.dtypes import dtype
from hello_dl.tensors.size import Size
from hello_dl.weights import containers


def as_torch() -> ModuleType:
    """Let `import torch` and `import torchvision` mean hello_dl from now on, in this process; return torch.

    In a notebook: `import hello_dl; hello_dl.as_torch()`, then the cells of a PyTorch tutorial as they are.
    Shapes and dtypes then print as PyTorch's do. Calling it again changes nothing. RuntimeError if PyTorch
    itself is imported already: both cannot be `torch` in one process.
    """
    if not installed():
        other = next((name for name in ("torch", "torchvision") if name in sys.modules), None)
        if other is not None:
            raise RuntimeError(
                f"as_torch: the installed {other} is imported in this process already; call"
                " hello_dl.as_torch() first, or start a new process"
            )
        sys.meta_path.insert(0, FaceFinder())
        _look_like_pytorch()
        containers.others.append(KeptObjects())
    return importlib.import_module("torch")


def _look_like_pytorch() -> None:
    """Let dtypes, the class of tensors, and shapes within texts print as PyTorch's do."""
    dtype.prefix = "torch."
    Size.in_texts = Size.__repr__  # type: ignore[assignment]
    Tensor.__module__ = "torch"
