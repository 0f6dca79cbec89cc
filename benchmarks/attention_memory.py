"""Measures how much memory attention needs, forward and backward, at two lengths of a sequence.

    python benchmarks/attention_memory.py

Linux only (it reads /proc/self/status). One sequence, 4 heads of 32 numbers, 1,024 and 2,048 steps, each in a
process of its own: the peak of the resident memory during three passes, minus the resident memory before the
first. If the attention weights were stored, twice the length would need four times the memory.
"""

from __future__ import annotations

import subprocess
import sys

from memory import resident


def worker(steps: int, heads: int = 4, width: int = 32) -> None:
    """Print the megabytes that three passes add at their peak."""
    import numpy as np

    import hello_dl
    from hello_dl.nn import functional

    rng = np.random.default_rng(0)
    inputs = [rng.normal(size=(1, heads, steps, width)).astype(np.float32) for _ in range(3)]
    q, k, v = (hello_dl.tensor(x, requires_grad=True) for x in inputs)
    small = hello_dl.randn(1, heads, 2, width, requires_grad=True)
    # A first pass, for memory that is allocated only once.
    functional.scaled_dot_product_attention(small, small, small).sum().backward()
    before = resident("VmRSS")
    for _ in range(3):
        functional.scaled_dot_product_attention(q, k, v, is_causal=True).sum().backward()
    print(max(0.0, resident("VmHWM") - before))


def main() -> None:
    """Compare the two lengths."""
    if len(sys.argv) > 1:
        worker(int(sys.argv[1]))
        return
    peaks = {}
    for steps in (1024, 2048):
        done = subprocess.run(
            [sys.executable, __file__, str(steps)], capture_output=True, text=True, check=True
        )
        peaks[steps] = float(done.stdout)
        print(f"{steps:,} steps: {peaks[steps]:.1f} MB, gradients included")
    print(f"ratio: {peaks[2048] / peaks[1024]:.2f}")


if __name__ == "__main__":
    main()
