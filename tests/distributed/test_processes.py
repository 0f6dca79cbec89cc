"""Processes that train together: the same bits on any number of them, broken off and resumed on another."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

import hello_dl
from bars import bars, small, state
from hello_dl import nn, train
from hello_dl.data import Dataset
from hello_dl.nn.utils import clip_grad_norm_

needs_mpi = pytest.mark.skipif(
    find_spec("mpi4py") is None
    or shutil.which("mpiexec", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}") is None,
    reason="needs pip install 'hello-dl[mpi]'",
)

PROGRAM = """
import hashlib, os, signal, sys, time
import numpy as np
import hello_dl
from bars import bars
from hello_dl import distributed, nn, train
from hello_dl.data.augment import Augmentation
from hello_dl.optim import SGD
from hello_dl.optim.lr_scheduler import ReduceLROnPlateau

mode = sys.argv[1]
distributed.init()
hello_dl.manual_seed(7 + distributed.rank())  # every process would begin with other weights
model = nn.Sequential(
    nn.Conv2d(1, 4, 5, stride=3), nn.BatchNorm2d(4), nn.ReLU(), nn.Flatten(), nn.Dropout(0.2),
    nn.Linear(256, 3),
)
if distributed.rank() == 0:
    hello_dl.manual_seed(7)
    for p in model.parameters():
        p.data.copy_(hello_dl.randn(*p.shape) * 0.1)
optimizer = SGD(model.parameters(), lr=0.2, momentum=0.9)
sent = []

def on_step(step, loss):
    sent.append(distributed.bytes_sent())
    if mode == "raise" and step == 4 and distributed.rank() == distributed.world_size() - 1:
        raise RuntimeError("this one is ill")
    if mode == "kill" and step == 9 and distributed.rank() == 1:
        time.sleep(0.3)  # the checkpoint of the step before gets to the disk
        os.kill(os.getpid(), signal.SIGKILL)

if mode == "other data" and distributed.rank() == 1:
    bars = lambda n, seed=0, whole=bars: whole(n + 1, seed)
