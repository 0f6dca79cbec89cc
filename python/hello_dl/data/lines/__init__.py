"""Lines of handwriting to learn from: drawn anew each time from pen strokes and from fonts.

form.py says how large a line's picture is and where the writing stands in it, style.py how lines may differ.
strokes.py and fonts.py read what is drawn; band.py finds where strokes stand; texts.py invents what fonts
write. pen.py, distort.py and compose.py draw; source.py makes batches of it all.
"""

from hello_dl.data.lines.fonts import Font, read_fonts
from hello_dl.data.lines.form import BASELINE, HEIGHT, X_HEIGHT
from hello_dl.data.lines.source import LineSource, Shares
from hello_dl.data.lines.strokes import Item, Strokes, read_strokes
from hello_dl.data.lines.style import LineStyle
from hello_dl.data.lines.texts import Texts

__all__ = [
    "BASELINE",
    "HEIGHT",
    "X_HEIGHT",
    "Font",
    "Item",
    "LineSource",
    "LineStyle",
    "Shares",
    "Strokes",
    "Texts",
    "read_fonts",
    "read_strokes",
]
