"""The code at the top of each page of the form: version, kind of page, page number, and a checksum."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

VERSION = 1
CELLS, ROWS_OF_CODE = 16, 2  # the code is 2 rows of 16 cells; a black cell is 1
FIELDS = (("version", 4), ("kind", 4), ("page", 6), ("pages", 6))
POLYNOMIAL = 0x07  # of the checksum CRC-8: x^8 + x^2 + x + 1
FRAME = (1, 0), (0, 1)  # the first and last two cells: they show black and white in this photo


@dataclass(frozen=True)
class PageCode:
    """What the code says: `kind` is an index into form.KINDS, `page` of `pages` counts from 1."""

    kind: int
    page: int = 1
    pages: int = 1
    version: int = VERSION


def encode(code: PageCode) -> list[int]:
    """Return the cells of a page code, 1 = black. Raises ValueError for numbers that need too many bits."""
    bits: list[int] = []
    for name, width in FIELDS:
        value = getattr(code, name)
        if not 0 <= value < 1 << width:
            raise ValueError(f"page code: needs {name} from 0 to {(1 << width) - 1}, got {value}")
        bits += [value >> i & 1 for i in reversed(range(width))]
    return [*FRAME[0], *bits, *_crc(bits), *FRAME[1]]


def decode(shades: NDArray[np.floating]) -> PageCode | None:
    """Return the code with these brightnesses of its cells (32,); None if the checksum is wrong."""
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
    """Return the checksum CRC-8 (8 bits): the bits as a polynomial over 0 and 1, modulo POLYNOMIAL."""
    register = 0xFF
    for bit in bits:
        top = (register >> 7 & 1) ^ bit
        register = (register << 1 & 0xFF) ^ (POLYNOMIAL if top else 0)
    return [register >> i & 1 for i in reversed(range(8))]
