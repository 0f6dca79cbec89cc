"""The loss of a text whose letters have no known places in time (connectionist temporal classification)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hello_dl import _core
from hello_dl._core import Tensor
from hello_dl._core.types import Refusal
from hello_dl.functional.losses import reduced
from hello_dl.tensors.dtypes import REAL

Numbers = NDArray[Any]


def ctc_loss(
    log_probs: Tensor,
    targets: Tensor,
    input_lengths: Tensor | Sequence[int],
    target_lengths: Tensor | Sequence[int],
    blank: int = 0,
    reduction: str = "mean",
    zero_infinity: bool = False,
    *,
    batch_first: bool = False,
) -> Tensor:
    """Return -log of the probability of the targets, summed over all their places in time.

    log_probs: what log_softmax gives, (t, n, classes) for t steps of n samples, or (t, classes) for one; with
    batch_first, which PyTorch does not have, (n, t, classes): faster, since nothing is turned round.
    targets: class numbers (n, letters), or those of all samples joined, (letters of all,); never the blank,
    the class that means "no letter". input_lengths, target_lengths (n,): how many steps and letters of each
    sample count. Connectionist temporal classification: Graves et al. 2006; cpp/ops/ctc.cc has the formulas.

    "mean" divides each loss by its number of letters (at least 1) before the mean over samples; "sum" and
    "none" do not. A target with too many letters for its steps (two equal neighbours need a blank between
    them) has an infinite loss and a gradient of NaN, as in PyTorch; with zero_infinity both are 0.

    The gradient is exp(log_probs) minus the share of paths through each class (equation 16), which is that
    of the scores before log_softmax. The bare derivative has no first term; but log_softmax, whose gradient
    removes what all classes share, makes the same of both. This one is PyTorch's, so numbers can be compared.

    IndexError for a label that is no class; ValueError for other lengths or shapes, and for a blank in a
    target; TypeError for log_probs that are integers, and for targets or lengths that are not.
    """
    if log_probs.dtype != REAL:
        raise TypeError(f"ctc_loss: needs log_probs of {REAL}, got {log_probs.dtype}")
    if log_probs.ndim not in (2, 3) or 0 in log_probs.shape:
        axes = "(n, t, classes)" if batch_first else "(t, n, classes)"
        raise Refusal(
            f"ctc_loss: needs log_probs {axes} or (t, classes), none of them 0, got {log_probs.shape}"
        )
    single = log_probs.ndim == 2
    if single:
        x = _core.reshape(log_probs, (1, *log_probs.shape))
    else:
        x = log_probs if batch_first else _core.permute(log_probs, (1, 0, 2))
    n, steps, classes = x.shape
    if not 0 <= blank < classes:
        raise Refusal(f"ctc_loss: needs a blank from 0 to {classes - 1}, got {blank}")
    lengths = _lengths("input_lengths", input_lengths, n)
    letters = _lengths("target_lengths", target_lengths, n)
    if lengths.max() > steps:
        raise Refusal(f"ctc_loss: needs input_lengths of at most {steps} steps, got {lengths.max()}")
    labels = _labels(_integers("targets", targets), letters, blank, classes)
    a, b, c = map(_core.from_numpy, (labels, lengths, letters))
    loss = _core.ctc(x, a, b, c, blank, zero_infinity)
    if reduction == "mean":
        loss = _core.div(loss, _core.from_numpy(np.maximum(letters, 1).astype(float)))
    return reduced(_core.reshape(loss, ()) if single else loss, reduction, "ctc_loss")


def _integers(what: str, numbers: Any) -> Numbers:
    """Return the numbers as int64. TypeError if they are no whole numbers."""
    array = numbers.numpy() if isinstance(numbers, Tensor) else np.asarray(numbers)
    if array.dtype.kind not in "iu":
        raise TypeError(f"ctc_loss: needs integers as {what}, got {array.dtype}")
    return array.astype(np.int64)


def _lengths(what: str, numbers: Any, n: int) -> Numbers:
    """Return the lengths of n samples. ValueError for another number of them, and for one below 0."""
    lengths = _integers(what, numbers)
    if lengths.shape != (n,) and not (n == 1 and lengths.shape == ()):
        raise Refusal(f"ctc_loss: needs {what} of {n} samples, ({n},), got {lengths.shape}")
    if lengths.min() < 0:
        raise Refusal(f"ctc_loss: needs {what} of 0 or more, got {lengths.min()}")
    return lengths.reshape(n)


def _labels(targets: Numbers, letters: Numbers, blank: int, classes: int) -> Numbers:
    """Return the letters as (n, most letters of a sample), with 0 behind the end of each target."""
    n, most = len(letters), int(letters.max())
    counts = np.arange(most) < letters[:, None]
    labels = np.zeros((n, most), np.int64)
    if targets.ndim == 2 and len(targets) == n and targets.shape[1] >= most:
        labels[counts] = targets[:, :most][counts]
    elif targets.ndim == 1 and len(targets) == letters.sum():
        labels[counts] = targets
    else:
        raise Refusal(
            f"ctc_loss: needs targets ({n}, {most} or more), or joined ({letters.sum()},), for these "
            f"target_lengths, got {targets.shape}"
        )
    no_class = counts & ((labels < 0) | (labels >= classes))
    for wrong, error, words in (
        (no_class, IndexError, f"is out of range for {classes} classes (0 to {classes - 1})"),
        (counts & (labels == blank), ValueError, "is the blank, which no target may hold"),
    ):
        if wrong.any():
            sample, place = np.argwhere(wrong)[0]
            raise error(f"ctc_loss: label {labels[sample, place]} at [{sample}, {place}] {words}")
    return labels
