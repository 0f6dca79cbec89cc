"""Optimizers: given the gradients, how to change the parameters; and schedules of their learning rates.

Read optimizer.py first (groups, settings, memory), then sgd.py, adam.py and lr_scheduler.py.
"""

from hello_dl.optim import lr_scheduler
from hello_dl.optim.adam import Adam, AdamW
from hello_dl.optim.optimizer import Optimizer
from hello_dl.optim.sgd import SGD

__all__ = ["SGD", "Adam", "AdamW", "Optimizer", "lr_scheduler"]
