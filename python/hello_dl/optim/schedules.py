"""Schedules as functions: the factor of the learning rate at a share of the training, 0 to 1.

`hello_dl.train.fit(schedule=one_cycle)` multiplies the learning rate by it before every step.
lr_scheduler.py has PyTorch's schedules, classes that change an optimizer when `step` is called.
"""

from __future__ import annotations

import math


def cosine(progress: float) -> float:
    """Return a factor that falls from 1 to 0 along half a cosine (Loshchilov, Hutter 2017, equation 5).

    progress is the share of the training that is over, 0 to 1. lr_scheduler.CosineAnnealingLR is the class.
    """
    return 0.5 + 0.5 * math.cos(math.pi * progress)


def one_cycle(progress: float, warmup: float = 0.2) -> float:
    """Return a factor that rises linearly from 0.05 to 1, then falls to 0 along half a cosine.

    progress is the share of the training that is over, 0 to 1; warmup is the share in which the factor rises
    (after Smith, Topin 2018). PyTorch's class lr_scheduler.OneCycleLR differs: it rises along a cosine from
    1/25 of the highest rate, ends above 0, and moves the momentum too.
    """
    if progress < warmup:
        return 0.05 + 0.95 * progress / warmup
    return cosine((progress - warmup) / (1 - warmup))
