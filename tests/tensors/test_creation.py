"""Making tensors: from numbers, filled, counted, drawn at random; and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import hello_dl as h
from same import same


def test_what_a_tensor_is_made_of_says_what_it_holds() -> None:
    assert h.tensor(3.5).dtype == h.float32
    assert h.tensor([1, 2]).dtype == h.int64
    assert h.tensor([True]).dtype == h.bool
    assert h.tensor([1, 2.5]).dtype == h.float32
    assert h.tensor(np.ones(2, np.float64)).dtype == h.float32
    assert h.tensor([1.7, -1.7], dtype=h.long).tolist() == [1, -1]
    assert h.tensor([0, 2], dtype=bool).tolist() == [False, True]
    assert h.tensor([[h.tensor(1.0), 2.0]]).tolist() == [[1.0, 2.0]]
    assert h.tensor([]).shape == (0,)


@pytest.mark.parametrize(
    ("data", "error", "words"),
    [
        ([[1, 2], [3]], ValueError, "equal lengths"),
        ("abc", TypeError, "needs numbers"),
        ([None], TypeError, "needs numbers"),
        ([1j], TypeError, "complex"),
        ([2**64], ValueError, "within int64"),
    ],
)
def test_what_are_no_numbers_is_refused(data: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        h.tensor(data)


def test_dtypes_and_devices_that_do_not_exist_here_are_named() -> None:
    with pytest.raises(TypeError, match="complex64"):
        h.zeros(2, dtype=np.complex64)
    with pytest.raises(ValueError, match="'cuda:0'"):
        h.ones(2).to("cuda:0")
    with pytest.raises(ValueError, match="needs a float tensor"):
        h.tensor([1, 2], requires_grad=True)
    assert h.ones(2).to("cpu", h.int64).dtype == h.int64
    assert h.ones(2).to(h.device("cuda" if h.cuda.is_available() else "cpu")).device.type == "cpu"


def test_factories_make_what_they_say() -> None:
    assert same(h.zeros(2, 3), np.zeros((2, 3)))
    assert same(h.ones((2,)), [1, 1])
    assert same(h.full((2,), 7.5), [7.5] * 2)
    assert h.full((2,), 7).dtype == h.int64
    assert same(h.arange(5), range(5))
    assert h.arange(5).dtype == h.int64
    assert h.arange(0, 1, 0.25).tolist() == [0, 0.25, 0.5, 0.75]
    assert same(h.linspace(0, 1, 3), [0, 0.5, 1])
    assert same(h.eye(2), np.eye(2))
    assert same(h.zeros_like(h.tensor([1, 2])), [0, 0])
    assert h.zeros_like(h.tensor([1])).dtype == h.int64
    assert h.rand(2, 3, requires_grad=True).requires_grad
    with pytest.raises(ValueError, match="sizes of 0 or more"):
        h.zeros(-1)
    with pytest.raises(TypeError, match="whole numbers"):
        h.zeros(2.5)  # type: ignore[arg-type]


def test_sizes_may_be_named() -> None:
    for make in (h.zeros, h.ones, h.empty, h.rand, h.randn):
        assert make(size=(2, 3)).shape == make(2, 3).shape == make((2, 3)).shape == (2, 3)
        with pytest.raises(TypeError, match="sizes one by one, or size=, got both"):
            make(2, size=(3,))
    assert h.rand_like(h.tensor([1, 2]), dtype=h.float32, device="cpu").dtype == h.float32


@pytest.mark.parametrize(
    ("arguments", "right"),
    [
        ((0.0, -8.000001, -4.0), [0, -4]),
        ((-0.9, 2.1, 2.0), [0]),
        ((2.1, -2.9, -1.0), [2, 1, 0, -1]),
        ((0.1, -7.9, -4.0), [0, -4]),
        ((3.1,), [0, 1, 2]),
    ],
)
def test_integers_are_counted_after_decimals_are_cut_off(arguments: Any, right: list[int]) -> None:
    assert h.arange(*arguments, dtype=h.int64).tolist() == right


def test_equal_distances() -> None:
    assert h.linspace(4.3, -3, 8, dtype=h.int64).tolist() == [4, 3, 2, 1, 0, -1, -2, -3]
    assert h.linspace(1, 2, 1).tolist() == [1]
    assert h.linspace(1, 2, 0).tolist() == []
    numbers = h.linspace(0, 1, 11).tolist()
    assert numbers == pytest.approx([i / 10 for i in range(11)])


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: h.arange(0, float("inf")), "arange: needs finite numbers"),
        (lambda: h.arange(0, 3, 0), "arange: needs a step"),
        (lambda: h.linspace(0, 1, -1), "linspace: needs a whole number of 0 or more as steps, got -1"),
        (lambda: h.linspace(0, 1, 1.5), "linspace: needs a whole number"),
        (lambda: h.linspace(h.ones(2), 1, 3), r"linspace: needs one number as start, got .* \(2,\)"),
        (lambda: h.eye(-1), "eye: needs sizes of 0 or more"),
        (lambda: h.randperm(-1), "randperm: needs sizes of 0 or more"),
        (lambda: h.bernoulli(h.tensor([1.5])), "bernoulli: needs probabilities from 0 to 1"),
    ],
)
def test_what_cannot_be_made_is_refused(call: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        call()


def test_a_draw_of_one_number() -> None:
    with pytest.raises(TypeError, match="multinomial: needs real numbers as weights, got int64"):
        h.multinomial(h.tensor([1, 2]), 1)
    assert h.bernoulli(h.tensor(1.0)).item() == 1
    assert h.bernoulli(h.tensor(0.0)).shape == ()


def test_a_seed_repeats_every_kind_of_draw() -> None:
    def draws(g: h.Generator | None) -> list[Any]:
        tensors = [
            h.rand(3, generator=g), h.randn(3, generator=g), h.randint(100, (3,), generator=g),
            h.randperm(5, generator=g), h.multinomial(h.ones(9), 4, generator=g),
            h.zeros(3).normal_(generator=g),
        ]  # fmt: skip
        return [t.tolist() for t in tensors] + [h.random.next_key(g)]

    first, second = draws(h.Generator(7)), draws(h.Generator(7))
    assert first == second
    assert draws(h.Generator(8)) != first
    h.manual_seed(7)
    assert draws(None) == first
    g = h.Generator(7)
    draws(g)
    state = g.get_state()
    later = draws(g)
    g.set_state(state)
    assert draws(g) == later
    assert g.initial_seed() == 7


def test_draws_have_the_distribution_they_claim() -> None:
    n = 20_000
    assert abs(h.randn(n).mean().item()) < 0.03
    assert abs(h.randn(n).std().item() - 1) < 0.03
    assert abs(h.rand(n).mean().item() - 0.5) < 0.02
    assert set(h.randint(2, 5, (n,)).tolist()) == {2, 3, 4}
    for drawn in (h.randint(3, size=(n,)), h.randint(high=3, size=(n,)), h.randint(h.tensor(3), [n])):
        assert set(drawn.tolist()) == {0, 1, 2}
    assert sorted(h.randperm(50).tolist()) == list(range(50))
    counts = np.bincount(h.multinomial(h.tensor([1.0, 0.0, 3.0]), n, replacement=True).numpy(), minlength=3)
    assert counts[1] == 0
    assert abs(counts[2] / n - 0.75) < 0.02
    assert sorted(h.multinomial(h.tensor([1.0, 0.0, 3.0]), 2).tolist()) == [0, 2]
