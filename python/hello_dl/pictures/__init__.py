"""Pictures of data and of networks, drawn with numpy and Pillow alone.

Most functions return a Pillow image, or the list of an animation's frames; `save` and `save_gif` write them.
"""

from __future__ import annotations

from hello_dl.pictures.canvas import beside, enlarged, grid, save, save_gif, stacked, titled
from hello_dl.pictures.classes import difference, mean, means, poster
from hello_dl.pictures.colours import class_colours, ink, signed
from hello_dl.pictures.dreams import dream_frames, dream_picture
from hello_dl.pictures.embedding import Map, embedding, embedding_picture
from hello_dl.pictures.imagine import Dream, imagine
from hello_dl.pictures.layers import activations, watching
from hello_dl.pictures.responses import responses, responses_picture
from hello_dl.pictures.tsne import pca, tsne

__all__ = [
    "Dream",
    "Map",
    "activations",
    "beside",
    "class_colours",
    "difference",
    "dream_frames",
    "dream_picture",
    "embedding",
    "embedding_picture",
    "enlarged",
    "grid",
    "imagine",
    "ink",
    "mean",
    "means",
    "pca",
    "poster",
    "responses",
    "responses_picture",
    "save",
    "save_gif",
    "signed",
    "stacked",
    "titled",
    "tsne",
    "watching",
]
