"""The line reader's network: shapes, files, and signs to numbers and back."""

import numpy as np
import pytest

import hello_dl as h
from hello_dl import weights
from hello_dl.reading.lines import alphabet
from hello_dl.reading.lines.best_path import best_path, best_signs
from hello_dl.reading.lines.network import ANSWERS, HEIGHT, STEP, LineNetwork, load, save, to_batch


def small():
    h.manual_seed(1)
    return LineNetwork((8, (2, 2), 8), features=16, hidden=8, depth=1)


def pictures(*widths):
    rng = np.random.default_rng(0)
    return [rng.integers(0, 256, (HEIGHT, width), np.uint8) for width in widths]


def test_answers_are_log_probabilities_of_every_two_pixels():
    y = small()(to_batch(pictures(40, 33)))
    assert y.shape == (2, 40 // STEP * ANSWERS, alphabet.CLASSES)
    assert np.allclose(np.exp(y.numpy()).sum(axis=2), 1, atol=1e-5)


def test_a_narrow_picture_gets_paper_at_its_right_end():
    one, wide = pictures(3, 21)
    batch = to_batch([one, wide]).numpy()
    assert batch.shape == (2, 1, HEIGHT, 24)
    assert np.array_equal(batch[0, 0, :, :3], (one / np.float32(255)))
    assert not batch[0, 0, :, 3:].any()
    assert to_batch([one]).shape == (1, 1, HEIGHT, 16)


def test_a_picture_of_another_height_is_refused():
    with pytest.raises(ValueError, match=r"48 rows of pixels, got the shape \(40, 9\)"):
        to_batch([np.zeros((40, 9), np.uint8)])
    with pytest.raises(ValueError, match="w a multiple of 4"):
        small()(h.zeros(1, 1, HEIGHT, 18))


def test_a_file_holds_the_network_and_its_settings(tmp_path):
    model = small().eval()
    save(tmp_path / "lines.safetensors", model, step=3)
    again = load(tmp_path / "lines.safetensors")
    x = to_batch(pictures(20))
    assert again.settings == model.settings
    assert np.array_equal(again(x).numpy(), model(x).numpy())


def test_a_file_of_another_network_is_refused(tmp_path):
    weights.save(tmp_path / "digits.safetensors", h.nn.Sequential(h.nn.Linear(3, 2)))
    with pytest.raises(ValueError, match=r"digits.safetensors: needs the weights of a line reader"):
        load(tmp_path / "digits.safetensors")


def test_signs_have_numbers():
    assert alphabet.decode(alphabet.encode("It's 5 o'clock!")) == "It's 5 o'clock!"
    assert alphabet.encode("").shape == (0,)
    with pytest.raises(ValueError, match="'caf\xe9' holds '\xe9'"):
        alphabet.encode("caf\xe9")
    numbers, lengths = alphabet.concatenated(["ab", "", "c"])
    assert lengths.tolist() == [2, 0, 1]
    assert alphabet.decode(numbers) == "abc"


def test_the_best_path_joins_equal_answers_unless_a_blank_parts_them():
    path = [0, *alphabet.encode("aab"), 0, *alphabet.encode("bb"), 0]
    log_probs = np.full((len(path), alphabet.CLASSES), -9.0)
    log_probs[np.arange(len(path)), path] = -0.1
    assert best_path(log_probs) == "abb"
    assert best_signs(log_probs)[1].tolist() == [[1, 3], [3, 4], [5, 7]]
    assert best_path(log_probs[:1]) == ""
