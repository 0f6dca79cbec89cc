"""Weights files: all numbers of a model as safetensors, with a header that says what model it is.

The tensors have PyTorch's names and shapes, so any program that reads safetensors can use them. The header is
JSON, under the key "hello_dl" of the file's metadata. Nothing in the file is ever executed. The package has
three such files, which can be named `digits`, `letters` and `characters` instead of a path.
"""

from hello_dl.weights.files import annotate, load, quantise, read_header, refuse_quantised, save
from hello_dl.weights.header import FORMAT, KEY, Header
from hello_dl.weights.places import BUNDLED, SHIPPED, find, is_bundled, user_folder

__all__ = [
    "BUNDLED",
    "FORMAT",
    "KEY",
    "SHIPPED",
    "Header",
    "annotate",
    "find",
    "is_bundled",
    "load",
    "quantise",
    "read_header",
    "refuse_quantised",
    "save",
    "user_folder",
]
