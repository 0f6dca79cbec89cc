"""Moved to hello_dl.evaluation.robustness; this name goes in 0.4."""

from hello_dl.evaluation.robustness import *  # noqa: F403
