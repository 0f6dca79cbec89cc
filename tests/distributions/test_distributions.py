"""Distributions answer as PyTorch's, with gradients, and their samples have the right moments."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import hello_dl
from hello_dl import distributions
from hello_dl.distributions import gamma_draws

RNG = np.random.default_rng(0)
LOC, SCALE = RNG.normal(size=(3, 4)), RNG.uniform(0.5, 2, size=(3, 4))
P, ROWS = RNG.uniform(0.05, 0.95, size=(3, 4)), RNG.uniform(0.1, 1, size=(3, 4))

Parameters = tuple[np.ndarray[Any, Any], ...]
Make = Callable[..., Any]  # of the module distributions and tensors, to a distribution

CASES: dict[str, tuple[Make, Parameters]] = {
    "normal": (lambda d, a, b: d.Normal(a, b), (LOC, SCALE)),
    "normal of one scale": (lambda d, a: d.Normal(a, 0.5), (LOC,)),
    "uniform": (lambda d, a, b: d.Uniform(a, b), (LOC, LOC + SCALE)),
    "exponential": (lambda d, a: d.Exponential(a), (SCALE,)),
    "bernoulli": (lambda d, a: d.Bernoulli(a), (P,)),
    "bernoulli of logits": (lambda d, a: d.Bernoulli(logits=a), (LOC,)),
    "categorical": (lambda d, a: d.Categorical(a), (ROWS,)),
    "categorical of logits": (lambda d, a: d.Categorical(logits=a), (LOC,)),
    "one hot": (lambda d, a: d.OneHotCategorical(a), (ROWS,)),
    "one hot of logits": (lambda d, a: d.OneHotCategorical(logits=a), (LOC,)),
    "straight through": (lambda d, a: d.OneHotCategoricalStraightThrough(a), (ROWS,)),
    "multinomial": (lambda d, a: d.Multinomial(5, a), (ROWS,)),
    "multinomial of logits": (lambda d, a: d.Multinomial(3, logits=a), (LOC,)),
    "independent": (lambda d, a, b: d.Independent(d.Normal(a, b), 1), (LOC, SCALE)),
    "independent of both axes": (lambda d, a: d.Independent(d.Bernoulli(a), 2), (P,)),
    "gamma": (lambda d, a, b: d.Gamma(a, b), (SCALE, P)),
    "chi2": (lambda d, a: d.Chi2(a), (SCALE * 4,)),
    "beta": (lambda d, a, b: d.Beta(a, b), (SCALE, P)),
    "dirichlet": (lambda d, a: d.Dirichlet(a), (SCALE,)),
    "student t": (lambda d, a, b, c: d.StudentT(a, b, c), (SCALE + 4, LOC, SCALE)),
    "laplace": (lambda d, a, b: d.Laplace(a, b), (LOC, SCALE)),
    "cauchy": (lambda d, a, b: d.Cauchy(a, b), (LOC, SCALE)),
    "gumbel": (lambda d, a, b: d.Gumbel(a, b), (LOC, SCALE)),
    "half normal": (lambda d, a: d.HalfNormal(a), (SCALE,)),
    "log normal": (lambda d, a, b: d.LogNormal(a, b), (LOC, P / 2)),
    "poisson": (lambda d, a: d.Poisson(a), (SCALE * 3,)),
    "geometric": (lambda d, a: d.Geometric(a), (P,)),
    "geometric of logits": (lambda d, a: d.Geometric(logits=a), (LOC,)),
    "binomial": (lambda d, a: d.Binomial(6, a), (P,)),
    "binomial of logits": (lambda d, a: d.Binomial(6, logits=a), (LOC,)),
    "multivariate": (lambda d, a: d.MultivariateNormal(a, COVARIANCE(a)), (LOC,)),
    "multivariate of a triangle": (
        lambda d, a: d.MultivariateNormal(a, scale_tril=COVARIANCE(a).tril()),
        (LOC,),
    ),
    "multivariate of a precision": (
        lambda d, a: d.MultivariateNormal(a, precision_matrix=COVARIANCE(a)),
        (LOC,),
    ),
    "tanh": (lambda d, a, b: d.TransformedDistribution(d.Normal(a, b), d.TanhTransform()), (LOC, P)),
    "sigmoid of a line": (
        lambda d, a, b: d.TransformedDistribution(
            d.Normal(a, b), [d.AffineTransform(0.5, 2.0), d.SigmoidTransform()]
        ),
        (LOC, P),
    ),
    "back from an exponential": (
        lambda d, a: d.TransformedDistribution(d.Exponential(a), [d.ExpTransform().inv]),
        (SCALE,),
    ),
    "line of vectors": (
        lambda d, a, b: d.TransformedDistribution(
            d.Normal(a, b), d.ComposeTransform([d.AffineTransform(1.0, 3.0, event_dim=1), d.ExpTransform()])
        ),
        (LOC, P / 2),
    ),
    "mixture": (lambda d, a, b, c: d.MixtureSameFamily(d.Categorical(c), d.Normal(a, b)), (LOC, SCALE, ROWS)),
    "mixture of vectors": (
        lambda d, a, b, c: d.MixtureSameFamily(
            d.Categorical(logits=c.mean(1)), d.Independent(d.Normal(a, b), 1)
        ),
        (LOC, SCALE, ROWS),
    ),
    "relaxed bernoulli": (lambda d, a: d.RelaxedBernoulli(type(a)([0.7]), a), (P,)),
    "relaxed one hot": (lambda d, a: d.RelaxedOneHotCategorical(type(a)([0.7]), logits=a), (LOC,)),
}
NO_MEAN = ("cauchy",)
NO_RSAMPLE = (
    *("bernoulli", "binomial", "categorical", "geometric", "independent of both", "mixture", "multinomial"),
    *("one hot", "poisson"),
)


def COVARIANCE(a: Any) -> Any:
    """Return a positive definite matrix made of a vector for each row, in either library."""
    return (a.unsqueeze(-1) * a.unsqueeze(-2)) * 0.3 + type(a)(np.eye(4, dtype=np.float32))


def pair(name: str) -> tuple[Any, list[Any], Any, list[Any]]:
    """Return our distribution and PyTorch's, each with its parameters as leaves."""
    torch = pytest.importorskip("torch")
    make, arrays = CASES[name]
    mine = [hello_dl.tensor(np.float32(a), requires_grad=True) for a in arrays]
    theirs = [torch.tensor(np.float32(a), requires_grad=True) for a in arrays]
    return make(distributions, *mine), mine, make(torch.distributions, *theirs), theirs


