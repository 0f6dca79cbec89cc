"""The memory behind a tensor, as programs written for PyTorch ask about it: storage() and its address."""

from __future__ import annotations

from typing import Any

from hello_dl import _core
from hello_dl._core import Tensor
from hello_dl.tensors.views import known


class Storage:
    """The numbers of a tensor in one row; a view has the storage of the tensor that it was taken from.

    x.storage().data_ptr() == y.storage().data_ptr() says that x and y share their numbers.
    """

    def __init__(self, x: Tensor) -> None:
        view = known(x)
        sharing = () if view is None else (view.family.base(), *(other() for other in view.family.values()))
        # The largest one that is in use stands for all, if the tensor that they were taken from is gone.
        self._base = max((t for t in sharing if t is not None), key=Tensor.numel, default=x)

    def data_ptr(self) -> int:
        """Return the address of the first number; the numbers are computed for it."""
        return self._base.data_ptr()

    def nbytes(self) -> int:
        """Return how many bytes all numbers take."""
        return self._base.nbytes

    def element_size(self) -> int:
        """Return how many bytes a number takes."""
        return self._base.element_size()

    def tolist(self) -> list[Any]:
        """Return all numbers as a list."""
        numbers: list[Any] = _core.reshape(self._base, (self._base.numel(),)).tolist()
        return numbers

    def size(self) -> int:
        """Return how many numbers there are."""
        return self._base.numel()

    __len__ = size

    def __getitem__(self, place: int) -> Any:
        return self.tolist()[place]

    def __repr__(self) -> str:
        return f"{self.tolist()}\n[hello_dl.Storage of {self._base.dtype} of size {len(self)}]"


class UntypedStorage(Storage):
    """The storage as bytes."""

    def size(self) -> int:
        """Return how many bytes there are."""
        return self.nbytes()

    __len__ = size


def storage(self: Tensor) -> Storage:
    """Return the numbers behind the tensor in one row; a view has those of the tensor it was taken from."""
    return Storage(self)


def untyped_storage(self: Tensor) -> UntypedStorage:
    """Return the memory behind the tensor, counted in bytes."""
    return UntypedStorage(self)
