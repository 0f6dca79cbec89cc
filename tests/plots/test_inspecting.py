"""Looking at what was logged with plot and watch, and the options of train and fit that go with it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import hello_dl
from bars import bars, small, state
from command import Answer, command, refused, write_pair
from hello_dl import functional as F
from hello_dl import models, nn, optim, train
from hello_dl.commands.main import run
from hello_dl.data import Images
from hello_dl.data.builtin import generate
from hello_dl.optim import lr_scheduler
from hello_dl.runlog import LogReader, RunLog


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a log of two runs of a small network, and some digits."""
    home = tmp_path_factory.mktemp("home")
    write_pair(home / "digits", *generate(500, "digits", 5))
    log = RunLog(home / "run.sqlite", command="hello-dl train bars", values=True)
    for lr in (1e-3, 1e-2):
        train.fit(small(), bars(), bars(90, seed=1), epochs=2, batch_size=20, lr=lr, log=log, progress=False)
    return home


def pictures(answer: Answer, home: Path) -> dict[str, tuple[int, int]]:
    """Return the pictures that plot has written, and their sizes."""
    assert answer.code == 0, answer
    found = {}
    for line in answer.out.splitlines():
        with Image.open(home / line) as picture:
            picture.load()
            assert len(picture.convert("L").getcolors(1 << 24) or []) > 20, f"{line}: nothing is drawn"
            found[Path(line).name] = picture.size
    return found


# ---- plot ----------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_plot_draws_everything_of_the_newest_run_and_the_curves_of_all(home: Path) -> None:
    pytest.importorskip("matplotlib")
    answer = command("plot", "run.sqlite", "--filter", 3, cwd=home)
    names = ("confusion", "parameters", "gradients", "norms", "distributions", "filters", "filter")
    found = pictures(answer, home)
    assert set(found) == {"curves.png", *(f"run2-{name}.png" for name in names)}
    assert answer.err == ""
    assert min(min(size) for size in found.values()) > 300
    one = command("plot", "run.sqlite", "--run", 1, "--filter", 4, "--out", "one", cwd=home)
    assert set(pictures(one, home)) == {"curves.png", *(f"run1-{name}.png" for name in names[:-1])}
    assert "run 1: no filter: 0.weight has 4 filters, counted from 0; there is no 4" in one.err


def test_each_plot_shows_its_run(home: Path) -> None:
    pytest.importorskip("matplotlib")
    from hello_dl.plots.confusion import draw_confusion, read_confusion
    from hello_dl.runlog.rows import worst_pairs
    from hello_dl.plots.curves import draw_curves
    from hello_dl.plots.filters import draw_filter
    from hello_dl.plots.tensors import draw_evolution

    with LogReader(home / "run.sqlite") as log:
        runs = log.runs()
        curves = draw_curves(log, runs).axes
        assert [axis.get_xlabel() for axis in curves[3:]] == ["steps", "epochs", "seconds"]
        judged = log.table("validation", 2)
        assert any(line.get_ydata().tolist() == judged["loss"].tolist() for line in curves[0].lines)
        assert curves[1].lines[1].get_xdata().tolist() == [1.0, 2.0]  # at the end of each epoch
        panels = [axis.get_title() for axis in draw_evolution(log, runs[0], "gradient").axes]
        assert panels == ["0.weight (100)", "0.bias (4)", "4.weight (768)", "4.bias (3)"]
        counts, step = read_confusion(log, runs[1])
        assert step == 30
        assert counts.sum() == 90
        assert worst_pairs(np.array([[9, 2, 0], [5, 1, 0], [0, 0, 3]]), 3) == [(1, 0), (0, 1)]
        words = [text.get_text() for axis in draw_confusion(log, runs[0]).axes for text in axis.texts]
        assert all("read as" in text or text.isdigit() for text in words)
        values = log.values(2, "0.weight")[1][:, 3, 0, 1, 2]
        lines = draw_filter(log, runs[1], 3).axes[-1].lines
        assert any(line.get_ydata().tolist() == values.tolist() for line in lines)


def test_plot_calls_runs_by_what_they_differ_in(home: Path) -> None:
    from hello_dl.plots.curves import names

    with LogReader(home / "run.sqlite") as log:
        assert names(log.runs()) == ["run 1: lr 0.001", "run 2: lr 0.01"]
        assert names(log.runs([2])) == ["run 2"]


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


# ---- watch ---------------------------------------------------------------------------------------------