def same(y: Any, z: Any, mine: list[Any], theirs: list[Any]) -> None:
    """Check a result and its gradients through a random projection."""
    torch = pytest.importorskip("torch")
    assert tuple(y.shape) == tuple(z.shape)
    np.testing.assert_allclose(y.detach(), z.detach(), rtol=1e-4, atol=1e-5)
    if not z.requires_grad:
        return
    seed = np.random.default_rng(1).normal(size=tuple(z.shape)).astype(np.float32)
    ours = hello_dl.autograd.grad(y, mine, hello_dl.tensor(seed), retain_graph=True, allow_unused=True)
    wanted = torch.autograd.grad(z, theirs, torch.tensor(seed), retain_graph=True, allow_unused=True)
    for g, h in zip(ours, wanted, strict=True):
        if h is not None:
            np.testing.assert_allclose(g, h, rtol=1e-3, atol=1e-4)


def answers(question: Callable[[], Any]) -> bool:
    """Whether PyTorch has a formula for it."""
    try:
        question()
    except (NotImplementedError, AttributeError):
        return False
    return True


@pytest.mark.parametrize("name", CASES)
def test_log_prob_entropy_and_moments_are_pytorchs(name: str) -> None:
    torch = pytest.importorskip("torch")
    ours, mine, theirs, parameters = pair(name)
    assert ours.batch_shape == tuple(theirs.batch_shape)
    assert ours.event_shape == tuple(theirs.event_shape)
    torch.manual_seed(0)
    values = theirs.sample((5,))
    same(ours.log_prob(hello_dl.tensor(values.numpy())), theirs.log_prob(values), mine, parameters)
    if answers(lambda: theirs.entropy()):
        same(ours.entropy(), theirs.entropy(), mine, parameters)
    for what in ("mean", "variance", "stddev"):
        if answers(lambda what=what: getattr(theirs, what)):
            same(getattr(ours, what), getattr(theirs, what), mine, parameters)
    for what in ("probs", "logits"):
        if hasattr(theirs, what):
            same(getattr(ours, what), getattr(theirs, what), mine, parameters)
    assert ours.has_rsample == theirs.has_rsample


@pytest.mark.parametrize("name", CASES)
def test_samples_have_the_moments(name: str) -> None:
    make, arrays = CASES[name]
    d = make(distributions, *(hello_dl.tensor(np.float32(a)) for a in arrays))
    hello_dl.manual_seed(1)
    drawn = d.sample((4000,))
    assert drawn.shape == (4000, *d.batch_shape, *d.event_shape)
    assert not drawn.requires_grad
    assert d.sample().shape == d.batch_shape + d.event_shape
    if name.startswith("categorical"):
        shares = np.stack([(drawn.numpy() == k).mean(0) for k in range(4)], -1)
        np.testing.assert_allclose(shares, d.probs, atol=0.04)
        return
    if name in NO_MEAN or not answers(lambda: d.stddev):
        return
    spread = d.stddev.numpy()
    np.testing.assert_allclose(drawn.numpy().mean(0), d.mean, atol=5 * spread.max() / 4000**0.5)
    np.testing.assert_allclose(drawn.numpy().std(0), spread, rtol=0.1, atol=0.02)
    hello_dl.manual_seed(1)
    np.testing.assert_array_equal(d.sample((4000,)), drawn)


