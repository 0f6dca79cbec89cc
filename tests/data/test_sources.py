"""Data sources: what can be written after --data, what comes of it, and how mistakes are told."""

from __future__ import annotations

import gzip
import re
import string
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hello_dl.data import builtin, download
from hello_dl.data.idx import write_idx
from hello_dl.data.images import CODES
from hello_dl.data.sources import load, read_pair, split_code
from labelled import pictures, text_of, write_pair

LETTERS = tuple(string.ascii_lowercase)


@pytest.mark.parametrize("ending", ["", ".gz"])
@pytest.mark.parametrize(
    ("code", "labels", "text"),
    [
        ("digits", [7, 0, 9], "709"),
        ("letters26", [1, 26, 2], "azb"),
        ("byclass62", [0, 10, 36, 61, 35], "0AazZ"),
        ("balanced47", [9, 10, 35, 36, 46], "9AZat"),
    ],
)
def test_a_path_and_its_code_give_the_right_characters(
    tmp_path: Path, code: str, labels: list[int], text: str, ending: str
) -> None:
    images = load(f"{write_pair(tmp_path / 'some', labels, ending)}:{code}")
    assert text_of(images) == text
    assert images.classes == CODES[code].classes
    np.testing.assert_array_equal(images.images, pictures(len(labels)))
    assert images.labels.dtype == np.int64


@pytest.mark.parametrize(
    ("labels", "text"),
    [
        (range(10), string.digits),
        ([0, 3, 3], "033"),
        (range(1, 27), string.ascii_lowercase),
        (range(47), string.digits + string.ascii_uppercase + "abdefghnqrt"),
        (range(11), "0123456789A"),  # read the same in byclass62 and balanced47
        (range(10, 36), string.ascii_uppercase),
        (range(36, 62), string.ascii_lowercase),
        ([0, 61], "0z"),
    ],
)
def test_the_code_is_guessed_where_the_labels_leave_no_doubt(tmp_path: Path, labels: Any, text: str) -> None:
    assert text_of(load(write_pair(tmp_path / "some", labels))) == text


@pytest.mark.parametrize("labels", [[1, 2, 9], [1, 5, 26], [0, 36, 40]])
def test_where_they_leave_doubt_the_error_says_what_to_add(tmp_path: Path, labels: list[int]) -> None:
    prefix = write_pair(tmp_path / "some", labels)
    with pytest.raises(ValueError, match=rf"say which, as in {re.escape(str(prefix))}:\w+$"):
        load(prefix)


def test_one_of_the_two_files_stands_for_the_pair(tmp_path: Path) -> None:
    write_pair(tmp_path / "some", range(10))
    assert len(load(tmp_path / "some-labels-idx1-ubyte.gz")) == 10
    assert len(load(f"{tmp_path}/some-images-idx3-ubyte.gz:digits")) == 10


def test_names_with_a_dot_are_found_too(tmp_path: Path) -> None:
    for name in ("images-idx3", "labels-idx1"):
        path = Path(f"{write_pair(tmp_path / 'some', range(10), '')}-{name}-ubyte")
        path.rename(path.with_name(path.name.replace("-idx", ".idx")))
    assert len(load(tmp_path / "some")) == 10


@pytest.mark.parametrize(
    ("text", "path", "code"),
    [
        ("../data/t10k", "../data/t10k", None),
        ("../data/t10k:digits", "../data/t10k", "digits"),
        ("C:\\data\\t10k", "C:\\data\\t10k", None),
        ("C:\\data\\t10k:letters26", "C:\\data\\t10k", "letters26"),
        ("C:t10k", "C:t10k", None),
        ("odd:folder/t10k", "odd:folder/t10k", None),
    ],
)
def test_the_last_colon_parts_path_and_code(text: str, path: str, code: str | None) -> None:
    assert split_code(text) == (Path(path), code)


@pytest.mark.parametrize(
    "name", ["emnist-letters-train", "EMNIST-letters-test", "EMNIST-LETTERS-TEST", "Emnist_Letters_train"]
)
def test_emnist_s_own_files_are_turned_upright(tmp_path: Path, name: str) -> None:
    prefix = write_pair(tmp_path / name, [1, 3], images=pictures(2).transpose(0, 2, 1))
    images = load(prefix)
    np.testing.assert_array_equal(images.images, pictures(2))
    assert text_of(images) == "ac"
    assert images.images.flags.c_contiguous


