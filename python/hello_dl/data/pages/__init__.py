"""Synthetic photos of handwritten pages, with the true text and places, to test and measure reading.

A page is a text (words.py) in the hand of a `builtin` writer (handwriting.py), on paper that lies on a table
(surfaces.py), seen by a camera (camera.py) in some light (light.py); photograph.py puts these together.
recipes.py says how difficult a page is, generate.py draws all of it at random, truth.py holds what is true of
it, page_files.py writes a set of pages to disk.
"""

from hello_dl.data.pages.generate import generate_blank, generate_page
from hello_dl.data.pages.page_files import save_pages
from hello_dl.data.pages.recipes import RECIPES
from hello_dl.data.pages.truth import Character, Truth
from hello_dl.data.pages.words import random_text

__all__ = ["RECIPES", "Character", "Truth", "generate_blank", "generate_page", "random_text", "save_pages"]
