"""Losses of distributions as modules: how far one is from another, how unlikely a target is."""

from __future__ import annotations

from hello_dl import functional as F
from hello_dl._core import Tensor
from hello_dl._core.types import Refusal
from hello_dl.functional.losses import named_reduction
from hello_dl.nn.losses import Loss, NLLLoss
from hello_dl.nn.module import Module


class KLDivLoss(Module):
    """The Kullback-Leibler divergence target (log target - x) of log-probabilities x from probabilities.

    reduction="batchmean" divides by the number of rows, which is the definition; log_target: the target is a
    logarithm, too.
    """

    def __init__(
        self,
        size_average: bool | None = None,
        reduce: bool | None = None,
        reduction: str = "mean",
        log_target: bool = False,
    ) -> None:
        if reduction not in ("none", "mean", "sum", "batchmean"):
            raise Refusal(
                f"KLDivLoss: reduction needs 'none', 'mean', 'sum' or 'batchmean', got {reduction!r}"
            )
        self.reduction = named_reduction(size_average, reduce, reduction)
        self.log_target = log_target

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """Return the divergence."""
        return F.kl_div(input, target, reduction=self.reduction, log_target=self.log_target)


class PoissonNLLLoss(Loss):
    """-log of the probability of counts under a Poisson distribution with mean exp(x): exp(x) - target x.

    Without log_input the mean is x itself; full adds log(target!), which changes no gradient.
    """

    def __init__(
        self,
        log_input: bool = True,
        full: bool = False,
        size_average: bool | None = None,
        eps: float = 1e-8,
        reduce: bool | None = None,
        reduction: str = "mean",
    ) -> None:
        super().__init__(size_average, reduce, reduction)
        self.log_input, self.full, self.eps = log_input, full, eps

    def forward(self, log_input: Tensor, target: Tensor) -> Tensor:
        """Return the loss of logarithms of means against counts."""
        return F.poisson_nll_loss(
            log_input, target, self.log_input, self.full, eps=self.eps, reduction=self.reduction
        )


class GaussianNLLLoss(Loss):
    """-log of the density of target under a normal distribution with mean x and variance var."""

    def __init__(self, *, full: bool = False, eps: float = 1e-6, reduction: str = "mean") -> None:
        super().__init__(reduction=reduction)
        self.full, self.eps = full, eps

    def forward(self, input: Tensor, target: Tensor, var: Tensor | float) -> Tensor:
        """Return the loss of means and variances against numbers."""
        return F.gaussian_nll_loss(input, target, var, self.full, self.eps, self.reduction)


class NLLLoss2d(NLLLoss):
    """PyTorch's old name of NLLLoss for images: log-probabilities (n, classes, h, w), target (n, h, w)."""
