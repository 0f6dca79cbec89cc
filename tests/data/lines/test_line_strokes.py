"""Files of pen strokes are read, held writers are kept apart, and bands are found where they are."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from made_strokes import TEXTS, UNIT, some_items, write_file

from hello_dl.data.lines.band import find_bands
from hello_dl.data.lines.strokes import read_strokes


def test_the_baseline_is_at_0_and_the_x_line_at_1(tmp_path: Path) -> None:
    strokes = read_strokes(write_file(tmp_path, some_items()))
    assert len(strokes) == 2 * len(TEXTS)
    for i, text in enumerate(strokes.text):
        if len(text) > 2:
            tall = strokes.bands.x_height[i] / UNIT
            assert abs(tall - 1) < 0.2, (text, tall)
            assert abs(strokes.bands.baseline[i]) < 0.2 * UNIT, (text, strokes.bands.baseline[i])


def test_capitals_are_one_and_a_half_x_heights_tall(tmp_path: Path) -> None:
    strokes = read_strokes(write_file(tmp_path, [("BOX", 1, False), ("1905", 1, False)]))
    for item in (strokes[0], strokes[1]):
        assert abs(item.points[:, 1].min() + 1.5) < 0.15
        assert abs(item.points[:, 1].max()) < 0.15


@pytest.mark.parametrize("slope", [-0.1, 0.06])
def test_a_line_that_climbs_or_falls_is_made_level(tmp_path: Path, slope: float) -> None:
    strokes = read_strokes(write_file(tmp_path, [("minimum sea ran", 1, False)], slope=slope))
    item = strokes[0]
    lowest = [item.points[a:b, 1].max() for a, b in zip(item.starts[:-1], item.starts[1:], strict=True)]
    assert np.ptp(lowest) < 0.2


def test_a_writer_who_is_held_back_comes_only_when_asked_for(tmp_path: Path) -> None:
    path = write_file(tmp_path, some_items(writers=4, held=2))
    assert set(read_strokes(path).writer.tolist()) == {0, 1}
    assert set(read_strokes(path, held=True).writer.tolist()) == {2, 3}
    assert set(read_strokes(path, choose=lambda writer: writer > 0).writer.tolist()) == {1}
    assert set(read_strokes(path, held=True, choose=lambda writer: writer != 3).writer.tolist()) == {2}
    everyone = write_file(tmp_path, some_items(writers=1, held=0))
    with pytest.raises(ValueError, match="held=True, got none"):
        read_strokes(everyone, held=True)


def test_what_should_not_be_learned_is_left_out(tmp_path: Path) -> None:
    items = [("fine", 1, False), ("( 2 3 4 ) 5", 1, False), ("...", 1, False), ("dog .", 1, False)]
    path = write_file(tmp_path, [*items, ("dog .", 2, True), ("...", 2, True)])
    assert read_strokes(path).text == ["fine"]
    assert read_strokes(path, held=True).text == ["dog ."]


def test_two_lines_in_one_are_left_out(tmp_path: Path) -> None:
    path = write_file(tmp_path, [("one line here", 1, False), ("two lines here", 1, False)])
    with np.load(path) as z:
        arrays = dict(z)
    first = arrays["stroke"][arrays["item"][1] + 7]  # the second item's eighth stroke goes back to the left
    arrays["delta"][first] += np.array([-8 * UNIT, 3 * UNIT], np.int16)
    for later in arrays["stroke"][arrays["item"][1] + 8 : -1]:
        arrays["delta"][later] += np.array([-8 * UNIT, 3 * UNIT], np.int16)
    np.savez(path, **arrays)
    assert read_strokes(path).text == ["one line here"]


def test_an_item_keeps_its_strokes(tmp_path: Path) -> None:
    strokes = read_strokes(write_file(tmp_path, [("joy", 1, False), ("sea ran", 1, False)]))
    item = strokes[1]
    assert item.text == "sea ran"
    assert item.starts.tolist() == list(range(0, 6 * 26 + 1, 26))
    assert item.points[:, 0].min() == 0
    some = strokes.only(np.array([1]))
    np.testing.assert_array_equal(some[0].points, item.points)
    assert (some.text, len(some)) == (["sea ran"], 1)


def test_a_dot_alone_has_a_band() -> None:
    one = np.array([[3, 4]], np.int16)
    bands = find_bands(one, np.array([0, 1]), np.array([0, 1]), ["i"])
    assert bands.x_height[0] > 0
    assert np.isfinite([bands.baseline[0], bands.x_height[0], bands.certainty[0]]).all()


def test_wrong_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_strokes(tmp_path / "nothing.npz")
    text = tmp_path / "text.npz"
    text.write_text("no numbers")
    with pytest.raises(ValueError, match=r"text\.npz: needs an npz file"):
        read_strokes(text)
    other = tmp_path / "other.npz"
    np.savez(other, delta=np.zeros((3, 2), np.int16))
    with pytest.raises(ValueError, match="got none named stroke, item, writer, held"):
        read_strokes(other)
    path = write_file(tmp_path, some_items())
    path.with_suffix(".tsv").unlink()
    with pytest.raises(FileNotFoundError, match=r"words\.tsv: needs the texts"):
        read_strokes(path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"delta": np.zeros((4, 3), np.int16)}, "needs delta of integers"),
        ({"stroke": np.array([0, 5, 3], np.int32)}, "needs stroke to rise"),
        ({"item": np.array([0, 1], np.int32)}, "numbers in item"),
        ({"held": np.zeros(2, bool)}, "in held"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(tmp_path: Path, change: dict[str, object], message: str) -> None:
    path = write_file(tmp_path, some_items())
    with np.load(path) as z:
        arrays = dict(z)
    np.savez(path, **{**arrays, **change})
    with pytest.raises(ValueError, match=message):
        read_strokes(path)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("strokes_per_letter", "x", "needs the columns"),
        ("1.00", "many", "needs numbers in strokes_per_letter"),
        ("\nitem", "", "rows of 6 columns"),
    ],
)
def test_tables_that_do_not_fit_are_refused(tmp_path: Path, old: str, new: str, message: str) -> None:
    path = write_file(tmp_path, some_items())
    table = path.with_suffix(".tsv")
    text = table.read_text()
    table.write_text(text.replace(old, new) if old in text else text + "one more\n")
    with pytest.raises(ValueError, match=message):
        read_strokes(path)


@pytest.mark.slow
def test_real_strokes_stand_on_their_baseline() -> None:
    path = Path(__file__).parents[4] / "shared/data/unipen/lines.npz"
    if not path.exists():
        pytest.skip("the strokes of UNIPEN are not here")
    strokes = read_strokes(path, held=True)
    assert len(strokes) > 1000
    advance = strokes.width / np.array([len(text) for text in strokes.text])
    assert 1 < np.median(advance) < 1.6
