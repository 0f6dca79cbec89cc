"""Moved to hello_dl.data.augment; this name goes in 0.4."""

from hello_dl.data.augment import *  # noqa: F403
