"""Moved to hello_dl.tensors.random; this name stays for one version."""

from hello_dl.tensors.random import *  # noqa: F403
