"""Homographies lead back to where a picture lay, and know a sheet's proportions."""

from __future__ import annotations

import numpy as np
import pytest

from hello_dl.reading.image.geometry import FOCAL, project, proportions, turned_back


def test_a_picture_turned_back_lies_where_it_lay() -> None:
    picture = np.arange(12).reshape(3, 4)
    for turns in range(4):
        turned = np.rot90(picture, turns)
        for y, x in np.ndindex(turned.shape):
            (place,) = project(turned_back(picture.shape, turns), np.array([[x + 0.5, y + 0.5]]))
            assert picture[int(place[1]), int(place[0])] == turned[y, x]


def test_a_sheet_seen_from_aside_keeps_its_proportions() -> None:
    # A page of 200 x 300, seen by a phone that leans 25 degrees: its far half looks smaller.
    width, height, focal = 900, 1200, FOCAL * 1200
    lean = np.radians(25)
    corners = np.array([[-100.0, -150], [100, -150], [100, 150], [-100, 150]])
    depth = 500 + corners[:, 1] * np.sin(lean)
    x = width / 2 + focal * corners[:, 0] / depth
    y = height / 2 + focal * corners[:, 1] * np.cos(lean) / depth
    assert proportions(np.column_stack([x, y]), (height, width)) == pytest.approx(200 / 300, rel=1e-6)
