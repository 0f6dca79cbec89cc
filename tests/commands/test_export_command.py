"""`hello-dl export`: every kind of weights file, and what is refused in one line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from command import Inside, refused
from hello_dl import nn, weights
from hello_dl.dna.train_splice import Ensemble
from hello_dl.dna.train_splice import save as save_splice
from hello_dl.evaluation import Classifier
from hello_dl.text import GPT, RecurrentText, model_files
from hello_dl.text.characters import CharacterVocabulary

runtime = pytest.importorskip("onnxruntime")
pytest.importorskip("onnx")
RNG = np.random.default_rng(8)


def opened(path: Path) -> Any:
    return runtime.InferenceSession(str(path), providers=["CPUExecutionProvider"])


def ends(session: Any) -> tuple[dict[str, list[Any]], dict[str, list[Any]]]:
    return tuple({v.name: v.shape for v in vs} for vs in (session.get_inputs(), session.get_outputs()))  # type: ignore[return-value]


@pytest.mark.parametrize("name", ["letters", "digits"])
def test_a_classifier_gives_calibrated_probabilities(name: str, tmp_path: Path, inside: Inside) -> None:
    answer = inside("export", name, "--to", tmp_path / "x.onnx")
    assert answer.code == 0, answer.err
    assert "takes image, gives probabilities" in answer.out
    session = opened(tmp_path / "x.onnx")
    classifier = Classifier.load(name)
    assert ends(session) == (
        {"image": ["batch", 1, 28, 28]},
        {"probabilities": ["batch", len(classifier.classes)]},
    )
    images = np.zeros((3, 28, 28), np.uint8)
    images[:, 6:22, 9:20] = RNG.integers(0, 256, (3, 16, 11))
    classifier.classes = (*classifier.classes, "?")  # so that digits are not moved first, as the file says
    wanted = classifier.classify(images)
    found = session.run(None, {"image": images[:, None].astype(np.float32) / 255})[0]
    np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=1e-5)
    about = session.get_modelmeta()
    assert json.loads(about.custom_metadata_map["classes"]) == list(classifier.header.classes)
    assert "0 = paper, 1 = ink" in about.graph_description


def test_the_line_reader_takes_any_width(tmp_path: Path, inside: Inside) -> None:
    assert inside("export", "lines", "--to", tmp_path / "x.onnx").code == 0
    assert ends(opened(tmp_path / "x.onnx"))[0] == {"picture": ["batch", 1, 48, "width"]}


def test_networks_of_text_and_dna(tmp_path: Path, inside: Inside) -> None:
    words = CharacterVocabulary("abcdefgh")
    gru, lstm = (RecurrentText(words.size, cell, 16, 2, 8) for cell in ("gru", "lstm"))
    for model in (gru, lstm, GPT(words.size, 12, 16, 1, 2)):
        model_files.save(tmp_path / "text.safetensors", model, words)
        answer = inside("export", tmp_path / "text.safetensors", "--to", tmp_path / "x.onnx")
        assert answer.code == 0, answer.err
        inputs = ends(opened(tmp_path / "x.onnx"))[0]
        states = {"h": [2, "batch", 16], "c": [2, "batch", 16]}
        if model is gru:
            assert inputs == {"ids": ["batch", "time"], "h": states["h"]}
        elif model is lstm:
            assert inputs == {"ids": ["batch", "time"], **states}
        else:
            assert inputs == {"ids": ["batch", 12]}
    save_splice(tmp_path / "dna.safetensors", Ensemble(60, ("gru", "conv")))
    assert inside("export", tmp_path / "dna.safetensors", "--to", tmp_path / "x.onnx").code == 0
    assert ends(opened(tmp_path / "x.onnx")) == (
        {"bases": ["batch", 60, 4]},
        {"log_probabilities": ["batch", 3]},
    )


def test_a_network_that_does_not_tell_its_shape_is_given_it(tmp_path: Path, inside: Inside) -> None:
    file, out = tmp_path / "net.safetensors", tmp_path / "net.c"
    weights.save(file, nn.Sequential(nn.Linear(3, 4), nn.ReLU()))
    refused(inside("export", file, "--to", out), "does not say what its input looks like", "--shape")
    answer = inside("export", file, "--to", out, "--shape", "1,3", "--name", "tiny", "--bits", "8")
    assert answer.code == 0, answer.err
    assert "void tiny(const float input[3], float output[4]);" in out.read_text()


@pytest.mark.parametrize(
    ("args", "words", "code"),
    [
        (("letters", "--to", "x.pt"), ["ends in .onnx, .c, .wasm", "x.pt"], 1),
        (("letters", "--to", "a-b.c"), ["'a-b' is no name in C"], 1),
        (("letters", "--to", "x.onnx", "--bits", "8"), ["needs bits of 32"], 1),
        (("letters", "--to", "none/x.c"), ["there is no folder"], 1),
        (("none.safetensors", "--to", "x.c"), ["there is no such file"], 1),
        (("letters", "--to", "x.c", "--shape", "1,a"), ["1,16,24,24", "1,a"], 2),
        (("letters",), ["--to"], 2),
    ],
)
def test_what_cannot_be_is_refused(
    args: tuple[str, ...],
    words: list[str],
    code: int,
    tmp_path: Path,
    inside: Inside,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    refused(inside("export", *args), *words, code=code)
    assert list(tmp_path.iterdir()) == []
