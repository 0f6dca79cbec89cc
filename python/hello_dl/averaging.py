"""Moved to hello_dl.train.averaging; this name stays for one version."""

from hello_dl.train.averaging import *  # noqa: F403
