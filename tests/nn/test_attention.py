"""Attention and transformer layers: PyTorch's numbers and state dicts, masks, positions, and memory."""

from __future__ import annotations

import itertools
import re
from typing import Any

import numpy as np
import pytest

import hello_dl
from checks import relative_difference
from hello_dl import nn
from hello_dl.nn import functional as F

N, T, S, E, HEADS = 3, 5, 7, 8, 2
rng = np.random.default_rng(0)


def numbers(*shape: int) -> Any:
    return rng.normal(size=shape).astype(np.float32)


def peers(torch: Any, ours: Any, theirs: Any) -> None:
    """Move every parameter away from its start, and load ours into PyTorch's."""
    for parameter in ours.parameters():
        with hello_dl.no_grad():
            parameter.copy_(hello_dl.tensor(0.5 * numbers(*parameter.shape)))
    assert list(ours.state_dict()) == list(theirs.state_dict())
    theirs.load_state_dict({name: torch.tensor(t.numpy()) for name, t in ours.state_dict().items()})


def same_gradients(torch: Any, ours: Any, theirs: Any, y: Any, ty: Any) -> None:
    assert relative_difference(y.numpy(), ty.detach().numpy()) < 1e-5
    g = numbers(*ty.shape)
    (y * hello_dl.tensor(g)).sum().backward()
    (ty * torch.tensor(g)).sum().backward()
    for (name, a), (_, b) in zip(ours.named_parameters(), theirs.named_parameters(), strict=True):
        assert relative_difference(a.grad.numpy(), b.grad.numpy()) < 1e-4, name


@pytest.mark.parametrize("batch_first", [True, False])
@pytest.mark.parametrize(
    "widths",
    [
        {},
        {"kdim": 6, "vdim": 9},
        {"add_bias_kv": True},
        {"add_zero_attn": True, "kdim": 6, "vdim": 9},
        {"add_bias_kv": True, "add_zero_attn": True},
    ],
    ids=str,
)
def test_multihead_attention_is_pytorchs(batch_first: bool, widths: dict[str, Any]) -> None:
    torch = pytest.importorskip("torch")
    options = {"batch_first": batch_first, **widths}
    ours, theirs = (
        nn.MultiheadAttention(E, HEADS, **options),
        torch.nn.MultiheadAttention(E, HEADS, **options),
    )
    peers(torch, ours, theirs)
    inputs = [numbers(N, t, e) for t, e in ((T, E), (S, widths.get("kdim", E)), (S, widths.get("vdim", E)))]
    if not batch_first:
        inputs = [np.ascontiguousarray(x.swapaxes(0, 1)) for x in inputs]
    padding = np.zeros((N, S), bool)
    padding[1, 4:] = padding[2, 1:] = True
    hidden = rng.random((T, S)) < 0.3
    hidden[:, 0] = False
    by_head = numbers(N * HEADS, T, S)
    masks = [{}, {"key_padding_mask": padding}, {"attn_mask": hidden}, {"attn_mask": by_head}]
    masks += [{"attn_mask": hidden, "key_padding_mask": padding}]
    for mask, average in itertools.product(masks, (True, False)):
        y, weights = ours(
            *map(hello_dl.tensor, inputs), average_attn_weights=average,
            **{name: hello_dl.tensor(m) for name, m in mask.items()},
        )  # fmt: skip
        ty, their_weights = theirs(
            *map(torch.tensor, inputs), average_attn_weights=average,
            **{name: torch.tensor(m) for name, m in mask.items()},
        )  # fmt: skip
        ours.zero_grad()
        theirs.zero_grad()
        assert relative_difference(weights.numpy(), their_weights.detach().numpy()) < 1e-5
        same_gradients(torch, ours, theirs, y, ty)


@pytest.mark.parametrize("options", [{}, {"add_bias_kv": True, "add_zero_attn": True}], ids=str)
def test_self_attention_is_pytorchs_without_a_batch_and_looking_back_only(options: dict[str, Any]) -> None:
    torch = pytest.importorskip("torch")
    ours, theirs = (
        nn.MultiheadAttention(E, HEADS, **options),
        torch.nn.MultiheadAttention(E, HEADS, **options),
    )
    peers(torch, ours, theirs)
    x = numbers(T, E)
    later = ~np.tri(T, dtype=bool)
    ox, tx = hello_dl.tensor(x), torch.tensor(x)
    y, weights = ours(ox, ox, ox, is_causal=True)
    ty, their_weights = theirs(tx, tx, tx, attn_mask=torch.tensor(later))
    assert weights is not None
    assert weights.shape == (T, T + len(options))
    assert relative_difference(weights.numpy(), their_weights.detach().numpy()) < 1e-5
    same_gradients(torch, ours, theirs, y, ty)


