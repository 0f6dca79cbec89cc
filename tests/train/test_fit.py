"""fit learns, keeps the best, repeats itself by seed, and stops at numbers that are none."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import hello_dl
from bars import bars, small, state
from hello_dl import nn, optim, train, weights
from hello_dl.data import BalancedSampler, Images, TensorDataset, WeightedRandomSampler
from hello_dl.data.augment import Augmentation
from hello_dl.models import letters_cnn


@pytest.fixture(autouse=True)
def threads() -> Iterator[None]:
    """Put the number of threads back afterwards."""
    before = hello_dl.get_num_threads()
    yield
    hello_dl.set_num_threads(before)


def test_fit_learns_and_reports_every_epoch() -> None:
    model, seen, steps = small(), [], []
    history = train.fit(
        model,
        bars(),
        bars(90, seed=1),
        epochs=4,
        batch_size=32,
        lr=0.01,
        on_epoch=seen.append,
        on_step=lambda step, loss: steps.append(step),
        progress=False,
    )
    assert history.epochs == seen
    assert [e.step for e in seen] == [10, 20, 30, 40]
    assert steps == list(range(1, 41))
    assert seen[-1].loss < seen[0].loss / 2
    result = train.evaluate(model, bars(90, seed=1), normalisation=history.normalisation)
    assert result.accuracy == history.best.validation.accuracy > 0.95
    assert history.best.validation.accuracy == max(e.validation.accuracy for e in seen)
    assert not model.training


def test_evaluate_counts_who_was_taken_for_whom() -> None:
    class First(nn.Module):
        def forward(self, x: hello_dl.Tensor) -> hello_dl.Tensor:
            return x[:, 0, 0, :3] * 0 + hello_dl.tensor([1.0, 0.0, 0.0])

    data, model = bars(100), First()
    result = train.evaluate(model, data, batch_size=33)
    counts = np.bincount(data.labels)
    assert result.n == 100
    assert not result.confusion[:, 1:].any()
    assert result.confusion[:, 0].tolist() == counts.tolist()
    assert result.accuracy == counts[0] / 100
    surprise = np.log(np.exp(1) + 2) - np.array([1, 0, 0])
    assert result.loss == pytest.approx(float(counts @ surprise / 100), rel=1e-5)
    assert model.training  # as it was


def test_predict_gives_probabilities_whatever_the_batch_size() -> None:
    model, data = small(dropout=0.5), bars(50)
    p = train.predict(model, data, normalisation=(0.1, 0.3), batch_size=7)
    assert p.shape == (50, 3)
    assert np.allclose(p.sum(1), 1, atol=1e-5)
    np.testing.assert_allclose(p, train.predict(model, data.images, normalisation=(0.1, 0.3)), rtol=1e-4)
    x = (data.images[:, None].astype(np.float32) / 255 - 0.1) / 0.3
    np.testing.assert_allclose(p, train.predict(model, x), rtol=1e-3, atol=1e-5)
    with pytest.raises(ValueError, match="at least one image"):
        train.predict(model, data.images[:0])


@pytest.mark.parametrize("augment", [None, Augmentation(degrees=20, elastic=1, noise=0.1, flip=3)])
def test_the_same_seed_gives_the_same_bits_on_any_number_of_threads(augment: Any) -> None:
    results = []
    for threads, seed in ((1, 5), (2, 5), (2, 5), (1, 6)):
        hello_dl.set_num_threads(threads)
        model = small(dropout=0.3)
        train.fit(model, bars(), epochs=2, seed=seed, augment=augment, balanced=True, progress=False)
        results.append(state(model))
    assert all((a == b).all() for other in results[1:3] for a, b in zip(results[0], other, strict=True))
    assert not (results[0][0] == results[3][0]).all()


def test_the_best_weights_are_kept_saved_and_restored(tmp_path: Path) -> None:
    path, states = tmp_path / "best.safetensors", []
    model = small()

    def spoil(epoch: train.Epoch) -> None:
        states.append(state(model))
        if epoch.epoch == 2:
            optimizer.param_groups[0]["lr"] = -0.05  # from now on uphill

    optimizer = optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    validation = bars(60, seed=2)
    history = train.fit(
        model, bars(), validation, epochs=4, optimizer=optimizer, save=path, on_epoch=spoil, progress=False
    )
    assert history.best.epoch <= 2
    assert history.epochs[-1].validation.accuracy < history.best.validation.accuracy
    assert all((a == b).all() for a, b in zip(state(model), states[history.best.epoch - 1], strict=True))
    again, header = weights.load(path)
    assert all((a == b).all() for a, b in zip(state(model), state(again), strict=True))
    assert header.accuracy == history.best.validation.accuracy
    assert header.step == history.best.step
    assert header.classes == ("lies", "stands", "leans")
    assert header.normalisation == history.normalisation
    assert header.notes == {"epoch": history.best.epoch, "trained_on": "where/bars"}


def test_a_schedule_multiplies_the_learning_rate() -> None:
    rates, model = [], small()
    optimizer = optim.SGD(model.parameters(), lr=0.5)
    train.fit(
        model,
        bars(64),
        epochs=2,
        batch_size=32,
        optimizer=optimizer,
        schedule=lambda progress: 1 - progress,
        on_step=lambda step, loss: rates.append(optimizer.param_groups[0]["lr"]),
        progress=False,
    )
    assert rates == [0.5, 0.375, 0.25, 0.125]
    assert train.cosine(0) == 1
    assert train.cosine(1) == pytest.approx(0)
    assert train.one_cycle(0.2) == 1


def test_data_may_be_arrays_and_the_loss_another() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(200, 3)).astype(np.float32)
    y = x @ np.array([[1.0], [-2.0], [0.5]], np.float32)
    model = nn.Linear(3, 1)
    for data in ((x, y), TensorDataset(x, y)):
        history = train.fit(
            model, data, epochs=8, batch_size=20, lr=0.1, loss=nn.functional.mse_loss, progress=False
        )
    assert history.best.loss < 1e-3
    assert history.best.validation is None
    assert model.weight.tolist()[0] == pytest.approx([1, -2, 0.5], abs=0.05)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_numbers_that_are_none_in_the_data_are_reported_with_the_step(bad: float) -> None:
    x, y = np.ones((40, 4), np.float32), np.zeros(40, np.int64)
    x[:, 3] = 0
    x[17, 3] = bad
    model = nn.Sequential(nn.Linear(4, 2), nn.ReLU())
    before = state(model)
    with pytest.raises(ValueError, match=r"fit: epoch 1, step 1: the input has 1 numbers that are NaN"):
        train.fit(model, (x, y), batch_size=40, progress=False)
    assert all((a == b).all() for a, b in zip(before, state(model), strict=True))


def test_a_loss_that_explodes_is_reported_with_the_step() -> None:
    model = small()
    optimizer = optim.SGD(model.parameters(), lr=1e30)
    with pytest.raises(ValueError, match=r"epoch 1, step [2-9]: the loss is (nan|inf); use a smaller"):
        train.fit(model, bars(), optimizer=optimizer, progress=False)


def test_what_cannot_be_trained_is_refused_at_once(tmp_path: Path) -> None:
    model, data = small(), bars(30)
    wrong: list[tuple[type[Exception], str, dict[str, Any]]] = [
        (ValueError, "at least one epoch", {"epochs": 0}),
        (ValueError, "batch size", {"batch_size": 0}),
        (OSError, "cannot be written", {"save": tmp_path / "no" / "w"}),
        (OSError, "cannot be written", {"save": tmp_path}),
    ]
    for error, words, settings in wrong:
        with pytest.raises(error, match=words):
            train.fit(model, data, progress=False, **settings)
    with pytest.raises(TypeError, match="need Images"):
        train.fit(model, TensorDataset(data.images, data.labels), balanced=True, progress=False)
    with pytest.raises(ValueError, match="other classes"):
        train.fit(model, data, Images(data.images, data.labels, ("a", "b", "c")), progress=False)
    with pytest.raises(IndexError, match="label"):
        train.fit(nn.Sequential(nn.Flatten(), nn.Linear(784, 2)), data, progress=False)


def test_the_letters_network_trains_and_the_bar_stays_silent(capsys: pytest.CaptureFixture[str]) -> None:
    history = train.fit(letters_cnn(3), bars(64), epochs=1, batch_size=32)
    assert history.best.step == 2
    assert capsys.readouterr() == ("", "")  # no terminal, no bar


# ---- more images, and classes drawn evenly ------------------------------------------------------------


def test_a_balanced_sampler_draws_every_class_equally_often() -> None:
    labels = np.array([0] * 90 + [3] * 8 + [7] * 2)
    sampler = BalancedSampler(labels, seed=4, n=300)
    first, second = list(sampler), list(sampler)
    assert len(sampler) == len(first) == 300
    assert first != second
    for epoch in (first, second):
        assert np.bincount(labels[epoch], minlength=8)[[0, 3, 7]].tolist() == [100, 100, 100]
    assert list(BalancedSampler(labels, seed=4, n=300)) == first
    assert set(first) >= {98, 99}
    with pytest.raises(ValueError, match="labels"):
        BalancedSampler(np.zeros(0, int))


def test_a_weighted_sampler_draws_in_proportion() -> None:
    sampler = WeightedRandomSampler([1, 0, 3], num_samples=4000, seed=2)
    first, second = list(sampler), list(sampler)
    assert len(sampler) == len(first) == 4000
    assert first != second
    assert np.bincount(first, minlength=3) == pytest.approx([1000, 0, 3000], abs=100)
    assert list(WeightedRandomSampler([1, 0, 3], 4000, seed=2)) == first
    for wrong in ([], [1, -1], [0, 0], [[1]], [float("nan")]):
        with pytest.raises(ValueError, match="none negative"):
            WeightedRandomSampler(wrong, 5)
    with pytest.raises(ValueError, match="at least 1"):
        WeightedRandomSampler([1], 0)


def test_fit_draws_what_a_sampler_says_and_keeps_the_average() -> None:
    data, shares = bars(60), np.zeros(60)
    shares[:5] = 1
    seen: list[int] = []

    class Sampler(WeightedRandomSampler):
        def __iter__(self) -> Iterator[int]:
            drawn = list(super().__iter__())
            seen.extend(drawn)
            return iter(drawn)

    hello_dl.manual_seed(0)
    model = nn.Sequential(nn.Flatten(), nn.Linear(784, 3))
    last: list[NDArray[Any]] = []
    train.fit(
        model,
        data,
        epochs=2,
        sampler=Sampler(shares, 64),
        average=0.9,
        on_step=lambda *_: last.append(model[1].weight.numpy().copy()),
        progress=False,
    )
    assert len(seen) == 128
    assert max(seen) < 5
    kept = model[1].weight.numpy()
    assert (kept != last[-1]).any()
    assert np.abs(kept - last[-1]).max() < np.abs(kept).max()
