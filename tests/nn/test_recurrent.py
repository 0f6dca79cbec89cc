"""Recurrent layers: PyTorch's numbers and state dicts, sequences of different lengths, cells of small ops."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

import hello_dl
from checks import relative_difference
from hello_dl import nn

LAYERS = ("RNN", "GRU", "LSTM")
N, T, IN, SIZE = 5, 6, 4, 3
LENGTHS = [4, 6, 1, 5, 2]


def states(kind: str, made: list[Any]) -> Any:
    return tuple(made) if kind == "LSTM" else made[0]


def all_of(result: Any) -> list[Any]:
    """Output and last states as one list."""
    output, last = result
    return [output, *(last if isinstance(last, tuple) else (last,))]


@pytest.mark.filterwarnings("ignore:LSTM with projections is not supported with oneDNN")
@pytest.mark.parametrize("kind", LAYERS)
@pytest.mark.parametrize("batch_first", [True, False])
@pytest.mark.parametrize("lengths", [None, LENGTHS])
@pytest.mark.parametrize("projected", [0, 2])
def test_agrees_with_pytorch_in_both_directions_of_the_state_dict(
    kind: str, batch_first: bool, lengths: list[int] | None, projected: int
) -> None:
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(0)
    options: dict[str, Any] = {"num_layers": 2, "bidirectional": True, "batch_first": batch_first}
    if projected:
        if kind != "LSTM":
            pytest.skip("PyTorch projects the states of LSTM alone")
        options["proj_size"] = projected
    ours, theirs = getattr(nn, kind)(IN, SIZE, **options), getattr(torch.nn, kind)(IN, SIZE, **options)
    theirs.load_state_dict({name: torch.tensor(t.numpy()) for name, t in ours.state_dict().items()})
    assert list(ours.state_dict()) == list(theirs.state_dict())
    numbers = rng.normal(size=(N, T, IN) if batch_first else (T, N, IN)).astype(np.float32)
    x, tx = hello_dl.tensor(numbers, requires_grad=True), torch.tensor(numbers, requires_grad=True)
    sizes = (projected or SIZE, SIZE)[: 2 if kind == "LSTM" else 1]
    first = [rng.normal(size=(4, N, size)).astype(np.float32) for size in sizes]
    got = all_of(ours(x, states(kind, [hello_dl.tensor(s) for s in first]), lengths=lengths))
    packed = tx
    if lengths:
        rnn = torch.nn.utils.rnn
        packed = rnn.pack_padded_sequence(tx, torch.tensor(lengths), batch_first, enforce_sorted=False)
    output, last = theirs(packed, states(kind, [torch.tensor(s) for s in first]))
    if lengths:
        output, _ = torch.nn.utils.rnn.pad_packed_sequence(output, batch_first, total_length=T)
    wanted = all_of((output, last))
    gradients = [rng.normal(size=tuple(t.shape)).astype(np.float32) for t in wanted]
    for a, b in zip(got, wanted, strict=True):
        assert relative_difference(a.numpy(), b.detach().numpy()) < 1e-5
    sum((a * hello_dl.tensor(g)).sum() for a, g in zip(got, gradients, strict=True)).backward()  # type: ignore[union-attr]
    sum((b * torch.tensor(g)).sum() for b, g in zip(wanted, gradients, strict=True)).backward()  # type: ignore[union-attr]
    assert relative_difference(x.grad.numpy(), tx.grad.numpy()) < 1e-4
    for (name, a), (_, b) in zip(ours.named_parameters(), theirs.named_parameters(), strict=True):
        assert relative_difference(a.grad.numpy(), b.grad.numpy()) < 1e-4, name


@pytest.mark.parametrize("kind", LAYERS)
def test_cells_of_small_ops_agree_with_the_layer(kind: str) -> None:
    hello_dl.manual_seed(1)
    layer, cell = getattr(nn, kind)(IN, SIZE, batch_first=True), getattr(nn, kind + "Cell")(IN, SIZE)
    cell.load_state_dict({name.removesuffix("_l0"): t for name, t in layer.state_dict().items()})
    x = hello_dl.randn(N, T, IN, requires_grad=True)
    output, _ = layer(x)
    g = hello_dl.randn(N, T, SIZE)
    (output * g).sum().backward()
    of_layer = {name: t.grad.numpy().copy() for name, t in layer.named_parameters()}
    by_layer, x.grad = x.grad.numpy().copy(), None
    state, steps = None, []
    for t in range(T):
        state = cell(x[:, t], state)
        steps.append(state[0] if kind == "LSTM" else state)
    composed = hello_dl.stack(steps, 1)
    assert np.abs(composed.numpy() - output.numpy()).max() < 1e-5
    (composed * g).sum().backward()
    assert np.abs(x.grad.numpy() - by_layer).max() < 1e-5
    for name, parameter in cell.named_parameters():
        assert np.abs(parameter.grad.numpy() - of_layer[f"{name}_l0"]).max() < 1e-5, name


@pytest.mark.parametrize("kind", LAYERS)
def test_a_sequence_in_two_pieces_is_the_sequence(kind: str) -> None:
    layer = getattr(nn, kind)(IN, SIZE, num_layers=2, batch_first=True)
    x = hello_dl.randn(N, T, IN)
    whole, last = layer(x)
    first, state = layer(x[:, :2])
    second, after = layer(x[:, 2:], state)
    assert np.abs(hello_dl.cat([first, second], 1).numpy() - whole.numpy()).max() < 1e-6
    for a, b in zip(all_of((second, after))[1:], all_of((whole, last))[1:], strict=True):
        assert np.abs(a.numpy() - b.numpy()).max() < 1e-6


def test_what_follows_the_end_of_a_sequence_changes_nothing() -> None:
    layer = nn.GRU(IN, SIZE, bidirectional=True, batch_first=True)
    x = hello_dl.randn(N, T, IN)
    other = x.numpy().copy()
    for i, length in enumerate(LENGTHS):
        other[i, length:] = 100.0
    (y, h), (z, k) = layer(x, lengths=LENGTHS), layer(hello_dl.tensor(other), lengths=LENGTHS)
    assert (y.numpy() == z.numpy()).all()
    assert (h.numpy() == k.numpy()).all()
    for i, length in enumerate(LENGTHS):
        assert not y.numpy()[i, length:].any()
        alone, _ = layer(x[i : i + 1, :length])
        assert np.abs(alone.numpy()[0] - y.numpy()[i, :length]).max() < 1e-6


@pytest.mark.parametrize("kind", LAYERS)
def test_gradients_of_a_pass_of_their_own_are_the_same(kind: str) -> None:
    """With S the sum of all outputs, d(S S) = 2 S dS; but S has to be known before a gradient can flow."""
    hello_dl.manual_seed(3)
    layer = getattr(nn, kind)(IN, SIZE, batch_first=True)
    x = hello_dl.randn(N, T, IN, requires_grad=True)
    total = layer(x, lengths=LENGTHS)[0].sum()
    total.backward()
    once = [t.grad.numpy() * 2 * total.item() for t in (x, *layer.parameters())]
    for t in (x, *layer.parameters()):
        t.grad = None
    y, _ = layer(x, lengths=LENGTHS)
    (y * y.sum()).sum().backward()
    assert hello_dl._core.last_run()["fused"] > 0
    for t, wanted in zip((x, *layer.parameters()), once, strict=True):
        assert relative_difference(t.grad.numpy(), wanted) < 1e-5


def test_one_sequence_needs_no_batch() -> None:
    for batch_first in (True, False):
        layer = nn.LSTM(IN, SIZE, num_layers=2, batch_first=batch_first)
        x = hello_dl.randn(T, IN)
        y, (h, c) = layer(x)
        batch, (hb, cb) = layer(x.unsqueeze(0 if batch_first else 1))
        assert (y.shape, h.shape, c.shape) == ((T, SIZE), (2, SIZE), (2, SIZE))
        assert (y.numpy() == batch.numpy().reshape(T, SIZE)).all()
        assert (h.numpy() == hb.numpy()[:, 0]).all()
        assert (c.numpy() == cb.numpy()[:, 0]).all()
        again, _ = layer(x, (h, c))
        assert again.shape == (T, SIZE)


def test_dropout_falls_between_layers_while_training() -> None:
    hello_dl.manual_seed(0)
    layer = nn.GRU(IN, 200, num_layers=2, dropout=0.5)
    x = hello_dl.randn(T, N, IN)
    first, second = layer(x)[0].numpy(), layer(x)[0].numpy()
    assert np.abs(first - second).max() > 1e-3
    hello_dl.manual_seed(0)
    layer.eval()
    assert (layer(x)[0].numpy() == layer(x)[0].numpy()).all()


def test_pieces_of_a_long_sequence_train_one_after_the_other() -> None:
    """Truncated back-propagation through time: the state goes on, its gradient does not."""
    layer = nn.GRU(IN, SIZE, batch_first=True)
    x = hello_dl.randn(N, T, IN)
    state = None
    for piece in (x[:, :3], x[:, 3:]):
        y, h = layer(piece, state)
        (y * y).sum().backward()
        with hello_dl.no_grad():
            for parameter in layer.parameters():
                parameter.copy_(parameter - 0.1 * parameter.grad)
        layer.zero_grad()
        state = h.detach()
    assert state is not None
    assert np.isfinite(state.numpy()).all()


@pytest.mark.parametrize(
    ("words", "call"),
    [
        ("RNN: needs x (t, n, in) with in=4, got (6, 5, 3)", lambda: nn.RNN(4, 3)(hello_dl.zeros(6, 5, 3))),
        ("GRU: needs x (n, t, in)", lambda: nn.GRU(4, 3, batch_first=True)(hello_dl.zeros(4))),
        ("needs at least one step, got x of shape (5, 0, 4)", lambda: nn.GRU(4, 3)(hello_dl.zeros(0, 5, 4))),
        (
            "LSTM: needs c0 of shape (2, 5, 3), got (1, 5, 3)",
            lambda: nn.LSTM(4, 3, 2)(
                hello_dl.zeros(6, 5, 4), (hello_dl.zeros(2, 5, 3), hello_dl.zeros(1, 5, 3))
            ),
        ),
        ("pair (h0, c0)", lambda: nn.LSTM(4, 3)(hello_dl.zeros(6, 5, 4), hello_dl.zeros(1, 5, 3))),
        ("lengths from 1 to 6, got 0 to 7", lambda: nn.GRU(4, 3)(hello_dl.zeros(6, 2, 4), lengths=[0, 7])),
        ("each of 2 sequences, got (3,)", lambda: nn.GRU(4, 3)(hello_dl.zeros(6, 2, 4), lengths=[1, 2, 3])),
        ("hidden_size of at least 1, got 0", lambda: nn.GRU(4, 0)),
        ("dropout from 0 to 1, got 2", lambda: nn.GRU(4, 3, dropout=2)),
        ("'tanh' or 'relu', got 'sin'", lambda: nn.RNN(4, 3, nonlinearity="sin")),
        ("GRUCell: needs x (n, 4), got (2, 3)", lambda: nn.GRUCell(4, 3)(hello_dl.zeros(2, 3))),
        (
            "state of shape (2, 3), got (2, 4)",
            lambda: nn.GRUCell(4, 3)(hello_dl.zeros(2, 4), hello_dl.zeros(2, 4)),
        ),
    ],
)
def test_refuses(words: str, call: Any) -> None:
    with pytest.raises(ValueError, match=re.escape(words)):
        call()
