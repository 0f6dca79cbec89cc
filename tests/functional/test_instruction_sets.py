"""Every build that this machine can run has the same ends of exp, log, tanh, sigmoid and softmax."""

import os
import subprocess
import sys

import pytest

from hello_dl import _core
from patience import SLOWER

PROGRAM = """
import numpy as np, hello_dl as hd
inf = float("inf")
for n in (1, 7, 16, 35):  # alone, and in packets with a rest
    def check(f, x, right):
        got = f(hd.tensor([x] * n)).numpy()
        assert np.array_equal(got, np.full(n, right, np.float32), equal_nan=True), (f, x, n, got)
    for x, right in ((-inf, 0), (-999.0, 0), (-89.0, 0), (0.0, 1), (99.0, inf), (inf, inf), (np.nan, np.nan)):
        check(hd.exp, x, right)
    for x, right in ((0.0, -inf), (1.0, 0), (inf, inf), (-1.0, np.nan)):
        check(hd.log, x, right)
    for x, right in ((-inf, -1), (-1000.0, -1), (0.0, 0), (1000.0, 1), (inf, 1), (np.nan, np.nan)):
        check(hd.tanh, x, right)
    for x, right in ((0.0, 0.5), (1000.0, 1), (inf, 1), (np.nan, np.nan)):
        check(hd.sigmoid, x, right)
    y = hd.softmax(hd.tensor([[0.0] + [-inf] * n]), 1).numpy()
    assert np.array_equal(y, [[1.0] + [0.0] * n]), y
"""


@pytest.mark.parametrize("isa", _core.VARIANTS)
def test_the_ends_of_functions(isa):
    if not _core._installed(isa) or (isa[-1].isdigit() and int(isa[-1]) > _core._level()):
        pytest.skip(f"no build {isa} that this machine can run")
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env={**os.environ, "HELLO_DL_ISA": isa},
        capture_output=True,
        text=True,
        timeout=60 * SLOWER,
    )
    assert done.returncode == 0, done.stderr[-2000:]
