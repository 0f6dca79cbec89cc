"""Integers are integers: exact as int64 is, whatever is done to them, and truth values are no numbers."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import numpy as np
import pytest

import hello_dl
from hello_dl import Tensor

BIG = 2**40 + 1  # float32 holds 2^40 and its neighbours only to 2^17

# Expressions, and their values as Python computes them.
EXPRESSIONS: list[tuple[str, Any]] = [
    ("h.tensor([4097]) * 4097", [4097 * 4097]),
    ("h.tensor([16777215, 2]).sum()", 16777217),
    ("h.tensor([2**24]) + h.tensor([1])", [2**24 + 1]),
    ("(h.tensor([2**24]) + h.tensor([1])).sum()", 2**24 + 1),
    ("h.tensor([1]).to(h.int64) * 2**30 * 4", [2**32]),
    ("h.tensor([BIG, 7]) + 1", [BIG + 1, 8]),
    ("1 - h.tensor([BIG])", [1 - BIG]),
    ("-h.tensor([BIG])", [-BIG]),
    ("abs(h.tensor([-BIG]))", [BIG]),
    ("h.tensor([3]) ** 30", [3**30]),
    ("h.tensor([3]) ** h.tensor([30, 2])", [3**30, 9]),
    ("h.tensor([2, 1, -1]) ** h.tensor([-1, -5, -3])", [0, 1, -1]),
    ("h.tensor([BIG]) // 3", [BIG // 3]),
    ("h.tensor([-BIG]) % 1000", [-BIG % 1000]),
    ("h.tensor([2**62]) * 2", [-(2**63)]),  # wraps around, as int64 does
    ("h.tensor([2**63 - 1])", [2**63 - 1]),
    ("h.tensor([BIG, 7]).cumsum(0)", [BIG, BIG + 7]),
    ("h.tensor([[BIG, 5], [1, 2]]).sum(0)", [BIG + 1, 7]),
    ("h.tensor([[BIG, 5], [1, 2]]).sum(1, keepdim=True)", [[BIG + 5], [3]]),
    ("h.tensor([[BIG, 5], [1, 2]]) @ h.tensor([1, 1])", [BIG + 5, 3]),
    ("h.tensor([BIG]) == BIG", [True]),
    ("h.tensor([BIG]) == h.tensor([BIG - 1])", [False]),
    ("h.tensor([BIG]) > BIG - 1", [True]),
    ("h.tensor([BIG, BIG - 1]).max()", BIG),
    ("h.tensor([BIG, BIG - 1]).min(0)[0]", BIG - 1),
    ("h.tensor([BIG - 1, BIG]).argmax()", 1),
    ("h.tensor([BIG, 3, BIG - 1]).sort()[0]", [3, BIG - 1, BIG]),
    ("h.tensor([BIG, 3, BIG - 1]).topk(2)[0]", [BIG, BIG - 1]),
    ("h.tensor([BIG, BIG - 1, BIG]).unique()", [BIG - 1, BIG]),
    ("h.tensor([BIG, 3]).clamp(0, 10)", [10, 3]),
    ("h.tensor([BIG, 3])[0]", BIG),
    ("h.tensor([BIG, 3])[h.tensor([1, 0, 0])]", [3, BIG, BIG]),
    ("h.tensor([BIG, 3])[h.tensor([True, False])]", [BIG]),
    ("h.tensor([BIG, 3]).gather(0, h.tensor([0, 0]))", [BIG, BIG]),
    ("h.tensor([[BIG, 3]]).t().reshape(-1)", [BIG, 3]),
    ("h.tensor([BIG]).repeat(2)", [BIG, BIG]),
    ("h.tensor([BIG]).expand(2, 1)", [[BIG], [BIG]]),
    ("h.cat([h.tensor([BIG]), h.tensor([1])])", [BIG, 1]),
    ("h.stack([h.tensor([BIG]), h.tensor([1])])", [[BIG], [1]]),
    ("h.where(h.tensor([True, False]), h.tensor([BIG, 1]), h.tensor([0, -BIG]))", [BIG, -BIG]),
    ("h.full((2,), BIG)", [BIG, BIG]),
    ("h.arange(2**30, 2**30 + 3)", [2**30, 2**30 + 1, 2**30 + 2]),
    ("h.tensor([3e9]).long()", [3_000_000_000]),
    ("h.tensor([BIG]).clone().detach()", [BIG]),
    ("h.tensor([True]) + h.tensor([True])", [True]),
    ("h.tensor([True]) + 1", [2]),
    ("h.tensor([True]) * h.tensor([False])", [False]),
    ("(h.tensor([1, 2, 3]) > 1).sum()", 2),
    ("h.tensor([1, 2]) * 1.5", [1.5, 3.0]),
    ("h.tensor([7]) / 2", [3.5]),
]


@pytest.mark.parametrize(("expression", "value"), EXPRESSIONS, ids=[e for e, _ in EXPRESSIONS])
def test_integers_are_exact(expression: str, value: Any) -> None:
    got = eval(expression, {"h": hello_dl, "BIG": BIG})
    assert got.tolist() == value
    kinds = {bool: "bool", int: "int64", float: "float32"}
    first = np.asarray(value).ravel()[0].item()
    assert got.dtype == kinds[type(first)]


def test_counts_beyond_what_a_float_holds_are_exact() -> None:
    assert (hello_dl.ones(17_000_003) > 0).sum().item() == 17_000_003


def test_integers_and_truth_values_agree_with_pytorch() -> None:
    torch = pytest.importorskip("torch")
    for expression, _ in EXPRESSIONS:
        expected = eval(expression, {"h": torch, "BIG": BIG})
        assert eval(expression, {"h": hello_dl, "BIG": BIG}).tolist() == expected.tolist(), expression


@pytest.mark.parametrize("seed", range(20))
def test_random_integer_arithmetic_agrees_with_numpy(seed: int) -> None:
    rng = np.random.default_rng(seed)
    sizes = [2**3, 2**12, 2**25, 2**40, 2**62]
    a, b = (rng.integers(-size, size, (3, 4)) for size in rng.choice(sizes, 2))
    x, y = hello_dl.tensor(a), hello_dl.tensor(b)
    with np.errstate(over="ignore"):
        assert (x + y).numpy().tolist() == (a + b).tolist()
        assert (x - y).numpy().tolist() == (a - b).tolist()
        assert (x * y).numpy().tolist() == (a * b).tolist()
        assert (x * 3 - y).sum(0).numpy().tolist() == (a * 3 - b).sum(0).tolist()
        assert (x < y).numpy().tolist() == (a < b).tolist()
        assert hello_dl.maximum(x, y).amax(1).tolist() == np.maximum(a, b).max(1).tolist()


def test_changes_in_place_stay_exact() -> None:
    x = hello_dl.tensor([1, 2])
    x[0] = BIG
    assert x.tolist() == [BIG, 2]
    x += 1
    assert x.tolist() == [BIG + 1, 3]
    x.copy_(hello_dl.tensor([5, BIG]))
    assert x.tolist() == [5, BIG]
    x.fill_(BIG)
    assert x.tolist() == [BIG, BIG]
    x.zero_()
    assert (x.tolist(), x.dtype) == ([0, 0], "int64")


def test_numbers_get_out_and_back_in_exactly() -> None:
    x = hello_dl.tensor([BIG, 3])
    assert x[0].item() == BIG
    assert int(x[0]) == BIG
    assert x.numpy().dtype == np.int64
    assert np.asarray(x).tolist() == [BIG, 3]
    assert pickle.loads(pickle.dumps(x)).tolist() == [BIG, 3]
    assert copy.deepcopy(x).tolist() == [BIG, 3]
    assert str(BIG) in repr(x)
    assert hello_dl.tensor(np.array([2**62], np.uint64)).tolist() == [2**62]


def test_integers_from_comparisons_and_argmax_stay_lazy() -> None:
    scores = hello_dl.randn(5, 3)
    right = (scores.argmax(1) == hello_dl.tensor([0, 1, 2, 0, 1])).sum()
    assert not right.is_computed  # nothing was computed beforehand, for the result fits


def test_real_numbers_stay_real() -> None:
    y = hello_dl.tensor([1.0, 2.0]) * 1
    y.zero_()
    assert y.dtype == "float32"
    assert (hello_dl.tensor([BIG]) * 1.0).dtype == "float32"


REFUSED: list[tuple[str, str]] = [
    ("-h.tensor([True])", r"neg: needs numbers, got truth values .* ~x"),
    ("h.tensor([True]) - h.tensor([True])", r"sub: needs numbers, got truth values"),
    ("1 - h.tensor([True])", r"sub: needs numbers, got truth values"),
    ("h.tensor([2]) ** -1", r"pow: integers need an exponent of at least 0, got -1"),
    ("h.tensor([2**64])", r"int64|too large|out of bounds"),
    ("h.tensor([BIG]) + 2**70", r"int64|too large"),
]


@pytest.mark.parametrize(("expression", "words"), REFUSED, ids=[e for e, _ in REFUSED])
def test_what_makes_no_sense_is_refused(expression: str, words: str) -> None:
    with pytest.raises((TypeError, ValueError, OverflowError), match=words):
        eval(expression, {"h": hello_dl, "BIG": BIG, "Tensor": Tensor})