@pytest.mark.parametrize("name", ["emnist-byclass-train", "EMNIST-ByClass-Train"])
def test_the_name_of_emnist_s_files_tells_their_code(tmp_path: Path, name: str) -> None:
    assert load(write_pair(tmp_path / name, [10, 20])).classes == CODES["byclass62"].classes


@pytest.mark.parametrize("code", CODES)
def test_a_code_says_how_images_are_stored(tmp_path: Path, code: str) -> None:
    label = CODES[code].first
    lying = write_pair(tmp_path / "lying", [label] * 2, images=pictures(2).transpose(0, 2, 1))
    upright = write_pair(tmp_path / "emnist-letters-mine", [label] * 2, images=pictures(2))
    for source in (f"{lying}:{code}-transposed", f"{upright}:{code}-upright"):
        images = load(source)
        np.testing.assert_array_equal(images.images, pictures(2))
        assert images.classes == CODES[code].classes
    np.testing.assert_array_equal(load(f"{upright}:{code}").images, pictures(2).transpose(0, 2, 1))
    assert split_code(f"{lying}:{code}-transposed") == (lying, f"{code}-transposed")


def test_names_of_files_may_be_in_capitals(tmp_path: Path) -> None:
    write_pair(tmp_path / "some", range(10))
    for path in list(tmp_path.iterdir()):
        path.rename(path.with_name(path.name.upper()))
    assert len(load(tmp_path / "SOME")) == len(load(tmp_path / "some")) == 10
    assert len(load(tmp_path / "SOME-IMAGES-IDX3-UBYTE.GZ")) == 10
    with pytest.raises(ValueError, match=f"{tmp_path} has {tmp_path}/SOME$"):
        load(tmp_path / "other")


def drawn(code: str, n: int = 400) -> tuple[Any, Any]:
    """Return images and labels that the embedded generator draws."""
    return builtin.generate(n, code, seed=5)


@pytest.mark.parametrize("code", ["digits", "letters26", "byclass62"])
def test_characters_that_lie_on_their_side_are_told(tmp_path: Path, code: str) -> None:
    images, labels = drawn(code)
    upright = write_pair(tmp_path / "upright", labels, images=images)
    lying = write_pair(tmp_path / "letters-test", labels, images=images.transpose(0, 2, 1))
    np.testing.assert_array_equal(load(f"{upright}:{code}").images, images)  # without a warning
    with pytest.warns(
        UserWarning, match=rf"letters-test: .* on their side; .*letters-test:{code}-transposed"
    ):
        load(f"{lying}:{code}")
    assert (load(f"{lying}:{code}-transposed").images == images).all()
    own = write_pair(tmp_path / "emnist-my-own", labels, images=images)
    with pytest.warns(UserWarning, match=rf"though they were turned as .*emnist-my-own:{code}-upright"):
        load(f"{own}:{code}")
    assert (load(f"{own}:{code}-upright").images == images).all()


def test_a_downloaded_set_is_a_source_with_two_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fetch(name: str, split: str, progress: bool) -> Path:
        return write_pair(download.local_prefix(name, split), [1, 2] if split == "train" else [3])

    (tmp_path / "emnist").mkdir()
    monkeypatch.setenv("HELLO_DL_DATA", str(tmp_path))
    monkeypatch.setattr(download, "fetch", fetch)
    assert text_of(load("emnist-letters")) == "ab"
    assert text_of(load("emnist-letters", split="test")) == "c" == text_of(load("emnist-letters:test"))
    with pytest.raises(ValueError, match="needs train or test after the colon, got 'all'"):
        load("emnist-letters:all")


def test_builtin_draws_what_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def generate(n: int, classes: str, seed: int) -> tuple[Any, Any]:
        asked.append((n, classes, seed))
        return pictures(n), np.full(n, CODES[classes].first)

    monkeypatch.setattr(builtin, "generate", generate)
    assert text_of(load("builtin:3")) == "000"
    assert text_of(load("builtin:2", classes=LETTERS, seed=5)) == "aa"
    assert len(load("builtin", classes="37" + "0", split="test")) == 5000
    (_, all_kinds, _), letters, (_, digits, test_seed) = asked
    assert (all_kinds, letters, digits) == ("byclass62", (2, "letters26", 5), "digits")
    assert test_seed != 0


@pytest.mark.parametrize("source", ["builtin:0", "builtin:-1", "builtin:many"])
def test_builtin_needs_a_number(source: str) -> None:
    with pytest.raises(ValueError, match="needs a number of images after the colon"):
        load(source)