kept = {"checkpoint": sys.argv[2], "every": 1e-9, "resume": True} if len(sys.argv) > 2 else {}
history = train.fit(
    model, bars(100), bars(50, seed=1), epochs=3, batch_size=18, optimizer=optimizer, clip=1.0, average=0.9,
    schedule=ReduceLROnPlateau(optimizer, patience=0), augment=Augmentation(degrees=20, noise=0.1),
    distributed=True, on_step=on_step, progress=False, **kept,
)
size = sum(p.numel() for p in model.parameters()) * 4
digest = hashlib.sha256(b"".join(t.numpy().tobytes() for t in model.state_dict().values())).hexdigest()
losses = [(e.loss, e.validation.loss, e.validation.accuracy) for e in history.epochs]
time.sleep(0.05 * distributed.rank())
step = (sent[1] - sent[0]) / size if len(sent) > 1 else 0
print(f"RESULT {digest} {losses} | {step:.3f}", flush=True)
"""


@dataclass
class Ended:
    """How the processes of one run have ended."""

    code: int
    results: list[str]  # what each process has printed of its model
    sent: list[float]  # bytes of a step over bytes of the parameters
    err: str
    seconds: float


def start(n: int, *args: object, folder: Path) -> Ended:
    """Run PROGRAM in n processes."""
    (folder / "program.py").write_text(PROGRAM)
    bin = Path(sys.executable).parent
    env = {
        **os.environ,
        "PATH": f"{bin}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    begin = time.monotonic()
    done = subprocess.run(
        ["mpiexec", "-n", str(n), sys.executable, "program.py", *map(str, args)],
        cwd=folder,
        env=env,
        capture_output=True,
        text=True,
        timeout=120,
    )
    lines = [line for line in done.stdout.splitlines() if line.startswith("RESULT")]
    results, sent = [line.split(" | ")[0] for line in lines], [float(line.split(" | ")[1]) for line in lines]
    return Ended(done.returncode, results, sent, done.stdout + done.stderr, time.monotonic() - begin)


@needs_mpi
def test_the_same_bits_on_1_2_and_4_processes(tmp_path: Path) -> None:
    ended = [start(n, "train", folder=tmp_path) for n in (1, 2, 4)]
    assert [e.code for e in ended] == [0, 0, 0], ended
    assert [len(e.results) for e in ended] == [1, 2, 4]
    assert len({result for e in ended for result in e.results}) == 1, ended
    assert ended[0].sent == [0.0]
    assert all(1.4 < sent < 2.2 for sent in ended[2].sent)


@needs_mpi
@pytest.mark.slow
def test_one_of_4_is_killed_and_3_go_on_to_the_same_bits(tmp_path: Path) -> None:
    unbroken = start(2, "train", folder=tmp_path)
    killed = start(4, "kill", "state", folder=tmp_path)
    assert killed.code != 0
    assert not killed.results
    assert "KILLED" in killed.err.upper(), killed
    assert (tmp_path / "state").is_file()
    resumed = start(3, "train", "state", folder=tmp_path)
    assert resumed.code == 0, resumed
    assert {*resumed.results} == {*unbroken.results}


@needs_mpi
@pytest.mark.slow
def test_an_error_of_one_process_ends_all_in_words(tmp_path: Path) -> None:
    ended = start(3, "raise", folder=tmp_path)
    assert ended.code != 0
    assert "process 2 of 3: RuntimeError: this one is ill; all processes end" in ended.err


@needs_mpi
@pytest.mark.slow
def test_processes_with_other_data_are_refused(tmp_path: Path) -> None:
    ended = start(2, "other data", folder=tmp_path)
    assert ended.code != 0
    assert "process 1 of 2: ValueError: distributed: all processes must train the same" in ended.err
    assert "training data is Images of 100, " in ended.err
    assert "in process 0, here Images of 101" in ended.err


def test_shards_in_one_process_are_the_whole_batch_but_for_rounding() -> None:
    """Plain SGD in float32 on 1 and on 8 shards: the same mean gradient, in another order of sums."""
    weights = []
    for settings in ({}, {"distributed": True}, {"distributed": True, "shards": 3}):
        model = small(seed=3)
        optimizer = hello_dl.optim.SGD(model.parameters(), lr=0.05)
        train.fit(model, bars(90), epochs=2, batch_size=25, optimizer=optimizer, progress=False, **settings)
        weights.append(state(model))
    for other in weights[1:]:
        for a, b in zip(weights[0], other, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-3, atol=1e-5)
    assert any((a != b).any() for a, b in zip(weights[1], weights[2], strict=True))


def test_running_statistics_are_the_mean_over_shards() -> None:
    x = np.random.default_rng(0).normal(size=(16, 3)).astype(np.float32)
    y = (x.sum(1) > 0).astype(np.int64)
    model = nn.Sequential(nn.BatchNorm1d(3), nn.Linear(3, 2))
    train.fit(model, (x, y), batch_size=16, distributed=True, shards=4, progress=False)
    order = hello_dl.data.shuffle.permutation(16, 0, 0)
    parts = x[order].reshape(4, 4, 3)
    norm = model[0]
    np.testing.assert_allclose(norm.running_mean.numpy(), 0.1 * parts.mean(1).mean(0), rtol=1e-4, atol=1e-6)
    variance = 0.9 + 0.1 * parts.var(1, ddof=1).mean(0)
    np.testing.assert_allclose(norm.running_var.numpy(), variance, rtol=1e-4)
    assert norm.num_batches_tracked.item() == 1


def test_a_parameter_without_gradient_stays_without() -> None:
    class Half(nn.Module):
        def __init__(self) -> None:
            self.used, self.unused = nn.Linear(3, 2), nn.Linear(3, 2)

        def forward(self, x: hello_dl.Tensor) -> hello_dl.Tensor:
            return self.used(x)

    x, y = np.ones((8, 3), np.float32), np.zeros(8, np.int64)
    model = Half()
    before = model.unused.weight.numpy().copy()
    optimizer = hello_dl.optim.AdamW(model.parameters(), lr=0.1, weight_decay=0.5)
    train.fit(model, (x, y), optimizer=optimizer, distributed=True, progress=False)
    np.testing.assert_array_equal(model.unused.weight.numpy(), before)
    assert clip_grad_norm_(model.parameters(), 1.0).item() > 0


def test_data_that_count_batches_are_refused() -> None:
    class Counts(Dataset):
        n = 0

        def __init__(self) -> None:
            self.n = 0

        def __len__(self) -> int:
            return 8

        def __getitem__(self, i: int) -> tuple[hello_dl.Tensor, int]:
            self.n += 1
            return hello_dl.tensor([float(i), float(self.n)]), i % 2

    with pytest.raises(ValueError, match=r"Counts changes dataset.dataset.n"):
        train.fit(nn.Linear(2, 2), Counts(), distributed=True, progress=False)


def test_the_number_of_shards_is_a_setting_of_the_checkpoint(tmp_path: Path) -> None:
    settings = {"epochs": 1, "progress": False, "checkpoint": tmp_path / "c", "distributed": True}
    train.fit(small(), bars(40), shards=4, **settings)
    with pytest.raises(ValueError, match="shards was 4, is now 8"):
        train.fit(small(), bars(40), resume=True, **settings)
