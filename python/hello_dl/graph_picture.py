"""Moved to hello_dl.pictures.graph; this name goes in 0.4."""

from hello_dl.pictures.graph import *  # noqa: F403
