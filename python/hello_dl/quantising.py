"""Moved to hello_dl.weights.packing; this name stays for one version."""

from hello_dl.weights.packing import *  # noqa: F403
