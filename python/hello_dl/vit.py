"""Moved to hello_dl.models.vision_transformer; this name goes in 0.4."""

from hello_dl.models.vision_transformer import *  # noqa: F403
