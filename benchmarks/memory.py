"""Measures how much memory a training step of the letters network needs, at two batch sizes.

    python benchmarks/memory.py

Linux only (it reads /proc/self/status). Each batch size, 64 and 8,192, runs in a process of its own: the peak
of the resident memory during three steps, minus the resident memory, input included, before the first.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def resident(field: str) -> float:
    """Return VmRSS (now) or VmHWM (the highest so far) in megabytes."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(field):
            return int(line.split()[1]) / 1024
    raise SystemExit(f"/proc/self/status has no {field}")


def worker(batch: int) -> None:
    """Print the megabytes that three training steps add at their peak."""
    import numpy as np

    import hello_dl
    from hello_dl import models, optim
    from hello_dl.nn import functional

    rng = np.random.default_rng(0)
    net = models.letters_cnn()
    optimizer = optim.SGD(net.parameters(), lr=0.01)
    # Referred to until the end: if its memory were freed, the steps would use it, and not be measured.
    pixels = rng.random((batch, 1, 28, 28), dtype=np.float32)
    x = hello_dl.tensor(pixels)
    y = hello_dl.tensor(rng.integers(0, 26, batch))
    before = resident("VmRSS")
    for _ in range(3):
        optimizer.zero_grad()
        functional.cross_entropy(net(x), y).backward()
        optimizer.step()
    print(max(0.0, resident("VmHWM") - before))


def main() -> None:
    """Compare the two batch sizes."""
    if len(sys.argv) > 1:
        worker(int(sys.argv[1]))
        return
    peaks = {}
    for batch in (64, 8192):
        done = subprocess.run(
            [sys.executable, __file__, str(batch)], capture_output=True, text=True, check=True
        )
        peaks[batch] = float(done.stdout)
        print(f"batch {batch:5,}: {peaks[batch]:.1f} MB besides the input")
    print(f"ratio: {peaks[8192] / peaks[64]:.2f}")


if __name__ == "__main__":
    main()
