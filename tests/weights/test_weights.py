"""A weights file rebuilds its model by itself, opens in other programs, and says what is wrong with it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.numpy

import hello_dl
from hello_dl import models, nn, weights

EVERY_LAYER = [
    nn.Conv2d(2, 4, (3, 2), padding=1, bias=False),
    nn.BatchNorm2d(4, momentum=0.2),
    nn.GELU("tanh"),
    nn.MaxPool2d(2, ceil_mode=True),
    nn.AvgPool2d(2, stride=1),
    nn.Dropout(0.1),
    nn.Flatten(),
    nn.Linear(24, 6),
    nn.LayerNorm(6),
    nn.ReLU(),
    nn.Softmax(dim=1),
]


def small() -> nn.Sequential:
    """Return a small network."""
    return nn.Sequential(nn.Linear(3, 2), nn.Tanh())


def header_of(path: Path) -> dict[str, Any]:
    """Return the header as it stands in the file."""
    with safetensors.safe_open(path, framework="numpy") as file:
        return json.loads(file.metadata()[weights.KEY])  # type: ignore[no-any-return]


def rewrite(path: Path, **changes: Any) -> None:
    """Change entries of the header of a file."""
    header = {**header_of(path), **changes}
    arrays = safetensors.numpy.load_file(path)
    safetensors.numpy.save_file(arrays, path, {weights.KEY: json.dumps(header)})


def test_the_file_alone_rebuilds_the_model(tmp_path: Path) -> None:
    path = tmp_path / "w.safetensors"
    model = nn.Sequential(*EVERY_LAYER)
    x = hello_dl.randn(3, 2, 6, 7)
    model(x).sum().backward()  # running statistics move
    model.eval()
    weights.save(
        path,
        model,
        classes="abcdef",
        merged={"a"},
        normalisation=(0.2, 0.3),
        seed=7,
        step=100,
        accuracy=0.9,
        temperature=1.25,
        threshold=0.75,
        remark="by hand",
    )
    again, header = weights.load(path)
    assert repr(again) == repr(model)
    assert not again.training
    assert (again(x).numpy() == model(x).numpy()).all()
    assert header.classes == tuple("abcdef")
    assert header.merged == ("a",)
    assert header.normalisation == (0.2, 0.3)
    assert (header.seed, header.step, header.accuracy, header.notes) == (7, 100, 0.9, {"remark": "by hand"})
    assert (header.temperature, header.threshold) == (1.25, 0.75)
    assert weights.read_header(path) == header


@pytest.mark.parametrize("make", [models.digits_mlp, models.letters_cnn, models.letters_resnet])
def test_the_networks_of_the_series_are_rebuilt(make: Any, tmp_path: Path) -> None:
    model = make()
    weights.save(tmp_path / "w", model)
    again, _ = weights.load(tmp_path / "w")
    assert repr(again) == repr(model)
    for a, b in zip(again.parameters(), model.parameters(), strict=True):
        assert (a.numpy() == b.numpy()).all()


def test_loading_draws_no_random_numbers(tmp_path: Path) -> None:
    weights.save(tmp_path / "w", small())
    drawn = []
    for load in (True, False):
        hello_dl.manual_seed(5)
        if load:
            weights.load(tmp_path / "w")
        drawn.append(hello_dl.rand(3).tolist())
    assert drawn[0] == drawn[1]


def test_the_tensors_are_pytorchs_both_ways(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    from safetensors.torch import load_file

    model, path = models.letters_cnn(), tmp_path / "w.safetensors"
    weights.save(path, model)
    layers: list[Any] = []
    for i, o in ((1, 32), (32, 64), (64, 128)):
        layers += [torch.nn.Conv2d(i, o, 3), torch.nn.MaxPool2d(2, ceil_mode=True), torch.nn.GELU()]
    layers += [torch.nn.Flatten(), torch.nn.Linear(512, 64), torch.nn.GELU(), torch.nn.Linear(64, 128)]
    theirs = torch.nn.Sequential(*layers, torch.nn.GELU(), torch.nn.Linear(128, 26))
    theirs.load_state_dict(load_file(path))
    x = np.random.default_rng(0).normal(size=(5, 1, 28, 28)).astype(np.float32)
    expected = theirs(torch.tensor(x)).detach().numpy()
    np.testing.assert_allclose(model(hello_dl.tensor(x)).numpy(), expected, rtol=1e-4, atol=1e-5)

    other = models.letters_cnn()
    other.load_state_dict(theirs.state_dict())
    np.testing.assert_allclose(other(hello_dl.tensor(x)).numpy(), expected, rtol=1e-4, atol=1e-5)


class Own(nn.Module):
    """A network that no file can describe."""

    def __init__(self) -> None:
        self.linear = nn.Linear(3, 2)


def test_a_network_of_ones_own_is_filled_by_a_file(tmp_path: Path) -> None:
    model, other = Own(), Own()
    with pytest.raises(TypeError, match="got Own"):
        weights.save(tmp_path / "w", model)
    weights.save(tmp_path / "w", model, architecture="Own")
    filled, header = weights.load(tmp_path / "w", other)
    assert filled is other
    assert header.architecture == "Own"
    assert (other.linear.weight.numpy() == model.linear.weight.numpy()).all()
    with pytest.raises(ValueError, match=r"w: unknown architecture 'Own'.*load\(path, model\)"):
        weights.load(tmp_path / "w")


def test_weights_of_another_architecture_say_what_differs(tmp_path: Path) -> None:
    path = tmp_path / "digits"
    weights.save(path, models.digits_mlp())
    with pytest.raises(ValueError, match=r"digits: .*missing: 0\.weight.*unexpected: .*5\.weight"):
        weights.load(path, nn.Sequential(nn.Linear(784, 10)))
    rewrite(path, architecture={"type": "Sequential", "layers": [["Wonder", {}]]})
    with pytest.raises(ValueError, match="unknown layer 'Wonder'; there are Residual, AvgPool2d"):
        weights.load(path)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"format": 3}, "has format 3, needs 2 or less; install a newer"),
        ({"temperature": 0}, "needs a temperature above 0, got 0"),
        ({"temperature": "warm"}, "could not convert"),
        ({"threshold": 1.5}, "needs a threshold from 0 to 1, or none, got 1.5"),
        ({"architecture": {"type": "Sequential", "layers": [["Linear", {"in": 3}]]}}, "damaged description"),
        ({"architecture": {"type": "Sequential", "layers": 3}}, "damaged description"),
        ({"architecture": {"type": "Transformer"}}, "unknown architecture 'Transformer'"),
        ({"architecture": {"type": "Sequential", "layers": []}}, "unexpected: 0.bias, 0.weight"),
        ({"normalisation": {"mean": 0, "std": 0}}, "std above 0"),
        ({"normalisation": None}, "header is damaged"),
        ({"classes": 5}, "header is damaged"),
        ({"quantised": 4}, "header is damaged"),
        ({"quantised": {"bits": 4}}, "packed weights are damaged"),
    ],
)
def test_a_strange_header_is_named(tmp_path: Path, changes: dict[str, Any], words: str) -> None:
    path = tmp_path / "strange"
    weights.save(path, small())
    rewrite(path, **changes)
    with pytest.raises(ValueError, match=f"strange: .*{words}"):
        weights.load(path)


def test_damaged_and_foreign_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "file"
    weights.save(path, small())
    whole = path.read_bytes()
    for content in (whole[:-4], whole[:50], b"", b"<html>" * 100):
        path.write_bytes(content)
        with pytest.raises(ValueError, match="file: needs an intact safetensors file"):
            weights.load(path)
    safetensors.numpy.save_file({"a": np.zeros(3)}, path)
    with pytest.raises(ValueError, match="file: holds tensors, but no header"):
        weights.load(path)
    safetensors.numpy.save_file({"a": np.zeros(3)}, path, {weights.KEY: "{"})
    with pytest.raises(ValueError, match="no JSON"):
        weights.load(path)
    with pytest.raises(FileNotFoundError, match="nowhere: there is no such file"):
        weights.load(tmp_path / "nowhere")
    with pytest.raises(FileNotFoundError, match="this is a directory"):
        weights.load(tmp_path)


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "w"
    weights.save(path, small(), step=1)
    with pytest.raises(TypeError):
        weights.save(path, small(), step=2, remark=object())
    with pytest.raises(OSError, match="cannot be written"):
        weights.save(tmp_path / "no" / "w", small())
    assert weights.read_header(path).step == 1
    assert [p.name for p in tmp_path.iterdir()] == ["w"]


def test_a_file_of_the_first_format_still_loads(tmp_path: Path) -> None:
    path = tmp_path / "w"
    weights.save(path, small(), temperature=2.0, threshold=0.5)
    first = {key: value for key, value in header_of(path).items() if key not in ("temperature", "threshold")}
    safetensors.numpy.save_file(
        safetensors.numpy.load_file(path), path, {weights.KEY: json.dumps({**first, "format": 1})}
    )
    header = weights.load(path)[1]
    assert header.temperature == 1.0
    assert header.threshold is None


def test_what_is_known_of_a_network_can_be_added_later(tmp_path: Path) -> None:
    path, other = tmp_path / "w", tmp_path / "other"
    model = small()
    weights.save(path, model, classes="ab", remark="by hand")
    weights.annotate(path, other, temperature=1.5)
    again, header = weights.load(other)
    assert header.temperature == 1.5
    assert header.classes == ("a", "b")
    assert header.notes == {"remark": "by hand"}
    assert (again[0].weight.numpy() == model[0].weight.numpy()).all()  # type: ignore[attr-defined]
    assert weights.read_header(path).temperature == 1.0


def test_a_word_means_the_bundled_file_unless_there_is_one_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package, here = tmp_path / "package", tmp_path / "here"
    package.mkdir()
    here.mkdir()
    monkeypatch.chdir(here)
    monkeypatch.setattr("hello_dl.weights.places.SHIPPED", package)
    with pytest.raises(FileNotFoundError, match=r"letters: there is no such file here.*bundled .*package"):
        weights.find("letters")
    with pytest.raises(FileNotFoundError, match="lacks the bundled"):
        weights.load("letters")
    weights.save(package / "letters.safetensors", small(), classes="ab")
    assert weights.find("letters") == package / "letters.safetensors"
    assert weights.load("letters")[1].classes == ("a", "b") == weights.read_header("letters").classes
    (here / "letters").mkdir()  # a folder is no weights file
    assert weights.find("letters") == package / "letters.safetensors"
    (here / "letters").rmdir()
    weights.save(here / "letters", small(), classes="cd")
    assert weights.load("letters")[1].classes == ("c", "d")
    with pytest.raises(FileNotFoundError, match=r"nowhere: there is no such file; .*digits, letters"):
        weights.load("nowhere")