RSAMPLES = [name for name in CASES if not name.startswith(NO_RSAMPLE)]


@pytest.mark.parametrize("name", RSAMPLES)
def test_rsample_passes_gradients_on(name: str) -> None:
    make, arrays = CASES[name]
    leaves = [hello_dl.tensor(np.float32(a), requires_grad=True) for a in arrays]
    d = make(distributions, *leaves)
    (d.rsample((7,)) ** 2).mean().backward()
    assert all(np.abs(leaf.grad.numpy()).max() > 0 for leaf in leaves)


def test_a_normal_draw_moves_with_its_parameters() -> None:
    loc, scale = hello_dl.tensor([1.0, 2.0], requires_grad=True), hello_dl.tensor(0.5, requires_grad=True)
    hello_dl.manual_seed(3)
    x = distributions.Normal(loc, scale).rsample((3,))
    noise = (x.detach() - loc.detach()) / 0.5
    seed = hello_dl.tensor([[1.0, 2.0], [3.0, -1.0], [0.5, 2.0]])
    x.backward(seed)
    np.testing.assert_allclose(loc.grad, seed.sum(0), rtol=1e-6)
    np.testing.assert_allclose(scale.grad, (seed * noise).sum(), rtol=1e-5)


KL: dict[str, tuple[Make, Parameters, Parameters]] = {
    "normal": (lambda d, a, b: d.Normal(a, b), (LOC, SCALE), (LOC[::-1], SCALE[::-1])),
    "uniform": (lambda d, a, b: d.Uniform(a, b), (LOC, LOC + SCALE), (LOC - 0.3, LOC + 0.9)),
    "exponential": (lambda d, a: d.Exponential(a), (SCALE,), (P,)),
    "bernoulli": (lambda d, a: d.Bernoulli(a), (P,), (P[::-1],)),
    "categorical": (lambda d, a: d.Categorical(a), (ROWS,), (P,)),
    "one hot": (lambda d, a: d.OneHotCategorical(logits=a), (LOC,), (P,)),
    "independent": (lambda d, a, b: d.Independent(d.Normal(a, b), 1), (LOC, SCALE), (P, ROWS)),
    "beta": (lambda d, a, b: d.Beta(a, b), (SCALE, P), (ROWS, SCALE)),
    "dirichlet": (lambda d, a: d.Dirichlet(a), (SCALE,), (P,)),
    "gamma": (lambda d, a, b: d.Gamma(a, b), (SCALE, P), (ROWS, SCALE)),
    "laplace": (lambda d, a, b: d.Laplace(a, b), (LOC, SCALE), (P, ROWS)),
    "log normal": (lambda d, a, b: d.LogNormal(a, b), (LOC, SCALE), (P, ROWS)),
    "multivariate": (lambda d, a: d.MultivariateNormal(a, COVARIANCE(a)), (LOC,), (ROWS,)),
}


@pytest.mark.parametrize("name", KL)
def test_divergences_are_pytorchs(name: str) -> None:
    torch = pytest.importorskip("torch")
    make, first, second = KL[name]
    results = []
    for library, module in ((hello_dl, distributions), (torch, torch.distributions)):
        a = [library.tensor(np.float32(x.copy()), requires_grad=True) for x in first]
        b = [library.tensor(np.float32(x.copy()), requires_grad=True) for x in second]
        results.append((module.kl_divergence(make(module, *a), make(module, *b)), a + b))
    (y, mine), (z, theirs) = results
    same(y, z, mine, theirs)


def test_a_rule_of_ones_own_comes_first() -> None:
    class Mine(distributions.Normal):
        """A kind that has a rule of its own."""

    @distributions.register_kl(Mine, Mine)
    def rule(p: Mine, q: Mine) -> float:
        return 7.0

    assert distributions.kl_divergence(Mine(0.0, 1.0), Mine(1.0, 1.0)) == 7


@pytest.mark.parametrize("size", [0.3, 1.0, 2.5, 30.0])
def test_a_gamma_draw_moves_with_its_concentration_as_in_pytorch(size: float) -> None:
    torch = pytest.importorskip("torch")
    a = torch.full((6,), size, requires_grad=True)
    torch.manual_seed(0)
    x = torch.distributions.Gamma(a, 1.0).rsample()
    (wanted,) = torch.autograd.grad(x.sum(), a)
    ours = gamma_draws.slope(x.detach().double().numpy(), np.full(6, size))
    np.testing.assert_allclose(ours, wanted, rtol=2e-3)


