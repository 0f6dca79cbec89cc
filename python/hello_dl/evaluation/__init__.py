"""Use a trained network: measure it on labelled data, let it predict, and ask how far to trust its answers.

Read measure.py first, then classifier.py, calibration.py and robustness.py.
"""

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