@pytest.mark.parametrize("norm_first", [True, False])
@pytest.mark.parametrize("activation", ["relu", "gelu"])
def test_transformer_layers_are_pytorchs(norm_first: bool, activation: str) -> None:
    torch = pytest.importorskip("torch")
    made = []
    for lib in (nn, torch.nn):
        layer = lib.TransformerEncoderLayer(  # type: ignore[attr-defined]
            E, HEADS, 12, 0.0, activation, batch_first=True, norm_first=norm_first
        )
        norm = lib.LayerNorm(E)  # type: ignore[attr-defined]
        quiet = {} if lib is nn else {"enable_nested_tensor": False}
        made.append(lib.TransformerEncoder(layer, 2, norm, **quiet))  # type: ignore[attr-defined]
    ours, theirs = made
    peers(torch, ours, theirs)
    x, padding = numbers(N, T, E), np.zeros((N, T), bool)
    padding[1, 3:] = True
    later = ~np.tri(T, dtype=bool)
    y = ours(hello_dl.tensor(x), hello_dl.tensor(later), hello_dl.tensor(padding))
    ty = theirs(torch.tensor(x), torch.tensor(later), torch.tensor(padding))
    same_gradients(torch, ours, theirs, y, ty)


def test_a_layer_drops_out_while_training_only() -> None:
    layer = nn.TransformerEncoderLayer(E, HEADS, 12, dropout=0.5, batch_first=True)
    x = hello_dl.tensor(numbers(N, T, E))
    assert np.abs(layer(x).numpy() - layer(x).numpy()).max() > 1e-3
    layer.eval()
    assert (layer(x).numpy() == layer(x).numpy()).all()


def test_a_query_that_may_look_nowhere_gives_zeros() -> None:
    q, k, v = (hello_dl.tensor(numbers(N, T, E), requires_grad=True) for _ in range(3))
    mask = np.ones((T, T), bool)
    mask[2] = False
    y = F.scaled_dot_product_attention(q, k, v, mask)
    assert not y.numpy()[:, 2].any()
    (y * y).sum().backward()
    assert np.isfinite(q.grad.numpy()).all()
    assert not q.grad.numpy()[:, 2].any()


def test_any_number_of_axes_before_the_sequence() -> None:
    q, k, v = (numbers(2, 3, 4, T, E) for _ in range(3))
    whole = F.scaled_dot_product_attention(*map(hello_dl.tensor, (q, k, v)), is_causal=True)
    assert whole.shape == (2, 3, 4, T, E)
    one = F.scaled_dot_product_attention(*(hello_dl.tensor(x[1, 2, 3]) for x in (q, k, v)), is_causal=True)
    assert one.shape == (T, E)
    assert np.abs(whole.numpy()[1, 2, 3] - one.numpy()).max() < 1e-6


def test_weights_that_are_drawn_are_those_that_mix() -> None:
    q, k, v = (hello_dl.tensor(numbers(N, T, E)) for _ in range(3))
    weights = F.attention_weights(q, k, HEADS, is_causal=True)
    y = F.heads_attention(q, k, v, HEADS, is_causal=True)
    by_hand = weights @ v.reshape(N, T, HEADS, -1).permute(0, 2, 1, 3)
    assert np.abs(by_hand.permute(0, 2, 1, 3).reshape(N, T, E).numpy() - y.numpy()).max() < 1e-6
    assert np.allclose(weights.numpy().sum(3), 1, atol=1e-6)
    assert (weights.numpy()[:, :, 0, 1:] == 0).all()


def test_left_out_weights_keep_the_mean() -> None:
    v = hello_dl.tensor(np.ones((1, 400, 4), np.float32))
    hello_dl.manual_seed(0)
    y = F.scaled_dot_product_attention(v * 0, v * 0, v, dropout_p=0.3).numpy()
    assert abs(y.mean() - 1) < 0.01
    assert len(np.unique(y[:, :, 0])) > 20


