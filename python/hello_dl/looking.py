"""Moved to hello_dl.pictures.attention_maps; this name stays for one version."""

from hello_dl.pictures.attention_maps import *  # noqa: F403