def test_watch_prints_once_where_nobody_watches(home: Path) -> None:
    out = command("watch", home / "run.sqlite").out
    assert out.startswith("run 2: hello-dl train bars\nbegun 20")
    assert "\x1b" not in out
    assert "step 30 of 30 (100%), epoch 2" in out
    assert "steps/s" in out
    assert re.search(r"training loss +\d\.\d{4} [▁▂▃▄▅▆▇█]+\n", out)
    with LogReader(home / "run.sqlite") as log:
        last = log.table("validation", 2)["accuracy"][-1]
    assert f"{last:.2%}" in out.splitlines()[-1]
    assert command("watch", home / "run.sqlite", "--run", 1).out.startswith("run 1:")
    refused(command("watch", home / "run.sqlite", "--run", 3), "has no run 3")
    refused(command("watch", home / "none.sqlite"), "no such file")


def test_watch_looks_again_and_again_until_ctrl_c(tmp_path: Path) -> None:
    pty = pytest.importorskip("pty")
    log = RunLog(tmp_path / "run.sqlite", every=1)
    writer = log.run(small(), hyperparameters={}, steps=100)
    writer.step(1, 1, 2.5, 0.1)
    writer.end()
    mark_running(log.path)
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "hello_dl", "watch", str(log.path), "--every", "0.1"],
        **{"stdin": theirs, "stdout": theirs, "stderr": theirs},
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "TERM": "xterm"},
    )
    os.close(theirs)
    shown = b""
    try:
        while shown.count(b"\x1b[2J") < 3:
            shown += os.read(ours, 10_000)
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=60) == 0
    finally:
        process.kill()
        process.wait()
        os.close(ours)
    assert b"step 1 of 100 (1%)" in shown
    assert b"Traceback" not in shown


def mark_running(path: Path) -> None:
    """Take back that a run has ended."""
    import sqlite3

    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE run SET finished = NULL, outcome = NULL")
    connection.close()


def test_a_curve_of_bars_follows_its_numbers() -> None:
    from hello_dl.commands.watch import curve

    assert curve([0, 1, 2, 3, 4, 5, 6, 7], 60) == "▁▂▃▄▅▆▇█"
    assert curve([5, 5, 5], 60) == "▁▁▁"
    assert len(curve(list(range(1000)), 60)) == 60


# ---- train and fit -------------------------------------------------------------------------------------


