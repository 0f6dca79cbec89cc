"""Runs a program with hello_dl in torch's place, as `python program.py` runs it with PyTorch."""

from __future__ import annotations

import linecache
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from types import CodeType, ModuleType

from hello_dl.pytorch.install import as_torch
from hello_dl.pytorch.source import read_source

STOPPED = 130  # the exit code of a program that was stopped with Ctrl-C


def run_program(path: Path, arguments: Sequence[str] = ()) -> int:
    """Run a program as Python's main module, and return its exit code: 0, or 1 after an error.

    It sees `arguments` in sys.argv, and modules beside it can be imported. An error is shown with its
    traceback, which begins in the program. SystemExit goes through, with the program's own exit code.
    """
    code = _compiled(path)
    if code is None:
        return 1
    as_torch()
    main = ModuleType("__main__")
    main.__file__ = str(path)
    main.__dict__["__builtins__"] = __builtins__
    before = sys.modules["__main__"]
    sys.modules["__main__"] = main
    sys.argv = [str(path), *arguments]
    sys.path.insert(0, str(path.resolve().parent))
    try:
        exec(code, main.__dict__)
    except SystemExit:
        raise
    except BaseException as error:
        _show(error)
        return STOPPED if isinstance(error, KeyboardInterrupt) else 1
    finally:
        main.__dict__["__its_caller__"] = before  # kept, or Python would empty it while it is in use
    return 0


def _compiled(path: Path) -> CodeType | None:
    """Return the program's code; None, and the error on stderr, if it is no Python."""
    try:
        return compile(read_source(path), str(path), "exec", dont_inherit=True)
    except (SyntaxError, ValueError) as error:
        traceback.print_exception(error.with_traceback(None))
        return None


def _show(error: BaseException) -> None:
    """Write an error with its traceback to stderr, without the lines of this file."""
    sys.stdout.flush()
    linecache.checkcache()
    first = error.__traceback__
    error.__traceback__ = first.tb_next if first is not None else None
    sys.excepthook(type(error), error, error.__traceback__)
