"""Whole lines: kept in files, drawn anew, and taught to the line reader without losing others."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from hello_dl import manual_seed, weights
from hello_dl.data.builtin import Writer
from hello_dl.reading.lines.network import LineNetwork, load
from hello_dl.teaching.lines import learn, others
from hello_dl.teaching.lines.learn import LineTeacher, error_rate
from hello_dl.teaching.lines.line_sets import (
    ENDING,
    OwnLines,
    check_line,
    check_text,
    join,
    load_folder,
    load_lines,
    save_lines,
)
from hello_dl.teaching.lines.others import joined_line, lines_by_others
from hello_dl.teaching.lines.varied import turned_over, varied

SHIPPED = weights.SHIPPED / "lines.safetensors"


def some_lines(count: int = 8, seed: int = 3) -> OwnLines:
    made = lines_by_others(count, seed, writers=1)
    return OwnLines(tuple(p for p, _ in made), tuple(t for _, t in made))


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> LineNetwork:
    """Return a small network that has not learned anything, with little to rehearse and to watch."""
    monkeypatch.setattr(others, "WRITERS", 2)
    for name, value in {
        "REHEARSED": 4,
        "WATCHED": 4,
        "OWN_WIDTH": 300,
        "OTHERS_WIDTH": 300,
    }.items():
        monkeypatch.setattr(learn, name, value)
    manual_seed(0)
    return LineNetwork((8, (4, 2), 8, (3, 1)), 16, 16, 1).eval()


def state(model: LineNetwork) -> dict[str, np.ndarray]:
    return {name: t.numpy().copy() for name, t in model.state_dict().items()}


def equal(a: dict[str, np.ndarray], b: dict[str, np.ndarray]) -> bool:
    return all(np.array_equal(a[name], b[name]) for name in a)


# ---- files -------------------------------------------------------------------------------------------------


def test_lines_come_back_from_a_file_as_they_were(tmp_path: Path) -> None:
    lines = some_lines()
    save_lines(tmp_path / f"me{ENDING}", lines)
    back = load_lines(tmp_path / f"me{ENDING}")
    assert back.texts == lines.texts
    assert all(np.array_equal(a, b) for a, b in zip(back.pictures, lines.pictures, strict=True))
    found = load_folder(tmp_path)
    assert found is not None
    assert len(found) == len(lines)
    assert load_folder(tmp_path / "none") is None
    save_lines(tmp_path / f"nothing{ENDING}", OwnLines((), ()))
    assert len(load_lines(tmp_path / f"nothing{ENDING}")) == 0


def test_another_kind_of_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="needs lines as `hello-dl label`"):
        load_lines(SHIPPED)
    (tmp_path / "torn").write_bytes(b"no such thing")
    with pytest.raises(ValueError, match=r"torn.*safetensors"):
        load_lines(tmp_path / "torn")


def test_a_line_that_is_taught_twice_is_kept_once() -> None:
    lines = some_lines(4)
    assert len(join([lines, lines.take(np.array([1, 3]))])) == 4
    other = OwnLines(lines.pictures[:1], ("another text",))
    assert len(join([lines, other])) == 5


def test_signs_that_the_reader_lacks_are_named() -> None:
    with pytest.raises(ValueError, match="lacks 'é', '€'"):
        check_text("2 € a café")
    with pytest.raises(ValueError, match="at least one letter"):
        check_text(" ")
    with pytest.raises(ValueError, match="lacks 'ü'"):
        OwnLines((np.zeros((48, 90), np.uint8),), ("ü",))
    with pytest.raises(ValueError, match=r"needs pictures \(48, w\) uint8"):
        OwnLines((np.zeros((40, 90), np.uint8),), ("u",))


def test_a_text_needs_a_line_that_is_long_enough() -> None:
    check_line(np.zeros((48, 8), np.uint8), "aba!")
    with pytest.raises(ValueError, match="'aabb': needs a line of at least 12 pixels, this one has 8"):
        check_line(np.zeros((48, 8), np.uint8), "aabb")


# ---- what is learned ---------------------------------------------------------------------------------------


def test_a_line_is_drawn_anew_each_time_with_its_band_in_place() -> None:
    picture = np.zeros((48, 200), np.uint8)
    picture[17:32, 20:180] = 255  # from the x-line to the baseline
    rng = np.random.default_rng(0)
    drawn = [varied(picture, "many small letters", rng) for _ in range(12)]
    assert {one.shape[0] for one in drawn} == {48}
    assert len({one.shape[1] for one in drawn}) > 6
    rows = [np.flatnonzero(one[:, one.shape[1] // 2] > 127) for one in drawn]
    assert np.abs(np.mean([r[0] for r in rows]) - 17) < 2.5
    assert np.abs(np.mean([r[-1] for r in rows]) - 31) < 2.5


def test_turned_over_the_band_stays_and_the_shapes_are_others() -> None:
    picture = np.zeros((48, 60), np.uint8)
    picture[17:32, 10:20] = 255
    picture[5:32, 10] = 255
    for number in range(3):
        over = turned_over(picture, number)
        rows = np.flatnonzero(over.sum(axis=1) > 255)
        assert (rows[0], rows[-1]) == (17, 31)
        assert not np.array_equal(over, picture)


def test_a_batch_has_lines_of_similar_width() -> None:
    widths = list(range(50, 450, 4))
    rng = np.random.default_rng(0)
    for _ in range(50):
        chosen = [widths[i] for i in learn._draw(widths, 1200, rng)]
        assert len(chosen) >= 2
        assert max(chosen) < 4 * min(chosen)
        assert 500 < sum(chosen) < 2400
    assert len(learn._draw([3000], 1200, rng)) == 2


def test_others_are_not_those_that_are_watched() -> None:
    one, same, other = (lines_by_others(3, seed, writers=2) for seed in (4, 4, 5))
    assert [text for _, text in one] == [text for _, text in same]
    assert all(np.array_equal(a[0], b[0]) for a, b in zip(one, same, strict=True))
    assert [text for _, text in one] != [text for _, text in other]


def test_small_letters_are_joined_and_others_are_not() -> None:
    writer, rng = Writer(3), np.random.default_rng(0)
    counts = {}
    for text in ("c", "ccc", "Cc", "CC", "77", "cc cc"):
        item = joined_line(text, writer, rng)
        assert item.text == text
        assert item.starts[-1] == len(item.points)
        assert abs(item.points[:, 1].max()) < 0.5  # the letters stand on the baseline
        counts[text] = len(item.starts) - 1
    assert (counts["c"], counts["ccc"], counts["cc cc"]) == (1, 1, 2)  # a stroke for each word
    assert counts["CC"] >= 2
    assert counts["77"] >= 2
    left = [joined_line(text, writer, rng).points[:, 0] for text in ("c", "cc", "c c")]
    assert 0 == left[0].min() < left[0].max() < left[1].max() < left[2].max()


def test_the_loss_is_that_of_the_lines_and_of_the_old_answers(small: LineNetwork) -> None:
    teacher, own = LineTeacher(small, steps=1), some_lines(3)
    (x, (texts, target)) = next(teacher._batches(own))
    mine, others = teacher._both(x)
    torch = pytest.importorskip("torch")
    numbers = torch.tensor([ord(sign) - 31 for text in texts for sign in text])
    lengths = [len(text) for text in texts]
    answers = [mine.shape[1]] * len(texts)
    ctc = torch.nn.functional.ctc_loss(
        torch.tensor(mine.numpy()).transpose(0, 1), numbers, answers, lengths, zero_infinity=True
    ).item()
    old = np.exp(others.numpy())  # nothing has been learned yet: the targets are the present answers
    there = target.numpy().sum(axis=-1) > 0
    entropy = -(old[there] * np.log(old[there])).sum(axis=-1).mean()
    assert learn._loss((mine, others), (texts, target)).item() == pytest.approx(
        ctc + learn.WEIGHT * entropy, rel=1e-4
    )


def test_the_same_seed_teaches_the_same(small: LineNetwork) -> None:
    own, start, found = some_lines(3), state(small), []
    for _ in range(2):
        small.load_state_dict(start)
        LineTeacher(small, seed=2, steps=3).teach(own)
        found.append(state(small))
    assert equal(*found)
    assert not equal(found[0], start)


def test_where_others_would_suffer_it_goes_back_to_the_old_weights(
    small: LineNetwork, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = state(small)
    monkeypatch.setattr(learn, "MAY_LOSE", -2.0)
    taught = LineTeacher(small, steps=2).teach(some_lines(3))
    assert taught.kept == 0
    assert equal(state(small), start)
    assert taught.others_after == taught.others_before


def test_lines_are_cross_validated_if_there_are_enough(small: LineNetwork) -> None:
    done: list[int] = []
    losses: list[float] = []

    def note(step: int, loss: float) -> None:
        done.append(step)
        losses.append(loss)

    taught = LineTeacher(small, steps=2).teach(some_lines(6), note)
    assert taught.own_after is not None
    assert done == [1, 2] * learn.trainings(6)
    assert len(done) == 8
    assert min(losses) > 0
    assert LineTeacher(small, steps=2).teach(some_lines(5)).own_after is None
    with pytest.raises(ValueError, match="at least one step"):
        LineTeacher(small, steps=0)


def test_a_strange_hand_is_learned(small: LineNetwork, monkeypatch: pytest.MonkeyPatch) -> None:
    model = load(SHIPPED)
    made = lines_by_others(40, 8, writers=1)
    short = sorted(made, key=lambda line: line[0].shape[1])[:8]
    strange = OwnLines(
        tuple(p for p, _ in short), tuple(t.replace("e", "z").replace("a", "#") for _, t in short)
    )
    monkeypatch.setattr(learn, "MAY_LOSE", 1.0)
    monkeypatch.setattr(learn, "FEWEST", 100)
    before = error_rate(model, strange)
    taught = LineTeacher(model, steps=25).teach(strange)
    assert taught.own_before == before
    assert taught.kept == pytest.approx(learn.FAR)
    assert error_rate(model, strange) < before - 0.05
