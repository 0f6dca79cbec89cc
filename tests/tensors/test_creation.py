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
        ([2**40], ValueError, "integers are held as floats"),
    ],
)
def test_what_are_no_numbers_is_refused(data: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        h.tensor(data)


def test_dtypes_and_devices_that_do_not_exist_here_are_named() -> None:
    with pytest.raises(TypeError, match="float64"):
        h.ones(2).double()
    with pytest.raises(TypeError, match="uint8"):
        h.zeros(2, dtype=np.uint8)
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
    assert sorted(h.randperm(50).tolist()) == list(range(50))
    counts = np.bincount(h.multinomial(h.tensor([1.0, 0.0, 3.0]), n, replacement=True).numpy(), minlength=3)
    assert counts[1] == 0
    assert abs(counts[2] / n - 0.75) < 0.02
    assert sorted(h.multinomial(h.tensor([1.0, 0.0, 3.0]), 2).tolist()) == [0, 2]
