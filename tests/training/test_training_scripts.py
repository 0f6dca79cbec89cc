"""The scripts that made the bundled weights run, in small: so anyone can make them anew."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from hello_dl import weights
from hello_dl.reading import find_ink
from hello_dl.reading.letters.is_writing import WEIGHTS
from hello_dl.reading.lines.language import LineLanguage

TRAINING = Path(__file__).parents[2] / "training"

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not TRAINING.is_dir(), reason="only in the repository")]


def run(script: str, options: str) -> str:
    command = [sys.executable, str(TRAINING / script), *options.split()]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_the_ink_network_learns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    told = run(
        "ink.py", "--pages 24 --held-back 4 --epochs 2 --out ink.safetensors --shipped small.safetensors"
    )
    losses = [float(loss) for loss in re.findall(r"held back ([\d.]+):", told)]
    assert len(losses) == 2
    assert losses[1] < losses[0] < np.log(2)
    grey = np.full((64, 96), 0.8, np.float32)
    both = [find_ink(grey, weights.load(file)[0]) for file in ("ink.safetensors", "small.safetensors")]
    assert both[0].shape == grey.shape
    np.testing.assert_allclose(*both, atol=0.1)  # 8 bits say nearly the same


def test_letters_are_told_from_grain() -> None:
    told = run("writing.py", "--much 1 --little 3 --none 1 --surface 1 --spots 2 --steps 200")
    assert all(f'"{name}": ' in told for name in WEIGHTS)
    lost, letters = map(int, re.findall(r"much: (\d+) of (\d+) letters lost", told)[0])
    assert letters > 50
    assert lost < 0.1 * letters


def test_the_language_of_lines_is_learned(tmp_path: Path) -> None:
    (tmp_path / "text.txt").write_text("It\u2019s the cat\n" * 60 + "the dog\n" * 9, encoding="utf-8")
    (tmp_path / "words.txt").write_text("the 20\ncat 10\ndog 5\n")
    told = run("line_language.py", f"{tmp_path}/text.txt --words {tmp_path}/words.txt --out {tmp_path}/l.npz")
    assert float(re.findall(r"held back: (-[\d.]+)", told)[0]) > -0.5
    language = LineLanguage.load(tmp_path / "l.npz")
    assert language.after("it's t", "h") > language.after("it's t", "c")
