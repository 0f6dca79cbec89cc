"""Load the compiled engine: of the installed builds, the fastest one that this processor can run.

The environment variable HELLO_DL_ISA chooses another build: x86_64_v4, x86_64_v3, x86_64_v2, generic, or
double, which computes in float64 (made for checking gradients).
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
from pathlib import Path
from types import ModuleType

VARIANTS = ("x86_64_v4", "x86_64_v3", "x86_64_v2", "generic")  # the fastest first

# The instruction sets that a processor must have for each level, in Linux's names (System V ABI for AMD64,
# "micro-architecture levels").
_V2 = {"cx16", "lahf_lm", "popcnt", "sse4_1", "sse4_2", "ssse3"}
_V3 = _V2 | {"abm", "avx", "avx2", "bmi1", "bmi2", "f16c", "fma", "movbe", "xsave"}
_V4 = _V3 | {"avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"}


def _linux_flags() -> set[str]:
    """Return the instruction sets of the processor, as Linux lists them; empty if it lists none."""
    with Path("/proc/cpuinfo").open() as file:
        for line in file:
            if line.startswith("flags"):
                return set(line.split(":", 1)[1].split())
    return set()


def _windows_level() -> int:
    """Return the level of x86-64 from Windows's answers about three instruction sets."""
    import ctypes

    has = ctypes.windll.kernel32.IsProcessorFeaturePresent  # type: ignore[attr-defined,unused-ignore]
    sse4_2, avx2, avx512f = 38, 40, 41  # PF_..._INSTRUCTIONS_AVAILABLE
    return 4 if has(avx512f) else 3 if has(avx2) else 2 if has(sse4_2) else 1


def _mac_level() -> int:
    """Return the level of x86-64 from macOS's answers about four instruction sets."""
    import ctypes

    def has(name: bytes) -> bool:
        value, size = ctypes.c_int(0), ctypes.c_size_t(4)
        found = ctypes.CDLL(None).sysctlbyname(name, ctypes.byref(value), ctypes.byref(size), None, 0)
        return found == 0 and value.value == 1

    if has(b"hw.optional.avx512bw") and has(b"hw.optional.avx512vl"):
        return 4
    return 3 if has(b"hw.optional.avx2_0") else 2 if has(b"hw.optional.sse4_2") else 1


def _level() -> int:
    """Return the level of x86-64 that this processor has, 1 to 4; 0 for another kind, or if it is unknown."""
    try:
        if sys.platform.startswith("linux"):
            flags = _linux_flags()
            return 4 if flags >= _V4 else 3 if flags >= _V3 else 2 if flags >= _V2 else 0
        if sys.platform == "win32":
            return _windows_level()
        return _mac_level() if sys.platform == "darwin" else 0
    except (OSError, AttributeError):
        return 0


def _installed(variant: str) -> bool:
    """Whether this build of the engine lies in this folder."""
    return importlib.util.find_spec(f"{__name__}._{variant}") is not None


def _choose() -> str:
    """Return the name of the build to load. ImportError if none fits, or HELLO_DL_ISA names a missing one."""
    wanted = os.environ.get("HELLO_DL_ISA")
    if wanted:
        if not wanted.isidentifier() or not _installed(wanted):
            here = ", ".join(v for v in (*VARIANTS, "double") if _installed(v)) or "none"
            raise ImportError(
                f"HELLO_DL_ISA={wanted}: there is no such build of the engine; installed: {here}"
            )
        return wanted
    level = _level()
    for variant in VARIANTS:
        needs = int(variant[-1]) if variant[-1].isdigit() else 0
        if needs <= level and _installed(variant):
            return variant
    here = ", ".join(v for v in VARIANTS if _installed(v))
    raise ImportError(
        f"hello_dl: the engine is there for {here}, which this processor cannot run; build it from source"
        if here
        else "hello_dl: the compiled engine is missing; install the package with: pip install ."
    )


def _load() -> ModuleType:
    """Import the chosen build. ImportError names the build that fails."""
    variant = _choose()
    try:
        return importlib.import_module(f"{__name__}._{variant}")
    except ImportError as error:
        raise ImportError(f"hello_dl: the engine's build '{variant}' cannot be loaded: {error}") from error


_engine = _load()
globals().update({name: value for name, value in vars(_engine).items() if not name.startswith("__")})
