"""Schedules as functions of how much of the training is over, 0 to 1."""

from __future__ import annotations

import math


def cosine(progress: float) -> float:
    """A schedule: from 1 down to 0 along half a cosine (Loshchilov, Hutter 2017, equation 5)."""
    return 0.5 + 0.5 * math.cos(math.pi * progress)


def one_cycle(progress: float, warmup: float = 0.2) -> float:
    """A schedule: a straight rise during `warmup`, then the cosine down to 0 (after Smith, Topin 2018)."""
    if progress < warmup:
        return 0.05 + 0.95 * progress / warmup
    return cosine((progress - warmup) / (1 - warmup))
