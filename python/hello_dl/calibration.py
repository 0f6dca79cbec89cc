"""Moved to hello_dl.evaluation.calibration; this name stays for one version."""

from hello_dl.evaluation.calibration import *  # noqa: F403
