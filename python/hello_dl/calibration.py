"""Moved to hello_dl.evaluation.calibration; this name goes in 0.4."""

from hello_dl.evaluation.calibration import *  # noqa: F403
