"""Networks on disturbed images and on strange ones; `hello-dl evaluate`, `calibrate`, `quantise`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from command import Answer, command, refused, write_pair
from hello_dl import manual_seed, models, nn, weights
from hello_dl.commands.main import run
from hello_dl.data import Images, load
from hello_dl.evaluation import Classifier, robustness
from hello_dl.train import evaluate, fit, one_cycle

Inside = Callable[..., Answer]
TEST = "builtin:1000"


@pytest.fixture
def inside(capsys: pytest.CaptureFixture[str]) -> Inside:
    """Run hello-dl in this process, which is faster."""

    def call(*args: object) -> Answer:
        code = run([str(arg) for arg in args])
        return Answer(code, *capsys.readouterr())

    return call


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a network that knows digits, and one for letters that has learned nothing."""
    home = tmp_path_factory.mktemp("home")
    manual_seed(0)
    data = load("builtin:5000", classes=tuple("0123456789"))
    fit(
        models.digits_mlp(), data, epochs=3, lr=2e-3, schedule=one_cycle, save=home / "digits", progress=False
    )
    untrained = tuple("abcdefghijklmnopqrstuvwxyz")
    weights.save(home / "untrained", models.letters_cnn(), classes=untrained)
    return home


@pytest.fixture(scope="module")
def digits() -> Images:
    return load(TEST, classes=tuple("0123456789"), split="test")


def test_measuring_agrees_with_evaluate_and_counts_the_answers_given(home: Path, digits: Images) -> None:
    classifier = Classifier.load(home / "digits")
    expected = evaluate(classifier.model, digits, normalisation=classifier.header.normalisation)
    measured = robustness.measure(classifier, digits)
    assert (measured.n, measured.accuracy) == (expected.n, pytest.approx(expected.accuracy))
    assert measured.loss == pytest.approx(expected.loss, rel=1e-4)
    assert (measured.confusion == expected.confusion).all()
    assert measured.given is None
    assert measured.disturbed == {}
    weights.annotate(home / "digits", home / "sure", threshold=0.9)
    given = robustness.measure(Classifier.load(home / "sure"), digits).given
    assert given is not None
    assert 0.5 < given.answered < 1
    assert given.precision > measured.accuracy


def test_disturbing_is_seeded_and_costs_accuracy(home: Path, digits: Images) -> None:
    classifier = Classifier.load(home / "digits")
    assert robustness.disturbances(0, 0) == {}
    assert list(robustness.disturbances(0, 5)) == ["flip 5"]
    many = robustness.disturbances(1, 60)
    assert list(many) == ["shift 1", "flip 60", "both"]
    first, again, other = (robustness.measure(classifier, digits, many, seed) for seed in (1, 1, 2))
    assert first.disturbed == again.disturbed != other.disturbed
    shifted, flipped, both = first.disturbed.values()
    assert both < shifted < first.accuracy
    assert both < flipped < first.accuracy


@pytest.mark.parametrize(
    ("classes", "kinds"),
    [
        ("0123456789", ["letters", "noise", "specks", "blank"]),
        ("abcdefghijklmnopqrstuvwxyz", ["digits", "noise", "specks", "blank"]),
        ("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", ["noise", "specks", "blank"]),
    ],
)
def test_strangers_are_what_the_classes_leave_over(classes: str, kinds: list[str]) -> None:
    found = robustness.strangers(tuple(classes), n=50)
    assert list(found) == kinds
    assert all(images.shape[1:] == (28, 28) and images.dtype == np.uint8 for images in found.values())
    again, other = robustness.strangers(tuple(classes), n=50), robustness.strangers(tuple(classes), 50, 1)
    for kind, images in found.items():
        assert (images == again[kind]).all()
        assert kind == "blank" or (images != other[kind]).any()
    assert all(np.ptp(image) == 0 for image in found["blank"])


# ---- the commands -------------------------------------------------------------------------------------


