"""The pool of threads: any number of tasks is worked off, once each."""

from __future__ import annotations

import subprocess
import sys

from patience import SLOWER

MANY_IMAGES = """
import numpy as np, hello_dl as h
from hello_dl.data.augment import Augmentation
h.set_num_threads(2)
n = 1_048_561  # 65,536 tasks of 16 images
images = np.arange(n * 64, dtype=np.uint32).astype(np.uint8).reshape(n, 8, 8)
print(np.array_equal(Augmentation()(images), images))
"""

MANY_PARAMETERS = """
import hello_dl as h
from hello_dl import optim
h.set_num_threads(2)
parameters = [h.ones(1, requires_grad=True) for _ in range(65_536)]  # one task each
for p in parameters:
    p.grad = h.ones(1)
optim.SGD(parameters, lr=0.25).step()
print(all(p.item() == 0.75 for p in parameters))
"""


def run(code: str) -> str:
    """Return what the code prints, in a process of its own: a pool that waits for ever cannot be stopped."""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=30 * SLOWER, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_more_than_65_535_pieces_of_images_are_all_augmented() -> None:
    assert run(MANY_IMAGES) == "True\n"


def test_more_than_65_535_parameters_are_all_changed() -> None:
    assert run(MANY_PARAMETERS) == "True\n"


def test_no_images_are_no_tasks() -> None:
    code = """
import numpy as np, hello_dl as h
from hello_dl.data.augment import HANDWRITING
h.set_num_threads(2)
print(HANDWRITING(np.zeros((0, 8, 8), np.uint8)).shape)
"""
    assert run(code) == "(0, 8, 8)\n"
