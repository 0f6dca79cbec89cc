"""Sets of labelled images: choosing classes, cutting in two, joining, and what is refused."""

from __future__ import annotations

import string
from typing import Any

import numpy as np
import pytest

from hello_dl.data.images import CODES, Images, concatenate
from labelled import of, pictures, text_of

LETTERS = tuple(string.ascii_lowercase)
BYCLASS = CODES["byclass62"].classes


def test_only_keeps_the_classes_asked_for_and_counts_the_rest() -> None:
    images = of("a1Bz9b").only("ab")
    assert text_of(images) == "abb"
    assert images.dropped == 3
    assert images.classes == ("a", "b")
    np.testing.assert_array_equal(images.images, of("a1Bz9b").images[[0, 2, 5]])
    assert images.only("b").dropped == 4


def test_only_can_mind_the_case() -> None:
    assert text_of(of("aBb").only("ab", case_insensitive=False)) == "ab"
    assert text_of(of("aBb").only("aBb")) == "aBb"


def test_a_letter_of_either_case_has_no_place_among_both() -> None:
    both = of("ab", code="letters26")  # its "a" may be "A": among 62 classes that would be a wrong label
    with pytest.raises(ValueError, match="none of its 2 items"):
        both.only(BYCLASS)
    assert text_of(both.only("AB")) == "AB"
    mixed = of("aAC", code="balanced47")  # tells a from A, but not c from C
    assert text_of(mixed.only(BYCLASS)) == "aA"
    assert mixed.only(BYCLASS).dropped == 1
    with pytest.raises(ValueError, match="none of its 2 items"):
        of("aA").only("ab").only(BYCLASS)  # once merged, always merged


def test_only_refuses_nonsense() -> None:
    with pytest.raises(ValueError, match="none of its 2 items is one of the 2 classes 3 7; it holds"):
        of("ab").only("37")
    with pytest.raises(ValueError, match="different classes"):
        of("ab").only("aa")
    with pytest.raises(ValueError, match="at least one; got none"):
        of("ab").only("")


def test_split_deals_out_every_item_once_and_the_same_way_each_time() -> None:
    images = of("abcdefghij" * 10)
    first, second = images.split(0.8, seed=3)
    assert (len(first), len(second)) == (80, 20)
    whole = np.concatenate([first.images, second.images]).reshape(100, -1)
    np.testing.assert_array_equal(np.unique(whole, axis=0), np.unique(images.images.reshape(100, -1), axis=0))
    np.testing.assert_array_equal(images.split(0.8, seed=3)[1].images, second.images)
    assert not np.array_equal(images.split(0.8, seed=4)[1].images, second.images)
    assert text_of(first) != "abcdefghij" * 8
    for fraction in (0.0, 1.0, 0.001, -1.0, 2.0):
        with pytest.raises(ValueError, match="leaves one part empty"):
            images.split(fraction)


def test_concatenate_keeps_order_and_counts() -> None:
    joined = concatenate([of("a1", "one").only(LETTERS), of("B2", "two").only(LETTERS)])
    assert text_of(joined) == "ab"
    assert joined.dropped == 2
    assert joined.name == "one + two"
    assert joined.merged == {*LETTERS}
    with pytest.raises(ValueError, match="one has 62 classes, two has 26 others"):
        concatenate([of("a", "one"), of("b", "two").only(LETTERS)])
    with pytest.raises(ValueError, match="at least one"):
        concatenate([])


def test_mean_and_std_are_those_of_the_pixels() -> None:
    images = of("a" * 3000)
    pixels = images.images / 255
    assert images.mean_std() == pytest.approx((pixels.mean(), pixels.std()))
    blank = Images(np.zeros((1, 28, 28), np.uint8), np.zeros(1, np.int64), ("a",))
    assert blank.mean_std()[1] > 0


@pytest.mark.parametrize(
    ("images", "labels", "error", "message"),
    [
        (
            pictures(2).astype(float),
            [0, 1],
            TypeError,
            "needs uint8 images, integer labels; got float64, int64",
        ),
        (pictures(2), [0.0, 1.0], TypeError, "got uint8, float64"),
        (pictures(2), [0, 2], ValueError, "needs labels from 0 to 1, got 0 to 2"),
        (pictures(2), [0, -1], ValueError, "got -1 to 0"),
        (pictures(2), [0], ValueError, "needs a label for each of 2 images"),
        (pictures(0), np.zeros(0, int), ValueError, "holds no images"),
        (pictures(2)[0], [0, 1], ValueError, r"needs images \(n, 28, 28\), got \(28, 28\)"),
    ],
)
def test_images_that_do_not_fit_their_labels_are_refused(
    images: Any, labels: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        Images(images, np.asarray(labels), ("a", "b"))
