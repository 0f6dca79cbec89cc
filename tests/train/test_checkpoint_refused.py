"""Checkpoints that cannot be read, written, or resumed by this training, are refused in words."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import save_file

import hello_dl
from bars import bars, small
from breaking import SOON, change, images
from breaking import at_every_step as at_every_step
from hello_dl import train
from hello_dl.data.augment import Augmentation
from hello_dl.train.checkpoint import KEY, Checkpoint

pytestmark = pytest.mark.usefixtures("at_every_step")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"batch_size": 8}, "batch_size was 16, is now 8"),
        ({"epochs": 5}, "epochs was 3, is now 5"),
        ({"train_data": bars(100, seed=7)}, "training data was Images of 100"),
        ({"validation_data": bars(41, seed=1)}, "validation data was Images of 40"),
        ({"average": None}, "average was 0.9, is now None"),
        ({"schedule": train.cosine}, "schedule was one_cycle, is now cosine"),
        ({"augment": Augmentation(degrees=21, noise=0.1)}, "augment was"),
        ({"seed": 1}, "seed was 0, is now 1"),
        ({"lr": 0.5}, "lr was 0.001, is now 0.5"),
        ({"model": small(dropout=0.2)}, "model was"),
    ],
)
def test_another_training_is_refused_with_what_differs(
    changes: dict[str, Any], words: str, tmp_path: Path
) -> None:
    settings = change(epochs=3)
    train.fit(settings.pop("model"), checkpoint=tmp_path / "c", progress=False, **settings)
    before = (tmp_path / "c").read_bytes()
    other = change(**changes)
    with pytest.raises(ValueError, match=words) as error:
        train.fit(other.pop("model"), checkpoint=tmp_path / "c", resume=True, progress=False, **other)
    assert "another training" in str(error.value)
    assert (tmp_path / "c").read_bytes() == before


def test_another_version_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Checkpoint(tmp_path / "c") as checkpoint:
        checkpoint.keep(model=small())
    versions = hello_dl._core.build_info.config()
    monkeypatch.setattr(
        "hello_dl.train.identity.config", lambda: {**versions, "instruction set": "x86_64_v9"}
    )
    with pytest.raises(ValueError, match=r"version of instruction set was .*, is now x86_64_v9"):
        Checkpoint(tmp_path / "c", resume=True)


def test_a_checkpoint_is_not_overwritten_by_a_new_training(tmp_path: Path) -> None:
    (tmp_path / "c").write_bytes(b"something")
    with pytest.raises(FileExistsError, match="is there already; resume it"):
        train.fit(small(), bars(), checkpoint=tmp_path / "c", progress=False)
    assert (tmp_path / "c").read_bytes() == b"something"


@pytest.mark.parametrize("content", [b"", b"something", b"\xff" * 100])
def test_what_is_no_checkpoint_is_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "c").write_bytes(content)
    with pytest.raises(ValueError, match=r"c: needs an intact safetensors file"):
        Checkpoint(tmp_path / "c", resume=True)


@pytest.mark.parametrize("text", [None, "{", "[]", '{"identity": {}}', "[" * 100_000, "damaged"])
def test_a_damaged_checkpoint_is_refused(text: str | None, tmp_path: Path) -> None:
    with Checkpoint(tmp_path / "c") as checkpoint:
        checkpoint.keep(model=small())
    with safe_open(tmp_path / "c", "numpy") as file:
        good = json.loads(file.metadata()[KEY])
    if text == "damaged":
        good["state"]["dict"][0][1] = {"numpy": "not there", "scalar": False}
        text = json.dumps(good)
    save_file({"a": np.zeros(1)}, tmp_path / "c", None if text is None else {KEY: text})
    with pytest.raises(ValueError, match=r"/c: (is damaged|needs a checkpoint)"):
        Checkpoint(tmp_path / "c", resume=True)


def test_a_full_disk_leaves_the_old_checkpoint_whole_and_the_training_going(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path, sizes = tmp_path / "c", []

    def full(step: int, loss: float) -> None:
        sizes.append(path.read_bytes())
        if step == 2:
            monkeypatch.setattr("os.fsync", refuse)
        if step == 5:
            monkeypatch.undo()

    def refuse(handle: int) -> None:
        raise OSError(28, "No space left on device")

    settings = images()
    train.fit(settings.pop("model"), checkpoint=path, every=SOON, on_step=full, progress=False, **settings)
    assert sizes[1] == sizes[2] == sizes[3]  # the checkpoint after step 1 was kept ...
    assert capsys.readouterr().err.count("No space left") == 1
    again = images()
    train.fit(
        again.pop("model"), checkpoint=path, resume=True, progress=False, **again
    )  # ... and written later
    assert [p.name for p in tmp_path.iterdir()] == ["c"]


def test_a_checkpoint_that_cannot_be_written_is_told_before_the_training(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    steps: list[int] = []
    with pytest.raises(FileNotFoundError, match="there is no folder"):
        train.fit(small(), bars(), checkpoint=tmp_path / "no" / "c", progress=False)

    def refuse(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", refuse)
    with pytest.raises(OSError, match="c: cannot be written"):
        train.fit(
            small(), bars(), checkpoint=tmp_path / "c", progress=False, on_step=lambda s, _: steps.append(s)
        )
    assert not capsys.readouterr().err
    assert not steps
    assert not list(tmp_path.iterdir())


def test_numbers_that_cannot_be_written_are_told_before_the_training(tmp_path: Path) -> None:
    class Odd:
        def state_dict(self) -> dict[str, Any]:
            return {"odd": np.zeros(2, np.longdouble)}

        def load_state_dict(self, state_dict: Any) -> None:
            pass

    with pytest.raises(Exception, match=r"float128|longdouble"):
        Checkpoint(tmp_path / "c").keep(odd=Odd())
