"""Packed sequences are PyTorch's, and recurrent layers read them as PyTorch's do."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import hello_dl as h
from hello_dl import nn
from hello_dl.nn.utils import rnn

torch = pytest.importorskip("torch")
RNG = np.random.default_rng(0)


def numbers(t: Any) -> Any:
    return None if t is None else t.detach().numpy()


def same_packed(mine: Any, theirs: Any) -> None:
    for a, b in zip(mine, theirs, strict=True):
        if b is None:
            assert a is None
        else:
            np.testing.assert_allclose(numbers(a), numbers(b), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("batch_first", [False, True])
@pytest.mark.parametrize(("lengths", "is_sorted"), [([4, 4, 2, 1], True), ([1, 4, 2, 4], False), ([3], True)])
def test_packing_and_padding(batch_first: bool, lengths: list[int], is_sorted: bool) -> None:
    shape = (len(lengths), 4, 3) if batch_first else (4, len(lengths), 3)
    x = RNG.normal(size=shape).astype(np.float32)
    a, b = (
        m.pack_padded_sequence(x, lengths, batch_first, is_sorted)
        for m, x in ((rnn, h.tensor(x)), (torch.nn.utils.rnn, torch.tensor(x)))
    )
    same_packed(a, b)
    assert a.to("cpu") is not None
    assert not a.is_cuda
    for options in ({}, {"batch_first": True}, {"padding_value": -1.0, "total_length": 6}):
        (p, n), (q, m) = (
            rnn.pad_packed_sequence(a, **options),
            torch.nn.utils.rnn.pad_packed_sequence(b, **options),
        )
        np.testing.assert_array_equal(numbers(p), numbers(q))
        assert n.tolist() == m.tolist() == lengths


def test_lists_of_sequences() -> None:
    parts = [RNG.normal(size=(n, 2)).astype(np.float32) for n in (4, 2, 1)]
    mine, theirs = [h.tensor(p) for p in parts], [torch.tensor(p) for p in parts]
    for options in ({}, {"batch_first": True, "padding_value": 9.0}, {"padding_side": "left"}):
        a, b = rnn.pad_sequence(mine, **options), torch.nn.utils.rnn.pad_sequence(theirs, **options)
        np.testing.assert_array_equal(numbers(a), numbers(b))
    words = rnn.pad_sequence([h.tensor([1, 2]), h.tensor([3])], batch_first=True)
    assert words.dtype == "int64"
    assert words.tolist() == [[1, 2], [3, 0]]
    same_packed(rnn.pack_sequence(mine), torch.nn.utils.rnn.pack_sequence(theirs))
    for a, b in zip(rnn.unpack_sequence(rnn.pack_sequence(mine[::-1], False)), parts[::-1], strict=True):
        np.testing.assert_array_equal(numbers(a), b)


@pytest.mark.parametrize("name", ["RNN", "GRU", "LSTM"])
@pytest.mark.parametrize("is_sorted", [True, False])
@pytest.mark.parametrize("with_state", [True, False])
def test_recurrent_layers_read_packed_sequences(name: str, is_sorted: bool, with_state: bool) -> None:
    lengths = [5, 3, 3, 1] if is_sorted else [3, 1, 5, 3]
    settings = {"num_layers": 2, "bidirectional": True, "batch_first": True}
    mine, theirs = getattr(nn, name)(3, 4, **settings), getattr(torch.nn, name)(3, 4, **settings)
    theirs.load_state_dict({k: torch.tensor(v.numpy()) for k, v in mine.state_dict().items()})
    x = RNG.normal(size=(4, 5, 3)).astype(np.float32)
    state = RNG.normal(size=(4, 4, 4)).astype(np.float32)
    results = []
    for m, layer, t in ((rnn, mine, h.tensor), (torch.nn.utils.rnn, theirs, torch.tensor)):
        leaf = t(x)
        leaf.requires_grad = True
        hx = None if not with_state else (t(state), t(state)) if name == "LSTM" else t(state)
        y, last = layer(m.pack_padded_sequence(leaf, lengths, True, is_sorted), hx)
        padded, _ = m.pad_packed_sequence(y, batch_first=True)
        v = np.arange(4 * 5 * 8, dtype=np.float32).reshape(4, 5, 8) / 100
        (padded * t(v)).sum().backward()
        results.append((y, last if isinstance(last, tuple) else (last,), leaf.grad))
    (y, last, grad), (z, end, other) = results
    same_packed(y, z)
    same_packed(last, end)
    np.testing.assert_allclose(numbers(grad), numbers(other), rtol=1e-3, atol=1e-4)


def test_what_does_not_fit_is_refused() -> None:
    x = h.ones(4, 2, 3)
    for lengths, words in (
        ([4, 5], "2 lengths from 1 to 4"),
        ([4, 0], "from 1 to 4"),
        ([2, 4], "falling lengths"),
    ):
        with pytest.raises(ValueError, match=words):
            rnn.pack_padded_sequence(x, lengths)
    with pytest.raises(ValueError, match="total_length of at least 4, got 3"):
        rnn.pad_packed_sequence(rnn.pack_padded_sequence(x, [4, 2]), total_length=3)
    with pytest.raises(ValueError, match="at least one sequence"):
        rnn.pad_sequence([])


def test_programs_that_ask_for_weights_find_them() -> None:
    layer = nn.GRU(3, 4, 2, bidirectional=True)
    layer.flatten_parameters()
    other = torch.nn.GRU(3, 4, 2, bidirectional=True)
    assert layer._flat_weights_names == other._flat_weights_names
    assert [len(w) for w in layer.all_weights] == [len(w) for w in other.all_weights]
    assert layer._flat_weights[0] is layer.weight_ih_l0
