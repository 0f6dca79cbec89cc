"""What the engine promises: lazy, kept handles, clear refusals, deep graphs, the same bits on any threads."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import hello_dl as h
from hello_dl import _core
from hello_dl import functional as F
from patience import SLOWER


def leaf(*shape: int) -> h.Tensor:
    return h.randn(*shape, requires_grad=True)


def grad(t: h.Tensor) -> np.ndarray[Any, Any]:
    assert t.grad is not None
    return t.grad.numpy()


# ---- lazy --------------------------------------------------------------------------------------------------


def test_nothing_is_computed_until_somebody_asks() -> None:
    x, w = h.randn(4, 3), leaf(3, 2)
    y = (x @ w).relu()
    total = y.sum()
    assert not y.is_computed
    assert not total.is_computed
    assert total.shape == ()
    assert y.shape == (4, 2)
    assert y.dtype == "float32"
    assert y.op == "relu"
    assert not y.is_computed
    total.item()
    assert total.is_computed
    assert y.is_computed


def test_shapes_are_checked_when_the_expression_is_made() -> None:
    with pytest.raises(ValueError, match=r"\(4, 3\).*\(2, 3\)"):
        h.zeros(4, 3) @ h.zeros(2, 3)


def test_scores_that_are_held_are_there_after_backward() -> None:
    x, w = h.randn(64, 8), leaf(5, 8)
    scores = F.linear(x, w)
    F.cross_entropy(scores, h.randint(5, (64,))).backward()
    assert scores.is_computed
    assert np.allclose(scores.numpy(), x.numpy() @ w.numpy().T, atol=1e-5)


def test_a_value_that_was_kept_outlives_a_change_of_what_it_was_made_of() -> None:
    w = leaf(3)
    y = w * 2
    before = y.numpy().copy()
    with h.no_grad():
        w.zero_()
    assert (y.numpy() == before).all()
    assert (w * 2).numpy().tolist() == [0, 0, 0]


def test_a_detached_tensor_sees_changes_of_the_numbers_it_shares() -> None:
    weight = h.ones(3, requires_grad=True)
    doubled = weight.detach() * 2  # not computed yet
    with h.no_grad():
        weight += 1
    with pytest.raises(ValueError, match="changed in place"):
        doubled.numpy()


# ---- gradients ---------------------------------------------------------------------------------------------


def test_a_diamond_adds_up_both_ways() -> None:
    x = h.tensor(3.0, requires_grad=True)
    a = x * 2
    (a * a + a).backward()
    assert grad(x) == 8 * 3 + 2


def test_backward_adds_to_what_is_there() -> None:
    x = h.tensor([1.0, 2.0], requires_grad=True)
    for _ in range(3):
        (x * x).sum().backward()
    assert grad(x).tolist() == [6, 12]
    x.grad = None
    assert x.grad is None
    x.grad = h.ones(2)
    (x * x).sum().backward()
    assert grad(x).tolist() == [3, 5]
    with pytest.raises(ValueError, match="grad"):
        x.grad = h.ones(3)


def test_a_second_backward_needs_the_graph_to_be_kept() -> None:
    x = leaf(3)
    y = (x * x).sum()
    y.backward(retain_graph=True)
    y.backward()
    assert np.allclose(grad(x), 4 * x.numpy())
    with pytest.raises(ValueError, match="retain_graph"):
        y.backward()


def test_gradients_of_results_are_kept_when_asked_for() -> None:
    x = leaf(3)
    y = x * 2
    z = y * 3
    y.retain_grad()
    (z * z).sum().backward()
    assert np.allclose(grad(y), 6 * z.numpy())
    assert z.grad is None


def test_backward_from_several_numbers_needs_their_gradients() -> None:
    x = leaf(2, 3)
    with pytest.raises(ValueError, match="needs a single number"):
        (x * 2).backward()
    g = h.randn(2, 3)
    (x * 2).backward(g)
    assert np.allclose(grad(x), 2 * g.numpy())
    with pytest.raises(ValueError, match=r"\(2, 3\), got \(3,\)"):
        (x * 2).backward(h.ones(3))
    with pytest.raises(ValueError, match="depends on one with requires_grad"):
        h.ones(1).sum().backward()


def test_no_gradient_flows_under_no_grad_or_past_detach() -> None:
    x = leaf(3)
    with h.no_grad():
        y = x * 2
    assert not y.requires_grad
    assert y.sum().requires_grad is False
    (x * 2).detach()
    ((x * 2).detach() * x).sum().backward()
    assert np.allclose(grad(x), 2 * x.numpy())


def test_a_leaf_that_needs_no_gradient_gets_none() -> None:
    x, w = h.randn(3), leaf(3)
    (x * w).sum().backward()
    assert x.grad is None
    assert w.grad is not None
    assert not w.grad.requires_grad


# ---- deep graphs -------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_chain_of_300_000_nodes_runs_forward_backward_and_is_freed() -> None:
    x, one = h.tensor([1.0, 2.0], requires_grad=True), h.tensor(1.0)
    y = x
    for _ in range(300_000):
        y = y + one
    y.sum().backward()
    assert y.tolist() == [300_001, 300_002]
    assert grad(x).tolist() == [1, 1]
    y = x * 1.0
    for _ in range(300_000):
        y = y + one
    del y  # never computed, and freed without recursion


# ---- threads -----------------------------------------------------------------------------------------------


def test_the_number_of_threads_may_change_while_another_thread_computes() -> None:
    x = h.randn(200, 200)
    expected = (x @ x).numpy().copy()
    enough = threading.Event()
    wrong: list[int] = []

    def compute() -> None:
        for i in range(5000):
            if not np.array_equal((x @ x).numpy(), expected):
                wrong.append(i)
            if enough.is_set():
                return

    worker = threading.Thread(target=compute)
    worker.start()
    for n in range(40):
        h.set_num_threads(n % 4 + 1)
    enough.set()
    worker.join()
    assert not wrong
    assert h.get_num_threads() == 39 % 4 + 1


def train(threads: int, steps: int = 200) -> list[bytes]:
    """Return the bits of all parameters of a trained network with convolution, dropout and a batch mean."""
    h.set_num_threads(threads)
    h.manual_seed(5)
    filters = (h.randn(8, 1, 3, 3) * 0.3).requires_grad_()
    weight = (h.randn(10, 8 * 13 * 13) * 0.03).requires_grad_()
    bias = h.zeros(10, requires_grad=True)
    x, target = h.randn(48, 1, 28, 28), h.randint(10, (48,))
    for _ in range(steps):
        y = F.gelu(F.max_pool2d(F.conv2d(x, filters), 2))
        y = F.dropout(y - y.mean(0, keepdim=True), 0.3).flatten(1)
        loss = F.cross_entropy(F.linear(y, weight, bias), target)
        loss.backward()
        with h.no_grad():
            for p in (filters, weight, bias):
                p -= 0.1 * p.grad
                p.grad = None
    assert loss.item() < 1.5
    return [p.numpy().tobytes() for p in (filters, weight, bias)]


def test_training_gives_the_same_bits_on_any_number_of_threads() -> None:
    code = "import test_engine as t; print(len({b''.join(t.train(n)) for n in (1, 2, 3, 5)}))"
    folders = os.pathsep.join(path for path in sys.path if path)  # also of what the tests share
    done = subprocess.run(  # in a process of its own: a wrong pointer ends that one, not the test suite
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parent,
        env={**os.environ, "PYTHONPATH": folders},
        check=False,
    )
    assert done.stdout == "1\n", done.stderr[-2000:] or f"ended with {done.returncode}"


def test_the_number_of_threads_is_checked() -> None:
    h.set_num_threads(3)
    assert h.get_num_threads() == 3
    with pytest.raises(ValueError, match="0"):
        h.set_num_threads(0)


def long_expression(rows: int = 4000) -> h.Tensor:
    """Return an expression that takes some seconds."""
    with h.no_grad():
        x = h.ones(rows, 512)
        w = h.eye(512)
        for _ in range(600):
            x = x @ w
        return x


def test_other_python_threads_run_while_the_engine_computes() -> None:
    ticks, done = 0, threading.Event()

    def tick() -> None:
        nonlocal ticks
        while not done.is_set():
            ticks += 1
            time.sleep(0.001)

    h.set_num_threads(1)
    y = long_expression(300)
    other = threading.Thread(target=tick)
    other.start()
    before = ticks
    y.numpy()
    during = ticks - before
    done.set()
    other.join()
    assert during >= 3


def test_two_python_threads_may_ask_at_once() -> None:
    x, w = h.randn(200, 50), leaf(50, 50)
    expected = ((x @ w).tanh() @ w).sum().item()
    found: list[float] = []

    def ask() -> None:
        for _ in range(20):
            y = ((x @ w).tanh() @ w).sum()
            found.append(y.item())

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert found == [expected] * 60


def test_no_grad_holds_for_its_own_thread() -> None:
    seen: list[bool] = []
    with h.no_grad():
        other = threading.Thread(target=lambda: seen.append(h.is_grad_enabled()))
        other.start()
        other.join()
        assert not h.is_grad_enabled()
    assert seen == [True]


FORK = """
import os, numpy as np, hello_dl as h
h.set_num_threads(2)
x = h.randn(512, 64, requires_grad=True)
def work():
    x.grad = None
    loss = (x @ x.T).relu().mean()
    loss.backward()
    return loss.item()