def test_several_sources_join(tmp_path: Path) -> None:
    first = write_pair(tmp_path / "first", [1, 2])
    second = write_pair(tmp_path / "second", [0, 10, 61])
    images = load(f"{first}:letters26", f"{second}:byclass62", classes=LETTERS)
    assert text_of(images) == "abaz"
    assert images.dropped == 1
    assert images.classes == LETTERS
    with pytest.raises(ValueError, match=r"first use \.only"):
        load(f"{first}:letters26", f"{second}:byclass62")


def test_an_unknown_source_is_answered_with_what_there_is(tmp_path: Path) -> None:
    write_pair(tmp_path / "train", [1])
    write_pair(tmp_path / "t10k", [1])
    for source in (tmp_path, tmp_path / "tain"):
        with pytest.raises(ValueError, match=f"{tmp_path} has {tmp_path}/t10k, {tmp_path}/train"):
            load(source)
    with pytest.raises(ValueError, match=r"unknown data source 'mnits': needs builtin.*mnist.*PATH\[:CODE\]"):
        load("mnits")
    with pytest.raises(ValueError, match="there is no folder"):
        load(tmp_path / "nowhere" / "train")
    with pytest.raises(ValueError, match="unknown code 'letters27', needs one of digits, letters26"):
        load(f"{tmp_path}/train:letters27")
    with pytest.raises(ValueError, match="unknown code 'letters27-transposed'"):
        load(f"{tmp_path}/train:letters27-transposed")
    with pytest.raises(ValueError, match="train: unknown code 'numbers', needs one of digits"):
        read_pair(tmp_path / "train", "numbers")
    with pytest.raises(ValueError, match="at least one source"):
        load()
    with pytest.raises(ValueError, match="split train or test, got 'valid'"):
        load("mnist", split="valid")


def test_half_a_pair_is_told(tmp_path: Path) -> None:
    write_pair(tmp_path / "some", [1])
    (tmp_path / "some-labels-idx1-ubyte.gz").unlink()
    with pytest.raises(ValueError, match=r"there is .*some-images-idx3-ubyte.gz, but no .*some-labels-idx1"):
        load(tmp_path / "some")


@pytest.mark.parametrize(
    ("images", "labels", "message"),
    [
        (pictures(3), np.zeros(2, np.uint8), r"3 images, but .* has 2 labels"),
        (pictures(0), np.zeros(0, np.uint8), "holds no images"),
        (
            pictures(2)[:, :20],
            np.zeros(2, np.uint8),
            r"needs uint8 images \(n, 28, 28\), got uint8 \(2, 20, 28\)",
        ),
        (pictures(2).astype("f4"), np.zeros(2, np.uint8), "needs uint8 images .* got float32"),
        (
            pictures(2),
            np.zeros((2, 1), np.uint8),
            r"needs whole numbers \(n,\) as labels, got uint8 \(2, 1\)",
        ),
        (pictures(2), np.zeros(2, np.float32), "needs whole numbers"),
        (pictures(2), np.array([3, 62], np.uint8), "no code has labels 3 to 62"),
        (pictures(2), np.array([-1, 4], np.int8), "no code has labels -1 to 4"),
    ],
)
def test_files_that_do_not_fit_are_named(tmp_path: Path, images: Any, labels: Any, message: str) -> None:
    write_idx(tmp_path / "some-images-idx3-ubyte", images)
    write_idx(tmp_path / "some-labels-idx1-ubyte", labels)
    with pytest.raises(ValueError, match=message) as error:
        read_pair(tmp_path / "some")
    assert str(tmp_path / "some") in str(error.value)


def test_labels_outside_their_code_are_told(tmp_path: Path) -> None:
    prefix = write_pair(tmp_path / "some", [0, 9])
    with pytest.raises(ValueError, match="letters26 has labels from 1 to 26, got 0 to 9"):
        load(f"{prefix}:letters26")


def test_a_truncated_file_is_told(tmp_path: Path) -> None:
    write_pair(tmp_path / "some", range(10))
    path = tmp_path / "some-images-idx3-ubyte.gz"
    path.write_bytes(gzip.decompress(path.read_bytes())[:-1])
    with pytest.raises(ValueError, match=r"some-images-idx3-ubyte\.gz: .*cut short"):
        load(tmp_path / "some")
