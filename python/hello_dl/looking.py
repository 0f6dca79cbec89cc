"""Moved to hello_dl.pictures.attention_maps; this name goes in 0.4."""

from hello_dl.pictures.attention_maps import *  # noqa: F403
