"""Probability distributions: draw from them, and ask how likely a value is, with gradients.

Read distribution.py first (what all share), then continuous.py and discrete.py; divergence.py compares two.
"""

from hello_dl.distributions.continuous import Exponential, Normal, Uniform
from hello_dl.distributions.discrete import Bernoulli, Categorical
from hello_dl.distributions.distribution import Distribution, Independent
from hello_dl.distributions.divergence import kl_divergence
from hello_dl.distributions.vectors import Multinomial, OneHotCategorical, OneHotCategoricalStraightThrough

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
]


def __getattr__(name: str) -> object:
    """Name what is missing, and what there is."""
    raise AttributeError(
        f"hello_dl.distributions has no {name!r} (PyTorch's torch.distributions.{name}); it has"
        f" {', '.join(__all__)}"
    )
