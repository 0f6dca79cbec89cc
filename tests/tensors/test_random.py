"""Generators: a saved state goes on where it was saved, and what is no seed or no state is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest

import hello_dl as h


def drawn(generator: h.Generator | None = None) -> list[Any]:
    """Return some random numbers, and the key of a dropout."""
    return [h.rand(3, generator=generator).tolist(), h.random.next_key(generator)]


def test_a_state_saved_as_json_goes_on_where_it_was_saved() -> None:
    g = h.Generator(7)
    drawn(g)
    state = json.loads(json.dumps(g.get_state()))
    later = drawn(g)
    other = h.Generator(8)
    other.set_state(state)
    assert drawn(other) == later
    assert other.initial_seed() == 7


def test_the_state_of_the_global_generator_is_saved_by_pytorch_s_names() -> None:
    drawn()
    state = h.get_rng_state()
    later = drawn()
    h.set_rng_state(state)
    assert drawn() == later
    h.set_rng_state(state)
    with h.random.fork_rng():
        h.manual_seed(3)
        drawn()
    assert drawn() == later
    h.set_rng_state(state)
    with h.random.fork_rng(enabled=False):
        drawn()
    assert drawn() != later


@pytest.mark.parametrize("state", [{}, None, {"seed": 1}, {"seed": 1, "keys": 2, "philox": {}}, 5])
def test_what_is_no_state_is_refused_and_changes_nothing(state: Any) -> None:
    g, same = h.Generator(5), h.Generator(5)
    with pytest.raises(ValueError, match="set_state: needs what get_state has returned"):
        g.set_state(state)
    assert drawn(g) == drawn(same)


def test_a_seed_is_a_whole_number_of_64_bits_as_in_pytorch() -> None:
    torch = pytest.importorskip("torch")
    for seed in (0, -1, -(2**63), 2**64 - 1, 2**53 + 1):
        assert (
            h.Generator().manual_seed(seed).initial_seed()
            == torch.Generator().manual_seed(seed).initial_seed()
        )
    assert drawn(h.Generator(-1)) == drawn(h.Generator(2**64 - 1))
    assert drawn(h.Generator(2**53)) != drawn(h.Generator(2**53 + 1))
    for seed in (2**64, -(2**63) - 1, 10**30):
        with pytest.raises((RuntimeError, ValueError)):
            torch.manual_seed(seed)
        with pytest.raises(ValueError, match=r"manual_seed: needs a seed from -2\^63 to 2\^64 - 1, got"):
            h.manual_seed(seed)
    for wrong in ("5", 1.5, None):
        with pytest.raises(TypeError, match="manual_seed: needs a whole number"):
            h.manual_seed(wrong)  # type: ignore[arg-type]
