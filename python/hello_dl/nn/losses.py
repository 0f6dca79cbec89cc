"""Losses as modules: how wrong a network's answer is, as one number that training makes small."""

from __future__ import annotations

from hello_dl import functional as F
from hello_dl._core import Tensor
from hello_dl.nn.module import Module


class _Loss(Module):
    """What all losses share: reduction is "mean", "sum", or "none" for one loss each."""

    def __init__(self, reduction: str = "mean") -> None:
        if reduction not in ("none", "mean", "sum"):
            raise ValueError(
                f"{type(self).__name__}: reduction needs 'none', 'mean' or 'sum', got {reduction!r}"
            )
        self.reduction = reduction


class CrossEntropyLoss(_Loss):
    """-log of the probability that the softmax of the scores (n, classes) gives to the right class (n,).

    weight (classes) is how much each class counts, items labelled ignore_index do not count, and
    label_smoothing spreads that share of each target over all classes. Chapter 4 of Hello Deep Learning.
    """

    weight: Tensor | None

    def __init__(
        self,
        weight: Tensor | None = None,
        ignore_index: int = -100,
        reduction: str = "mean",
        label_smoothing: float = 0.0,
    ) -> None:
        super().__init__(reduction)
        self.register_buffer("weight", weight)
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


class NLLLoss(_Loss):
    """CrossEntropyLoss for log-probabilities (n, classes), which LogSoftmax gives: -input[i, target[i]]."""

    weight: Tensor | None

    def __init__(
        self, weight: Tensor | None = None, ignore_index: int = -100, reduction: str = "mean"
    ) -> None:
        super().__init__(reduction)
        self.register_buffer("weight", weight)
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


class MSELoss(_Loss):
    """The mean of the squared differences of input and target, which have one shape."""

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """Return the mean of (input - target)^2."""
        return F.mse_loss(input, target, reduction=self.reduction)


class L1Loss(_Loss):
    """The mean of the absolute differences of input and target, which have one shape."""

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """Return the mean of |input - target|."""
        return F.l1_loss(input, target, reduction=self.reduction)


class BCEWithLogitsLoss(_Loss):
    """For yes-or-no questions: the cross entropy of sigmoid(input) against target, 0 to 1, without overflow.

    input and target have one shape. weight multiplies each loss, pos_weight the part of the answer yes.
    """

    weight: Tensor | None
    pos_weight: Tensor | None

    def __init__(
        self, weight: Tensor | None = None, reduction: str = "mean", pos_weight: Tensor | None = None
    ) -> None:
        super().__init__(reduction)
        self.register_buffer("weight", weight)
        self.register_buffer("pos_weight", pos_weight)

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """Return the loss of scores against probabilities."""
        return F.binary_cross_entropy_with_logits(
            input, target, self.weight, self.reduction, pos_weight=self.pos_weight
        )
