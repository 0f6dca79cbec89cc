"""Moved to hello_dl.models.vision_transformer; this name stays for one version."""

from hello_dl.models.vision_transformer import *  # noqa: F403
