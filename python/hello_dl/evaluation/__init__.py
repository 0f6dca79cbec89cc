"""Using a trained network: evaluate it on labelled data, let it predict, ask how far it can be trusted."""

from hello_dl.evaluation.classifier import Classifier
from hello_dl.evaluation.measure import (
    Augment,
    Data,
    Loss,
    Result,
    batches,
    confusion_matrix,
    evaluate,
    predict,
    predict_scores,
    using,
)

__all__ = [
    "Augment",
    "Classifier",
    "Data",
    "Loss",
    "Result",
    "batches",
    "confusion_matrix",
    "evaluate",
    "predict",
    "predict_scores",
    "using",
]
