"""Hands write texts with single characters by one person, each of its size and in its place."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hello_dl.data.lines import Hand, LineSource, Shares, read_hands
from hello_dl.data.lines.fonts import DRAWN
from hello_dl.data.lines.hands import CLASSES


def box(tall: int = 24, wide: int = 16) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """Return two pictures of a character: a full rectangle."""
    picture = np.zeros((2, 28, 28), np.uint8)
    picture[:, 2 : 2 + tall, 5 : 5 + wide] = 255
    return picture


def drawn(hand: Hand, text: str) -> tuple[np.ndarray[Any, Any], float]:
    """Return the picture of a text, and its baseline."""
    return hand.draw(text, 0.0, DRAWN, [0.0] * len(text), np.random.default_rng(0))


def extent(text: str) -> tuple[float, float]:
    """Return how far a character reaches above and below the baseline, in x-heights, on the average."""
    hand, above, below = Hand({text: box()}), [], []
    for seed in range(20):
        picture, baseline = hand.draw(text, 0.0, DRAWN, [0.0], np.random.default_rng(seed))
        rows = np.flatnonzero((picture > 127).any(axis=1))
        above.append((baseline - rows[0]) / DRAWN)
        below.append((rows[-1] + 1 - baseline) / DRAWN)
    return float(np.mean(above)), float(np.mean(below))


@pytest.mark.parametrize(
    ("sign", "above", "below"), [("x", 1, 0), ("h", 1.7, 0), ("A", 1.6, 0), ("7", 1.6, 0), ("p", 1.1, 0.6)]
)
def test_each_character_has_its_height_and_its_place(sign: str, above: float, below: float) -> None:
    assert extent(sign) == pytest.approx((above, below), abs=0.2)


def test_room_sets_characters_apart_and_a_space_sets_words_apart() -> None:
    pictures = {"a": box()}
    close, far = drawn(Hand(pictures), "aa")[0], drawn(Hand(pictures, room=1.5), "aa")[0]
    assert far.shape[1] > close.shape[1] + DRAWN / 2
    assert drawn(Hand(pictures), "a a")[0].shape[1] > close.shape[1] + DRAWN / 2


def test_what_a_hand_lacks_is_not_written() -> None:
    hand = Hand({"a": box(), "b": box()})
    assert hand.written("a cab, b") == "a ab b"
    source = LineSource(fonts=[hand], shares=Shares(0, 0, 0, 1), seed=2)
    lines = source.batch(20, 0)
    assert all(set(text) <= set("ab ") for _, text in lines)
    assert all(picture.max() > 100 for picture, _ in lines)


def test_an_empty_picture_and_a_dash_are_drawn() -> None:
    picture, _ = drawn(Hand({"a": np.zeros((1, 28, 28), np.uint8), "b": box(2, 24)}), "ab")
    assert 0 < (picture > 127).sum() < 25 * DRAWN


def test_hands_are_read_by_writer(tmp_path: Path) -> None:
    n = 50
    labels, writers = np.tile(np.arange(n), 3), np.repeat([3, 16, 5], n)
    agreement = np.where((writers == 5) & (labels > 20), 0, 9)  # of this writer too little is left
    write_idx(tmp_path / "train-images-idx3-ubyte.gz", np.repeat(box()[:1], 3 * n, axis=0))
    write_idx(tmp_path / "train-labels-idx1-ubyte.gz", labels.astype(np.uint8))
    write_idx(tmp_path / "train-agreement-idx1-ubyte.gz", agreement.astype(np.uint8))
    write_idx(tmp_path / "train-writers-idx1-short.gz", writers.astype(">i2"))
    hands = read_hands(tmp_path)
    assert len(hands) == 2 * len(read_hands(tmp_path, without=16))
    assert hands[0].signs == frozenset(CLASSES[:n]) | {" "}
    with pytest.raises(FileNotFoundError):
        read_hands(tmp_path / "nothing")


def write_idx(path: Path, array: np.ndarray[Any, Any]) -> None:
    """Write an array as a gzipped idx file."""
    kind = {"uint8": 8, "int16": 11}[array.dtype.name]
    head = bytes([0, 0, kind, array.ndim]) + np.array(array.shape, ">u4").tobytes()
    path.write_bytes(gzip.compress(head + array.tobytes()))
