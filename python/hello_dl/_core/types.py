"""Types that the engine's signatures name: the device, an axis, values with indices, a random source."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, Protocol, TypeVar

if TYPE_CHECKING:
    import numpy as np

T = TypeVar("T")
Dim = int | Sequence[int] | None  # one axis, several, or all


class ValuesAndIndices(NamedTuple, Generic[T]):
    """What max, min, sort and topk return along an axis."""

    values: T
    indices: T


class RandomSource(Protocol):
    """The part of a generator that random methods of a tensor use; hello_dl.Generator has it."""

    @property
    def numpy(self) -> np.random.Generator:
        """The numpy generator that numbers are drawn from."""


def check_device(device: Any, who: str) -> None:
    """Raise ValueError for every device but the CPU, which is None, "cpu", "cpu:0" and so on."""
    if device is not None and str(device).split(":")[0] != "cpu":
        raise ValueError(f"{who}: hello_dl runs on the CPU alone, got device '{device}'")


class device(str):
    """The place where a tensor lives: always the CPU."""

    def __new__(cls, type: str = "cpu") -> device:
        check_device(type, "device")
        return super().__new__(cls, "cpu")

    @property
    def type(self) -> str:
        """The device's name, "cpu"."""
        return str(self)


CPU = device("cpu")


class NoDevice:
    """Stands for an accelerator that does not exist, for `"cuda" if cuda.is_available() else "cpu"`."""

    def is_available(self) -> bool:
        """Return False: hello_dl runs on the CPU alone."""
        return False

    def device_count(self) -> int:
        """Return 0: there is no such device."""
        return 0
