"""`hello-dl quantise`: size, accuracy, and the table of all ways."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from command import Inside, command, refused
from hello_dl import nn, weights

TEST = "builtin:1000"


def test_quantise_prints_size_accuracy_and_what_changed(home: Path, tmp_path: Path, inside: Inside) -> None:
    out = tmp_path / "small"
    answer = command("quantise", home / "digits", "--bits", 4, "-d", TEST, "--out", out)
    assert answer.code == 0, answer.err
    old, new = (home / "digits").stat().st_size, out.stat().st_size
    assert new <= old / 7
    assert f"{old:,} bytes, now {new:,}" in answer.out
    for word in ("1.weight", "3.weight", "5.weight", "of 1000, now", "points"):
        assert word in answer.out
    before, after = (inside("evaluate", path, "-d", TEST, "--json").json for path in (home / "digits", out))
    assert before["accuracy"] - after["accuracy"] <= 0.005
    assert f"{before['accuracy']:.2%} of 1000, now {after['accuracy']:.2%}" in answer.out
    refused(inside("quantise", out, "--out", tmp_path / "again"), out, "quantised already, to 4 bits")
    assert not (tmp_path / "again").exists()


def test_a_network_for_something_else_is_made_small_too(tmp_path: Path, inside: Inside) -> None:
    path, small, model = tmp_path / "w", tmp_path / "small", nn.Sequential(nn.Linear(200, 40))
    weights.save(path, model, architecture={"type": "Own"})
    answer = inside("quantise", path, "--out", small)
    assert answer.code == 0
    assert "0.weight" in answer.out
    assert "right" not in answer.out
    again = weights.load(small, nn.Sequential(nn.Linear(200, 40)))[0].state_dict()["0.weight"].numpy()
    assert np.abs(again - model.state_dict()["0.weight"].numpy()).mean() < 0.01
    refused(inside("quantise", path, "--table"), path, "--table needs a network that reads characters")
    refused(inside("quantise", path, "-d", "builtin:5", "--out", small), path, "Own")


def test_the_table_has_every_way_and_is_drawn(home: Path, tmp_path: Path, inside: Inside) -> None:
    pytest.importorskip("matplotlib")
    plot = tmp_path / "plot.png"
    answer = inside("quantise", home / "digits", "--table", "-d", "builtin:100", "--plot", plot)
    assert answer.code == 0
    assert len(answer.out.splitlines()) == 1 + 1 + 5 * 2 * 2 + 1
    assert plot.read_bytes().startswith(b"\x89PNG")
    assert [p.name for p in tmp_path.iterdir()] == ["plot.png"]


def test_without_matplotlib_the_plot_says_what_to_install(
    home: Path, tmp_path: Path, inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    answer = inside("quantise", home / "digits", "--table", "--plot", tmp_path / "p.png")
    refused(answer, "pip install 'hello-dl[plot]'")
