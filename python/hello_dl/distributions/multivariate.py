"""The normal distribution of vectors, whose numbers depend on each other."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from hello_dl import _core
from hello_dl._core import Tensor
from hello_dl.distributions.continuous import Located
from hello_dl.tensors.draws import randn
from hello_dl.tensors.matrices import cholesky, inverse, solve


class MultivariateNormal(Located):
    """p(x) = exp(-(x - loc)' C^-1 (x - loc) / 2) / sqrt((2 pi)^k |C|) for vectors of k numbers.

    Give one of covariance_matrix C, precision_matrix C^-1 and scale_tril L, the lower triangle with L L' = C.
    """

    def __init__(
        self,
        loc: Tensor,
        covariance_matrix: Tensor | None = None,
        precision_matrix: Tensor | None = None,
        scale_tril: Tensor | None = None,
        validate_args: bool | None = None,
    ) -> None:
        given = [m for m in (covariance_matrix, precision_matrix, scale_tril) if m is not None]
        if len(given) != 1:
            raise ValueError(
                "MultivariateNormal: needs one of covariance_matrix, precision_matrix and scale_tril,"
                f" got {len(given)}"
            )
        k = loc.shape[-1] if loc.ndim else 0
        if not k or given[0].shape[-2:] != (k, k):
            raise ValueError(
                f"MultivariateNormal: needs a loc (..., k) and a matrix (..., k, k), got {loc.shape} and"
                f" {given[0].shape}"
            )
        batch = np.broadcast_shapes(loc.shape[:-1], given[0].shape[:-2])
        self.loc = loc.expand((*batch, k))
        if scale_tril is None:
            matrix = covariance_matrix if precision_matrix is None else inverse(precision_matrix)
            assert matrix is not None
            scale_tril = cholesky(matrix)
        self.scale_tril = scale_tril.expand((*batch, k, k))
        super().__init__(batch, (k,), validate_args)

    @property
    def covariance_matrix(self) -> Tensor:
        """The covariances C."""
        return _core.matmul(self.scale_tril, self.scale_tril.mT)

    @property
    def precision_matrix(self) -> Tensor:
        """The inverse of C."""
        return inverse(self.covariance_matrix)

    @property
    def variance(self) -> Tensor:
        """The variance of each number, the diagonal of C."""
        return (self.scale_tril**2).sum(-1)

    def rsample(self, sample_shape: Sequence[int] = ()) -> Tensor:
        """Draw loc + L e with e of independent standard normal numbers."""
        e = randn(self._shape(sample_shape)).unsqueeze(-1)
        return self.loc + _core.matmul(self.scale_tril, e).squeeze(-1)

    def log_prob(self, value: Tensor) -> Tensor:
        """Return the logarithm of the density of each vector."""
        difference = (self._value(value) - self.loc).unsqueeze(-1)
        L = self.scale_tril.expand((*difference.shape[:-2], *self.event_shape, *self.event_shape))
        z = solve(L, difference).squeeze(-1)
        return -(z * z).sum(-1) / 2 - self._half_log_det() - self.event_shape[0] * math.log(2 * math.pi) / 2

    def entropy(self) -> Tensor:
        """Return the entropy in nats: log((2 pi e)^k |C|) / 2."""
        return self._half_log_det() + self.event_shape[0] * (1 + math.log(2 * math.pi)) / 2

    def _half_log_det(self) -> Tensor:
        return self.scale_tril.diagonal(0, -2, -1).log().sum(-1)
