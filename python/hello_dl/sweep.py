"""Moved to hello_dl.train.sweep; this name goes in 0.4."""

from hello_dl.train.sweep import *  # noqa: F403
