"""Moved to hello_dl.tensors.random; this name goes in 0.4."""

from hello_dl.tensors.random import *  # noqa: F403
