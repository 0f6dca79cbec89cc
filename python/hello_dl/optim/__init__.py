"""Optimizers, which change the parameters by their gradients, and schedules of their learning rates.

Read optimizer.py first (groups, settings, memory), then sgd.py, adam.py and lr_scheduler.py; rmsprop.py and
its neighbours are one rule each (by_array.py is what they share), lbfgs.py is the one that estimates
curvature. There are two kinds of schedules, and `hello_dl.train.fit(schedule=...)` takes both: classes with
PyTorch's names, in lr_scheduler.py, and functions of the share of the training that is over, in schedules.py.
"""

from hello_dl.optim import lr_scheduler
from hello_dl.optim.adafactor import Adafactor
from hello_dl.optim.adagrad import Adadelta, Adagrad
from hello_dl.optim.adam import Adam, AdamW
from hello_dl.optim.adam_kin import Adamax, NAdam, RAdam
from hello_dl.optim.asgd import ASGD
from hello_dl.optim.lbfgs import LBFGS
from hello_dl.optim.muon import Muon
from hello_dl.optim.optimizer import Optimizer
from hello_dl.optim.rmsprop import RMSprop
from hello_dl.optim.rprop import Rprop
from hello_dl.optim.sgd import SGD
from hello_dl.tensors.instead import refusing

__all__ = [
    "ASGD",
    "LBFGS",
    "SGD",
    "Adadelta",
    "Adafactor",
    "Adagrad",
    "Adam",
    "AdamW",
    "Adamax",
    "Muon",
    "NAdam",
    "Optimizer",
    "RAdam",
    "RMSprop",
    "Rprop",
    "lr_scheduler",
]

__getattr__ = refusing("hello_dl.optim", "torch.optim")
