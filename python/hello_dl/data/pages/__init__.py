"""Made-up photos of handwritten pages, with the truth about them: what reading is tested and measured on.

A page is a text (`words`) in a `builtin` writer's hand (`writing`) on paper that lies on a table
(`surfaces`), seen by a camera (`camera`) in some light (`light`). `recipes` says how hard that is,
`generate` does it all, `truth` keeps what is true, `files` writes a set of pages to disk.
"""

from hello_dl.data.pages.generate import generate_blank, generate_page
from hello_dl.data.pages.page_files import save_pages
from hello_dl.data.pages.recipes import RECIPES
from hello_dl.data.pages.truth import Character, Truth
from hello_dl.data.pages.words import random_text

__all__ = ["RECIPES", "Character", "Truth", "generate_blank", "generate_page", "random_text", "save_pages"]