def test_train_logs_and_takes_the_options_that_keep_it_in_hand(home: Path, tmp_path: Path) -> None:
    data = ("train", "digits", "--data", f"{home / 'digits'}:digits", "--epochs", 2)
    settings = ("--schedule", "plateau", "--clip", 0.5, "--weight-decay", 0.01, "--dropout", 0.2)
    done = command(*data, *settings, "--class-weights", "--log", "run.sqlite", "--threads", 1, cwd=tmp_path)
    assert done.code == 0 and "rare classes count more" in done.out, done
    assert "look at it with: hello-dl plot run.sqlite" in done.out
    with LogReader(tmp_path / "run.sqlite") as log:
        (logged,) = log.runs()
    assert logged.command.startswith("hello-dl train digits")
    assert logged.command.endswith("--log run.sqlite --threads 1")
    kept = logged.hyperparameters
    assert kept["clip"] == 0.5
    assert "AdamW" in kept["optimizer"]
    assert "Dropout" in kept["model"]["layers"]
    assert len(kept["class_weights"]) == 10
    judged = command("evaluate", "digits.safetensors", "--data", f"{home / 'digits'}:digits", cwd=tmp_path)
    assert judged.code == 0, judged


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("--class-weights", "--balanced"), ("--class-weights", "--balanced")),
        (("--log-values",), ("--log-values needs --log",)),
        (("--schedule", "up"), ("--schedule", "one-cycle", "cosine", "plateau")),
        (("--width", "8"), ("--width needs --model letters_resnet",)),
        (("--clip", "0"), ("--clip",)),
        (("--dropout", "1"), ("--dropout",)),
        (("--weight-decay", "-1"), ("--weight-decay",)),
    ],
)
def test_options_that_make_no_sense_are_refused(
    args: tuple[str, ...], words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    refused(Answer(run(["train", "digits", *args]), *capsys.readouterr()), *words, code=2)


def test_class_weights_count_in_the_loss_of_training() -> None:
    data, weights = bars(30), [1.0, 5.0, 0.5]
    x, y = hello_dl.tensor(data.images[:, None] / np.float32(255)), hello_dl.tensor(data.labels)
    losses: list[float] = []

    def first(step: int, loss: float) -> None:
        losses.append(loss)

    settings: dict[str, Any] = {
        "batch_size": 30,
        "normalisation": (0.0, 1.0),
        "on_step": first,
        "progress": False,
    }
    train.fit(small(), data, class_weights=weights, **settings)
    expected = F.cross_entropy(small()(x), y, weight=hello_dl.tensor(weights)).item()
    assert losses[0] == pytest.approx(expected, rel=1e-5)
    assert losses[0] != pytest.approx(F.cross_entropy(small()(x), y).item(), rel=1e-3)
    for wrong in ([1.0, -1.0, 1.0], [1.0, 0.0, 1.0], [1.0, float("nan"), 1.0], [[1.0], [1.0], [1.0]]):
        with pytest.raises(ValueError, match="class_weights must be numbers above 0, one a class"):
            train.fit(small(), data, class_weights=wrong, **settings)
    with pytest.raises(ValueError, match="a weight for each of 3 classes"):
        train.fit(small(), data, class_weights=[1.0, 2.0], **settings)
    with pytest.raises(TypeError, match="weight"):
        train.fit(small(), data, class_weights=weights, loss=lambda scores, labels: scores.sum(), **settings)


def test_balancing_weights_make_classes_count_alike() -> None:
    labels = np.array([0] * 6 + [2] * 2)
    data = Images(np.zeros((8, 28, 28), np.uint8), labels, ("a", "b", "c"))
    weights = train.balancing_weights(data)
    assert weights[labels].mean() == pytest.approx(1)
    assert weights[0] * 6 == pytest.approx(weights[2] * 2)


def test_clip_bounds_what_a_step_can_change() -> None:
    model = small()
    before = state(model)
    train.fit(
        model,
        bars(32),
        batch_size=32,
        optimizer=optim.SGD(model.parameters(), lr=1.0),
        clip=1e-3,
        progress=False,
    )
    moved = np.sqrt(sum(((a - b) ** 2).sum() for a, b in zip(before, state(model), strict=True)))
    assert moved == pytest.approx(1e-3, rel=1e-2)
    with pytest.raises(ValueError, match="max_norm"):
        train.fit(model, bars(32), clip=-1.0, progress=False)


def test_fit_takes_schedules_of_lr_scheduler() -> None:
    model, rates = small(), []
    optimizer = optim.SGD(model.parameters(), lr=1.0)
    schedule = lr_scheduler.StepLR(optimizer, step_size=2, gamma=0.5)
    settings: dict[str, Any] = {
        "batch_size": 16,
        "on_step": lambda step, loss: rates.append(optimizer.param_groups[0]["lr"]),
        "progress": False,
    }
    train.fit(model, bars(80), schedule=schedule, **settings)  # the optimizer is the schedule's
    assert rates == [1.0, 0.5, 0.5, 0.25, 0.25]  # on_step comes after the schedule's step
    with pytest.raises(ValueError, match="another optimizer"):
        train.fit(model, bars(80), schedule=schedule, optimizer=optim.SGD(model.parameters()), **settings)
    optimizer = optim.SGD(model.parameters(), lr=0.0)  # nothing gets better
    optimizer.param_groups[0]["lr"] = 1e-12
    plateau = lr_scheduler.ReduceLROnPlateau(optimizer, factor=0.1, patience=0, eps=0.0)
    train.fit(model, bars(32), bars(30, seed=1), epochs=3, schedule=plateau, **settings)
    assert optimizer.param_groups[0]["lr"] == pytest.approx(1e-14)


def test_dropout_is_put_before_the_hidden_linear_layers() -> None:
    digits, letters = (
        models.with_dropout(models.digits_mlp(), 0.3),
        models.with_dropout(models.letters_cnn(), 0.3),
    )
    for model, layers in ((digits, 2), (letters, 3)):
        kinds = [type(layer) for layer in model]
        assert kinds.count(nn.Dropout) == layers
        assert all(kinds[i + 1] is nn.Linear for i, kind in enumerate(kinds) if kind is nn.Dropout)
    assert [layer.p for layer in models.with_dropout(digits, 0.1) if isinstance(layer, nn.Dropout)] == [
        0.1,
        0.1,
    ]
    assert models.build(models.describe(letters))(hello_dl.zeros(2, 1, 28, 28)).shape == (2, 26)


def test_the_sql_of_the_manual_runs(home: Path) -> None:
    manual = (Path(__file__).parents[2] / "docs" / "inspecting.md").read_text()
    queries = re.findall(r"```sql\n(.*?)```", manual, re.DOTALL)
    assert len(queries) >= 5
    with LogReader(home / "run.sqlite") as log:
        answers = [log.query(query) for query in queries]
        assert [row[0] for row in answers[0]] == [2, 1] or [row[0] for row in answers[0]] == [1, 2]
        assert len(answers[1]) == 4
        assert all(training > 0 for _, _, training, _, _ in answers[1])
        assert {name for name, _ in answers[2]} == {name for name, _ in small().named_parameters()}
        assert answers[4][0][0] > 0
    for name in ("run", "training", "validation", "tensor", "value", "confusion", "mistake"):
        assert f"| `{name}` |" in manual