first = work()
child = os.fork()
if child == 0:
    os._exit(0 if work() == first else 3)
_, status = os.waitpid(child, 0)
assert work() == first
print("child", os.waitstatus_to_exitcode(status))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
def test_a_forked_child_computes() -> None:
    done = subprocess.run(
        [sys.executable, "-c", FORK], capture_output=True, text=True, timeout=60 * SLOWER, check=False
    )
    assert done.stdout == "child 0\n", done.stderr


INTERRUPTED = """
import hello_dl as h
h.set_num_threads(2)
with h.no_grad():
    x, w = h.ones(20000, 512), h.eye(512)
    for _ in range(5000):
        x = x @ w
print("go", flush=True)
try:
    x.numpy()
except KeyboardInterrupt:
    assert h.ones(3).sum().item() == 3
    print("stopped", flush=True)
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows sends no SIGINT to a single process")
def test_ctrl_c_stops_a_long_evaluation() -> None:
    with subprocess.Popen([sys.executable, "-c", INTERRUPTED], stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "go\n"
        time.sleep(0.3)
        child.send_signal(signal.SIGINT)
        try:
            output, _ = child.communicate(timeout=20 * SLOWER)  # computing it all would take minutes
        finally:
            child.kill()
    assert output == "stopped\n"


# ---- memory and slices -------------------------------------------------------------------------------------


def workspace(batch: int) -> int:
    x, target = h.zeros(batch, 1, 28, 28), h.zeros(batch, dtype=h.int64)
    filters, weight = leaf(8, 1, 3, 3), leaf(10, 8 * 13 * 13)
    y = F.gelu(F.max_pool2d(F.conv2d(x, filters), 2)).flatten(1)
    F.cross_entropy(F.linear(y, weight), target).backward()
    assert h.last_run()["slices"] >= batch // 64
    return h.last_run()["workspace_bytes"]


def test_a_bigger_batch_needs_no_more_workspace() -> None:
    assert workspace(4096) == workspace(512) < 1_000_000  # bytes a thread


def test_numbers_do_not_depend_on_how_they_are_sliced() -> None:
    x, w = h.randn(50, 20), leaf(7, 20)
    values = []
    for units in (0, 1, 3, 50):
        _core.set_slice_units(units)
        values.append(F.linear(x, w).gelu().numpy().copy())
    assert all(np.allclose(v, values[0], 1e-6, 1e-6) for v in values)


def test_threads_share_an_empty_batch_without_a_word() -> None:
    y = (h.zeros(0, 4) @ leaf(4, 3)).relu()
    assert y.shape == (0, 3)
    assert y.sum().item() == 0