def test_a_batch_expands() -> None:
    wide = distributions.Normal(hello_dl.tensor([0.0, 1.0]), 2.0).expand((3, 2))
    assert wide.batch_shape == (3, 2)
    assert wide.sample().shape == (3, 2)
    assert distributions.Categorical(hello_dl.ones(4)).expand((5,)).sample().shape == (5,)
    assert repr(distributions.Normal(0.0, 1.0)) == "Normal(loc: 0.0, scale: 1.0)"
    assert repr(wide) == "Normal(loc: torch.Size([3, 2]), scale: torch.Size([3, 2]))"


def test_impossible_classes_count_nothing() -> None:
    torch = pytest.importorskip("torch")
    rows = [[0.0, 1.0, 3.0], [1.0, 0.0, 0.0]]
    ours, theirs = (
        distributions.Categorical(hello_dl.tensor(rows)),
        torch.distributions.Categorical(torch.tensor(rows)),
    )
    np.testing.assert_allclose(ours.entropy(), theirs.entropy(), rtol=1e-4, atol=1e-5)
    logits = [[-np.inf, 0.0, 1.0]]
    ours = distributions.Categorical(logits=hello_dl.tensor(logits))
    assert np.isfinite(ours.entropy().numpy()).all()
    assert ours.sample((50,)).numpy().min() == 1


@pytest.mark.parametrize(
    ("make", "error", "words"),
    [
        (lambda d: d.Normal(0.0, -1.0), ValueError, "Normal: needs a scale above 0"),
        (lambda d: d.Normal(np.nan, 1.0), ValueError, "Normal: needs a loc of numbers, got NaN"),
        (lambda d: d.Laplace(np.nan, 1.0), ValueError, "Laplace: needs a loc of numbers, got NaN"),
        (lambda d: d.Normal(hello_dl.ones(2), hello_dl.ones(3)), ValueError, r"loc \(2,\), scale \(3,\)"),
        (lambda d: d.Uniform(1.0, 1.0), ValueError, "Uniform: needs a low below high"),
        (lambda d: d.Exponential(0.0), ValueError, "Exponential: needs a rate above 0"),
        (lambda d: d.Bernoulli(1.5), ValueError, "Bernoulli: needs probs from 0 to 1"),
        (lambda d: d.Bernoulli(), ValueError, "Bernoulli: needs either probs or logits, got none"),
        (lambda d: d.Bernoulli(0.5, 0.5), ValueError, "either probs or logits, got both"),
        (lambda d: d.Bernoulli(0.5).log_prob(hello_dl.tensor(2.0)), ValueError, "values of 0 and 1"),
        (
            lambda d: d.Categorical(hello_dl.tensor([-1.0, 2.0])),
            ValueError,
            "Categorical: needs probs of 0 or more",
        ),
        (lambda d: d.Categorical(hello_dl.tensor(1.0)), ValueError, "at least one axis"),
        (
            lambda d: d.Categorical(hello_dl.ones(3)).log_prob(hello_dl.tensor(3)),
            ValueError,
            "numbers from 0 to 2",
        ),
        (
            lambda d: d.Categorical(hello_dl.ones(2, 3)).log_prob(hello_dl.ones(5)),
            ValueError,
            r"fits \(2,\), got \(5,\)",
        ),
        (
            lambda d: d.Categorical(hello_dl.ones(3)).log_prob(1),
            TypeError,
            "log_prob needs a tensor, got int",
        ),
        (
            lambda d: d.Categorical(hello_dl.ones(3)).rsample(),
            NotImplementedError,
            "Categorical has no rsample",
        ),
        (
            lambda d: d.OneHotCategorical(hello_dl.ones(2)).log_prob(hello_dl.ones(2)),
            ValueError,
            "a single 1",
        ),
        (lambda d: d.Multinomial(2, hello_dl.ones(2)).log_prob(hello_dl.ones(2) * 2), ValueError, "sum is 2"),
        (lambda d: d.Multinomial(-1, hello_dl.ones(2)), ValueError, "total_count of 0 or more, got -1"),
        (lambda d: d.Independent(d.Normal(hello_dl.ones(2), 1.0), 2), ValueError, "needs 0 to 1 axes"),
        (
            lambda d: d.kl_divergence(d.Normal(0.0, 1.0), d.Uniform(0.0, 1.0)),
            NotImplementedError,
            "Normal and Uniform",
        ),
        (lambda d: d.Weibull, AttributeError, "no 'Weibull'"),
    ],
)
def test_what_cannot_be_is_refused(make: Make, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        make(distributions)


def test_checks_can_be_left_out() -> None:
    d = distributions.Uniform(0.0, 1.0, validate_args=False)
    assert d.log_prob(hello_dl.tensor(2.0)).item() == -np.inf
