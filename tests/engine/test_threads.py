"""Several Python threads that share tensors: none waits for ever, none reads memory that another has freed.

Each case is a program of its own with a limit of time: a deadlock or a crash fails, and the tests go on.
"""

import os
import subprocess
import sys

import pytest

from patience import SLOWER

START = (
    f"SIZE, MANY = {800 if SLOWER == 1 else 100}, {20_000_000 if SLOWER == 1 else 2_000_000}"
    + """
import os, random, threading, time
import hello_dl as hd
hd.manual_seed(1)

def computing(seconds=0.4):  # a thread that computes for a while, one long evaluation after the other
    x = hd.randn(SIZE, SIZE)
    x.numpy()
    begun, end = threading.Event(), time.monotonic() + seconds
    def work():
        while time.monotonic() < end:
            y = x
            for _ in range(30):
                y = (y @ x) * 0.01
            begun.set()
            y.numpy()
    thread = threading.Thread(target=work)
    thread.start()
    begun.wait()
    time.sleep(0.05)
    return thread
"""
)

# An evaluation asks for Python's lock now and then: whoever holds that must not wait for the evaluation.
BESIDE_A_COMPUTATION = {
    "a leaf that needs a gradient": "x = hd.tensor([1.0, 2.0], requires_grad=True)\nassert x.requires_grad",
    "requires_grad is set": "x = hd.ones(3)\nx.requires_grad = True\nassert x.requires_grad",
    "requires_grad of a result": """
x = hd.ones(3) * 2.0
x.requires_grad = True
assert x.tolist() == [2, 2, 2]
""",
    "a change in place": """
x = hd.ones(3)
x.add_(1.0)
x.copy_(hd.ones(3) * 3.0)
assert x.tolist() == [3, 3, 3]
""",
    "a gradient is given and taken": """
x = hd.ones(3, requires_grad=True)
x.grad = hd.ones(3) * 2.0
x.grad = None
""",
    "a hook": """
x = hd.ones(3, requires_grad=True)
x.register_hook(lambda g: g * 2.0)
(x * hd.arange(3)).sum().backward()
assert x.grad.tolist() == [0, 2, 4]
""",
    "the number of threads": "hd.set_num_threads(1)\nhd.set_num_threads(2)",
    "a fork": """
pid = os.fork()
if pid == 0:
    os._exit(0 if (hd.ones(300, 300) @ hd.ones(300, 300)).sum().item() == 300**3 else 1)
assert os.waitpid(pid, 0)[1] == 0
""",
    "a fork inside a hook": """
def fork(g):
    pid = os.fork()
    if pid == 0:
        os._exit(0 if (hd.ones(3) * 2.0).tolist() == [2, 2, 2] else 1)
    assert os.waitpid(pid, 0)[1] == 0
x = hd.ones(3, requires_grad=True)
x.register_hook(fork)
(x * 2.0).sum().backward()
""",
    "a pool of processes": """
import multiprocessing
with multiprocessing.get_context("fork").Pool(2) as pool:
    assert pool.map(abs, [-1, -2, -3]) == [1, 2, 3]
""",
}


