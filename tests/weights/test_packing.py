"""Weights in few bits: packed close, unpacked near the old values, in a file that loads like any other."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.numpy

import hello_dl
from hello_dl import models, nn, weights
from hello_dl.weights import packing
from hello_dl.weights.packing import BITS, METHODS, PER, dequantise, pack, quantise, unpack

EVERY_WAY = [(bits, method, per) for bits in BITS for method in METHODS for per in PER]


def some_weights(*shape: int, seed: int = 0) -> Any:
    """Return weights as layers have them: rows of different sizes around different means."""
    generator = np.random.default_rng(seed)
    rows = generator.normal(size=shape) * generator.uniform(0.05, 0.5, (shape[0],) + (1,) * (len(shape) - 1))
    return (rows + 0.02 * np.arange(shape[0]).reshape(-1, *[1] * (len(shape) - 1))).astype(np.float32)


def through(array: Any, bits: int, method: str, per: str) -> Any:
    """Return an array packed and unpacked."""
    return dequantise(*quantise({"w": array}, bits, method, per))["w"]


@pytest.mark.parametrize("bits", BITS)
@pytest.mark.parametrize("n", [1, 7, 8, 1001])
def test_codes_are_packed_without_a_gap(bits: int, n: int) -> None:
    codes = np.random.default_rng(n).integers(0, 2**bits, n).astype(np.uint8)
    packed = pack(codes, bits)
    assert packed.nbytes == -(-n * bits // 8)
    assert (unpack(packed, bits, n) == codes).all()


def test_each_bin_has_equally_many_weights_and_their_mean() -> None:
    w = some_weights(4, 64)
    for per, rows in (("tensor", w.reshape(1, -1)), ("channel", w)):
        packed, _ = quantise({"w": w}, 3, "bins", per)
        codes = unpack(packed["w.codes"], 3, w.size).reshape(rows.shape)
        for row, code, values in zip(rows, codes, packed["w.values"], strict=True):
            assert (np.bincount(code) == row.size // 8).all()
            np.testing.assert_allclose(values, [row[code == b].mean() for b in range(8)], rtol=1e-3)
            assert (np.diff(values) > 0).all()
            assert row[code == 0].max() <= row[code == 1].min()


@pytest.mark.parametrize("bits", BITS)
def test_linear_values_are_equally_far_apart_and_keep_mean_and_spread(bits: int) -> None:
    w = some_weights(5, 3, 4, 4)
    again = through(w, bits, "linear", "channel")
    for old, new in zip(w.reshape(5, -1), again.reshape(5, -1), strict=True):
        steps = np.diff(np.unique(new))
        assert len(steps) < 2**bits
        np.testing.assert_allclose(steps, np.round(steps / steps.min()) * steps.min(), rtol=0.01)
        np.testing.assert_allclose(new.mean(), old.mean(), rtol=2e-3, atol=2e-3 * old.std())
        np.testing.assert_allclose(new.std(), old.std(), rtol=2e-3)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("per", PER)
def test_more_bits_are_nearer(method: str, per: str) -> None:
    w = some_weights(8, 200)
    errors = [float(np.square(through(w, bits, method, per) - w).mean()) for bits in BITS]
    assert errors == sorted(errors)
    assert errors[0] < 0.01 * errors[-1]


def test_four_bits_are_near_enough() -> None:
    w = np.random.default_rng(1).normal(size=(1, 100_000)).astype(np.float32)
    error = float(np.square(through(w, 4, "linear", "tensor") - w).mean())
    assert 0.0115 < error < 0.014  # no 16 equidistant values do better on a bell curve (Max, 1960, table II)


@pytest.mark.parametrize(("bits", "method", "per"), EVERY_WAY)
def test_odd_rows_survive(bits: int, method: str, per: str) -> None:
    odd = {
        "equal": np.full((3, 5), 0.25, np.float32),
        "zero": np.zeros((2, 9), np.float32),
        "single": np.array([[0.5], [-2.0], [3.0]], np.float32),
        "large": np.array([[1e6, -1e6, 2e6], [1e-6, 2e-6, 3e-6]], np.float32),
    }
    again = dequantise(*quantise(odd, bits, method, per))
    for name in ("equal", "zero"):
        np.testing.assert_allclose(again[name], odd[name], rtol=1e-3)
    assert all(np.isfinite(again[name]).all() and again[name].shape == odd[name].shape for name in odd)
    if per == "channel":
        np.testing.assert_allclose(again["single"], odd["single"], rtol=1e-3)


def test_what_is_no_matrix_stays_as_it_is() -> None:
    state = {
        "bias": np.array([0.5, -1.25], np.float32),
        "running_var": np.array([1e6, 1.0], np.float32),
        "small": np.array([1e-7, 3.3e-8], np.float32),
        "num_batches_tracked": np.array(12_345_678, np.int64),
        "none": np.zeros((0, 3), np.float32),
    }
    packed, note = quantise(state, 1)
    assert note["shapes"] == {}
    assert packed["bias"].dtype == np.float16
    assert packed["running_var"].dtype == np.float32
    assert packed["small"].dtype == np.float32  # 16 bits have too few digits there
    again = dequantise(packed, note)
    for name, array in state.items():
        np.testing.assert_allclose(again[name], array, rtol=1e-3)
        assert again[name].dtype == array.dtype


def relative_errors(again: Any, w: Any) -> Any:
    """Return the norm of each row's error, divided by the norm of the row, (rows,)."""
    again, w = again.astype(np.float64), w.astype(np.float64)
    return np.linalg.norm(again - w, axis=1) / np.linalg.norm(w, axis=1)


