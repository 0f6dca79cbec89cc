"""Networks of Hello Deep Learning, a vision transformer, and descriptions of networks as plain data."""

from hello_dl.models.description import build, describe
from hello_dl.models.networks import digits_mlp, letters_cnn, letters_resnet, with_dropout
from hello_dl.models.vision_transformer import VisionTransformer

__all__ = [
    "VisionTransformer",
    "build",
    "describe",
    "digits_mlp",
    "letters_cnn",
    "letters_resnet",
    "with_dropout",
]
