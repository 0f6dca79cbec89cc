"""Checkpoints: a training's whole state in one file, so that a killed training goes on to the same bits.

    with Checkpoint("run.checkpoint", settings={"lr": 0.01}, resume=True) as checkpoint:
        checkpoint.keep(model=model, optimizer=optimizer, counter=counter)
        for step in ...:
            checkpoint.offer()

The file is safetensors: tensors by name, and JSON that says what they belong to. `fit(checkpoint=...)` does
all this by itself.
"""

from __future__ import annotations

import json
import os
import re
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol, Self

from numpy.typing import NDArray

from hello_dl import distributed
from hello_dl.files import MISSHAPEN, check_file, write_aside
from hello_dl.train.identity import differences, identity
from hello_dl.train.memories import random_states, set_random_states
from hello_dl.weights.containers import Packer, unpack
from hello_dl.weights.tensors import from_bytes

KEY = "hello_dl_checkpoint"  # of the JSON in the file's metadata
FORMAT = 1  # of that JSON; another number is refused
SHARE = 0.02  # largest share of the time that checkpoints may take; with less they are written less often
RANDOM = "random"  # name of the part that holds the states of the random generators


class Part(Protocol):
    """A part of a training that has a state: a model, an optimizer, a schedule, or an object of your own."""

    def state_dict(self) -> dict[str, Any]:
        """Return the state as plain containers of numbers, texts, arrays and tensors."""

    def load_state_dict(self, state_dict: Any, /) -> Any:
        """Go on from a state that state_dict returned."""


class Checkpoint:
    """Writes the state of a training into a file now and then, and gives it back to a training that goes on.

    path       the file; it is written aside, brought safely to the disk, and renamed, so that it is always
               whole. None: nothing is kept
    settings   what the training is of; with other settings it could not go on to the same bits
    data       its data by name; what they hold is compared by a hash of their arrays
    every      seconds from one checkpoint to the next
    resume     go on from the file if it is there; if not, begin from the start
    together   all processes of `hello_dl.distributed` make the same checkpoint: process 0 reads and writes

    What is kept besides the parts: the states of the random generators of hello_dl, numpy and Python.
    A thread writes, while the training goes on; only copying the numbers holds it up. If all this took more
    than SHARE of the time, checkpoints are written less often. A disk that gets full stops no training: the
    old file stays, the trouble is reported on stderr, and writing is tried again.

    Raises FileExistsError if the file is there without `resume`, OSError if it cannot be written, ValueError
    that names what differs for a checkpoint of another training, and for a damaged one.
    """

    def __init__(
        self,
        path: str | os.PathLike[str] | None,
        *,
        settings: Mapping[str, Any] | None = None,
        data: Mapping[str, Any] | None = None,
        every: float = 60.0,
        resume: bool = False,
        together: bool = False,
    ) -> None:
        if not every > 0:
            raise ValueError(f"Checkpoint: needs every to be above 0 seconds, got {every}")
        if resume and path is None:
            raise ValueError("Checkpoint: resume needs the file to go on from, a checkpoint")
        self.every, self.path = every, None if path is None else Path(path)
        self._parts: dict[str, Part] = {}
        self.state: dict[str, Any] = {}  # that the file holds, by part, until the parts have it
        self._cost = 0.0  # seconds that the last checkpoint took
        self._last = time.perf_counter()  # when it was
        self._writer: threading.Thread | None = None
        self._error: Exception | None = None  # of the last attempt to write
        self._reported = False
        if self.path is not None:
            self._identity = identity(settings or {}, data or {})
            first = not together or distributed.rank() == 0
            content = self._content(self.path, resume) if first else b""
            content = distributed.broadcast_bytes(content) if together else content
            self.state = read(content, self.path, self._identity) if content else {}
            self.path = self.path if first else None

    @staticmethod
    def _content(path: Path, resume: bool) -> bytes:
        """Return the content of the file, if there is one; remove what killed processes have left."""
        if path.exists() and not resume:
            raise FileExistsError(
                f"{path}: a checkpoint is there already; resume it, remove it, or choose another name"
            )
        check_file(path, "checkpoint")
        _remove_leftovers(path)
        return read_whole(path) if path.exists() else b""

    def keep(self, **parts: Part) -> None:
        """Name the parts whose states are kept; a training that goes on has them set to the file's.

        Else the first checkpoint is written now, so that a file that cannot be written shows at once.
        """
        self._parts = parts
        if self.state:
            if missing := set(parts) - set(self.state):
                raise ValueError(f"{self.path}: the checkpoint lacks {', '.join(sorted(missing))}")
            for name, part in parts.items():
                try:
                    part.load_state_dict(self.state[name])
                except MISSHAPEN as error:
                    raise ValueError(f"{self.path}: {name} does not fit ({error})") from None
            try:
                set_random_states(self.state[RANDOM])
            except MISSHAPEN as error:
                raise ValueError(f"{self.path}: holds no states of random generators ({error!r})") from None
            self.state = {}
        elif self.path is not None:
            self._reported = True  # an error of the first one is raised instead
            self.save(wait=True)
            self._reported = self._error is not None
            if self._error is not None:
                raise self._error

    def offer(self, epoch_ends: bool = False) -> None:
        """Write a checkpoint if it is due: after `every` seconds, or because an epoch ends."""
        if self.path is None:
            return
        gap = self._cost / SHARE if epoch_ends else max(self.every, self._cost / SHARE)
        if time.perf_counter() - self._last >= gap:
            self.save()

    def save(self, wait: bool = False) -> None:
        """Copy the state as it is now, and let a thread write it; `wait` until it is on the disk.

        If the thread is still at the checkpoint before, there is none now, unless with `wait`.
        """
        if self.path is None or (self._writer is not None and self._writer.is_alive() and not wait):
            return
        self._join()
        self._last = time.perf_counter()
        packer = Packer()
        state = {name: part.state_dict() for name, part in self._parts.items()}
        packed = packer.pack({**state, RANDOM: random_states()})
        self._cost = time.perf_counter() - self._last
        content = self.path, packed, packer.arrays
        self._writer = threading.Thread(target=self._write, args=content, name="checkpoint")
        self._writer.start()
        if wait:
            self._join()

    def _write(self, path: Path, packed: Any, arrays: dict[str, NDArray[Any]]) -> None:
        """Write a state to the disk, in a thread of its own."""
        from safetensors.numpy import save

        try:
            text = json.dumps({"format": FORMAT, "identity": self._identity, "state": packed})
            content = save(arrays, {KEY: text})
            with write_aside(path) as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            _sync_folder(path.parent)
            self._error = None
        except Exception as error:  # raised or reported by _join, in the thread of the training
            self._error = error
        self._cost += time.thread_time()  # seconds of this thread's work; waiting for the disk costs nothing

    def _join(self) -> None:
        """Wait until the thread has written, and report an error of it, the first time."""
        if self._writer is not None:
            self._writer.join()
            self._writer = None
        if self._error is not None and self._parts and not self._reported:
            from tqdm import tqdm

            words = f"checkpoint {self._error}; the training goes on, the last checkpoint may be old"
            tqdm.write(words, file=sys.stderr)  # does not break a progress bar
            self._reported = True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._join()


