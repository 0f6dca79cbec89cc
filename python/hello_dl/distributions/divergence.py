"""The Kullback-Leibler divergence: how much more surprising draws of p are to one who expects q."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from hello_dl import _core
from hello_dl._core import Tensor
from hello_dl.distributions.continuous import Exponential, Normal, Uniform
from hello_dl.distributions.discrete import Bernoulli, Categorical
from hello_dl.distributions.distribution import Distribution, Independent, sum_last
from hello_dl.distributions.vectors import OneHotCategorical
from hello_dl.tensors.gamma import digamma, lgamma
from hello_dl.tensors.matrices import solve


def kl_divergence(p: Distribution, q: Distribution) -> Tensor:
    """Return KL(p || q) = E_p[log p - log q] in nats, exactly, in the shape batch_shape.

    For two distributions of one kind: Normal, Uniform, Exponential, Bernoulli, Categorical,
    OneHotCategorical, Independent, Beta, Dirichlet, Gamma, Laplace, LogNormal, MultivariateNormal.
    NotImplementedError for others: take the mean of p.log_prob(x) - q.log_prob(x) over draws of p.
    """
    for (kind_p, kind_q), rule in _OWN.items():
        if isinstance(p, kind_p) and isinstance(q, kind_q):
            return rule(p, q)
    for kind, rule in _RULES.items():
        if isinstance(p, kind) and isinstance(q, kind):
            return rule(p, q)
    name = type(p).__name__
    if type(p) is type(q) and name in _LATER_RULES:
        found: Tensor = _LATER_RULES[name](p, q)
        return found
    raise NotImplementedError(
        f"kl_divergence: has no formula for {type(p).__name__} and {type(q).__name__}; take the mean of"
        " p.log_prob(x) - q.log_prob(x) over draws x of p"
    )


def _normal(p: Normal, q: Normal) -> Tensor:
    """Kingma, Welling 2014, appendix B, for any q: (v + m - 1 - log v) / 2."""
    v = (p.scale / q.scale) ** 2
    m = ((p.loc - q.loc) / q.scale) ** 2
    return (v + m - 1 - v.log()) / 2


def _uniform(p: Uniform, q: Uniform) -> Tensor:
    inside = (q.low <= p.low) & (q.high >= p.high)
    return _core.where(inside, ((q.high - q.low) / (p.high - p.low)).log(), math.inf)


def _exponential(p: Exponential, q: Exponential) -> Tensor:
    ratio = q.rate / p.rate
    return ratio - 1 - ratio.log()


def _bernoulli(p: Bernoulli, q: Bernoulli) -> Tensor:
    return _term(p.probs, q.probs) + _term(1 - p.probs, 1 - q.probs)


def _term(p: Tensor, q: Tensor) -> Tensor:
    """Return p log(p / q): 0 where p is 0, infinite where q alone is 0."""
    impossible = _core.eq(p, 0)
    safe = _core.where(impossible, 1.0, p)
    ratio = safe / _core.where(impossible, 1.0, q)
    return _core.where(impossible, 0.0, p * ratio.log())


def _categorical(p: Categorical, q: Categorical) -> Tensor:
    terms = p.probs * (p.logits - q.logits)
    terms = _core.where(_core.eq(p.probs, 0), 0.0, _core.where(_core.eq(q.probs, 0), math.inf, terms))
    return terms.sum(-1)


def _one_hot(p: OneHotCategorical, q: OneHotCategorical) -> Tensor:
    return _categorical(p._categorical, q._categorical)


def _independent(p: Independent, q: Independent) -> Tensor:
    if p.reinterpreted_batch_ndims != q.reinterpreted_batch_ndims:
        raise NotImplementedError("kl_divergence: needs two Independent of equally many axes")
    return sum_last(kl_divergence(p.base_dist, q.base_dist), p.reinterpreted_batch_ndims)


def _gamma(p: Any, q: Any) -> Any:
    a, b = p.concentration, q.concentration
    return (
        b * (p.rate / q.rate).log()
        + lgamma(b)
        - lgamma(a)
        + (a - b) * digamma(a)
        + (q.rate - p.rate) * a / p.rate
    )


def _dirichlet(p: Any, q: Any) -> Any:
    a, b = p.concentration, q.concentration
    total = a.sum(-1)
    ways = lgamma(total) - lgamma(b.sum(-1)) - (lgamma(a) - lgamma(b)).sum(-1)
    return ways + ((a - b) * (digamma(a) - digamma(total).unsqueeze(-1))).sum(-1)


def _beta(p: Any, q: Any) -> Any:
    return _dirichlet(p._dirichlet, q._dirichlet)


def _log_normal(p: Any, q: Any) -> Tensor:
    return _normal(p.base_dist, q.base_dist)


def _laplace(p: Any, q: Any) -> Any:
    ratio, distance = p.scale / q.scale, (p.loc - q.loc).abs()
    return -ratio.log() + ratio * (-distance / p.scale).exp() + distance / q.scale - 1


def _multivariate(p: Any, q: Any) -> Any:
    k = p.event_shape[0]
    L = q.scale_tril
    spread = solve(L, p.scale_tril.expand(L.shape)) ** 2
    away = solve(L, (q.loc - p.loc).unsqueeze(-1)) ** 2
    trace = spread.sum((-2, -1)) + away.sum((-2, -1))
    return q._half_log_det() - p._half_log_det() + (trace - k) / 2


# Kinds by name, which are imported with their first distribution.
_LATER_RULES: dict[str, Callable[[Any, Any], Any]] = {
    "Beta": _beta,
    "Dirichlet": _dirichlet,
    "Gamma": _gamma,
    "Laplace": _laplace,
    "LogNormal": _log_normal,
    "MultivariateNormal": _multivariate,
}
_OWN: dict[tuple[type, type], Callable[[Any, Any], Tensor]] = {}  # of programs


def register_kl(type_p: type, type_q: type) -> Callable[[Any], Any]:
    """Return a decorator: the function below it computes kl_divergence of these two kinds."""

    def registered(rule: Any) -> Any:
        _OWN[type_p, type_q] = rule
        return rule

    return registered


_RULES: dict[type[Distribution], Callable[[Any, Any], Tensor]] = {
    Normal: _normal,
    Uniform: _uniform,
    Exponential: _exponential,
    Bernoulli: _bernoulli,
    Categorical: _categorical,
    OneHotCategorical: _one_hot,
    Independent: _independent,
}
