"""Losses as modules: how wrong a network's answer is, as one number that training makes small."""

from __future__ import annotations

from collections.abc import Sequence

from hello_dl import functional as F
from hello_dl._core import Tensor
from hello_dl._core.types import Refusal
from hello_dl.functional.losses import named_reduction
from hello_dl.nn.module import Module


class Loss(Module):
    """What all losses share: reduction is "mean", "sum", or "none" for one loss each.

    size_average and reduce are PyTorch's old words for it.
    """

    def __init__(
        self, size_average: bool | None = None, reduce: bool | None = None, reduction: str = "mean"
    ) -> None:
        if reduction not in ("none", "mean", "sum"):
            raise Refusal(
                f"{type(self).__name__}: reduction needs 'none', 'mean' or 'sum', got {reduction!r}"
            )
        self.reduction = named_reduction(size_average, reduce, reduction)


class WeightedLoss(Loss):
    """What losses share that have a `weight`: how much each class, or each number, counts."""

    weight: Tensor | None

    def __init__(
        self,
        weight: Tensor | None = None,
        size_average: bool | None = None,
        reduce: bool | None = None,
        reduction: str = "mean",
    ) -> None:
        super().__init__(size_average, reduce, reduction)
        self.register_buffer("weight", weight)


class CrossEntropyLoss(WeightedLoss):
    """-log of the probability that the softmax of the scores (n, classes) gives to the right class (n,).

    weight (classes) is how much each class counts, items labelled ignore_index do not count, and
    label_smoothing spreads that share of each target over all classes. Chapter 4 of Hello Deep Learning.
    """

    def __init__(
        self,
        weight: Tensor | None = None,
        size_average: bool | None = None,
        ignore_index: int = -100,
        reduce: bool | None = None,
        reduction: str = "mean",
        label_smoothing: float = 0.0,
    ) -> None:
        super().__init__(weight, size_average, reduce, reduction)
        self.ignore_index, self.label_smoothing = ignore_index, label_smoothing

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """Return the loss of scores against labels."""
        return F.cross_entropy(
            input,
            target,
            weight=self.weight,
            ignore_index=self.ignore_index,
            reduction=self.reduction,
            label_smoothing=self.label_smoothing,
        )


class NLLLoss(WeightedLoss):
    """CrossEntropyLoss for log-probabilities (n, classes), which LogSoftmax gives: -input[i, target[i]]."""

    def __init__(
        self,
        weight: Tensor | None = None,
        size_average: bool | None = None,
        ignore_index: int = -100,
        reduce: bool | None = None,
        reduction: str = "mean",
    ) -> None:
        super().__init__(weight, size_average, reduce, reduction)
        self.ignore_index = ignore_index

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """Return the loss of log-probabilities against labels."""
        return F.nll_loss(
            input,
            target,
            weight=self.weight,
            ignore_index=self.ignore_index,
            reduction=self.reduction,
        )


class CTCLoss(Loss):
    """For a text whose letters have no known places in time: -log of the probability of all of them together.

    Class `blank` means "no letter"; zero_infinity makes the loss of a target with too many letters 0. With
    batch_first, which PyTorch does not have, log_probs are (n, t, classes). Graves et al. 2006.
    """

    def __init__(
        self,
        blank: int = 0,
        reduction: str = "mean",
        zero_infinity: bool = False,
        *,
        batch_first: bool = False,
    ) -> None:
        super().__init__(reduction=reduction)
        self.blank, self.zero_infinity, self.batch_first = blank, zero_infinity, batch_first

    def forward(
        self,
        log_probs: Tensor,
        targets: Tensor,
        input_lengths: Tensor | Sequence[int],
        target_lengths: Tensor | Sequence[int],
    ) -> Tensor:
        """Return the loss of log_probs (t, n, classes), from log_softmax, against targets (n, letters)."""
        return F.ctc_loss(
            log_probs,
            targets,
            input_lengths,
            target_lengths,
            self.blank,
            self.reduction,
            self.zero_infinity,
            batch_first=self.batch_first,
        )


class MSELoss(Loss):
    """The mean of the squared differences of input and target, which have one shape."""

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """Return the mean of (input - target)^2."""
        return F.mse_loss(input, target, reduction=self.reduction)


class L1Loss(Loss):
    """The mean of the absolute differences of input and target, which have one shape."""

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """Return the mean of |input - target|."""
        return F.l1_loss(input, target, reduction=self.reduction)


class HuberLoss(Loss):
    """d^2 / 2 for differences d up to delta, and delta (|d| - delta / 2) beyond (Huber, 1964)."""

    def __init__(self, reduction: str = "mean", delta: float = 1.0) -> None:
        super().__init__(reduction=reduction)
        self.delta = delta

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """Return the mean of the losses."""
        return F.huber_loss(input, target, self.reduction, self.delta)


class SmoothL1Loss(Loss):
    """HuberLoss with delta = beta, divided by beta; with beta = 0, L1Loss."""

    def __init__(
        self,
        size_average: bool | None = None,
        reduce: bool | None = None,
        reduction: str = "mean",
        beta: float = 1.0,
    ) -> None:
        super().__init__(size_average, reduce, reduction)
        self.beta = beta

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """Return the mean of the losses."""
        return F.smooth_l1_loss(input, target, reduction=self.reduction, beta=self.beta)


class BCELoss(WeightedLoss):
    """For yes-or-no questions: the cross entropy of probabilities input against target, both from 0 to 1.

    input and target have one shape; weight multiplies each loss. For scores of any size, BCEWithLogitsLoss is
    more exact.
    """

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """Return the loss of probabilities against probabilities."""
        return F.binary_cross_entropy(input, target, self.weight, reduction=self.reduction)


class BCEWithLogitsLoss(WeightedLoss):
    """For yes-or-no questions: the cross entropy of sigmoid(input) against target, 0 to 1, without overflow.

    input and target have one shape. weight multiplies each loss, pos_weight the part of the answer yes.
    """

    pos_weight: Tensor | None

    def __init__(
        self,
        weight: Tensor | None = None,
        size_average: bool | None = None,
        reduce: bool | None = None,
        reduction: str = "mean",
        pos_weight: Tensor | None = None,
    ) -> None:
        super().__init__(weight, size_average, reduce, reduction)
        self.register_buffer("pos_weight", pos_weight)

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """Return the loss of scores against probabilities."""
        return F.binary_cross_entropy_with_logits(
            input, target, self.weight, reduction=self.reduction, pos_weight=self.pos_weight
        )