def test_evaluate_shows_several_networks_clean_and_disturbed_in_one_table(home: Path) -> None:
    answer = command(
        "evaluate", home / "digits", home / "untrained", "-d", "builtin:300", "--shift", 2, "--flip", 5
    )
    assert answer.code == 0, answer.err
    titles, first, second = answer.out.strip().splitlines()
    assert titles.split("  ")[0] == "n" or titles.split()[0] == "n"
    for word in ("clean", "shift 2", "flip 5", "both", "lost", "calibration error"):
        assert word in titles
    assert first.startswith(str(home / "digits"))
    assert second.startswith(str(home / "untrained"))
    assert float(first.split("%")[0].split()[-1]) > 60 > 20 > float(second.split("%")[0].split()[-1])


def test_evaluate_json_has_a_line_for_each_network(home: Path, inside: Inside) -> None:
    import json

    answer = inside(
        "evaluate",
        home / "digits",
        home / "untrained",
        "-d",
        "builtin:300",
        "--flip",
        9,
        "--json",
        "--classes",
    )
    first, second = map(json.loads, answer.out.splitlines())
    assert first["weights"] == str(home / "digits")
    assert second["weights"] == str(home / "untrained")
    assert first["n"] == second["n"] == 300
    assert first["accuracy"] > second["accuracy"]
    assert list(first["disturbed"]) == ["flip 9"]
    assert 0 <= first["calibration_error"] <= 1
    assert sum(c["right"] for c in first["classes"].values()) == round(first["accuracy"] * 300)


def test_each_network_is_measured_on_the_data_it_has_classes_for(
    home: Path, tmp_path: Path, inside: Inside
) -> None:
    for code, classes in (("digits", "0123456789"), ("letters26", "abcdefghijklmnopqrstuvwxyz")):
        drawn = load("builtin:200", classes=tuple(classes))
        write_pair(tmp_path / code, drawn.images, drawn.labels + (code == "letters26"))
    data = ("-d", f"{tmp_path / 'digits'}:digits", "-d", f"{tmp_path / 'letters26'}:letters26")
    answer = inside("evaluate", home / "digits", home / "untrained", *data)
    assert answer.code == 0 and answer.out.count(" 200 ") == 2, answer
    refused(inside("evaluate", home / "digits", *data[2:]), "none of its 200 items")


def test_evaluate_shows_classes_and_what_is_flagged(home: Path, inside: Inside) -> None:
    answer = inside("evaluate", home / "digits", "-d", "builtin:500", "--classes", "--out-of-class")
    assert answer.code == 0
    for word in ("mostly taken for", "flagged below a confidence of", "AUROC", "noise", "blank", "letters"):
        assert word in answer.out
    assert "I don't know" not in answer.out  # the file has no threshold


def test_calibrate_stores_what_evaluate_then_reports(home: Path, tmp_path: Path, inside: Inside) -> None:
    out = tmp_path / "calibrated"
    answer = inside("calibrate", home / "digits", "-d", TEST, "--precision", 0.98, "--out", out)
    assert answer.code == 0 and f"saved in {out}" in answer.out, answer.err
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
    for kind, images in robustness.strangers(classifier.classes).items():
        confidence = classifier.classify(images).max(axis=1)
        assert kind == "letters" or (confidence < classifier.header.threshold).mean() >= 0.99


def test_the_classifiers_probabilities_have_the_temperature(
    home: Path, digits: Images, tmp_path: Path
) -> None:
    weights.annotate(home / "digits", tmp_path / "w", temperature=3.0)
    cool, warm = (
        Classifier.load(path).classify(digits.images[:50]) for path in (home / "digits", tmp_path / "w")
    )
    expected = cool.astype(float) ** (1 / 3)
    np.testing.assert_allclose(warm, expected / expected.sum(axis=1, keepdims=True), rtol=1e-3, atol=1e-6)


def test_what_train_saves_is_calibrated_already(tmp_path: Path, inside: Inside) -> None:
    out = tmp_path / "w"
    assert inside("train", "digits", "-d", "builtin:1000", "--epochs", 1, "--out", out).code == 0
    model, header = weights.load(out)
    judged = load("builtin:1000", classes=header.classes).split(0.9, 0)[1]
    from hello_dl.evaluation.calibration import calibrate

    assert header.temperature == pytest.approx(calibrate(model, judged, header.normalisation), rel=1e-4)


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
