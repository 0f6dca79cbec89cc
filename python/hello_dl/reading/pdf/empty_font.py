"""A TrueType font whose letters have no shape: for text that is to be found and copied, but not seen.

A PDF's text needs a font. In this one all letters look alike: half an em wide, with an outline that goes from
one corner to the opposite one and back, and so holds nothing. Without any outline letters have no height, and
PDFium, with which Chrome shows PDFs, does not find text that runs up or down.
Sources: OpenType specification (its chapters "head", "hhea", ...), ISO 32000-1, section 9.7.4.
"""

from __future__ import annotations

import struct

UNITS = 1000  # font units in an em, the font's size
WIDTH = 500  # font units from one letter to the next
ASCENT, DESCENT = 800, -200  # font units from the baseline to the top and bottom of a line; together one em
GLYPHS = 2  # glyph 0, without an outline, stands for letters that a font lacks, glyph 1 for all others
BOX = (0, DESCENT, WIDTH, ASCENT)  # left, bottom, right, top of glyph 1


def empty_font() -> bytes:
    """Return the font as a TrueType file, with the tables that a PDF's embedded font must have."""
    # Glyph 1: one contour, its box, its last point's number, no instructions; both points' flags ("on the
    # curve"), and from point to point how far x and y go.
    left, bottom, right, top = BOX
    outline = struct.pack(">5h2H2B4h", 1, *BOX, 1, 0, 1, 1, left, right - left, bottom, top - bottom)
    tables = {
        b"glyf": outline,
        b"head": _head(),
        b"hhea": struct.pack(
            ">4s3hH11hH", _fixed(1), ASCENT, DESCENT, 0, WIDTH, *[0] * 3, 1, *[0] * 7, GLYPHS
        ),
        b"hmtx": struct.pack(">HhHh", WIDTH, 0, WIDTH, 0),  # of each glyph: width, place of its left edge
        b"loca": struct.pack(">3H", 0, 0, len(outline) // 2),  # where each glyph starts and the last one ends
        b"maxp": struct.pack(">4sH13H", _fixed(1), GLYPHS, 2, 1, 0, 0, 2, *[0] * 8),
    }
    return _file(tables)


def _fixed(whole: int) -> bytes:
    """Return a whole number as 16.16 fixed point."""
    return struct.pack(">i", whole << 16)


def _head() -> bytes:
    """Return the table of what is true of the whole font; its checksum is filled in by `_file`."""
    flags, smallest, longs = 0, 8, 0
    start = struct.pack(">4s4sIIHH", _fixed(1), _fixed(1), 0, 0x5F0F3CF5, flags, UNITS)
    return start + bytes(16) + struct.pack(">4hHHhhh", *BOX, 0, smallest, 2, longs, 0)  # 16 bytes: its dates


def _file(tables: dict[bytes, bytes]) -> bytes:
    """Return a font file: the list of its tables, with where they start, and then the tables."""
    count = len(tables)
    power = count.bit_length() - 1
    search = (16 << power, power, 16 * count - (16 << power))  # for a binary search among the tables
    listed = struct.pack(">4s4H", _fixed(1), count, *search)
    content, start = b"", len(listed) + 16 * count
    for name, table in sorted(tables.items()):
        listed += struct.pack(">4s3I", name, _checksum(table), start + len(content), len(table))
        if name == b"head":
            adjustment = start + len(content) + 8
        content += table + bytes(-len(table) % 4)
    whole = listed + content
    adjusted = struct.pack(">I", (0xB1B0AFBA - _checksum(whole)) % 2**32)
    return whole[:adjustment] + adjusted + whole[adjustment + 4 :]


def _checksum(table: bytes) -> int:
    """Return the sum of a table's 32-bit numbers, modulo 2 to the 32."""
    padded = table + bytes(-len(table) % 4)
    numbers: tuple[int, ...] = struct.unpack(f">{len(padded) // 4}I", padded)
    return sum(numbers) % 2**32
