"""Each plot draws the numbers of the run log: its lines, bars and colours are compared with them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from bars import log_two_runs
from hello_dl.runlog import LogReader, Run
from hello_dl.runlog.rows import worst_pairs

pytest.importorskip("matplotlib")

from hello_dl.plots import confusion, curves, filters, tensors
from hello_dl.plots.style import COLOURS, averaged


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LogReader]:
    with LogReader(log_two_runs(tmp_path_factory.mktemp("plots"))) as log:
        yield log


@pytest.fixture
def run(log: LogReader) -> Run:
    """Return the second run."""
    return log.runs()[1]


def assert_line(line: Any, xs: Any, ys: Any) -> None:
    """Check that a line goes through these points."""
    np.testing.assert_allclose(line.get_xdata(), xs)
    np.testing.assert_allclose(line.get_ydata(), ys)


def test_the_curves_of_a_run_are_its_training_and_its_validation(log: LogReader) -> None:
    axes = curves.draw_curves(log, log.runs()).axes
    assert [axis.get_xlabel() for axis in axes] == ["", "", "", "steps", "epochs", "seconds"]
    assert [axis.get_ylabel() for axis in axes] == ["loss", "", "", "right answers, %", "", ""]
    for i, run in enumerate(log.runs()):
        training, validation = log.table("training", run.id), log.table("validation", run.id)
        for panel, axis in enumerate(axes):
            assert len(axis.lines) == 4
            thin, thick = axis.lines[2 * i : 2 * i + 2]
            column, factor = ("loss", 1) if panel < 3 else ("accuracy", 100)
            x = ("step", "epoch", "wall")[panel % 3]
            along = [t["step"] / 15 if x == "epoch" else t[x] for t in (training, validation)]
            assert_line(thin, along[0], factor * training[column])
            assert_line(thick, along[1], factor * validation[column])
            assert {thin.get_color(), thick.get_color()} == {COLOURS[i]}
            assert thin.get_linewidth() < thick.get_linewidth()
    legend = [text.get_text() for text in axes[0].get_legend().get_texts()]
    assert legend == ["run 1: lr 0.001", "run 2: lr 0.01"]


def test_runs_are_named_by_the_settings_in_which_they_differ(log: LogReader) -> None:
    assert curves.names(log.runs()) == ["run 1: lr 0.001", "run 2: lr 0.01"]
    assert curves.names(log.runs([2])) == ["run 2"]


def test_a_curve_of_many_points_is_drawn_by_the_means_of_neighbours() -> None:
    y = np.array([1, 3, 5, np.nan, np.nan, np.nan, 10, 20])
    np.testing.assert_array_equal(averaged(y, 4), [2, 5, np.nan, 15])
    np.testing.assert_array_equal(averaged(y, 100), y)


def test_the_confusion_matrix_is_that_of_the_last_validation(log: LogReader, run: Run) -> None:
    counts, step = confusion.read_confusion(log, run)
    assert step == 30
    assert counts.sum() == 90
    (right,) = log.table("validation", run.id)["accuracy"][-1:]
    assert np.trace(counts) / 90 == pytest.approx(right)
    matrix, _, pairs = confusion.draw_confusion(log, log.runs()[0]).axes
    counts, _ = confusion.read_confusion(log, log.runs()[0])
    shares = 100 * counts / counts.sum(axis=1, keepdims=True)
    np.fill_diagonal(shares, np.nan)
    np.testing.assert_allclose(matrix.images[0].get_array().filled(np.nan), shares)
    assert [label.get_text() for label in matrix.get_yticklabels()] == ["lies", "stands", "leans"]
    written = {(int(t.get_position()[1]), int(t.get_position()[0])): t.get_text() for t in matrix.texts}
    assert written == {place: str(count) for place, count in np.ndenumerate(counts) if count}
    assert len(pairs.texts) == len(worst_pairs(counts, 8))


def test_the_worst_pairs_stand_beside_their_images(log: LogReader) -> None:
    run = log.runs()[0]
    counts, _ = confusion.read_confusion(log, run)
    pairs = confusion.draw_confusion(log, run).axes[-1]
    (truth, answer), *_ = worst_pairs(counts, 1)
    wrong, all_ = counts[truth, answer], counts[truth].sum()
    words = f"{run.classes[truth]} read as {run.classes[answer]}\n{wrong} of {all_} ({wrong / all_:.1%})"
    assert pairs.texts[0].get_text() == words
    ((image,), *_) = log.query(
        "SELECT image FROM mistake WHERE run = 1 AND truth = ? AND answer = ?", truth, answer
    )
    page = pairs.images[0].get_array()
    first = page[2:30, 86:114]  # at the right of the words, which take 84 pixels
    np.testing.assert_array_equal(first, np.frombuffer(image, np.uint8).reshape(28, 28))


def test_the_evolution_of_a_tensor_is_its_quantiles(log: LogReader, run: Run) -> None:
    axes = tensors.draw_evolution(log, run, "gradient").axes
    assert [axis.get_title() for axis in axes] == [
        "0.weight (100)",
        "0.bias (4)",
        "4.weight (768)",
        "4.bias (3)",
    ]
    table = log.table("tensor", run.id, "kind = 'gradient' AND name = '4.weight'")
    (median,) = axes[2].lines
    assert_line(median, table["step"], table["q50"])
    for band, (low, high) in zip(axes[2].collections, (("q5", "q95"), ("q25", "q75")), strict=True):
        corners = band.get_paths()[0].vertices
        assert corners[:, 1].min() == pytest.approx(table[low].min())
        assert corners[:, 1].max() == pytest.approx(table[high].max())


def test_norms_are_drawn_of_each_weight_and_its_gradient(log: LogReader, run: Run) -> None:
    axes = tensors.draw_norms(log, run).axes
    for axis, kind in zip(axes, ("parameter", "gradient"), strict=True):
        assert [line.get_label() for line in axis.lines] == ["0.weight", "4.weight"]
        for line in axis.lines:
            table = log.table("tensor", run.id, "kind = ? AND name = ?", kind, line.get_label())
            assert_line(line, table["step"], table["norm"])
        assert axis.get_yscale() == "log"


def test_a_distribution_is_a_histogram_of_the_values(log: LogReader, run: Run) -> None:
    axes = tensors.draw_distributions(log, run).axes
    assert [axis.get_title() for axis in axes] == ["0.weight", "4.weight"]
    steps, values = log.values(run.id, "4.weight")
    stairs = axes[1].patches
    assert [s.get_label() for s in stairs][:: len(stairs) - 1] == [f"step {steps[0]}", f"step {steps[-1]}"]
    heights, edges, _ = stairs[-1].get_data()
    assert (heights * np.diff(edges)).sum() == pytest.approx(1)  # a density
    inside = values[-1][(values[-1] >= edges[0]) & (values[-1] <= edges[-1])]
    counts, _ = np.histogram(inside, edges)
    np.testing.assert_allclose(heights * np.diff(edges) * len(inside), counts)
    assert len(inside) > 0.99 * values[-1].size


def test_the_filters_lie_beside_each_other_in_two_colours(log: LogReader, run: Run) -> None:
    before, after = filters.draw_filters(log, run).axes[:2]
    steps, values = log.values(run.id, "0.weight")  # (t, 4, 1, 5, 5)
    assert (before.get_title(), after.get_title()) == (f"after step {steps[0]}", f"after step {steps[-1]}")
    for axis, moment in ((before, 0), (after, -1)):
        mosaic = axis.images[0].get_array().filled(np.nan)
        assert mosaic.shape == (11, 11)  # 2 x 2 filters with a gap
        np.testing.assert_array_equal(mosaic[:5, 6:], values[moment, 1, 0])
        assert np.isnan(mosaic[5]).all()
        low, high = axis.images[0].get_clim()
        assert -low == high == np.abs(values[-1]).max()  # white is zero


def test_each_value_of_a_filter_is_a_line(log: LogReader, run: Run) -> None:
    *pictures, axis = filters.draw_filter(log, run, 3).axes
    steps, values = log.values(run.id, "0.weight")
    assert pictures[-1].get_title() == f"step {steps[-1]}"
    np.testing.assert_array_equal(pictures[-1].images[0].get_array(), values[-1, 3, 0])
    lines = {line.get_label(): line for line in axis.lines}
    assert_line(lines["row 1, column 2"], steps, values[:, 3, 0, 1, 2])
    assert len(axis.lines) == 25 + 1  # and the zero line
    with pytest.raises(LookupError, match=r"0\.weight has 4 filters, counted from 0; there is no 4"):
        filters.draw_filter(log, run, 4)
