"""Types that the engine's signatures name: the device, an axis, values with indices, a random source."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, Protocol, TypeVar

if TYPE_CHECKING:
    import numpy as np

T = TypeVar("T")
Dim = int | Sequence[int] | None  # one axis, several, or all


class Refusal(ValueError, RuntimeError):
    """A ValueError that `except RuntimeError` catches, too: PyTorch raises that for shapes that do not fit.

    It is printed as ValueError.
    """


Refusal.__name__, Refusal.__module__ = "ValueError", "builtins"


class ValuesAndIndices(NamedTuple, Generic[T]):
    """What max, min, sort and topk return along an axis."""

    values: T
    indices: T


class RandomSource(Protocol):
    """The part of a generator that random methods of a tensor use; hello_dl.Generator has it."""

    @property
    def numpy(self) -> np.random.Generator:
        """The numpy generator that numbers are drawn from."""


class Removable(Protocol):
    """What registering a hook returns."""

    def remove(self) -> None:
        """Take the hook away."""

    def __enter__(self) -> Removable: ...

    def __exit__(self, *error: object) -> None: ...


def check_device(device: Any, who: str) -> None:
    """Raise ValueError for every device but the CPU, which is None, "cpu", "cpu:0" and so on."""
    if device is not None and str(device).split(":")[0] != "cpu":
        raise ValueError(f"{who}: hello_dl runs on the CPU alone, got device '{device}'")


# PyTorch's kinds of devices; a tensor can only be on the first.
DEVICES = ("cpu", "cuda", "mps", "xpu", "meta", "hip", "xla", "hpu", "ipu", "mtia", "vulkan", "privateuseone")


class device(str):
    """The place where a tensor lives: always the CPU. Others can be named, as in "cuda:0", but not used.

    ValueError for a name that is no device of PyTorch either.
    """

    __slots__ = ()

    def __new__(cls, type: str | int = "cpu", index: int | None = None) -> device:
        name = f"cuda:{type}" if isinstance(type, int) else str(type)
        kind, _, number = name.partition(":")
        if kind not in DEVICES or (number and not number.isdecimal()) or (number and index is not None):
            raise ValueError(f"device: needs one such as 'cpu' or 'cuda:0', got {name!r} and index {index}")
        if index is not None:
            number = str(int(index))
        return super().__new__(cls, kind if kind == "cpu" or not number else f"{kind}:{number}")

    @property
    def type(self) -> str:
        """The kind of device, such as "cpu"."""
        return str.__str__(self).partition(":")[0]

    @property
    def index(self) -> int | None:  # type: ignore[override]
        """The number of the device, or None."""
        number = str.__str__(self).partition(":")[2]
        return int(number) if number else None

    def __repr__(self) -> str:
        return f"device(type={self.type!r}{'' if self.index is None else f', index={self.index}'})"

    def __str__(self) -> str:
        return str.__str__(self)

    def __enter__(self) -> device:
        check_device(self, "with device")
        return self

    def __exit__(self, *_: object) -> None:
        return None


CPU = device("cpu")


class NoDevice:
    """Stands for an accelerator that does not exist, for `"cuda" if cuda.is_available() else "cpu"`.

    What only prepares for it is accepted and does nothing; what would need it raises ValueError.
    """

    def is_available(self) -> bool:
        """Return False: hello_dl runs on the CPU alone."""
        return False

    is_initialized = is_built = is_bf16_supported = is_available

    def device_count(self) -> int:
        """Return 0: there is no such device."""
        return 0

    def manual_seed(self, seed: int) -> None:
        """Do nothing: there are no random numbers of such a device."""

    manual_seed_all = manual_seed

    def empty_cache(self) -> None:
        """Do nothing: no memory of such a device is in use."""

    reset_peak_memory_stats = ipc_collect = empty_cache

    def synchronize(self, device: Any = None) -> None:
        """Do nothing: there is nothing to wait for."""

    def memory_allocated(self, device: Any = None) -> int:  # noqa: ARG002
        """Return 0: no memory of such a device is in use."""
        return 0

    max_memory_allocated = memory_reserved = max_memory_reserved = memory_allocated

    def current_accelerator(self, check_available: bool = False) -> None:
        """Return None: there is no accelerator."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        raise AttributeError(f"hello_dl has no accelerator and so no '{name}'; it runs on the CPU alone")


NO_DEVICE = NoDevice()
