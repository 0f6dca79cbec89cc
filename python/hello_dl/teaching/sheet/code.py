"""The code on each page of the form, for the machine: version, kind of page, page number, and a checksum."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

VERSION = 1
CELLS, ROWS_OF_CODE = 16, 2  # the code is 2 rows of 16 cells; a black cell is 1
FIELDS = (("version", 4), ("kind", 4), ("page", 6), ("pages", 6))
POLYNOMIAL = 0x07  # CRC-8: x^8 + x^2 + x + 1
FRAME = (1, 0), (0, 1)  # the first and last two cells: what black and white look like in this photo


@dataclass(frozen=True)
class PageCode:
    """What a page says about itself: `kind` counts form.KINDS, `page` of `pages` counts from 1."""

    kind: int
    page: int = 1
    pages: int = 1
    version: int = VERSION


def encode(code: PageCode) -> list[int]:
    """Returns the cells of a page code, 1 = black."""
    bits: list[int] = []
    for name, width in FIELDS:
        value = getattr(code, name)
        if not 0 <= value < 1 << width:
            raise ValueError(f"page code: needs {name} from 0 to {(1 << width) - 1}, got {value}")
        bits += [value >> i & 1 for i in reversed(range(width))]
    return [*FRAME[0], *bits, *_crc(bits), *FRAME[1]]


def decode(shades: NDArray[np.floating]) -> PageCode | None:
    """Reads the code from the brightness of its cells; None if the checksum says that something is wrong."""
    black, white = (shades[0] + shades[-1]) / 2, (shades[1] + shades[-2]) / 2
    if not black < white:
        return None
    bits = [int(shade < (black + white) / 2) for shade in shades]
    inner = bits[2:-2]
    content = inner[: sum(width for _, width in FIELDS)]
    if inner[len(content) :] != _crc(content):
        return None
    numbers = {}
    for name, width in FIELDS:
        numbers[name] = int("".join(map(str, content[:width])), 2)
        content = content[width:]
    return PageCode(**numbers)


def _crc(bits: list[int]) -> list[int]:
    """The remainder of the bits, as a polynomial over 0 and 1, after division by POLYNOMIAL (CRC-8)."""
    register = 0xFF
    for bit in bits:
        top = (register >> 7 & 1) ^ bit
        register = (register << 1 & 0xFF) ^ (POLYNOMIAL if top else 0)
    return [register >> i & 1 for i in reversed(range(8))]
