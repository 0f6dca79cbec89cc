"""The examples of images: each runs as its chapter says, on the embedded data and on files."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from example import run
from hello_dl import pictures, weights
from hello_dl.data import builtin, load, write_idx
from hello_dl.runlog import LogReader

MNIST = Path(__file__).parents[3] / "shared" / "data" / "mnist"
needs_mnist = pytest.mark.skipif(not MNIST.is_dir(), reason=f"there is no {MNIST}")


def percents(text: str) -> list[float]:
    """Return every "12.34 %" in the text."""
    return [float(number) for number in re.findall(r"(\d+\.\d\d) %", text)]


def test_three_or_seven_tells_most_of_the_drawn_digits_and_shows_why() -> None:
    text = run("three_or_seven", "--data", "builtin:4000", "--threads", 1)
    assert percents(text)[-1] > 85
    assert re.search(r"\.33+\.", text)
    assert re.search(r"\.77+\.", text)
    assert "@" in text  # ink


@needs_mnist
def test_three_or_seven_does_on_mnist_what_the_original_program_does() -> None:
    text = run("three_or_seven", "--data", MNIST / "train", "--test", MNIST / "t10k")
    assert percents(text) == [96.71]
    assert "of 2,038" in text


def test_first_learning_learns_from_random_weights() -> None:
    text = run("first_learning", "--data", "builtin:2000", "--epochs", 1, "--threads", 1)
    before, *_, after = percents(text)
    assert before < 75
    assert after > 90
    assert text == run("first_learning", "--data", "builtin:2000", "--epochs", 1, "--threads", 2)


@pytest.mark.slow
@needs_mnist
def test_first_learning_reaches_98_percent_on_mnist() -> None:
    assert percents(run("first_learning", "--data", MNIST / "train", "--test", MNIST / "t10k"))[-1] >= 98


def test_autograd_gets_the_derivatives_right_that_are_worked_out_by_hand(tmp_path: Path) -> None:
    picture = tmp_path / "graph.svg"
    text = run("autograd", "--out", picture)
    pairs = re.findall(r"= ([\d.]+); backward: ([\d.]+)", text)
    assert len(pairs) == 3
    assert all(ours == by_hand for by_hand, ours in pairs)
    by_hand, ours = re.findall(r"tensor\((.*?)\)", text, re.DOTALL)
    assert by_hand == ours
    assert "computed: False" in text
    assert "computed: True" in text
    assert "digraph {" in text
    assert picture.read_text().startswith("<svg")


def test_digits_learns_and_prints_the_confusion_matrix() -> None:
    text = run("digits", "--data", "builtin:3000", "--epochs", 2, "--threads", 1)
    before, *_, after = percents(text)
    assert before < 30
    assert after > 70
    rows = re.findall(r"^ +\d ((?: +\d+){10})$", text, re.MULTILINE)
    counts = [[int(n) for n in row.split()] for row in rows]
    assert len(counts) == 10
    assert sum(map(sum, counts)) == 3000
    assert percents(text)[-1] == pytest.approx(100 * sum(counts[i][i] for i in range(10)) / 3000, abs=0.006)


def test_letters_learns_and_saves_weights_that_load(tmp_path: Path) -> None:
    path = tmp_path / "letters.safetensors"
    text = run("letters", "--data", "builtin:1500", "--epochs", 3, "--save", path)
    assert percents(text)[-1] > 20  # guessing: 4 %
    assert "(64, 128, 4, 4) -> (64, 128, 2, 2)" in text
    assert "times" in text
    _, header = weights.load(path)
    assert header.classes == tuple("abcdefghijklmnopqrstuvwxyz")


def size(path: Path) -> tuple[int, int]:
    """Return width and height of a picture."""
    with Image.open(path) as picture:
        return picture.size


def frames(path: Path) -> int:
    """Return how many frames an animation has."""
    with Image.open(path) as moving:
        return int(getattr(moving, "n_frames", 1))


def test_first_learning_draws_the_weights_from_noise_to_a_seven_minus_a_three(tmp_path: Path) -> None:
    path = tmp_path / "weights.gif"
    run("first_learning", "--data", "builtin:2000", "--epochs", 1, "--gif", path, "--threads", 1)
    assert frames(path) > 30
    images = load("builtin:2000", classes=["3", "7"])
    difference = pictures.mean(images, "7") - pictures.mean(images, "3")
    alike = []
    with Image.open(path) as moving:
        for frame in (0, frames(path) - 1):
            moving.seek(frame)
            rgb = np.asarray(moving.convert("RGB")).astype(int)[-170:-2, 2:-2]  # below the caption
            redness = rgb[3::6, 3::6, 0] - rgb[3::6, 3::6, 2]
            alike.append(np.corrcoef(redness.ravel(), difference.ravel())[0, 1])
    assert abs(alike[0]) < 0.3
    assert alike[1] > 0.5


def test_momentum_gets_there_where_plain_descent_crawls_and_out_of_the_hollow(tmp_path: Path) -> None:
    path = tmp_path / "momentum.gif"
    text = run("momentum", "--out", path)
    assert frames(path) > 50
    ends = [float(x) for x in re.findall(r"at +(-?[\d.]+) after 120", text)]
    (_, bowl, adam_bowl), (crawls, plain, adam_plain), (stays, hollow, adam_hollow) = np.reshape(ends, (3, 3))
    assert abs(bowl) < 0.05
    assert abs(adam_bowl) < 0.05
    assert crawls < 0
    assert abs(plain - 3) < 0.1
    assert abs(adam_plain - 3) < 0.1
    assert stays < 0
    assert abs(hollow - 3) < 0.1
    assert abs(adam_hollow - 3) < 0.2


def test_optimizers_are_compared_from_the_same_start(tmp_path: Path) -> None:
    path = tmp_path / "losses.png"
    text = run("optimizers", "--data", "builtin:3000", "--epochs", 2, "--out", path, "--threads", 1)
    sgd, momentum, _, adam = percents(text)
    assert adam > 70
    assert momentum > sgd + 2
    assert size(path) == (640, 400)


def test_looking_inside_writes_a_run_log_and_asks_it(tmp_path: Path) -> None:
    log, path = tmp_path / "run.sqlite", tmp_path / "filters.gif"
    options = ("--data", "builtin:1500", "--epochs", 1, "--threads", 1)
    text = run("looking_inside", *options, "--log", log, "--gif", path)
    rows = re.findall(r"^ +\d+-\d+ +(\d\.\d{4})", text, re.MULTILINE)
    assert len(rows) == 8
    assert float(rows[-1]) < float(rows[0])
    sizes = re.findall(r"^(?:0|6|14)\.weight +([\d. ]+)$", text, re.MULTILINE)
    assert len(sizes) == 3
    assert all(float(n) > 0 for line in sizes for n in line.split())
    with LogReader(log) as written:
        assert len(written.runs()) == 1
    assert frames(path) > 5
    message = run("looking_inside", *options, "--log", tmp_path, fails=True)
    assert message.startswith("error: ")
    assert message.count("\n") == 1


def test_robust_compares_networks_on_disturbed_images() -> None:
    text = run("robust", "--data", "builtin:1500", "--digits", "builtin:1500", "--epochs", 1, "--threads", 1)
    rows = re.findall(r"^([a-z, ]+?)  +((?:[\d.]+% *){4})$", text, re.MULTILINE)
    assert [name for name, _ in rows] == ["digits network", "letters network", "letters network, augmented"]
    clean, _, _, both = (float(share) for share in re.findall(r"[\d.]+", rows[0][1]))
    assert both < clean - 5


def test_dropout_learns_less_by_heart(tmp_path: Path) -> None:
    path = tmp_path / "curves.png"
    options = ("--images", 300, "--epochs", 10, "--p", 0.5, "--out", path, "--threads", 1)
    text = run("dropout", "--data", "builtin:400", "--test", "builtin:300", *options)
    (seen, _), (seen_with_dropout, _) = np.reshape(percents(text)[:4], (2, 2))
    assert seen > seen_with_dropout
    assert len(set(re.findall(r"^  (\w \d+%.*)$", text, re.MULTILINE))) > 1  # five answers to one image
    assert size(path) == (640, 400)


def test_one_epoch_can_be_drawn_too(tmp_path: Path) -> None:
    path = tmp_path / "curves.png"
    run("dropout", "--data", "builtin:200", "--images", 50, "--epochs", 1, "--out", path, "--threads", 1)
    assert size(path) == (640, 400)


def test_weight_decay_makes_weights_smaller(tmp_path: Path) -> None:
    path = tmp_path / "weights.png"
    options = ("--images", 500, "--epochs", 8, "--decay", 5, "--out", path, "--threads", 1)
    text = run("weight_decay", "--data", "builtin:1000", *options)
    start, learned, decayed = (
        float(n) for n in re.findall(r"^.*?  +([\d.]+) +\d\.\d{3} ", text, re.MULTILINE)
    )
    assert decayed < 0.8 * learned
    assert start < learned
    assert size(path) == (640, 400)


def test_quantise_gets_smaller_with_the_bits_and_then_worse(tmp_path: Path) -> None:
    path = tmp_path / "bits.png"
    text = run("quantise", "--data", "builtin:2000", "--epochs", 2, "--out", path, "--threads", 1)
    exact, *found = percents(text)
    assert np.allclose(found[:4], exact, atol=1)
    assert max(found[-4:]) < exact - 3
    sizes = [int(n.replace(",", "")) for n in re.findall(r"^ +[84321] +([\d,]+)", text, re.MULTILINE)]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[1] < 548_712 / 7
    assert size(path) == (640, 400)


def test_splice_learns_from_made_up_dna_and_names_the_bases_it_goes_by() -> None:
    text = run("splice", "--epochs", 5, "--threads", 1)
    counting, *_, last = percents(text)
    assert counting > 70
    assert last > 70
    names = re.findall(r"^  (EI|IE) [ACGT]+\|[ACGT]+$", text, re.MULTILINE)
    assert names == ["EI", "IE"]
    agree = [int(n) for n in re.findall(r"(\d+) of \d+ places agree", text)]
    assert agree[0] >= 6
    assert agree[1] >= 8


def test_vision_transformer_learns_beside_the_convolutions_and_draws_where_they_look(tmp_path: Path) -> None:
    path = tmp_path / "look.png"
    text = run("vision_transformer", "--data", "builtin:600", "--epochs", 1, "--out", path, "--threads", 1)
    assert "transformer: 206,106 parameters" in text
    assert "convolutions: 137,178 parameters" in text
    assert re.search(r"epoch 1: transformer loss \d\.\d+, convolutions loss \d\.\d+", text)
    assert len(percents(text)) == 2
    assert min(percents(text)) > 3
    with Image.open(path) as picture:
        assert picture.size == (130 + 8 * 118, 4 * 118 + 6)


def write_digits(prefix: Path, n: int, only: int | None = None) -> Path:
    """Write n drawn digits as a pair of files; of all, only one digit if so told."""
    images, labels = builtin.generate(n, "digits")
    kept = labels == only if only is not None else labels >= 0
    write_idx(Path(f"{prefix}-images-idx3-ubyte.gz"), images[kept])
    write_idx(Path(f"{prefix}-labels-idx1-ubyte.gz"), labels[kept].astype("uint8"))
    return prefix


def test_letters_finds_out_for_itself_that_data_hold_digits(tmp_path: Path) -> None:
    text = run("letters", "--data", f"{write_digits(tmp_path / 'some', 500)}:digits", "--epochs", 1)
    assert "of 100 test images" in text  # a fifth
    assert re.search(r"Linear +\(64, 128\) -> \(64, 10\)", text)


@pytest.mark.slow
@needs_mnist
def test_digits_reaches_97_percent_on_mnist_in_two_epochs() -> None:
    text = run("digits", "--data", MNIST / "train", "--test", MNIST / "t10k", "--epochs", 2)
    assert percents(text)[-1] >= 97


def test_data_without_threes_are_refused(tmp_path: Path) -> None:
    sevens = write_digits(tmp_path / "sevens", 100, only=7)
    message = run("three_or_seven", "--data", f"{sevens}:digits", fails=True)
    assert "has none of 3" in message
    assert message.count("\n") == 1


def test_a_graph_that_cannot_be_written_is_told_in_one_line(tmp_path: Path) -> None:
    message = run("autograd", "--out", tmp_path / "nowhere" / "graph.svg", fails=True)
    assert "nowhere" in message
    assert message.count("\n") == 1
