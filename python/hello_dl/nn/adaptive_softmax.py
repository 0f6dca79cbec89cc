"""A softmax over very many classes, of which the rare ones are computed only where they are needed."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from hello_dl import _core
from hello_dl import functional as F
from hello_dl._core import Tensor
from hello_dl._core.types import Refusal
from hello_dl.nn.containers import ModuleList, Sequential
from hello_dl.nn.linear import Linear, need_place, need_sizes
from hello_dl.nn.module import Module


class _Result(NamedTuple):
    output: Tensor
    loss: Tensor


class AdaptiveLogSoftmaxWithLoss(Module):
    """The log-softmax of n_classes classes, the most frequent ones first, and its loss (Grave et al. 2017).

    cutoffs = [10, 100] makes a head of the classes 0 to 9, and clusters of 10 to 99 and of all others. The
    head also has a score for each cluster, so that p(class) = p(cluster) p(class in its cluster). Cluster i
    sees in_features / div_value^i features, so that rare classes are cheap. ValueError unless cutoffs rise
    from at least 1 to below n_classes.
    """

    def __init__(
        self,
        in_features: int,
        n_classes: int,
        cutoffs: Sequence[int],
        div_value: float = 4.0,
        head_bias: bool = False,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        need_place("AdaptiveLogSoftmaxWithLoss", device, dtype)
        need_sizes("AdaptiveLogSoftmaxWithLoss", in_features=in_features, n_classes=n_classes)
        ends = [*cutoffs, n_classes]
        whole = all(isinstance(end, int | np.integer) for end in ends)
        if not cutoffs or not whole or ends[0] < 1 or any(a >= b for a, b in pairwise(ends)):
            raise Refusal(
                "AdaptiveLogSoftmaxWithLoss: needs cutoffs, integers that rise from at least 1 to below"
                f" {n_classes}, got {list(cutoffs)}"
            )
        self.in_features, self.n_classes, self.cutoffs = in_features, n_classes, ends
        self.div_value, self.head_bias = div_value, head_bias
        self.shortlist_size, self.n_clusters = ends[0], len(cutoffs)
        self.head_size = self.shortlist_size + self.n_clusters
        self.head = Linear(in_features, self.head_size, bias=head_bias)
        self.tail = ModuleList()
        for i in range(self.n_clusters):
            features, classes = int(in_features // div_value ** (i + 1)), ends[i + 1] - ends[i]
            self.tail.append(
                Sequential(Linear(in_features, features, bias=False), Linear(features, classes, bias=False))
            )

    def reset_parameters(self) -> None:
        """Draw all weights anew."""
        for layer in self.modules():
            if isinstance(layer, Linear):
                layer.reset_parameters()

    def forward(self, input: Tensor, target: Tensor) -> _Result:
        """Return output, the log-probability (n,) of each target (n,), and loss, minus its mean.

        input (n, in_features); or one item (in_features,) with a target (). IndexError for a target that is
        no class.
        """
        if target.ndim == 0 and input.ndim == 1:
            output, loss = self.forward(_core.reshape(input, (1, -1)), _core.reshape(target, (1,)))
            return _Result(_core.reshape(output, ()), loss)
        self._check(input)
        if target.shape != input.shape[:1]:
            raise Refusal(f"AdaptiveLogSoftmaxWithLoss: needs a target {input.shape[:1]}, got {target.shape}")
        labels = target.numpy()
        if labels.size and not (labels.min() >= 0 and labels.max() < self.n_classes):
            raise IndexError(
                f"AdaptiveLogSoftmaxWithLoss: needs targets from 0 to {self.n_classes - 1},"
                f" got {labels.min()} to {labels.max()}"
            )
        cluster = np.searchsorted(self.cutoffs, labels, side="right")  # 0: a class of the head itself
        in_head = np.where(cluster == 0, labels, self.shortlist_size + cluster - 1)
        output = _core.pick(F.log_softmax(self.head(input), 1), _core.from_numpy(in_head))
        for i, layers in enumerate(self.tail):
            items = np.flatnonzero(cluster == i + 1)
            if len(items):
                rows = _core.from_numpy(items)
                logp = F.log_softmax(layers(_core.index_select(input, 0, rows)), 1)
                in_cluster = _core.pick(logp, _core.from_numpy(labels[items] - self.cutoffs[i]))
                output = _core.add(output, _core.index_sum(in_cluster, 0, rows, len(labels)))
        return _Result(output, _core.neg(_core.mean(output)))

    def log_prob(self, input: Tensor) -> Tensor:
        """Return the log-probabilities of all classes: (n, in_features) gives (n, n_classes)."""
        self._check(input)
        head = F.log_softmax(self.head(input), 1)
        parts = [head[:, : self.shortlist_size]]
        for i, layers in enumerate(self.tail):
            of_cluster = head[:, self.shortlist_size + i].unsqueeze(1)
            parts.append(of_cluster + F.log_softmax(layers(input), 1))
        return _core.cat(parts, 1)

    def predict(self, input: Tensor) -> Tensor:
        """Return the most likely class of each item: (n, in_features) gives (n,)."""
        return _core.argmax(self.log_prob(input), 1)

    def _check(self, input: Tensor) -> None:
        """Raise ValueError unless the input is (n, in_features)."""
        if input.ndim != 2 or input.shape[1] != self.in_features:
            raise Refusal(
                f"AdaptiveLogSoftmaxWithLoss: needs an input (n, {self.in_features}), got {input.shape}"
            )
