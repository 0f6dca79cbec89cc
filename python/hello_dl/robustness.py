"""Moved to hello_dl.evaluation.robustness; this name stays for one version."""

from hello_dl.evaluation.robustness import *  # noqa: F403
