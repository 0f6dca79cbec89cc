"""Readers of archives and records of other programs: EMNIST's zip, PyTorch's files, Optuna's journal."""

from __future__ import annotations

import pickle
import struct
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from tests.fuzz.reader import Reader


def _make_emnist(path: Path) -> None:
    from hello_dl.data.idx import write_idx

    member = path.with_name(f"{path.name}.idx.gz")
    write_idx(member, np.arange(2 * 5 * 5, dtype=np.uint8).reshape(2, 5, 5))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(member, f"gzip/{member.name}")
        archive.writestr("gzip/readme.txt", "other members " * 9)
    member.unlink()


def _emnist(path: Path) -> Any:
    from hello_dl.data.download import _unpack
    from hello_dl.data.idx import read_idx

    member = path.with_name(f"{path.name}.idx.gz")
    _unpack(path, member)
    return read_idx(member)


def _text(text: str) -> bytes:
    """Return the instruction of a pickle that puts a text onto the stack."""
    return b"X" + struct.pack("<I", len(text)) + text.encode()


def _pickled(*, old: bool) -> bytes:
    """Return the pickle of a state_dict with one tensor, as torch.save writes it."""
    view = b"N" if old else b""  # before PyTorch 1.6 a label had a sixth part
    label = _text("storage") + b"ctorch\nFloatStorage\n" + _text("0") + _text("cpu") + b"K\x06" + view
    hooks = b"ccollections\nOrderedDict\n)R"
    tensor = (
        b"ctorch._utils\n_rebuild_tensor_v2\n((" + label + b"tQK\0K\x02K\x03\x86K\x03K\x01\x86\x89" + hooks
    )
    return b"\x80\x02ccollections\nOrderedDict\n)Rq\x01(" + _text("weight") + tensor + b"tRu."


def _make_torch(path: Path) -> None:
    numbers = np.arange(6, dtype="<f4").tobytes()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("archive/data.pkl", _pickled(old=False))
        archive.writestr("archive/byteorder", "little")
        archive.writestr("archive/data/0", numbers)
        archive.writestr("archive/version", "3\n")


def _make_old_torch(path: Path) -> None:
    import pickle

    from hello_dl.weights.torch_reader import OLD_MAGIC

    head = [pickle.dumps(thing, 2) for thing in (OLD_MAGIC, 1001, {"little_endian": True})]
    numbers = struct.pack("<q", 6) + np.arange(6, dtype="<f4").tobytes()
    path.write_bytes(b"".join(head) + _pickled(old=True) + pickle.dumps(["0"], 2) + numbers)


def _torch(path: Path) -> Any:
    import hello_dl

    return hello_dl.load(path)


def _make_study(path: Path) -> None:
    import optuna

    from hello_dl.train.sweep import Sweep, open_study

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    sweep = Sweep("letters_cnn", 2, 1, "builtin")
    study = open_study(path, sweep)
    for value in (0.5, 0.7, 0.6):
        trial = study.ask()
        sweep.suggest(trial)
        trial.report(value, 1)
        study.tell(trial, value)


def _study(path: Path) -> Any:
    from hello_dl.train.sweep import complete, open_study

    return [(trial.params, trial.value) for trial in complete(open_study(path))]


def _make_cifar(path: Path) -> None:
    pixels = np.arange(2 * 3072, dtype=np.uint8).reshape(2, 3072)
    path.write_bytes(pickle.dumps({b"data": pixels, b"labels": [3, 5]}, 2))


def _cifar(path: Path) -> Any:
    from hello_dl.pytorch.vision.cifar import read_batch

    return read_batch(path, "labels")


READERS = {
    "CIFAR's pickle": Reader("", _make_cifar, _cifar),
    "EMNIST's zip": Reader(".zip", _make_emnist, _emnist),
    "PyTorch's file": Reader(".pt", _make_torch, _torch),
    "PyTorch's old file": Reader(".pt", _make_old_torch, _torch),
    "Optuna's journal": Reader(".journal", _make_study, _study, share=5),
}
