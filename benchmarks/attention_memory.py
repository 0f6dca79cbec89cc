"""Measures how much memory attention needs, forward and backward, at two lengths of a sequence.

    python benchmarks/attention_memory.py

Linux only (it reads /proc/self/status). One sequence, 4 heads of 32 numbers, 1,024 and 2,048 steps, each in a
process of its own: the peak of the resident memory during three passes, minus the resident memory before the
first. If the attention weights were stored, twice the length would need four times the memory.
"""

from __future__ import annotations

from measuring import added_megabytes, compare_memory

HEADS, WIDTH = 4, 32


def megabytes(steps: int) -> float:
    """Return the megabytes that three passes over a sequence of `steps` add at their peak."""
    import numpy as np

    import hello_dl
    from hello_dl.nn import functional

    rng = np.random.default_rng(0)
    inputs = [rng.normal(size=(1, HEADS, steps, WIDTH)).astype(np.float32) for _ in range(3)]
    q, k, v = (hello_dl.tensor(x, requires_grad=True) for x in inputs)
    small = hello_dl.randn(1, HEADS, 2, WIDTH, requires_grad=True)
    # A first pass, for memory that is allocated only once.
    functional.scaled_dot_product_attention(small, small, small).sum().backward()
    return added_megabytes(
        lambda: functional.scaled_dot_product_attention(q, k, v, is_causal=True).sum().backward()
    )


if __name__ == "__main__":
    compare_memory(__file__, megabytes, (1024, 2048), "{size:,} steps: {peak:.1f} MB, gradients included")
