"""PyTorch's search for the op that made a NaN: accepted here, and without effect."""

from __future__ import annotations


class set_detect_anomaly:
    """Do nothing, in a `with` block or alone: for programs that ask PyTorch to name the op that made a NaN.

    Here `(x != x).any()` finds a NaN, and `train.fit` stops at the first loss that is none.
    """

    def __init__(self, mode: bool, check_nan: bool = True) -> None:
        self.mode, self.check_nan = mode, check_nan

    def __enter__(self) -> None:
        pass

    def __exit__(self, *error: object) -> None:
        pass


class detect_anomaly(set_detect_anomaly):
    """Do nothing in a `with` block, as set_detect_anomaly."""

    def __init__(self, check_nan: bool = True) -> None:
        super().__init__(True, check_nan)
