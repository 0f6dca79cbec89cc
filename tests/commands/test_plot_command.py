"""The command plot: which files it writes, and what it says about what it cannot draw."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bars import log_two_runs, small
from command import Answer, command, refused
from hello_dl import functional as F
from hello_dl import nn, train
from hello_dl.commands.main import run
from hello_dl.runlog import RunLog


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the log of two runs of a small network."""
    return log_two_runs(tmp_path_factory.mktemp("home")).parent


def sizes(answer: Answer, home: Path) -> dict[str, tuple[int, int]]:
    """Return the names of the pictures that plot has written, and their sizes in pixels."""
    assert answer.code == 0, answer
    found = {}
    for line in answer.out.splitlines():
        with Image.open(home / line) as picture:
            picture.load()
            found[Path(line).name] = picture.size
    return found


@pytest.mark.slow
def test_plot_draws_everything_of_the_newest_run_and_the_curves_of_all(home: Path) -> None:
    pytest.importorskip("matplotlib")
    answer = command("plot", "run.sqlite", "--filter", 3, cwd=home)
    names = ("confusion", "parameters", "gradients", "norms", "distributions", "filters", "filter")
    found = sizes(answer, home)
    assert set(found) == {"curves.png", *(f"run2-{name}.png" for name in names)}
    assert answer.err == ""
    assert min(min(size) for size in found.values()) > 300
    one = command("plot", "run.sqlite", "--run", 1, "--filter", 4, "--out", "one", cwd=home)
    assert set(sizes(one, home)) == {"curves.png", *(f"run1-{name}.png" for name in names[:-1])}
    assert "run 1: no filter: 0.weight has 4 filters, counted from 0; there is no 4" in one.err


def test_plot_says_what_is_not_there(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("matplotlib")
    monkeypatch.chdir(tmp_path)

    def plot(*args: object) -> Answer:
        code = run(["plot", *map(str, args)])
        return Answer(code, *capsys.readouterr())

    refused(plot(home / "run.sqlite", "--run", 7), "has no run 7; there are 1, 2")
    refused(plot(tmp_path / "none.sqlite"), "none.sqlite: there is no such file")
    RunLog(tmp_path / "empty.sqlite")
    refused(plot("empty.sqlite"), "empty.sqlite: holds no run yet")
    RunLog(tmp_path / "begun.sqlite").run(small(), hyperparameters={}).end()
    refused(plot("begun.sqlite"), "run 1 holds no training step yet")
    refused(plot(home / "run.sqlite", "--filter", "-1"), "--filter", code=2)
    assert not (tmp_path / "empty-plots").exists()


@pytest.mark.slow
def test_plot_leaves_out_what_a_run_does_not_have(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    x, y = np.ones((40, 3), np.float32), np.zeros((40, 1), np.float32)
    log = RunLog(tmp_path / "line.sqlite")
    train.fit(nn.Linear(3, 1), (x, y), batch_size=4, loss=F.mse_loss, log=log, progress=False)
    plain = command("plot", "line.sqlite", cwd=tmp_path)
    assert plain.code == 0
    assert "curves.png" in plain.out
    assert "no confusion: the run has no validation yet" in plain.err
    assert "no filters: weight, the first layer, has no filters that are pictures" in plain.err


def test_plot_without_matplotlib_says_what_to_install(home: Path) -> None:
    code = "import sys; sys.modules['matplotlib'] = None\nfrom hello_dl.commands.main import main\nmain()"
    done = subprocess.run(
        [sys.executable, "-c", code, "plot", str(home / "run.sqlite")],
        **{"capture_output": True, "text": True, "cwd": home},
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    refused(Answer(done.returncode, done.stdout, done.stderr), "pip install 'hello-dl[plot]'")
