"""Reads damaged files, one after the other, and prints a line of JSON before each and after each finding."""

from __future__ import annotations

import io
import json
import random
import shutil
import signal
import sys
import warnings
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

from tests.fuzz.mutate import mutate
from tests.fuzz.readers import READERS

MEMORY = 2 << 30  # bytes more than at the start, from which reading fails
SECONDS = 20  # from which reading one small file counts as hanging


class HangError(BaseException):
    """Reading one file took too long."""


def main(name: str, seed: int, count: int, folder: str) -> None:
    """Read `count` damaged files from number `seed` on."""
    reader = READERS[name]
    warnings.simplefilter("ignore")
    path = Path(folder) / f"file{reader.ending}"
    reader.make(path)
    content = path.read_bytes()
    reader.read(path)  # what is not damaged is taken
    _limit_memory()
    signal.signal(signal.SIGALRM, _hang)
    for number in range(seed, seed + count):
        random.seed(number)
        print(json.dumps({"begins": number}), flush=True)
        for other in Path(folder).iterdir():
            shutil.rmtree(other) if other.is_dir() else other.unlink()
        path.write_bytes(mutate(content, number))
        signal.alarm(SECONDS)
        try:
            with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
                reader.read(path)
        except (ValueError, OSError) as error:
            if path.name not in str(error):
                _report(number, error)
        except (Exception, HangError) as error:
            _report(number, error)
        finally:
            signal.alarm(0)


def _hang(*_: object) -> None:
    raise HangError(f"more than {SECONDS} s")


def _report(number: int, error: BaseException) -> None:
    """Print a finding: an error of Python's, or one that does not name the file."""
    trace, place = error.__traceback__, ""
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename
        if "hello_dl" in file:
            place = f"{file.split('hello_dl/')[-1]}:{trace.tb_lineno}"
        trace = trace.tb_next
    print(
        json.dumps({"seed": number, "error": f"{type(error).__name__}: {str(error)[:200]}", "place": place}),
        flush=True,
    )


def _limit_memory() -> None:
    """Have memory beyond the limit refused, where the system can."""
    if sys.platform == "linux":
        import resource

        pages = int(Path("/proc/self/statm").read_text().split()[0])
        most = pages * resource.getpagesize() + MEMORY
        resource.setrlimit(resource.RLIMIT_AS, (most, most))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4])
