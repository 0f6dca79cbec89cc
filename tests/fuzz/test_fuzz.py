"""A short run of the fuzzer; CONTRIBUTING.md says how a long one is made."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="limits of time and memory need Linux")
def test_damaged_files_are_read_or_refused_in_words():
    command = [sys.executable, "-m", "tests.fuzz", "--count", "150"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
