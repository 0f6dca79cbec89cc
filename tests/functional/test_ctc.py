"""The CTC loss: against all paths written out, against PyTorch, and at its limits."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest

import hello_dl as h
from checks import build, gradient_error
from hello_dl.functional import ctc_loss
from table import Array


def scores(seed: int, *shape: int, size: float = 1.0) -> Array:
    return (size * np.random.default_rng(seed).standard_normal(shape)).astype(np.float32)


def log_softmax(x: Array) -> Array:
    x = x.astype(float)
    return np.asarray(x - np.log(np.exp(x).sum(-1, keepdims=True)))


# ---- all paths, written out --------------------------------------------------------------------------------


def spelled(path: tuple[int, ...], blank: int) -> tuple[int, ...]:
    """Return what a path spells: equal neighbours joined, then blanks removed."""
    return tuple(k for k, _ in itertools.groupby(path) if k != blank)


def by_all_paths(log_p: Array, target: tuple[int, ...], blank: int) -> tuple[float, Array]:
    """Return the loss of log_p (t, classes), and its gradient for the scores before log_softmax."""
    steps, classes = log_p.shape
    shares, total = np.zeros_like(log_p), 0.0
    for path in itertools.product(range(classes), repeat=steps):
        if spelled(path, blank) == target:
            p = math.exp(sum(log_p[t, k] for t, k in enumerate(path)))
            total += p
            shares[np.arange(steps), path] += p
    return -math.log(total), np.exp(log_p) - shares / total


@pytest.mark.parametrize(
    ("target", "blank"),
    [((), 0), ((1,), 0), ((1, 2), 0), ((1, 1), 0), ((2, 2, 1), 0), ((0, 2), 1), ((0, 0, 1), 2), ((1, 0), 2)],
    ids=str,
)
def test_the_loss_is_that_of_all_paths_written_out(target: tuple[int, ...], blank: int) -> None:
    x = scores(1, 6, 3)
    expected, gradient = by_all_paths(log_softmax(x), target, blank)
    mine = h.tensor(x, requires_grad=True)
    targets = h.tensor(np.array(target, int))
    loss = ctc_loss(mine.log_softmax(1), targets, (6,), (len(target),), blank, "sum")
    loss.backward()
    assert mine.grad is not None
    assert loss.item() == pytest.approx(expected, rel=1e-5)
    assert np.allclose(mine.grad.numpy(), gradient, atol=1e-6)


def test_two_steps_by_hand() -> None:
    p = np.array([[0.5, 0.3, 0.2], [0.4, 0.1, 0.5]])
    log_p = h.tensor(np.log(p).reshape(2, 1, 3))
    for target, probability in (
        ([1], 0.5 * 0.1 + 0.3 * 0.4 + 0.3 * 0.1),
        ([1, 2], 0.3 * 0.5),
        ([], 0.5 * 0.4),
    ):
        loss = ctc_loss(log_p, h.tensor(np.array(target, int)), [2], [len(target)], reduction="none")
        assert loss.tolist() == pytest.approx([-math.log(probability)], rel=1e-6)


# ---- PyTorch -----------------------------------------------------------------------------------------------


def compare(x: Array, targets: Array, *args: Any, within: float = 1e-4) -> None:
    """Compare with PyTorch in doubles; x: scores (t, n, classes) or (t, classes)."""
    torch = pytest.importorskip("torch")
    mine = h.tensor(x, requires_grad=True)
    theirs = torch.tensor(x, dtype=torch.float64, requires_grad=True)
    loss = ctc_loss(mine.log_softmax(-1), h.tensor(targets), *args)
    expected = torch.nn.functional.ctc_loss(theirs.log_softmax(-1), torch.tensor(targets), *args)
    assert loss.shape == tuple(expected.shape)
    assert np.allclose(loss.numpy(), expected.detach().numpy(), within)
    g = scores(2, *loss.shape)
    loss.backward(h.tensor(g))
    expected.backward(torch.tensor(g.astype(float)))
    assert mine.grad is not None
    assert np.allclose(mine.grad.numpy(), theirs.grad.numpy(), within, within / 10, equal_nan=True)


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("zero_infinity", [False, True])
@pytest.mark.parametrize("seed", range(12))
def test_random_batches_are_pytorchs(seed: int, reduction: str, zero_infinity: bool) -> None:
    rng = np.random.default_rng(seed)  # some targets are empty, some impossible, most have equal neighbours
    steps, n, classes, most = (int(rng.integers(*r)) for r in ((1, 25), (1, 6), (2, 7), (0, 14)))
    blank = int(rng.integers(classes))
    letters, lengths = rng.integers(0, most + 1, n), rng.integers(0, steps + 1, n)
    targets = rng.integers(0, classes - 1, (n, most))
    targets += targets >= blank
    if seed % 2:
        targets = np.concatenate([line[:k] for line, k in zip(targets, letters, strict=True)])
    x = scores(seed, steps, n, classes, size=(0.1, 1, 10)[seed % 3])
    compare(x, targets, tuple(map(int, lengths)), tuple(map(int, letters)), blank, reduction, zero_infinity)


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("size", [1, 8])
def test_long_sequences_stay_exact(seed: int, size: float) -> None:
    targets = np.random.default_rng(seed).integers(1, 20, (1, 150))
    compare(scores(seed, 2000, 1, 20, size=size), targets, (2000 - seed,), (150,), 0, "sum", within=1e-3)


def test_no_step_to_spare() -> None:
    """One path only, whose probability is far below that of all the others together."""
    targets = np.arange(1, 81).reshape(1, 80)
    for steps in (80, 81, 90):
        compare(scores(0, steps, 1, 81, size=20), targets, (steps,), (80,))


@pytest.mark.parametrize("targets", [np.array([1, 2, 2]), np.array([[1, 2, 2, 3]])], ids=str)
def test_one_sequence_needs_no_batch(targets: Array) -> None:
    torch = pytest.importorskip("torch")
    for reduction in ("mean", "none"):
        compare(scores(0, 8, 4), targets, (8,), (3,), 0, reduction)
    x = scores(0, 8, 4)
    loss = ctc_loss(h.tensor(x).log_softmax(1), h.tensor(targets), h.tensor(8), h.tensor(3))
    assert loss.shape == ()
    theirs = torch.tensor(x).log_softmax(1), torch.tensor(targets), torch.tensor(8), torch.tensor(3)
    assert loss.item() == pytest.approx(torch.nn.functional.ctc_loss(*theirs).item(), rel=1e-5)


def test_lengths_may_be_tensors_lists_or_tuples() -> None:
    x, targets = (
        h.tensor(log_softmax(scores(0, 8, 2, 4))),
        h.tensor([[1, 2, 9], [3, 3, 3]]),
    )  # 9 does not count
    losses = [
        ctc_loss(x, targets, a, b).item()
        for a in ([8, 7], (8, 7), h.tensor([8, 7]))
        for b in ([2, 3], (2, 3), h.tensor([2, 3]))
    ]
    assert len(set(losses)) == 1


# ---- limits ------------------------------------------------------------------------------------------------


def with_gradient(log_p: Array, *args: Any) -> tuple[list[float], Array]:
    x = h.tensor(log_p, requires_grad=True)
    loss = ctc_loss(x, *args)
    loss.backward(h.ones(*loss.shape))
    assert x.grad is not None
    return loss.tolist(), x.grad.numpy()


def test_too_many_letters_for_the_steps() -> None:
    log_p = log_softmax(scores(0, 3, 2, 4))
    targets = h.tensor([[1, 1, 2], [1, 2, 3]])  # the first would need a blank between its equal neighbours
    loss, gradient = with_gradient(log_p, targets, [3, 3], [3, 3], 0, "none")
    assert loss[0] == math.inf
    assert math.isfinite(loss[1])
    assert np.isnan(gradient[:, 0]).all()
    assert np.isfinite(gradient[:, 1]).all()
    zero, without = with_gradient(log_p, targets, [3, 3], [3, 3], 0, "none", True)
    assert zero == [0, loss[1]]
    assert not without[:, 0].any()
    assert np.array_equal(without[:, 1], gradient[:, 1])


def test_steps_after_the_end_do_not_count() -> None:
    log_p = log_softmax(scores(0, 9, 2, 4))
    targets = h.tensor([[1, 2], [3, 3]])
    loss, gradient = with_gradient(log_p, targets, [5, 9], [2, 2], 0, "none")
    assert not gradient[5:, 0].any()
    log_p[5:, 0] = np.nan
    again, same = with_gradient(log_p, targets, [5, 9], [2, 2], 0, "none")
    assert loss == again
    assert np.array_equal(gradient, same)


def test_no_steps_spell_the_empty_target_and_nothing_else() -> None:
    log_p, targets = log_softmax(scores(0, 3, 2, 4)), h.tensor([[1], [1]])
    loss, gradient = with_gradient(log_p, targets, [0, 0], [0, 1], 0, "none")
    assert loss == [0, math.inf]
    assert not gradient.any()


def test_a_class_that_cannot_be_has_no_gradient() -> None:
    log_p = log_softmax(scores(0, 5, 1, 4))
    log_p[2, 0, 3] = -math.inf
    loss, gradient = with_gradient(log_p, h.tensor([[1, 2]]), [5], [2])
    assert math.isfinite(loss)  # type: ignore[arg-type]
    assert gradient[2, 0, 3] == 0
    assert np.isfinite(gradient).all()
    log_p[:, 0, 1] = -math.inf
    assert with_gradient(log_p, h.tensor([[1, 2]]), [5], [2])[0] == math.inf


def test_not_a_number_stays_so() -> None:
    log_p = log_softmax(scores(0, 5, 1, 4))
    log_p[2, 0, 1] = np.nan
    loss, gradient = with_gradient(log_p, h.tensor([[1, 2]]), [5], [2], 0, "mean", True)
    assert np.isnan(loss)
    assert np.isnan(gradient).all()


# ---- gradients, batches, threads ---------------------------------------------------------------------------


@pytest.mark.parametrize("reduction", ["mean", "none"])
def test_the_gradient_of_the_scores_is_right(reduction: str) -> None:
    targets, lengths, letters = np.array([[1, 2, 2], [4, 0, 0], [3, 3, 1]]), [9, 6, 8], [3, 1, 3]

    def loss(h: Any, x: Any) -> Any:
        labels = h.tensor(targets)
        return h.nn.functional.ctc_loss(x.log_softmax(2), labels, lengths, letters, 0, reduction)

    assert gradient_error(build("double"), loss, [scores(0, 9, 3, 5).astype(float)]) < 1e-6


def test_batch_first_turns_nothing_round() -> None:
    x, targets, args = scores(0, 8, 3, 5), h.tensor([[1, 2], [3, 3], [4, 1]]), ([8, 7, 6], [2, 2, 1])
    by_time, by_sample = (h.tensor(v, requires_grad=True) for v in (x, x.transpose(1, 0, 2)))
    a = ctc_loss(by_time.log_softmax(2), targets, *args)
    b = ctc_loss(by_sample.log_softmax(2), targets, *args, batch_first=True)
    a.backward()
    b.backward()
    assert h.last_run()["regions"] == 1
    assert a.item() == b.item()
    assert by_time.grad is not None
    assert by_sample.grad is not None
    assert np.array_equal(by_time.grad.numpy(), by_sample.grad.numpy().transpose(1, 0, 2))


def test_any_number_of_threads_gives_the_same_bits() -> None:
    rng = np.random.default_rng(0)
    x, targets = scores(0, 40, 16, 13), h.tensor(rng.integers(1, 13, (16, 9)))
    lengths, letters = rng.integers(20, 41, 16), rng.integers(0, 10, 16)
    found = []
    for threads in (1, 2, 3):
        h.set_num_threads(threads)
        mine = h.tensor(x, requires_grad=True)
        loss = ctc_loss(mine.log_softmax(2), targets, h.tensor(lengths), h.tensor(letters))
        loss.backward()
        assert h.last_run()["slices"] > 2
        assert mine.grad is not None
        found.append((loss.item(), mine.grad.numpy().tobytes()))
    assert found[0] == found[1] == found[2]


# ---- mistakes ----------------------------------------------------------------------------------------------

GOOD: dict[str, Any] = {
    "log_probs": h.zeros(6, 2, 5),
    "targets": h.tensor([[1, 2, 3], [2, 2, 4]]),
    "input_lengths": [6, 6],
    "target_lengths": [3, 2],
}


@pytest.mark.parametrize(
    ("changed", "error", "words"),
    [
        ({"log_probs": h.zeros(6, 2, 5, dtype=h.int64)}, TypeError, "needs log_probs of float32, got int64"),
        ({"log_probs": h.zeros(5)}, ValueError, r"\(t, n, classes\) or \(t, classes\), .* got \(5,\)"),
        ({"log_probs": h.zeros(6, 0, 5)}, ValueError, r"none of them 0, got \(6, 0, 5\)"),
        ({"log_probs": h.zeros(0, 2, 5)}, ValueError, r"none of them 0, got \(0, 2, 5\)"),
        ({"targets": h.zeros(2, 3)}, TypeError, "needs integers as targets, got float32"),
        ({"targets": h.tensor([[1, 2, 3]])}, ValueError, r"targets \(2, 3 or more\), or joined \(5,\)"),
        ({"targets": h.tensor([[1, 2], [2, 2]])}, ValueError, r"targets \(2, 3 or more\), .* got \(2, 2\)"),
        ({"targets": h.tensor([1, 2, 3, 2])}, ValueError, r"joined \(5,\), for these .*, got \(4,\)"),
        ({"targets": h.tensor([[1, 2, 5], [2, 2, 4]])}, IndexError, r"label 5 at \[0, 2\] .* for 5 classes"),
        ({"targets": h.tensor([[1, 2, 3], [2, -1, 4]])}, IndexError, r"label -1 at \[1, 1\] is out of range"),
        ({"targets": h.tensor([[1, 2, 3], [0, 2, 4]])}, ValueError, r"label 0 at \[1, 0\] is the blank"),
        ({"blank": 3}, ValueError, r"label 3 at \[0, 2\] is the blank"),
        ({"blank": 5}, ValueError, "needs a blank from 0 to 4, got 5"),
        ({"blank": -1}, ValueError, "needs a blank from 0 to 4, got -1"),
        ({"input_lengths": [6, 7]}, ValueError, "input_lengths of at most 6 steps, got 7"),
        ({"input_lengths": [6, -1]}, ValueError, "input_lengths of 0 or more, got -1"),
        ({"input_lengths": [6]}, ValueError, r"input_lengths of 2 samples, \(2,\), got \(1,\)"),
        ({"input_lengths": [6.0, 6.0]}, TypeError, "integers as input_lengths, got float64"),
        ({"target_lengths": h.tensor([3.0, 2.0])}, TypeError, "integers as target_lengths, got float32"),
        ({"target_lengths": [3, -1]}, ValueError, "target_lengths of 0 or more, got -1"),
        ({"target_lengths": [[3], [2]]}, ValueError, r"target_lengths of 2 samples, \(2,\), got \(2, 1\)"),
        ({"target_lengths": [4, 2]}, ValueError, r"targets \(2, 4 or more\)"),
        ({"reduction": "avg"}, ValueError, "'avg'"),
    ],
    ids=str,
)
def test_mistakes_are_named(changed: Any, error: type[Exception], words: str) -> None:
    assert ctc_loss(**GOOD).shape == ()
    with pytest.raises(error, match="ctc_loss: .*" + words):
        ctc_loss(**{**GOOD, **changed})
