"""Writes the words of a page as PDF text that is found and copied, but not seen (text render mode 3).

Sources: ISO 32000-1, section 9.3.6 for the mode, 9.4 for text, 9.7 for composite fonts, 9.10.3 for ToUnicode.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hello_dl.reading.image.arrays import Floats
from hello_dl.reading.pdf.empty_font import ASCENT, BOX, DESCENT, UNITS, WIDTH, empty_font
from hello_dl.reading.placing import Placed, place_words

if TYPE_CHECKING:
    import pikepdf

    from hello_dl.reading.page import Page

FONT = "HelloDLEmpty"
MOST = 100  # entries in one part of a ToUnicode map, as its definition allows


class Letters:
    """The characters that a document's text needs, each with its code in the font: 1, 2, 3 ..."""

    def __init__(self) -> None:
        self.codes: dict[str, int] = {}

    def encode(self, text: str) -> str:
        """Return a text as codes of 16 bits in hexadecimal digits, as PDF's text operators take them."""
        return "".join(f"{self.codes.setdefault(char, len(self.codes) + 1):04x}" for char in text)

    def to_unicode(self) -> bytes:
        """Return the map from codes to characters by which programs search and copy."""
        entries = [
            f"<{code:04x}> <{char.encode('utf-16-be', 'surrogatepass').hex()}>"
            for char, code in self.codes.items()
        ]
        parts = [entries[i : i + MOST] for i in range(0, len(entries), MOST)]
        lines = [
            "/CIDInit /ProcSet findresource begin", "12 dict begin", "begincmap",
            "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def",
            "/CMapName /Adobe-Identity-UCS def", "/CMapType 2 def",
            "1 begincodespacerange", "<0000> <ffff>", "endcodespacerange",
        ]  # fmt: skip
        for part in parts:
            lines += [f"{len(part)} beginbfchar", *part, "endbfchar"]
        lines += ["endcmap", "CMapName currentdict /CMap defineresource pop", "end", "end"]
        return "\n".join(lines).encode()


def text_layer(page: Page, to_pdf: Floats, letters: Letters, font: str) -> bytes:
    """Return PDF operators that write the words of a page, unseen, each into its rectangle.

    `to_pdf` (2, 3) takes (x, y, 1) in pixels of the picture to the PDF page's units; `font` is the font's
    name in the page's resources, with a leading slash. Between the words of a line there are spaces.
    """
    operators = ["q BT 3 Tr"]
    for words in place_words(page):
        for i, word in enumerate(words):
            end = " " if i + 1 < len(words) else ""
            operators.append(_write(word, end, to_pdf, letters, font))
    return "\n".join([*operators, "ET Q"]).encode()


def _write(word: Placed, end: str, to_pdf: Floats, letters: Letters, font: str) -> str:
    """Return the operators for one word, stretched to its length, and what follows it."""
    along = np.array(word.along)
    up = np.array([along[1], -along[0]])
    linear = to_pdf[:, :2]
    size = word.height * float(np.hypot(*(linear @ up)))  # the font's size in the PDF page's units
    base = np.array(word.start) - up * word.height * DESCENT / UNITS
    x, y = to_pdf @ np.append(base, 1.0)
    across, upwards = (v / np.hypot(*v) for v in (linear @ along, linear @ up))
    length = word.length * float(np.hypot(*(linear @ along)))
    stretch = 100 * length / (len(word.text) * size * WIDTH / UNITS)  # percent
    matrix = " ".join(f"{value:.5f}" for value in (*across, *upwards))
    text = letters.encode(word.text + end)
    return f"{font} {size:.3f} Tf {stretch:.3f} Tz {matrix} {x:.3f} {y:.3f} Tm <{text}> Tj"


def add_font(pdf: pikepdf.Pdf) -> pikepdf.Object:
    """Put the font without shapes into a document, and return it; `fill_font` must follow at the end."""
    from pikepdf import Dictionary, Name, String

    file = pdf.make_stream(empty_font())
    file.Length1 = len(empty_font())
    described = Dictionary(
        Type=Name.FontDescriptor,
        FontName=Name(f"/{FONT}"),
        Flags=4,  # its letters are not those of the standard Latin alphabet
        ItalicAngle=0,
        StemV=80,
        FontBBox=list(BOX),
        Ascent=ASCENT,
        Descent=DESCENT,
        CapHeight=ASCENT,
        FontFile2=file,
    )
    inner = Dictionary(
        Type=Name.Font,
        Subtype=Name.CIDFontType2,
        BaseFont=Name(f"/{FONT}"),
        DW=WIDTH,
        CIDSystemInfo=Dictionary(Registry=String("Adobe"), Ordering=String("Identity"), Supplement=0),
        FontDescriptor=pdf.make_indirect(described),
        CIDToGIDMap=pdf.make_stream(b""),
    )
    outer = Dictionary(
        Type=Name.Font,
        Subtype=Name.Type0,
        BaseFont=Name(f"/{FONT}"),
        Encoding=Name("/Identity-H"),
        DescendantFonts=[pdf.make_indirect(inner)],
        ToUnicode=pdf.make_stream(b""),
    )
    return pdf.make_indirect(outer)


def fill_font(font: pikepdf.Object, letters: Letters) -> None:
    """Tell a font of `add_font` which characters its codes stand for, once all pages are written."""
    font.ToUnicode.write(letters.to_unicode())
    glyphs = bytes(2) + bytes((0, 1)) * len(letters.codes)  # code 0 has glyph 0, all others glyph 1
    font.DescendantFonts[0].CIDToGIDMap.write(glyphs)