def run(program, seconds=60):
    done = subprocess.run(
        [sys.executable, "-W", "ignore::DeprecationWarning", "-c", START + program],
        timeout=seconds * SLOWER,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, f"ended with {done.returncode}: {done.stderr[-2000:]}"


@pytest.mark.parametrize("case", BESIDE_A_COMPUTATION)
def test_what_a_thread_does_while_another_computes(case):
    if "fork" in BESIDE_A_COMPUTATION[case] and not hasattr(os, "fork"):
        pytest.skip("this system has no fork")
    run(f"thread = computing()\n{BESIDE_A_COMPUTATION[case]}\nthread.join()", seconds=30)


def test_a_gradient_is_taken_away_while_backward_adds_to_it():
    run("""
x = hd.ones(MANY)  # 80 MB, more than the engine keeps for later: freed memory is gone at once
x.requires_grad = True
end = time.monotonic() + 2
def take_away():
    while time.monotonic() < end:
        time.sleep(random.uniform(0, 0.15))
        x.grad = None
thread = threading.Thread(target=take_away)
thread.start()
while time.monotonic() < end:
    (x * 2.0).sum().backward()
thread.join()
x.grad = None
(x * 2.0).sum().backward()
assert x.grad[-1].item() == 2.0
""")


def test_gradients_of_several_threads_add_up():
    run("""
x = hd.ones(1000, requires_grad=True)
w = hd.arange(1000) * 1.0
def work():
    for _ in range(100):
        (x * w).sum().backward()
threads = [threading.Thread(target=work) for _ in range(4)]
for t in threads: t.start()
for t in threads: t.join()
assert (x.grad.numpy() == 400.0 * w.numpy()).all()
""")


def test_reading_a_network_that_another_thread_trains():
    run("""
from hello_dl import nn
net = nn.Sequential(nn.Linear(20, 64), nn.ReLU(), nn.Linear(64, 3))
optimizer = hd.optim.Adam(net.parameters(), lr=1e-3)
x, y = hd.randn(32, 20), hd.zeros(32).long()
end, errors = time.monotonic() + 1, []
def look():
    try:
        while time.monotonic() < end:
            with hd.no_grad():
                try:
                    assert net(x).shape == (32, 3) and net(x).numpy().shape == (32, 3)
                except ValueError as e:  # changed after the expression was made
                    assert "changed in place" in str(e)
            [p.grad for p in net.parameters()]
    except BaseException as e:
        errors.append(e)
threads = [threading.Thread(target=look) for _ in range(2)]
for t in threads: t.start()
while time.monotonic() < end:
    loss = nn.functional.cross_entropy(net(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
for t in threads: t.join()
assert not errors, errors
assert loss.item() < 1
""")


def test_several_threads_compute_the_same_expression():
    run("""
for _ in range(100):
    x = hd.ones(50, 50)
    y = x @ x
    z = [y + float(i) for i in range(4)]
    got = [None] * 4
    def work(i): got[i] = z[i].numpy()[0, 0] + y.numpy()[1, 1]
    threads = [threading.Thread(target=work, args=(i,)) for i in range(4)]
    for t in threads: t.start()
    for t in threads: t.join()
    assert got == [100.0 + i for i in range(4)], got
""")


unix = pytest.mark.skipif(os.name == "nt", reason="Windows has neither alarms nor forks")


@unix
def test_a_signal_handler_reads_numbers_but_cannot_compute_in_the_middle_of_an_evaluation():
    run("""
import signal
x = hd.randn(2 * SIZE, 2 * SIZE)
x.numpy()
ready, seen = hd.tensor([1.0, 2.0]), []
def handler(*_):
    seen.append(ready.tolist())  # numbers that are there can be had
    (ready * 2.0).numpy()
y = x
for _ in range(2000):  # a minute's work
    y = (y @ x) * 0.01
signal.signal(signal.SIGALRM, handler)
signal.setitimer(signal.ITIMER_REAL, 0.3, 0.3)  # again and again: the first may come before the evaluation
try:
    y.numpy()
except RuntimeError as error:
    assert "engine: needs the end of the evaluation" in str(error)
else:
    raise AssertionError("it was not refused")
signal.setitimer(signal.ITIMER_REAL, 0)
assert seen[-1] == [1.0, 2.0]
assert (ready * 2.0).tolist() == [2.0, 4.0]  # the engine is free again
""")


@unix
def test_a_signal_handler_may_compute_between_evaluations():
    run("""
import signal
got = []
signal.signal(signal.SIGALRM, lambda *_: got.append((hd.ones(3) * 2.0).tolist()))
signal.setitimer(signal.ITIMER_REAL, 0.1)
end = time.monotonic() + 20
while not got and time.monotonic() < end:
    time.sleep(0.01)
assert got == [[2, 2, 2]]
""")


@unix
def test_a_signal_handler_may_fork():
    run("""
import signal
x = hd.randn(SIZE, SIZE)
x.numpy()
ended = []
def handler(*_):
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    ended.append(os.waitpid(pid, 0)[1])
signal.signal(signal.SIGALRM, handler)
signal.setitimer(signal.ITIMER_REAL, 0.3)
end = time.monotonic() + 20
while not ended and time.monotonic() < end:
    y = x
    for _ in range(30):
        y = (y @ x) * 0.01
    y.numpy()
assert ended == [0]
""")


def test_threads_read_compute_and_go_backward_on_the_same_tensors():
    run("""
from hello_dl import functional as F, nn
net = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(4 * 6 * 6, 5), nn.Dropout(0.2))
x, target = hd.randn(8, 1, 8, 8), hd.arange(8) % 5
ready = net(x).detach()
end, errors = time.monotonic() + 1, []
def forward():
    with hd.no_grad():
        net(x).numpy()
def read():
    assert ready.numpy().shape == (8, 5) and len(str(ready)) > 40
    assert x[2:4].numpy().shape == (2, 1, 8, 8) and len(ready.argmax(1).tolist()) == 8
    assert (target * target).sum().item() == 35  # integers, whose bounds are noted as they are asked for
    [p.grad is None for p in net.parameters()]
def views():
    (x.reshape(8, 64)[:, 3:9].t() @ x.reshape(8, 64)).sum().item()
def derivatives():
    hd.autograd.grad(F.cross_entropy(net(x), target), list(net.parameters()))
def again_and_again(work):
    try:
        while time.monotonic() < end:
            work()
    except BaseException as e:
        errors.append(e)
works = [lambda: F.cross_entropy(net(x), target).backward()] * 2 + [forward] * 2 + [read, views, derivatives]
threads = [threading.Thread(target=again_and_again, args=(work,)) for work in works]
for t in threads: t.start()
for t in threads: t.join()
assert not errors, errors
assert all(p.grad is not None for p in net.parameters())
""")


@unix
def test_a_fork_while_another_thread_makes_expressions_that_free_memory():
    run("""
x = hd.ones(3, requires_grad=True)
end = time.monotonic() + 1
def work():
    while time.monotonic() < end:
        (x**2.0).sum().backward()  # 2.0 is a tensor until the node remembers it as a number
thread = threading.Thread(target=work)
thread.start()
while time.monotonic() < end:
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)
thread.join()
""")
