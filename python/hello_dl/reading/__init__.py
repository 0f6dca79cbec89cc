"""Reading pictures of handwriting: from a photo to lines, words and letters (Hello Deep Learning, chapter 8).

The way through: `picture` loads, `sheet` finds the paper, `ink` evens the light, `segment` (with `blobs` and
`layout`) finds the letters, `glyph` makes 28x28 pictures of them, `page` asks the network, `annotate` shows
what came out. `model` does all that with a weights file.
"""

from .annotate import annotate
from .glyph import to_glyph
from .ink import ink
from .model import Reader
from .page import Character, Line, Page, Word
from .picture import load_picture
from .pipeline import read
from .segment import Letter, find_letters
from .sheet import find_sheet

__all__ = [
    "Character",
    "Letter",
    "Line",
    "Page",
    "Reader",
    "Word",
    "annotate",
    "find_letters",
    "find_sheet",
    "ink",
    "load_picture",
    "read",
    "to_glyph",
]