def read_whole(path: Path) -> bytes:
    """Return the content of a checkpoint file. ValueError if it is empty, OSError if it cannot be read."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise type(error)(f"{path}: cannot be read ({error.strerror or error})") from None
    if not content:
        raise ValueError(f"{path}: needs an intact safetensors file, this one is empty")
    return content


def read(content: bytes, path: Path, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Return the states in a checkpoint, by part. ValueError if it is damaged, or of another training.

    `wanted` is the identity of the training that is to go on, what `identity` returned.
    """
    metadata, arrays = from_bytes(content, path)
    if KEY not in metadata:
        raise ValueError(f"{path}: needs a checkpoint of hello_dl, got another safetensors file")
    try:
        kept = json.loads(metadata[KEY])
        found = kept["identity"]
        if kept["format"] != FORMAT:
            found = {**found, "format of checkpoints": kept["format"]}
            wanted = {**wanted, "format of checkpoints": FORMAT}
        differing = differences(found, wanted)
    except MISSHAPEN as error:
        raise ValueError(f"{path}: is damaged ({error!r}); take another checkpoint") from None
    if differing:
        raise ValueError(
            f"{path}: is of another training: {'; '.join(differing)}; give what it was begun with, or begin"
            " another one with another file"
        )
    try:
        state: dict[str, Any] = unpack(kept["state"], arrays)
        if not isinstance(state, dict):
            raise TypeError(f"needs the states of parts by name, got {type(state).__name__}")
    except MISSHAPEN as error:
        raise ValueError(f"{path}: is damaged ({error!r}); take another checkpoint") from None
    return state


def _remove_leftovers(path: Path) -> None:
    """Remove what processes that were killed while they wrote have left: files NAME.PROCESS.part."""
    for left in path.parent.glob("*.part"):
        process = re.fullmatch(re.escape(path.name) + r"\.(\d+)\.part", left.name)
        if process and not _is_alive(int(process[1])):
            with suppress(OSError):
                left.unlink()


def _is_alive(process: int) -> bool:
    """Whether a process of this number runs on this machine; where that cannot be told, True."""
    if os.name != "posix":
        return True  # signal 0 is not harmless there
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _sync_folder(folder: Path) -> None:
    """Bring the new name of a file to the disk, where the system can do that for a folder."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
