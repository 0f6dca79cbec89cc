"""Run a small training in several processes, with mpiexec."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import pytest

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
distributed.init(timeout=3 if mode == "cut off" else 600)
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
    if mode == "cut off":
        time.sleep(0.2)
        if step == 6:
            open("is_under_way", "w").close()
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
