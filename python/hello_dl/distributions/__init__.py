"""Probability distributions: draw from them, and ask how likely a value is, with gradients.

Read distribution.py first (what all share), then continuous.py and discrete.py; divergence.py compares two.
The others are imported when they are first named.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from hello_dl.distributions.continuous import Exponential, Normal, Uniform
from hello_dl.distributions.discrete import Bernoulli, Categorical
from hello_dl.distributions.distribution import Distribution, Independent
from hello_dl.distributions.divergence import kl_divergence, register_kl
from hello_dl.distributions.vectors import Multinomial, OneHotCategorical, OneHotCategoricalStraightThrough

if TYPE_CHECKING:
    from hello_dl.distributions.counts import *  # noqa: F403
    from hello_dl.distributions.gammas import *  # noqa: F403
    from hello_dl.distributions.multivariate import *  # noqa: F403
    from hello_dl.distributions.relaxed import *  # noqa: F403
    from hello_dl.distributions.tails import *  # noqa: F403
    from hello_dl.distributions.transformed import *  # noqa: F403
    from hello_dl.distributions.transforms import *  # noqa: F403

__all__ = [
    "Bernoulli",
    "Categorical",
    "Distribution",
    "Exponential",
    "Independent",
    "Multinomial",
    "Normal",
    "OneHotCategorical",
    "OneHotCategoricalStraightThrough",
    "Uniform",
    "kl_divergence",
    "register_kl",
]

_LATER_BY_FILE = {
    "counts": "Binomial Geometric Poisson",
    "gammas": "Beta Chi2 Dirichlet Gamma StudentT",
    "multivariate": "MultivariateNormal",
    "relaxed": "RelaxedBernoulli RelaxedOneHotCategorical",
    "tails": "Cauchy Gumbel HalfNormal Laplace",
    "transformed": "LogNormal MixtureSameFamily TransformedDistribution",
    "transforms": ("AffineTransform ComposeTransform ExpTransform SigmoidTransform TanhTransform Transform"),
}
_LATER = {name: file for file, names in _LATER_BY_FILE.items() for name in names.split()}
__all__ += list(_LATER)


def __getattr__(name: str) -> Any:
    """Import a distribution when it is first named, or name what is missing, and what there is."""
    if name in _LATER:
        found = getattr(importlib.import_module(f"hello_dl.distributions.{_LATER[name]}"), name)
        globals()[name] = found  # the next time Python finds it without asking here
        return found
    if name == "transforms":
        return importlib.import_module("hello_dl.distributions.transforms")
    raise AttributeError(
        f"hello_dl.distributions has no {name!r} (PyTorch's torch.distributions.{name}); it has"
        f" {', '.join(sorted(__all__))}"
    )