@pytest.mark.parametrize("scale", [1e-4, 1e-6, 1e-20, 1e-38])
@pytest.mark.parametrize("bits", BITS)
@pytest.mark.parametrize("method", METHODS)
def test_a_small_row_is_as_near_as_the_others(bits: int, method: str, scale: float) -> None:
    w = np.random.default_rng(0).normal(size=(32, 1000)).astype(np.float32)
    usual = relative_errors(through(w, bits, method, "channel"), w)
    for rows in (slice(0, 1), slice(0, 32)):  # one row, and all of them
        small = w.copy()
        small[rows] *= np.float32(scale)
        errors = relative_errors(through(small, bits, method, "channel"), small)
        assert errors == pytest.approx(usual, rel=0.05)
    for_all = [relative_errors(through(x, bits, method, "tensor"), x) for x in (w, w * np.float32(scale))]
    assert for_all[1] == pytest.approx(for_all[0], rel=0.05)


@pytest.mark.parametrize("bits", BITS)
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("middle", [1.0, 100.0])
def test_rows_far_from_zero_keep_their_spread(bits: int, method: str, middle: float) -> None:
    w = np.random.default_rng(0).normal(size=(8, 1000)).astype(np.float32) / 100
    plain = relative_errors(through(w, bits, method, "channel"), w)
    moved = w + np.float32(middle)
    again = through(moved, bits, method, "channel").astype(np.float64) - middle
    assert (relative_errors(again, moved - np.float32(middle)) < 1.2 * plain + 1e-3).all()


def test_each_number_of_a_bias_is_judged_by_itself() -> None:
    state = {"mixed": np.array([1.0, 1e-6], np.float32), "plain": np.array([1.0, 0.1, 0.0, -2.5], np.float32),
             "odd": np.array([1.0, np.inf, np.nan], np.float32)}  # fmt: skip
    packed, note = quantise(state)
    assert [packed[name].dtype for name in state] == [np.float32, np.float16, np.float16]
    again = dequantise(packed, note)
    for name, array in state.items():
        np.testing.assert_allclose(again[name], array, rtol=1e-3)


def test_common_rows_need_16_bits_only() -> None:
    for method in METHODS:
        packed, _ = quantise({"w": some_weights(16, 200)}, 4, method)
        assert packed["w.line" if method == "linear" else "w.values"].dtype == np.float16


