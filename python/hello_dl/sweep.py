"""Moved to hello_dl.train.sweep; this name stays for one version."""

from hello_dl.train.sweep import *  # noqa: F403
