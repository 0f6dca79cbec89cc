"""Reading pictures of handwriting: from a photo to lines, words and letters (Hello Deep Learning, chapter 8).

The way through: `picture` loads; `firstlook` finds where there may be ink, `survey` the sheet (`corners`,
`sheet`) and how it is turned (`straighten`), `prepare` makes the page of ink (`inkfinder`); `segment` finds
the letters (with `blobs` and `layout`), `glyph` makes 28x28 pictures of them, the network reads them,
`touching` parts what hangs together, `writing` leaves out what is none, `lineform` looks at how letters stand
on their line, `context` at their neighbours. `pipeline` does all this, `page` is the result, `annotate` shows
it, `model` starts from a weights file.
"""

from hello_dl.reading.annotate import annotate
from hello_dl.reading.image.load import load_picture
from hello_dl.reading.ink_map.by_contrast import ink
from hello_dl.reading.ink_map.network import find_ink
from hello_dl.reading.letters.glyph import to_glyph
from hello_dl.reading.letters.segment import Letter, find_letters
from hello_dl.reading.page import Character, Line, Page, Word
from hello_dl.reading.pipeline import read
from hello_dl.reading.reader import Reader
from hello_dl.reading.sheet.by_brightness import find_sheet

__all__ = [
    "Character",
    "Letter",
    "Line",
    "Page",
    "Reader",
    "Word",
    "annotate",
    "find_ink",
    "find_letters",
    "find_sheet",
    "ink",
    "load_picture",
    "read",
    "to_glyph",
]
