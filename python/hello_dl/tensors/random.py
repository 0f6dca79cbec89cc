"""Random numbers that a seed repeats: the class Generator, the global generator, and the keys of dropout."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from hello_dl._core.types import RandomSource, Refusal, check_device

if TYPE_CHECKING:
    import numpy as np

_ALL = (1 << 64) - 1  # 64 bits, all 1


def _mix(x: int) -> int:
    """Return 64 bits in which every bit depends on every bit of x (splitmix64; Steele, Lea, Flood 2014)."""
    x = (x + 0x9E3779B97F4A7C15) & _ALL
    x = ((x ^ x >> 30) * 0xBF58476D1CE4E5B9) & _ALL
    x = ((x ^ x >> 27) * 0x94D049BB133111EB) & _ALL
    return x ^ x >> 31


class Generator:
    """A source of random numbers: the same seed gives the same numbers, on every computer.

    It has two parts: numpy's counter-based generator Philox (Salmon et al., 2011) for tensors, and a counter
    of keys, one for each dropout. From its key the engine draws each row by itself, so that the number of
    threads does not change the numbers. Without a seed, one comes from the operating system's random source.
    """

    def __init__(self, seed: int | None = None, device: Any = "cpu") -> None:
        check_device(device, "Generator")
        self._seed = int.from_bytes(os.urandom(7), "little") if seed is None else _as_seed(seed, "Generator")
        self._keys = 0
        self._numpy: np.random.Generator | None = None

    def manual_seed(self, seed: int) -> Generator:
        """Start again from this seed, and return the generator itself.

        A seed is a whole number from -2^63 to 2^64 - 1; a negative one means the same as 2^64 plus it.
        TypeError for what is no whole number, ValueError for one outside that range.
        """
        self._seed = _as_seed(seed, "manual_seed")
        self._keys = 0
        self._numpy = None
        return self

    def initial_seed(self) -> int:
        """Return the seed that the generator was last started from."""
        return self._seed

    def seed(self) -> int:
        """Start from a seed that the operating system's random source gives, and return it."""
        return self.manual_seed(int.from_bytes(os.urandom(7), "little"))._seed

    @property
    def numpy(self) -> np.random.Generator:
        """The numpy generator that tensors are drawn from, for drawing anything else by the same seed."""
        if self._numpy is None:
            import numpy as np  # numpy.random is imported when it is first needed

            self._numpy = np.random.Generator(np.random.Philox(self._seed))
        return self._numpy

    def next_key(self) -> int:
        """Return a fresh key of 62 bits: a mix of the seed and of how many keys there were before.

        Dropout draws by such keys, and so do the orders of a DataLoader and of samplers, one for each epoch.
        """
        self._keys += 1
        return _mix(self._seed ^ _mix(self._keys)) >> 2

    def get_state(self) -> dict[str, Any]:
        """Return the state as a dict of plain numbers and lists, so that set_state can continue from here.

        It may be written as JSON.
        """
        philox = self.numpy.bit_generator.state
        parts = {name: numbers.tolist() for name, numbers in philox["state"].items()}
        return {
            "seed": self._seed,
            "keys": self._keys,
            "philox": {**philox, "state": parts, "buffer": philox["buffer"].tolist()},
        }

    def set_state(self, state: dict[str, Any]) -> None:
        """Continue from the state that get_state returned. ValueError, and no change, for anything else."""
        other = Generator(0)
        try:
            other._seed, other._keys = _as_seed(state["seed"], "set_state"), int(state["keys"])
            other.numpy.bit_generator.state = state["philox"]
        except (KeyError, TypeError, ValueError, IndexError, OverflowError) as error:
            raise Refusal(
                f"set_state: needs what get_state has returned, got {type(state).__name__} ({error})"
            ) from None
        self._seed, self._keys, self._numpy = other._seed, other._keys, other._numpy


def _as_seed(seed: Any, who: str) -> int:
    """Return a seed as a number from 0 to 2^64 - 1. TypeError and ValueError as `manual_seed`."""
    if isinstance(seed, str) or not hasattr(seed, "__index__"):
        raise TypeError(f"{who}: needs a whole number as seed, got {type(seed).__name__}")
    number: int = seed.__index__()
    if not -(1 << 63) <= number <= _ALL:
        raise Refusal(f"{who}: needs a seed from -2^63 to 2^64 - 1, got {number}")
    return number & _ALL


default_generator = Generator()


def manual_seed(seed: int) -> Generator:
    """Seed the global generator, which random tensors, new layers and dropout draw from."""
    return default_generator.manual_seed(seed)


def initial_seed() -> int:
    """Return the seed of the global generator."""
    return default_generator.initial_seed()


def seed() -> int:
    """Seed the global generator with a number from the operating system's random source, and return it."""
    return default_generator.seed()


def get_rng_state() -> dict[str, Any]:
    """Return the state of the global generator; `set_rng_state` continues from there."""
    return default_generator.get_state()


def set_rng_state(state: dict[str, Any]) -> None:
    """Let the global generator continue from what `get_rng_state` returned. ValueError for anything else."""
    default_generator.set_state(state)


@contextmanager
def fork_rng(devices: Any = None, enabled: bool = True) -> Iterator[None]:  # noqa: ARG001  PyTorch's
    """Put the global generator back after a `with` block: what is drawn inside changes nothing outside.

    `devices` changes nothing, since there is no accelerator; without `enabled` nothing is put back.
    """
    state = get_rng_state()
    try:
        yield
    finally:
        if enabled:
            set_rng_state(state)


def next_key(generator: Generator | None = None) -> int:
    """Return a fresh 62-bit key for one dropout."""
    return (generator or default_generator).next_key()


def numpy_generator(generator: RandomSource | None, who: str) -> np.random.Generator:
    """Return the numpy generator of `generator`, of the global one for None. TypeError for another class."""
    if generator is None:
        return default_generator.numpy
    if not isinstance(generator, Generator):
        raise TypeError(f"{who}: needs a hello_dl.Generator, got {type(generator).__name__}")
    return generator.numpy
