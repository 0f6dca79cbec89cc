"""Reads pictures of handwriting: from a photo to lines, words and letters (Hello Deep Learning, chapter 8).

This is the way of a photo that is read letter by letter, in the order in which things happen; `pipeline.py`
calls them one after the other.

1. `image/` makes numbers of it: `load` opens the file and turns it upright by its EXIF note (`formats`), and
   the result is grey, (H, W); `file_kind` names files that are no pictures. Its other files are tools for
   all steps: `filters`, `blobs` (connected components), `threshold` (Otsu), `geometry` (homographies),
   `arrays` (kinds of arrays), `trace`.
2. `ink_map/` finds the ink: `network` says of each pixel how much a pen has covered. `pyramid` asks it about
   a small copy, the negative and still smaller copies, and returns guesses of what is ink; `strokes` leaves
   out those that break large letters; `measures` tells the height of the letters and the width of the pen.
   (`by_contrast` finds ink without a network, for forms.)
3. `sheet/` makes the page of ink for each guess: `photo` holds the picture and its small copy; `by_edges`
   (with `hough`) or `by_brightness` finds the sheet of paper, `outline` makes it flat, `upright` turns it by
   the direction of its lines, and `ink_page` finds the ink again, on the straightened page.
4. `letters/` finds the letters on that page: `segment` groups patches of ink into letters, `layout` puts
   them into lines and words, `glyph` makes pictures of 28 x 28 pixels of them, and the network of the caller
   classifies these. `touching` parts letters that touch, `is_writing` removes what is no handwriting.
5. `language/` weighs the classes of each letter: `letter_place` by its height and width beside the others on
   its line; `context` by its neighbours, with the language model `ngrams`.
6. `found.py` compares what was found with each guess, and the best becomes a `page.Page`; but first
   `orientation.py` tells by the letters whether the page must be turned and read again.

Whole lines, joined or not, take another way from step 4 on: `lines/` finds the lines on the page of ink,
straightens them, and reads each at once; `by_lines.py` calls one after the other, and docs/lines.md explains
it. This is how `read` reads unless it is given a network that knows single letters.

The networks, the n-grams, the letters' places, the weights of `is_writing` and how sure the reader is of a
word were learned, by the scripts in `training/`. All other numbers, more than 200, were set by hand on
made-up pages and a few photos.

Files: `documents.py` finds pictures and the pages of PDFs in files and folders. `placing.py` and
`paragraphs.py` tell how a page's lines run and belong together; `markdown.py`, `hocr.py` and `pdf/` write a
page in these formats, and `ocrmypdf.py` makes the reader a part of OCRmyPDF.

Around it: `reader.py` starts from a weights file, `annotate.py` draws the result onto the photo,
`debug_pictures.py` saves the pictures of all steps, `score.py` compares a text with the truth.
"""

from hello_dl.reading.annotate import annotate
from hello_dl.reading.documents import Scan, scans_of
from hello_dl.reading.hocr import to_hocr
from hello_dl.reading.image.load import load_picture
from hello_dl.reading.ink_map.by_contrast import ink
from hello_dl.reading.ink_map.network import find_ink
from hello_dl.reading.letters.glyph import to_glyph
from hello_dl.reading.letters.segment import Letter, find_letters
from hello_dl.reading.markdown import to_markdown
from hello_dl.reading.page import Character, Line, Page, Word
from hello_dl.reading.pipeline import read
from hello_dl.reading.reader import PageReader, Reader, reader_of
from hello_dl.reading.sheet.by_brightness import find_sheet

__all__ = [
    "Character",
    "Letter",
    "Line",
    "Page",
    "PageReader",
    "Reader",
    "Scan",
    "Word",
    "annotate",
    "find_ink",
    "find_letters",
    "find_sheet",
    "ink",
    "load_picture",
    "read",
    "reader_of",
    "scans_of",
    "to_glyph",
    "to_hocr",
    "to_markdown",
]
