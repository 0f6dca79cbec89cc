"""DNA: read sequences, learn where genes are spliced, see which bases decide (chapter 9).

Read sequences.py first (how bases become numbers), then networks.py, folds.py and train_splice.py.
"""

from hello_dl.dna.drawing import CONSENSUS, draw, read_out, saliency
from hello_dl.dna.folds import folds, groups
from hello_dl.dna.networks import SpliceConv, SpliceGRU
from hello_dl.dna.searching import Junction, classify, search
from hello_dl.dna.sequences import BASES, CLASSES, IUPAC, Sequences, one_hot, read, training_set, windows
from hello_dl.dna.train_splice import (
    KINDS,
    Ensemble,
    Trained,
    confusion,
    cross_validate,
    load,
    precision_recall,
    save,
    train,
)

__all__ = [
    "BASES",
    "CLASSES",
    "CONSENSUS",
    "IUPAC",
    "KINDS",
    "Ensemble",
    "Junction",
    "Sequences",
    "SpliceConv",
    "SpliceGRU",
    "Trained",
    "classify",
    "confusion",
    "cross_validate",
    "draw",
    "folds",
    "groups",
    "load",
    "one_hot",
    "precision_recall",
    "read",
    "read_out",
    "saliency",
    "save",
    "search",
    "train",
    "training_set",
    "windows",
]
