"""Random numbers that a seed repeats: the class Generator, the global generator, and the keys of dropout."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from hello_dl._core.types import RandomSource, check_device

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
        if seed is not None and (isinstance(seed, str) or not hasattr(seed, "__index__")):
            raise TypeError(f"Generator: needs a whole number as seed, got {type(seed).__name__}")
        check_device(device, "Generator")
        self._seed = 0
        self._keys = 0
        self._numpy: np.random.Generator | None = None
        self.manual_seed(int.from_bytes(os.urandom(7), "little") if seed is None else seed)

    def manual_seed(self, seed: int) -> Generator:
        """Start again from this seed, any whole number, and return the generator itself."""
        if isinstance(seed, str) or not hasattr(seed, "__index__"):
            raise TypeError(f"manual_seed: needs a whole number, got {type(seed).__name__}")
        self._seed = seed.__index__() & _ALL
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
        """Return a fresh key of 62 bits: a mix of the seed and of how many keys there were before."""
        self._keys += 1
        return _mix(self._seed ^ _mix(self._keys)) >> 2

    def get_state(self) -> dict[str, Any]:
        """Return the state as a dict of plain numbers, so that set_state can continue from here."""
        return {"seed": self._seed, "keys": self._keys, "philox": self.numpy.bit_generator.state}

    def set_state(self, state: dict[str, Any]) -> None:
        """Continue from the state that get_state returned."""
        self.manual_seed(state["seed"])
        self._keys = int(state["keys"])
        self.numpy.bit_generator.state = state["philox"]


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
