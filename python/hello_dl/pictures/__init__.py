"""Pictures of data and of networks, drawn with numpy and Pillow alone.

Every function returns a Pillow image (or what an animation is made of); `save` and `save_gif` write them.
"""

from __future__ import annotations

from .canvas import beside, enlarged, grid, save, save_gif, stacked, titled
from .classes import difference, mean, means, poster
from .colours import class_colours, ink, signed
from .dreams import dream_frames, dream_picture
from .embedding import Map, embedding, embedding_picture
from .imagine import Dream, imagine
from .layers import activations, watching
from .responses import responses, responses_picture
from .tsne import pca, tsne

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
