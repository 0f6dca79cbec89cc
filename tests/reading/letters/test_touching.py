"""Letters that touch are parted."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from hello_dl.reading import Letter
from hello_dl.reading.letters.touching import part_touching


@pytest.mark.parametrize(("whole", "count"), [(0.3, 2), (0.97, 1)])
def test_touching_letters_are_parted_if_the_network_is_surer_of_the_parts(whole: float, count: int) -> None:
    mask = np.zeros((30, 64), np.bool_)
    mask[0:30, 0:4] = mask[0:30, 22:26] = mask[0:4, 0:26] = mask[26:30, 0:26] = True
    mask[:, 38:] = mask[:, :26]
    mask[14:17, 26:38] = True  # a thin bridge between two boxes
    both = Letter((100, 50, 164, 80), mask)
    other = Letter((10, 50, 36, 80), mask[:, :26])

    def ask(letters: list[Letter]) -> NDArray[np.float64]:
        width = np.array([letter.box[2] - letter.box[0] for letter in letters])
        sure = np.where(width > 45, whole, np.where(width > 20, 0.95, 0.2))
        return np.stack([sure, np.zeros(len(sure)), np.zeros(len(sure))], axis=1)

    words = [[other], [both]]
    parted, chances = part_touching(words, ask([other, both]), ask)
    assert [len(word) for word in parted] == [1, count]
    assert len(chances) == 1 + count
    if count == 2:
        left, right = parted[1]
        assert left.box[2] <= right.box[0] + 1
        assert left.box[0] == 100
        assert right.box[2] == 164
        assert left.mask.sum() + right.mask.sum() == mask.sum()  # no ink is lost
