"""Moved to hello_dl.data.augment; this name stays for one version."""

from hello_dl.data.augment import *  # noqa: F403
