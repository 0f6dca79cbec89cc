"""What is counted when a model is measured."""

from __future__ import annotations

import numpy as np
import pytest

from hello_dl.evaluation import confusion_matrix


def test_a_confusion_matrix_has_a_row_for_each_class_and_a_column_for_each_answer() -> None:
    labels, answers = np.array([0, 0, 2, 2, 2]), np.array([0, 1, 2, 2, 0])
    assert confusion_matrix(labels, answers, 3).tolist() == [[1, 1, 0], [0, 0, 0], [1, 0, 2]]
    assert not confusion_matrix(labels[:0], answers[:0], 3).any()
    with pytest.raises(IndexError):
        confusion_matrix(labels, answers, 2)
