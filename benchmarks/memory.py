"""Measures how much memory a training step of the letters network needs, at two batch sizes.

    python benchmarks/memory.py

Linux only (it reads /proc/self/status). Each batch size, 64 and 8,192, runs in a process of its own: the peak
of the resident memory during three steps, minus the resident memory, input included, before the first.
"""

from __future__ import annotations

from measuring import added_megabytes, classifier_step, compare_memory


def megabytes(batch: int) -> float:
    """Return the megabytes that three training steps add at their peak."""
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
    return added_megabytes(classifier_step(functional, net, optimizer, x, y))


if __name__ == "__main__":
    compare_memory(__file__, megabytes, (64, 8192), "batch {size:5,}: {peak:.1f} MB besides the input")
