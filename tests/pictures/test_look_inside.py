"""What a network imagines, responds to and finds alike: as functions, and as commands."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import hello_dl
from command import Answer, command, refused
from hello_dl import models, nn, pictures, weights
from hello_dl.commands.main import run
from hello_dl.data import load
from hello_dl.data.datasets import normalise
from hello_dl.pictures.tsne import neighbours
from hello_dl.train import fit, predict

Inside = Callable[..., Answer]


def small_cnn() -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(1, 8, 5, stride=2), nn.GELU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(8 * 36, 10)
    )


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with two networks that know digits, trained apart: a.safetensors and b.safetensors."""
    home = tmp_path_factory.mktemp("home")
    for seed, name in ((1, "a"), (2, "b")):
        hello_dl.manual_seed(seed)
        digits = load("builtin:3000", classes="0123456789", seed=seed)
        fit(
            small_cnn(),
            digits,
            epochs=4,
            lr=5e-3,
            seed=seed,
            progress=False,
            save=home / f"{name}.safetensors",
        )
    return home


@pytest.fixture
def inside(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Inside:
    """Run hello-dl in this process, in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def call(*args: object) -> Answer:
        code = run([str(arg) for arg in args])
        return Answer(code, *capsys.readouterr())

    return call


def test_a_network_imagines_digits_that_another_network_sees_too(home: Path) -> None:
    model, header = weights.load(home / "a.safetensors")
    dream = pictures.imagine(model, range(10), normalisation=header.normalisation, steps=60)
    assert dream.frames.shape == (61, 10, 28, 28)
    assert dream.chances.shape == (61, 10)
    assert dream.chances[0].mean() < 0.3
    assert dream.chances[-1].min() > 0.8
    other, its = weights.load(home / "b.safetensors")
    seen = predict(other, dream.frames[-1], normalisation=its.normalisation).argmax(axis=1)
    assert (seen == np.arange(10)).sum() >= 7


def test_imagining_begins_with_the_image_it_is_given_and_leaves_the_network_alone(home: Path) -> None:
    model, header = weights.load(home / "a.safetensors")
    model.train()
    start = load("builtin:20", classes="0123456789").images[0]
    before = {name: t.numpy().copy() for name, t in model.state_dict().items()}
    frames = []
    for threads in (1, 2):
        hello_dl.set_num_threads(threads)
        frames.append(pictures.imagine(model, [4], start=start, steps=12, normalisation=header.normalisation))
    assert (frames[0].frames[0, 0] == start).all()
    assert (frames[0].frames == frames[1].frames).all()  # for any number of threads
    assert model.training
    assert all(p.requires_grad and p.grad is None for p in model.parameters())
    assert all((t.numpy() == before[name]).all() for name, t in model.state_dict().items())
    with pytest.raises(ValueError, match="at least one target"):
        pictures.imagine(model, [])
    with pytest.raises(ValueError, match=r"\(28, 28\), got \(2, 2\)"):
        pictures.imagine(model, [1], start=np.zeros((2, 2), np.uint8))


def test_responses_are_what_the_convolutions_return_less_what_they_return_for_paper() -> None:
    model = models.letters_cnn()
    image = load("builtin:1").images[0]
    found = pictures.responses(model, image, (0.2, 0.3))
    assert [(name, maps.shape) for name, maps in found] == [
        ("0", (32, 26, 26)),
        ("3", (64, 11, 11)),
        ("6", (128, 4, 4)),
    ]
    with hello_dl.no_grad():
        here, paper = (
            model[:4](hello_dl.tensor(normalise(x[None], 0.2, 0.3))).numpy()[0] for x in (image, 0 * image)
        )
    assert np.allclose(found[1][1], here - paper, atol=1e-5)
    assert all((maps == 0).all() for _, maps in pictures.responses(model, 0 * image))
    with pytest.raises(ValueError, match="convolutions"):
        pictures.responses(models.digits_mlp(), image)


def test_the_last_layer_makes_the_scores_of_what_is_drawn_as_a_map() -> None:
    model = models.letters_cnn()
    images = load("builtin:300", classes="abc").images
    found = pictures.activations(model, images, (0.2, 0.3))
    with hello_dl.no_grad():
        scores = model(hello_dl.tensor(normalise(images, 0.2, 0.3))).numpy()
        assert np.allclose(model[-1](hello_dl.tensor(found)).numpy(), scores, atol=1e-5)
    assert "forward" not in model[0].__dict__ | model[-1].__dict__  # no longer observed


def test_watching_sees_layers_within_layers_and_stops_even_after_an_error() -> None:
    inner = nn.Conv2d(1, 1, 3, padding=1)
    model = nn.Sequential(nn.Sequential(inner), nn.Conv2d(1, 2, 3))
    x = hello_dl.rand(1, 1, 5, 5)
    with pictures.watching(model, nn.Conv2d) as seen:
        y = model(x)
    assert [one.name for one in seen] == ["0.0", "1"]
    assert (seen[1].y.numpy() == y.numpy()).all()
    assert (seen[0].x.numpy() == x.numpy()).all()
    assert "forward" not in inner.__dict__
    with pytest.raises(ValueError, match="conv2d"), pictures.watching(model, nn.Conv2d):
        model(hello_dl.rand(1, 2, 5, 5))  # the wrong number of channels
    assert "forward" not in inner.__dict__


def test_each_point_has_about_as_many_neighbours_as_wanted() -> None:
    p = neighbours(np.random.default_rng(0).normal(size=(60, 5)), 8)
    assert np.allclose(p, p.T)
    assert p.sum() == pytest.approx(1)
    assert (np.diag(p) == 0).all()
    far = neighbours(np.array([[0.0], [1.0], [2.0], [100.0], [101.0], [102.0]]), 2)
    assert far[:3, :3].sum() + far[3:, 3:].sum() > 0.99


def test_tsne_lays_out_beside_each_other_what_is_close() -> None:
    generator = np.random.default_rng(0)
    labels = np.repeat(np.arange(4), 25)
    x = 6 * generator.normal(size=(4, 20))[labels] + generator.normal(size=(100, 20))
    y = pictures.tsne(x, steps=250)
    distances = ((y[:, None] - y) ** 2).sum(axis=2) + np.diag(np.full(100, np.inf))
    assert (labels[distances.argmin(axis=1)] == labels).all()
    assert (y == pictures.tsne(x, steps=250)).all()
    with pytest.raises(ValueError, match="four points"):
        pictures.tsne(x[:3])


def test_pca_keeps_as_much_of_the_spread_as_two_dimensions_can() -> None:
    x = np.random.default_rng(0).normal(size=(50, 3)) * (5, 2, 0.1) + (1, 2, 3)
    y = pictures.pca(x)
    spread = np.linalg.eigvalsh(np.cov(x.T))[::-1]
    assert np.allclose(y.var(axis=0, ddof=1), spread[:2])
    assert np.allclose(pictures.pca(-x), y) or np.allclose(pictures.pca(-x), -y)


def test_the_commands_draw(home: Path, inside: Inside, tmp_path: Path) -> None:
    file = home / "a.safetensors"
    for args, size in (
        (("poster", "7", "--data", "builtin:500", "-n", 12, "--scale", 1), (4 * 28, 3 * 28)),
        (("mean", "--data", "builtin:500", "3", "7"), (2 * 86 + 2, 3 * 28 + 29)),
        (("difference", "7", "3", "--data", "builtin:500"), None),
        (("imagine", "7", "--from", "3", "-w", file, "--steps", 10, "--data", "builtin:100"), None),
        (("imagine", "1", "2", "-w", file, "--steps", 10, "-o", "two.png"), None),
        (("responses", "7", "-w", file), None),
        (("embedding", "-w", file, "-n", 40, "--size", 300), (300, 300)),
        (("embedding", "-w", file, "-n", 40, "--method", "pca", "-o", "pca.png"), (1000, 1000)),
    ):
        answer = inside(*args)
        assert answer.code == 0, answer
        path = tmp_path / answer.out.split(":")[0].split(" ")[0]
        with Image.open(path) as picture:
            assert size is None or picture.size == size
            low, high = picture.convert("L").getextrema()
        assert low < 100
        assert high > 250
    for moving in ("imagine.gif", "two.gif"):
        with Image.open(tmp_path / moving) as found:
            assert found.n_frames > 5  # type: ignore[attr-defined]


def test_imagine_at_the_real_command(home: Path, tmp_path: Path) -> None:
    answer = command("imagine", "5", "-w", home / "b.safetensors", "--steps", 40, cwd=tmp_path)
    assert answer.code == 0
    assert "imagine.png and imagine.gif: the network sees 5 " in answer.out
    assert {path.name for path in tmp_path.iterdir()} == {"imagine.png", "imagine.gif"}


def test_mistakes_are_told_in_one_line_and_leave_nothing(home: Path, inside: Inside, tmp_path: Path) -> None:
    file = home / "a.safetensors"
    weights.save(home / "mlp.safetensors", models.digits_mlp(), classes="0123456789")
    refused(inside("imagine", "h", "-w", file), "'h'", "0 1 2 3 4 5 6 7 8 9")
    refused(inside("imagine", "7", "--from", "%", "-w", file, "--data", "builtin:200"), "'%'", "holds 0 1 2")
    refused(inside("imagine", "7", "-w", home / "none"), "weights file")
    refused(inside("imagine", "7", "-w", file, "-o", "x.jpg"), ".png", code=2)
    refused(inside("imagine", "7", "-w", file, "-o", "no/x.png"), "no folder")
    refused(inside("responses", "h", "-w", file), "'h'", "0 1 2")
    refused(inside("responses", "7", "-w", home / "mlp.safetensors", "--data", "builtin:50"), "convolutions")
    refused(inside("poster", "ö", "--data", "builtin:200"), "'ö'", "it holds 0 1 2")
    refused(inside("difference", "7", "--data", "builtin:200"), "CLASS", code=2)
    refused(inside("mean", "--data", "nonsense"), "unknown data source", code=2)
    refused(inside("embedding", "-w", file, "-n", 3), "--count", code=2)
    assert list(tmp_path.iterdir()) == []
