"""Lines of handwriting to learn from: drawn anew each time from pen strokes and from fonts.

`LineSource` makes batches of them. form.py says how large a line's picture is and where the writing stands in
it, style.py how lines may differ. stroke_files.py and strokes.py read pen strokes, band.py finds where these
stand; fonts.py reads fonts, texts.py and figures.py invent what they write. pen.py and print_font.py draw,
with compose.py, distort.py and dirt.py.
"""

from hello_dl.data.lines.fonts import Font, read_fonts
from hello_dl.data.lines.form import BASELINE, HEIGHT, X_HEIGHT
from hello_dl.data.lines.hands import Hand, read_hands
from hello_dl.data.lines.pen import draw_strokes
from hello_dl.data.lines.print_font import draw_font
from hello_dl.data.lines.source import LineSource, Shares
from hello_dl.data.lines.strokes import Item, Strokes, read_strokes
from hello_dl.data.lines.style import STEADY, LineStyle
from hello_dl.data.lines.texts import Texts

__all__ = [
    "BASELINE",
    "HEIGHT",
    "STEADY",
    "X_HEIGHT",
    "Font",
    "Hand",
    "Item",
    "LineSource",
    "LineStyle",
    "Shares",
    "Strokes",
    "Texts",
    "draw_font",
    "draw_strokes",
    "read_fonts",
    "read_hands",
    "read_strokes",
]
