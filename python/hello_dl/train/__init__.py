"""Training: fit a model to data, and what goes with it: averages of weights, searches of hyperparameters."""

from hello_dl.evaluation import Result, evaluate, predict, using
from hello_dl.optim.schedules import cosine, one_cycle
from hello_dl.train.checkpoint import Checkpoint
from hello_dl.train.class_weights import balancing_weights
from hello_dl.train.history import Epoch, History
from hello_dl.train.loop import fit

__all__ = [
    "Checkpoint",
    "Epoch",
    "History",
    "Result",
    "balancing_weights",
    "cosine",
    "evaluate",
    "fit",
    "one_cycle",
    "predict",
    "using",
]
