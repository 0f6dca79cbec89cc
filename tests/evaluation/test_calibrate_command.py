"""`hello-dl calibrate` stores temperature and threshold; and what the three commands refuse."""

from __future__ import annotations

from pathlib import Path

import pytest

from command import Inside, refused
from hello_dl import nn, weights
from hello_dl.data import load
from hello_dl.evaluation import Classifier, robustness
from hello_dl.evaluation.calibration import calibrate

TEST = "builtin:1000"


def test_calibrate_stores_what_evaluate_then_reports(home: Path, tmp_path: Path, inside: Inside) -> None:
    out = tmp_path / "calibrated"
    answer = inside("calibrate", home / "digits", "-d", TEST, "--precision", 0.98, "--out", out)
    assert answer.code == 0, answer.err
    assert f"saved in {out}" in answer.out
    header = weights.read_header(out)
    assert header.temperature != 1.0
    assert header.threshold is not None
    assert header.notes["precision"] == 0.98
    assert weights.read_header(home / "digits").threshold is None
    numbers = inside("evaluate", out, "-d", TEST, "--json").json
    assert numbers["precision"] >= 0.98
    assert 0.5 < numbers["answered"] < 1
    before = inside("evaluate", home / "digits", "-d", TEST, "--json").json
    assert numbers["accuracy"] == before["accuracy"]
    assert numbers["loss"] == before["loss"]
    assert numbers["calibration_error"] < max(0.02, before["calibration_error"])
    text = inside("evaluate", out, "-d", TEST).out
    assert f"{numbers['precision']:.2%} of these right" in text
    assert "I don't know" in text


def test_a_threshold_can_be_made_to_flag_what_is_no_writing(
    home: Path, tmp_path: Path, inside: Inside
) -> None:
    out = tmp_path / "w"
    assert inside("calibrate", home / "digits", "-d", TEST, "--flag", 0.99, "--out", out).code == 0
    classifier = Classifier.load(out)
    assert classifier.header.threshold is not None
    for kind, images in robustness.unknown_images(classifier.classes).items():
        confidence = classifier.classify(images).max(axis=1)
        assert kind == "letters" or (confidence < classifier.header.threshold).mean() >= 0.99


def test_what_train_saves_is_calibrated_already(tmp_path: Path, inside: Inside) -> None:
    out = tmp_path / "w"
    assert inside("train", "digits", "-d", "builtin:1000", "--epochs", 1, "--out", out).code == 0
    model, header = weights.load(out)
    judged = load("builtin:1000", classes=header.classes).split(0.9, 0)[1]
    assert header.temperature == pytest.approx(calibrate(model, judged, header.normalisation), rel=1e-4)


def test_the_bundled_networks_stay_as_they_are(
    home: Path, tmp_path: Path, inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, package = tmp_path / "here", tmp_path / "package"
    here.mkdir()
    package.mkdir()
    bundled = package / "digits.safetensors"
    bundled.write_bytes((home / "digits").read_bytes())
    monkeypatch.setattr("hello_dl.weights.places.SHIPPED", package)
    monkeypatch.chdir(here)
    refused(inside("calibrate", "digits", "-d", "builtin:50"), "bundled digits", "--out", code=2)
    assert inside("calibrate", "digits", "-d", "builtin:300", "-o", "mine", "--precision", 0.5).code == 0
    assert inside("quantise", "digits", "-d", "builtin:50").code == 0
    assert sorted(p.name for p in here.iterdir()) == ["digits-4bit.safetensors", "mine"]
    assert bundled.read_bytes() == (home / "digits").read_bytes()
    assert inside("calibrate", "./mine", "-d", "builtin:300", "--precision", 0.5).code == 0  # in its place
    refused(inside("evaluate", "-d", "builtin:5"), "letters", "lacks the bundled")  # the default


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("evaluate", "w", "-d", "builtin:5", "--shift", "-1"), ("--shift",)),
        (("evaluate", "w", "-d", "builtin:5", "--flip", "785"), ("--flip", "784")),
        (("evaluate", "w", "-d", "builtin:5", "--flip", "some"), ("--flip", "some")),
        (("calibrate", "w"), ("--data",)),
        (("calibrate", "w", "-d", "builtin:5", "--precision", "1.5"), ("--precision",)),
        (("calibrate", "w", "-d", "builtin:5", "--precision", "0"), ("--precision",)),
        (("quantise", "w", "--bits", "5"), ("--bits", "8", "1")),
        (("quantise", "w", "--method", "magic"), ("--method", "bins")),
    ],
)
def test_what_is_written_wrongly_is_told_in_one_line(
    args: tuple[str, ...], words: tuple[str, ...], inside: Inside
) -> None:
    refused(inside(*args), *words, code=2)


def test_what_cannot_be_done_is_told_in_one_line(
    home: Path, tmp_path: Path, inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    refused(inside("quantise", home / "digits", "--plot", "p.png"), "--table", code=2)
    refused(inside("quantise", home / "digits", "--out", "no/folder"), "--out", "there is no folder")
    copy = tmp_path / "digits"
    copy.write_bytes((home / "digits").read_bytes())
    refused(inside("quantise", copy, "--out", copy, "-d", "builtin:20"), "would replace", code=2)
    refused(inside("quantise", "nowhere"), "nowhere: there is no such file", "digits, letters, characters")
    wrong = ("-d", "builtin:40", "--precision", 1)
    refused(inside("calibrate", home / "untrained", *wrong, "--out", "w"), "are right, got", "ask for less")
    sums = nn.Sequential(nn.Linear(10, 2))
    weights.save("sums", sums, classes="ab")
    refused(inside("calibrate", "sums", "-d", "builtin:5"), "sums", "28 x 28")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["digits", "sums"]
    assert copy.read_bytes() == (home / "digits").read_bytes()
