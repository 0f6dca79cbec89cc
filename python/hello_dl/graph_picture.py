"""Moved to hello_dl.pictures.graph; this name stays for one version."""

from hello_dl.pictures.graph import *  # noqa: F403
