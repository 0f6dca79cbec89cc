"""Moved to hello_dl.weights.packing; this name goes in 0.4."""

from hello_dl.weights.packing import *  # noqa: F403