def test_memory_of_attention_grows_with_the_length_not_its_square() -> None:
    def workspace(t: int) -> int:
        q, k, v = (hello_dl.randn(1, 4, t, 32, requires_grad=True) for _ in range(3))
        F.scaled_dot_product_attention(q, k, v).sum().backward()
        return hello_dl._core.last_run()["workspace_bytes"]

    assert workspace(2048) < 2.3 * workspace(1024)


def test_rotary_positions_make_products_depend_on_distances() -> None:
    q, k = (np.broadcast_to(numbers(E), (T, E)) for _ in range(2))
    scores = (F.rotary(hello_dl.tensor(q)) @ F.rotary(hello_dl.tensor(k), offset=3).T).numpy()
    for distance in range(-T + 1, T):
        line = np.diagonal(scores, distance)
        assert np.allclose(line, line[0], atol=1e-4)
    assert np.abs(scores[0] - scores[0, 0]).max() > 0.1
    lengths = np.linalg.norm(F.rotary(hello_dl.tensor(q)).numpy(), axis=1)
    assert np.allclose(lengths, np.linalg.norm(q, axis=1), rtol=1e-5)


def test_positions_are_those_of_the_paper() -> None:
    table = F.sinusoidal_positions(50, 6).numpy()
    p, i = np.arange(50)[:, None], np.arange(3)
    assert np.allclose(table[:, 0::2], np.sin(p / 10000 ** (2 * i / 6)), atol=1e-5)
    assert np.allclose(table[:, 1::2], np.cos(p / 10000 ** (2 * i / 6)), atol=1e-5)
    x = hello_dl.zeros(2, 4, 6)
    assert np.allclose(nn.SinusoidalPositions(6)(x, offset=10).numpy()[1], table[10:14])
    learned = nn.LearnedPositions(12, 6)
    assert np.array_equal(learned(x, offset=8).numpy()[0], learned.weight.numpy()[8:12])
    turned = nn.RotaryPositions()(hello_dl.ones(2, 4, 6), offset=1).numpy()
    assert np.array_equal(turned, F.rotary(hello_dl.ones(2, 4, 6), 1).numpy())


@pytest.mark.parametrize(
    ("words", "call"),
    [
        ("places within 4, got 5 from 0 on", lambda: nn.LearnedPositions(4, 6)(hello_dl.zeros(2, 5, 6))),
        ("an even dim, got 5", lambda: nn.SinusoidalPositions(5)),
        ("even d, got (4, 5)", lambda: F.rotary(hello_dl.zeros(4, 5))),
        ("heads that divide embed_dim 8, got 3", lambda: nn.MultiheadAttention(8, 3)),
        (
            "query (t, n, 8), key (s, n, 8) and value (s, n, 8), got (5, 2, 8), (4, 2, 8) and (3, 2, 8)",
            lambda: nn.MultiheadAttention(8, 2)(*(hello_dl.zeros(t, 2, 8) for t in (5, 4, 3))),
        ),
        (
            "attn_mask (5, 5) or (4, 5, 5), got (4, 5)",
            lambda: nn.MultiheadAttention(8, 2)(
                *[hello_dl.zeros(5, 2, 8)] * 3, attn_mask=hello_dl.zeros(4, 5)
            ),
        ),
        (
            "key_padding_mask (2, 5), got (5, 2)",
            lambda: nn.MultiheadAttention(8, 2)(
                *[hello_dl.zeros(5, 2, 8)] * 3, key_padding_mask=hello_dl.zeros(5, 2)
            ),
        ),
        (
            "'relu', 'gelu' or a function, got 'sin'",
            lambda: nn.TransformerEncoderLayer(8, 2, activation="sin"),
        ),
        (
            "attn_mask or is_causal, got both",
            lambda: F.scaled_dot_product_attention(
                *[hello_dl.zeros(2, 3, 4)] * 3, np.ones((3, 3)), is_causal=True
            ),
        ),
        ("needs a query (..., t, d)", lambda: F.scaled_dot_product_attention(*[hello_dl.zeros(4)] * 3)),
        (
            "rms_norm: needs x whose last axes are (3,), got (2, 4)",
            lambda: nn.RMSNorm(3)(hello_dl.zeros(2, 4)),
        ),
    ],
)
def test_refuses(words: str, call: Any) -> None:
    with pytest.raises(ValueError, match=re.escape(words)):
        call()