def test_the_report_of_a_tiny_tensor_is_not_0(tmp_path: Path) -> None:
    model = nn.Sequential(nn.Linear(30, 20))
    tiny = {name: t.numpy() * np.float32(1e-30) for name, t in model.state_dict().items()}
    model.load_state_dict(tiny)
    weights.save(tmp_path / "w", model)
    assert 0.05 < weights.quantise(tmp_path / "w", tmp_path / "small", bits=4)["0.weight"] < 0.2


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ({"bits": 5}, "bits among 8, 4, 3, 2, 1, got 5"),
        ({"method": "magic"}, "method among linear, bins, got 'magic'"),
        ({"per": "row"}, "per among channel, tensor, got 'row'"),
    ],
)
def test_what_there_is_not_is_refused(how: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        quantise({"w": some_weights(2, 2)}, **how)
    with pytest.raises(ValueError, match="w has NaN or infinity"):
        quantise({"w": np.array([[1.0, np.nan]])})


# ---- files --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("bits", "least"), [(8, 3.8), (4, 7.0), (3, 9.0), (2, 12.5), (1, 20.0)])
def test_the_file_really_is_that_small(bits: int, least: float, tmp_path: Path) -> None:
    path, small = tmp_path / "w", tmp_path / "small"
    hello_dl.manual_seed(0)
    weights.save(path, models.letters_cnn(), classes="abcdefghijklmnopqrstuvwxyz")
    moved = weights.quantise(path, small, bits=bits)
    assert path.stat().st_size / small.stat().st_size >= least
    fine = {name for name, change in moved.items() if change < 0.01}
    assert fine >= {"0.weight", "14.weight"}  # first and last: few weights, which matter most
    assert bits == 8 or fine == {"0.weight", "14.weight"}


def test_a_small_file_loads_like_any_other(tmp_path: Path) -> None:
    path, small = tmp_path / "w", tmp_path / "small"
    hello_dl.manual_seed(0)
    model = nn.Sequential(
        nn.Conv2d(1, 8, 3), nn.BatchNorm2d(8), nn.GELU(), nn.Flatten(), nn.Linear(8 * 36, 4)
    )
    model(hello_dl.randn(50, 1, 8, 8)).sum().backward()  # running statistics move
    weights.save(path, model.eval(), classes="abcd", temperature=1.5, threshold=0.5, remark="by hand")
    moved = weights.quantise(path, small, bits=8)
    assert set(moved) == {"0.weight", "4.weight"}
    assert all(0 < change < 0.01 for change in moved.values())
    again, header = weights.load(small)
    x = hello_dl.randn(20, 1, 8, 8)
    expected = model(x).numpy()
    np.testing.assert_allclose(again(x).numpy(), expected, atol=0.02 * np.abs(expected).max())
    assert (header.temperature, header.threshold, header.notes) == (1.5, 0.5, {"remark": "by hand"})
    mine = nn.Sequential(*model)
    assert weights.load(small, mine)[0] is mine

    weights.annotate(small, small, temperature=2.0)  # stays packed
    assert weights.read_header(small).temperature == 2.0
    assert (weights.load(small)[0](x).numpy() == again(x).numpy()).all()


def test_a_quantised_file_is_not_quantised_again(tmp_path: Path) -> None:
    path, small = tmp_path / "w", tmp_path / "small"
    weights.save(path, models.digits_mlp())
    weights.quantise(path, small, bits=3)
    before = small.read_bytes()
    with pytest.raises(ValueError, match=r"small: is quantised already, to 3 bits; .*that it was made of"):
        weights.quantise(small, small, bits=4)
    assert small.read_bytes() == before


def test_weights_that_are_not_finite_are_refused_with_their_file(tmp_path: Path) -> None:
    model = nn.Sequential(nn.Linear(3, 2))
    model.load_state_dict({"0.weight": np.full((2, 3), np.inf), "0.bias": np.zeros(2)})
    weights.save(tmp_path / "w", model)
    with pytest.raises(ValueError, match=r"w: .*0\.weight has NaN or infinity"):
        weights.quantise(tmp_path / "w", tmp_path / "small")
    assert not (tmp_path / "small").exists()


@pytest.mark.parametrize("damage", ["codes missing", "codes cut", "line missing", "note", "shape"])
def test_a_damaged_small_file_is_refused(damage: str, tmp_path: Path) -> None:
    path = tmp_path / "w"
    weights.save(path, nn.Sequential(nn.Linear(30, 20)))
    weights.quantise(path, path)
    arrays = safetensors.numpy.load_file(path)
    with safetensors.safe_open(path, framework="numpy") as file:
        header = file.metadata()[weights.KEY]
    if damage == "codes missing":
        del arrays["0.weight.codes"]
    elif damage == "codes cut":
        arrays["0.weight.codes"] = arrays["0.weight.codes"][:-1]
    elif damage == "line missing":
        del arrays["0.weight.line"]
    elif damage == "note":
        header = header.replace('"bits": 4', '"bits": null')
    else:
        header = header.replace("[20, 30]", "[30, 20]")
    safetensors.numpy.save_file(arrays, path, {weights.KEY: header})
    with pytest.raises(ValueError, match=r"w: .*(damaged|needs shape)"):
        weights.load(path)


def test_the_methods_are_those_that_the_command_offers() -> None:
    from hello_dl.commands.quantise import quantise as command

    offered = {option.name: getattr(option.type, "choices", None) for option in command.params}
    assert offered["bits"] == tuple(map(str, packing.BITS)) or offered["bits"] == [*map(str, BITS)]
    assert list(offered["method"] or ()) == list(METHODS)
    assert list(offered["per"] or ()) == list(PER)
