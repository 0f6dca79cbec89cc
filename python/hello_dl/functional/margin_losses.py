"""Losses with a margin: 0 once the right answer is far enough ahead. Reductions are as in losses.py."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from hello_dl import _core
from hello_dl._core import Tensor
from hello_dl._core.types import Refusal
from hello_dl.functional.activations import logsigmoid, softplus
from hello_dl.functional.distances import pairwise_distance
from hello_dl.functional.losses import named_reduction, reduced
from hello_dl.tensors.creation import arange
from hello_dl.tensors.dtypes import REAL


def margin_ranking_loss(
    input1: Tensor,
    input2: Tensor,
    target: Tensor,
    margin: float = 0,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    """Return max(0, -t (x1 - x2) + margin): t is 1 where x1 ought to be the larger score, -1 where x2."""
    ahead = _core.mul(_core.neg(target), _core.sub(input1, input2))
    loss = _core.clamp(_core.add(ahead, margin), 0.0)
    return reduced(loss, named_reduction(size_average, reduce, reduction), "margin_ranking_loss")


def hinge_embedding_loss(
    input: Tensor,
    target: Tensor,
    margin: float = 1.0,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    """Return x where t is 1 (alike), max(0, margin - x) where t is -1: x is a distance of two things."""
    apart = _core.clamp(_core.sub(margin, input), 0.0)
    loss = _core.add(
        _core.where(_core.ne(target, 1), apart, 0.0), _core.where(_core.ne(target, -1), input, 0.0)
    )
    return reduced(loss, named_reduction(size_average, reduce, reduction), "hinge_embedding_loss")


def cosine_embedding_loss(
    input1: Tensor,
    input2: Tensor,
    target: Tensor,
    margin: float = 0,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    """Return 1 - cos where t is 1 (alike), max(0, cos - margin) where t is -1.

    cos is that of the angle between the vectors x1 and x2: (n, d) with a target (n,), or (d,) with ().
    """
    axis = target.ndim
    if axis > 1 or input1.ndim != axis + 1 or input2.ndim != axis + 1:
        raise Refusal(
            f"cosine_embedding_loss: needs two (n, d) with a target (n,), or two (d,) with a target (),"
            f" got {input1.shape}, {input2.shape} and {target.shape}"
        )
    # 1e-12 keeps the cosine of a vector of zeros finite, as in PyTorch; a length above 1e-5 hides it.
    squares = (_core.add(_core.sum(_core.mul(x, x), axis), 1e-12) for x in (input1, input2))
    cos = _core.div(_core.sum(_core.mul(input1, input2), axis), _core.sqrt(_core.mul(*squares)))
    alike = _core.where(_core.eq(target, 1), _core.sub(1.0, cos), 0.0)
    other = _core.where(_core.eq(target, -1), _core.clamp(_core.sub(cos, margin), 0.0), 0.0)
    reduction = named_reduction(size_average, reduce, reduction)
    return reduced(_core.add(alike, other), reduction, "cosine_embedding_loss")


def soft_margin_loss(
    input: Tensor,
    target: Tensor,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    """Return log(1 + e^(-t x)) for targets t of 1 and -1, computed so that it cannot overflow."""
    z = _core.mul(_core.neg(target), input)
    loss = softplus(z)
    return reduced(loss, named_reduction(size_average, reduce, reduction), "soft_margin_loss")


def _rows(x: Tensor, target: Tensor, target_axes: int, who: str) -> tuple[Tensor, Tensor]:
    """Return scores (n, k) and targets (n,) or (n, k), also for one item without n. ValueError if not."""
    if x.ndim == 0 and target.ndim == 0:  # one item of one class
        x, target = _core.reshape(x, (1,)), _core.reshape(target, (1,) * (target_axes - 1))
    if x.ndim == 1 and target.ndim == target_axes - 1:
        x, target = _core.reshape(x, (1, *x.shape)), _core.reshape(target, (1, *target.shape))
    elif x.ndim == 1 and target.shape == (1,):
        x = _core.reshape(x, (1, *x.shape))
    wanted = x.shape[:target_axes]
    if x.ndim != 2 or target.shape != wanted:
        raise Refusal(f"{who}: needs scores (n, k) and targets {wanted}, got {x.shape} and {target.shape}")
    if target.dtype == REAL:
        raise TypeError(f"{who}: needs class numbers as targets, integers, got {target.dtype}")
    return x, target


def multi_margin_loss(
    input: Tensor,
    target: Tensor,
    p: int = 1,
    margin: float = 1.0,
    weight: Tensor | None = None,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    """Return the mean over the k classes i of max(0, margin - x[t] + x[i])^p, i = t left out.

    input (n, k) or (k,), target (n,) or (). weight (k,) says how much an item of each class counts. p is 1 or
    2. IndexError for a target that is no class.
    """
    if p not in (1, 2):
        raise Refusal(f"multi_margin_loss: needs p of 1 or 2, got {p}")
    single = input.ndim < 2 and target.ndim == 0
    x, t = _rows(input, target, 1, "multi_margin_loss")
    n, k = x.shape
    if weight is not None and weight.shape != (k,):
        raise Refusal(f"multi_margin_loss: needs a weight ({k},), got {weight.shape}")
    if t.is_computed:
        _core._check_labels("multi_margin_loss: target", t, k, -1 << 40)
    t = _core.reshape(t, (n, 1))
    short = _core.relu(_core.add(_core.sub(x, _core.gather(x, 1, t)), margin))
    short = short if p == 1 else _core.mul(short, short)
    loss = _core.where(_core.eq(arange(k), t), 0.0, short)
    if weight is not None:
        loss = _core.mul(loss, _core.reshape(_core.index_select(weight, 0, t), (n, 1)))
    loss = _core.div(_core.sum(loss, 1), float(k))
    reduction = named_reduction(size_average, reduce, reduction)
    return reduced(_core.reshape(loss, ()) if single else loss, reduction, "multi_margin_loss")


def multilabel_margin_loss(
    input: Tensor,
    target: Tensor,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    """Return the sum of max(0, 1 - x[t] + x[i]) / k over an item's classes t and all other classes i.

    input (n, k) or (k,). target has the same shape: an item's classes, then -1, then anything. IndexError
    for a target that is no class.
    """
    single = input.ndim < 2
    x, t = _rows(input, target, 2, "multilabel_margin_loss")
    n, k = x.shape
    numbers = t.numpy()
    named = (numbers >= 0).cumprod(1) > 0  # those before the first -1
    if (numbers * named >= k).any():
        raise IndexError(f"multilabel_margin_loss: needs classes below {k}, got {(numbers * named).max()}")
    is_target = np.zeros((n, k), bool)
    is_target[np.nonzero(named)[0], numbers[named]] = True
    counts = named[:, :, None] & ~is_target[:, None, :]
    right = _core.gather(x, 1, _core.from_numpy(np.where(named, numbers, 0)))
    short = _core.sub(_core.reshape(x, (n, 1, k)), _core.reshape(right, (n, k, 1)))
    short = _core.where(_core.from_numpy(counts), _core.relu(_core.add(short, 1.0)), 0.0)
    loss = _core.div(_core.sum(short, (1, 2)), float(k))
    reduction = named_reduction(size_average, reduce, reduction)
    return reduced(_core.reshape(loss, ()) if single else loss, reduction, "multilabel_margin_loss")


def multilabel_soft_margin_loss(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    """Return the mean over classes of the cross entropy of yes-or-no answers.

    input: scores (n, k) or (k,), before the sigmoid; target: 0 or 1 in the same shape; weight: of each class.
    """
    yes = _core.mul(target, logsigmoid(input))
    no = _core.mul(_core.sub(1.0, target), logsigmoid(_core.neg(input)))
    loss = _core.neg(_core.add(yes, no))
    if weight is not None:
        loss = _core.mul(loss, weight)
    reduction = named_reduction(size_average, reduce, reduction)
    return reduced(_core.mean(loss, -1), reduction, "multilabel_soft_margin_loss")


def triplet_margin_loss(
    anchor: Tensor,
    positive: Tensor,
    negative: Tensor,
    margin: float = 1.0,
    p: float = 2,
    eps: float = 1e-6,
    swap: bool = False,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    """Return max(0, d(anchor, positive) - d(anchor, negative) + margin), d a p-norm (Schroff et al., 2015).

    So that vectors (n, d) of one person come together and those of others move away. swap also looks at
    d(positive, negative), and takes the smaller (Balntas et al., 2016).
    """

    def distance(a: Tensor, b: Tensor) -> Tensor:
        return pairwise_distance(a, b, p, eps)

    reduction = named_reduction(size_average, reduce, reduction)
    return triplet_margin_with_distance_loss(
        anchor, positive, negative, distance_function=distance, margin=margin, swap=swap, reduction=reduction
    )


def triplet_margin_with_distance_loss(
    anchor: Tensor,
    positive: Tensor,
    negative: Tensor,
    *,
    distance_function: Callable[[Tensor, Tensor], Tensor] | None = None,
    margin: float = 1.0,
    swap: bool = False,
    reduction: str = "mean",
) -> Tensor:
    """Return triplet_margin_loss with a distance of your own; the Euclidean one by default."""
    if margin <= 0:
        raise Refusal(f"triplet_margin_loss: needs a margin above 0, got {margin}")
    if not anchor.ndim == positive.ndim == negative.ndim:
        shapes = f"{anchor.shape}, {positive.shape} and {negative.shape}"
        raise Refusal(f"triplet_margin_loss: needs three tensors with as many axes, got {shapes}")
    distance = distance_function or pairwise_distance
    near, far = distance(anchor, positive), distance(anchor, negative)
    if swap:
        far = _core.minimum(far, distance(positive, negative))
    loss = _core.clamp(_core.add(_core.sub(near, far), margin), 0.0)
    return reduced(loss, reduction, "triplet_margin_loss")
