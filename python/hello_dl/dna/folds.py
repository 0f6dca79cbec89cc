"""Folds for cross-validation that never separate equal sequences, or those of one gene."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hello_dl.data.shuffle import permutation
from hello_dl.dna.sequences import Sequences


def groups(sequences: Sequences, by: str = "sequence") -> NDArray[np.int64]:
    """Return a group number for each sequence, (n,): equal sequences are in one group.

    by="gene" also puts the sequences of one gene into one group: UCI's names begin with the gene, as in
    ATRINS-DONOR-521. ValueError for another `by`.
    """
    if by not in ("sequence", "gene"):
        raise ValueError(f"groups: needs 'sequence' or 'gene', got {by!r}")
    _, group = np.unique(np.array(sequences.texts), return_inverse=True)
    if by == "sequence":
        return group.astype(np.int64)
    _, gene = np.unique([name.partition("-")[0] for name in sequences.names], return_inverse=True)
    # Connected components: items with the same sequence, or of the same gene, take the lowest group number
    # among them, until nothing changes.
    while True:
        before = group
        for tie in (gene, np.unique(np.array(sequences.texts), return_inverse=True)[1]):
            lowest = np.full(tie.max() + 1, len(group))
            np.minimum.at(lowest, tie, group)
            group = lowest[tie]
        if (group == before).all():
            return group.astype(np.int64)


def folds(
    labels: NDArray[np.int64], group: NDArray[np.int64], k: int = 10, seed: int = 0
) -> NDArray[np.int64]:
    """Return the fold of each item, (n,) from 0 to k - 1: no group in two folds, classes spread evenly.

    labels (n,), group (n,). Groups are taken in random order, large ones first. Each goes to the fold where
    it adds least to the sum of squares of all folds' shares of each class, which is smallest for equal
    shares. The same seed gives the same folds. ValueError if k is below 2, or a class has fewer groups than
    there are folds.
    """
    if k < 2:
        raise ValueError(f"folds: needs at least 2 folds, got {k}")
    names, group = np.unique(group, return_inverse=True)
    classes = int(labels.max()) + 1
    counts = np.zeros((len(names), classes), np.int64)
    np.add.at(counts, (group, labels), 1)
    fewest = int((counts > 0).sum(axis=0).min())
    if fewest < k:
        raise ValueError(f"folds: needs at least {k} different sequences of every class, got {fewest}")
    order = permutation(len(names), seed)
    order = order[np.argsort(-counts[order].sum(axis=1), kind="stable")]
    share = 1 / counts.sum(axis=0)
    held = np.zeros((k, classes))
    fold = np.empty(len(names), np.int64)
    for g in order:
        new = counts[g] * share
        worse = ((held + new) ** 2 - held**2).sum(axis=1)
        fold[g] = worse.argmin()
        held[fold[g]] += new
    return fold[group]
