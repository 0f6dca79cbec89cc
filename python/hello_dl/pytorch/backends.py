"""torch.backends: switches of libraries that are not here. They can be set, and change nothing."""

from __future__ import annotations

from enum import IntEnum
from types import SimpleNamespace
from typing import Any


class Backend(SimpleNamespace):
    """A library that PyTorch may have and hello_dl has not: is_available() is False."""

    def is_available(self) -> bool:
        """Return False."""
        return False

    is_built = is_available

    def version(self) -> None:
        """Return None: there is no such library."""

    def flags(self, **_: Any) -> Backend:
        """Return a `with` block that changes nothing."""
        return self

    def __enter__(self) -> Backend:
        return self

    def __exit__(self, *_: object) -> None:
        return None


def _ignored(*_: Any, **__: Any) -> None:
    """Do nothing."""


_matmul = {"allow_tf32": False, "allow_fp16_reduced_precision_reduction": False}
cudnn = Backend(benchmark=False, deterministic=False, enabled=False, allow_tf32=False)
cuda = Backend(
    matmul=Backend(**_matmul),
    enable_flash_sdp=_ignored,
    enable_math_sdp=_ignored,
    enable_mem_efficient_sdp=_ignored,
    flash_sdp_enabled=lambda: False,
    math_sdp_enabled=lambda: True,
    mem_efficient_sdp_enabled=lambda: False,
    sdp_kernel=lambda *_, **__: Backend(),  # a `with` block that changes nothing
)
mps, mkl, mkldnn, openmp = Backend(), Backend(), Backend(enabled=False), Backend()
cpu = SimpleNamespace(
    is_available=lambda: True,
    device_count=lambda: 1,
    current_device=lambda: "cpu",
    synchronize=_ignored,
    get_cpu_capability=lambda: "DEFAULT",
)


class SDPBackend(IntEnum):
    """The ways in which PyTorch can compute attention; the numbers are PyTorch's."""

    ERROR = -1
    MATH = 0
    FLASH_ATTENTION = 1
    EFFICIENT_ATTENTION = 2
    CUDNN_ATTENTION = 3
    OVERRIDEABLE = 4


attention = SimpleNamespace(SDPBackend=SDPBackend, sdpa_kernel=cuda.sdp_kernel)
