"""Optimizers, which change the parameters by their gradients, and schedules of their learning rates.

Read optimizer.py first (groups, settings, memory), then sgd.py, adam.py and lr_scheduler.py. There are two
kinds of schedules, and `hello_dl.train.fit(schedule=...)` takes both: classes with PyTorch's names, in
lr_scheduler.py, and functions of the share of the training that is over, in schedules.py.
"""

from hello_dl.optim import lr_scheduler
from hello_dl.optim.adam import Adam, AdamW
from hello_dl.optim.optimizer import Optimizer
from hello_dl.optim.sgd import SGD

__all__ = ["SGD", "Adam", "AdamW", "Optimizer", "lr_scheduler"]
