"""Networks that write: remembering changes nothing but the time, and files give back what was saved."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import hello_dl
from hello_dl import nn, text, weights
from hello_dl._core import from_numpy, gpt_read
from hello_dl.text import GPT, CharacterVocabulary, KeyValueCache, Recipe, RecurrentText, Sampling, Streams
from hello_dl.text.attention_pattern import attention_pattern
from hello_dl.text.cost import DEFAULT, duration, short, table

CORPUS = "the cat sat on the mat; the bat sat on the hat. " * 40
VOCABULARY = CharacterVocabulary.of(CORPUS)
IDS = VOCABULARY.encode(CORPUS)


def small(context: int = 16, heads: int = 2) -> GPT:
    """Make a GPT with weights so large that every part changes its scores."""
    model = GPT(VOCABULARY.size, context, 16, 2, heads)
    with hello_dl.no_grad():
        for p in model.parameters():
            p.copy_(hello_dl.randn(*p.shape) * 0.3)
    return model


def scores_of(model: GPT, ids: Any, cache: KeyValueCache | None = None) -> Any:
    return model(from_numpy(np.asarray(ids)[None]), cache).numpy()[0]


# ---- GPT


@pytest.mark.parametrize("cuts", [[1] * 16, [5, 1, 7, 3], [16]])
def test_scores_with_a_cache_are_those_of_reading_everything(cuts: list[int]) -> None:
    model, ids = small(), IDS[:16]
    whole, cache, start = scores_of(model, ids), KeyValueCache(), 0
    for n in cuts:
        part = scores_of(model, ids[start : start + n], cache)
        np.testing.assert_allclose(part, whole[start : start + n], atol=1e-5)
        start += n
        assert cache.length == start


def test_the_engines_reader_gives_the_same_scores_on_any_number_of_threads() -> None:
    model, ids = small(), IDS[:16]
    whole, read = scores_of(model, ids), []
    for threads in (1, 2):
        hello_dl.set_num_threads(threads)
        one_by_one, at_once = model.reader(), model.reader()
        read.append(np.stack([one_by_one.read([i]) for i in ids.tolist()]))
        np.testing.assert_allclose(read[-1], whole, atol=1e-5)
        np.testing.assert_allclose(at_once.read(ids[:9].tolist()), whole[8], atol=1e-5)
        np.testing.assert_allclose(at_once.read(ids[9:].tolist()), whole[15], atol=1e-5)
    assert (read[0] == read[1]).all()


def test_a_full_context_is_read_anew_from_its_middle() -> None:
    model, ids = small(8), IDS[:30]
    reader = model.reader()
    for i, token in enumerate(ids.tolist()):
        scores = reader.read([token])
        start = 0 if i < 8 else (i - 8) // 5 * 5 + 5  # 8 are read, then the last 4 of 9; 5 later again
        np.testing.assert_allclose(scores, scores_of(model, ids[start : i + 1])[-1], atol=1e-5)
    long = model.reader().read(ids.tolist())  # a prompt that is longer than the context
    np.testing.assert_allclose(long, scores_of(model, ids[-4:])[-1], atol=1e-5)


def test_no_token_sees_what_comes_after_it() -> None:
    model, ids = small(), IDS[:16].copy()
    before = scores_of(model, ids)
    ids[10] = (ids[10] + 1) % VOCABULARY.size
    after = scores_of(model, ids)
    assert (before[:10] == after[:10]).all()
    assert (before[10:] != after[10:]).any(axis=1).all()


def test_mistakes_of_a_gpt_are_refused() -> None:
    model = small(8)
    with pytest.raises(ValueError, match=r"at most 8 tokens.*got 9"):
        scores_of(model, IDS[:9])
    with pytest.raises(ValueError, match="got 10 and 3 heads"):
        GPT(5, width=10, heads=3)
    parameters, cache = list(model.parameters()), hello_dl.zeros(2, 2, 8, 16)
    for wrong, words in (((parameters[:-1], cache, 2, [0], 0), "parameters of a GPT"),
                         ((parameters, cache, 3, [0], 0), "heads"),
                         ((parameters, cache, 2, [0], 8), "1 to 8 tokens"),
                         ((parameters, hello_dl.zeros(2, 2, 9, 16), 2, [0], 0), "cache")):  # fmt: skip
        with pytest.raises(ValueError, match=words):
            gpt_read(*wrong)
    with pytest.raises(IndexError, match="token 99"):
        gpt_read(parameters, cache, 2, [99], 0)


def test_a_gpt_starts_undecided_and_its_parameters_are_counted_right() -> None:
    model = GPT(DEFAULT.vocabulary, DEFAULT.context, DEFAULT.width, DEFAULT.layers)
    assert sum(p.numel() for p in model.parameters()) == DEFAULT.parameters == 809_856
    loss = text.windows_loss(model, np.arange(65), 64)
    assert loss == pytest.approx(np.log(65), abs=0.1)


def test_attention_patterns_look_back_only_and_add_up() -> None:
    pattern = attention_pattern(small(), IDS[:12])
    assert pattern.shape == (2, 2, 12, 12)
    np.testing.assert_allclose(pattern.sum(axis=-1), 1, atol=1e-5)
    assert (np.triu(pattern, 1) == 0).all()


# ---- recurrent networks


@pytest.mark.parametrize("cell", ["gru", "lstm"])
def test_the_state_is_carried_from_step_to_step(cell: str) -> None:
    model = RecurrentText(VOCABULARY.size, cell, 12, 2, 8)
    whole, _ = model(from_numpy(IDS[None, :30]))
    parts, state = [], None
    for start in range(0, 30, 10):
        scores, state = model(from_numpy(IDS[None, start : start + 10]), state)
        state = text.detached(state)
        parts.append(scores.numpy())
    np.testing.assert_allclose(np.concatenate(parts, 1), whole.numpy(), atol=1e-5)
    reader = model.reader()
    assert [reader.read([i]).argmax() for i in IDS[:30].tolist()] == whole.numpy()[0].argmax(-1).tolist()


def test_learning_carries_the_state_and_cuts_the_gradient(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []
    model = RecurrentText(VOCABULARY.size, "gru", 12, 1, 8)
    forward = model.forward

    def spy(ids: Any, state: Any = None) -> Any:
        scores, after = forward(ids, state)
        seen.append((None if state is None else (state.requires_grad, state.numpy().copy()), after))
        return scores, after

    monkeypatch.setattr(model, "forward", spy)
    for _ in text.learn(model, IDS, Recipe(6, batch=4, length=20)):
        pass
    assert seen[0][0] is None  # nothing was before
    for (_, after), (before, _) in pairwise(seen):
        assert before is not None
        assert not before[0]
        np.testing.assert_array_equal(before[1], after.numpy())


def test_the_loss_over_a_text_is_the_same_in_any_pieces() -> None:
    model = RecurrentText(VOCABULARY.size, "gru", 12, 1, 8)
    losses = [text.stream_loss(model, IDS[:101], length) for length in (7, 50, 100)]
    np.testing.assert_allclose(losses, losses[0], rtol=1e-5)
    gpt = small(16)
    by_hand = [
        -np.log(softmax(scores_of(gpt, IDS[i : i + 16])))[np.arange(16), IDS[i + 1 : i + 17]] for i in (0, 16)
    ]
    by_hand.append(-np.log(softmax(scores_of(gpt, IDS[32:40])))[np.arange(8), IDS[33:41]])
    assert text.windows_loss(gpt, IDS[:41], 16) == pytest.approx(np.concatenate(by_hand).mean(), rel=1e-5)


def softmax(scores: Any) -> Any:
    e = np.exp(scores - scores.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


# ---- learning and writing


@pytest.mark.parametrize("kind", ["gpt", "gru"])
def test_what_was_learned_is_written_again(kind: str) -> None:
    hello_dl.set_num_threads(1)
    corpus = "sphinx of black quartz, judge my vow. " * 40
    vocabulary = CharacterVocabulary.of(corpus)
    size, ids = vocabulary.size, vocabulary.encode(corpus)
    model = GPT(size, 24, 32, 2, 2) if kind == "gpt" else RecurrentText(size, "gru", 48, 1, 16)
    losses = [s.loss for s in text.learn(model, ids, Recipe(150, batch=8, length=24, lr=1e-2))]
    assert losses[-1] < 0.1 * losses[0]
    written = "".join(text.write(model, vocabulary, "sphinx of", 60, Sampling(0)))
    assert written in corpus  # word for word


def test_the_same_seed_gives_the_same_weights_and_the_same_text() -> None:
    def run(threads: int, seed: int) -> tuple[Any, str]:
        hello_dl.set_num_threads(threads)
        hello_dl.manual_seed(3)
        model = small()
        for _ in text.learn(model, IDS, Recipe(3, batch=8, length=16), seed=1):
            pass
        return model.wte.weight.numpy().copy(), "".join(text.write(model, VOCABULARY, "a", 30, seed=seed))

    one, two, other = run(1, 5), run(2, 5), run(1, 6)
    assert (one[0] == two[0]).all()
    assert one[1] == two[1]
    assert one[1] != other[1]
    assert len(one[1]) == 30


def test_letters_of_several_bytes_are_written_whole() -> None:
    class Always(text.GPT):
        def reader(self) -> Any:
            scores = iter("aé€".encode() * 3)

            class Reader:
                def read(self, _ids: list[int]) -> Any:
                    return np.eye(256)[next(scores)]

            return Reader()

    bits = list(text.write(Always(256), text.BytePairEncoder.train("", 0), "x", 18, Sampling(0)))
    assert bits == ["a", "é", "€"] * 3


def test_learning_refuses_what_cannot_be_learned() -> None:
    with pytest.raises(ValueError, match="more than 2000"):
        next(text.learn(small(2000), IDS[:2000], Recipe(1, length=2000)))
    model = small()
    with hello_dl.no_grad():
        model.ln_f.weight.copy_(hello_dl.full((16,), float("nan")))
    with pytest.raises(ValueError, match="step 1: the loss is nan"):
        next(text.learn(model, IDS, Recipe(1, batch=2, length=8)))
    with pytest.raises(ValueError, match="number of steps or of seconds"):
        next(text.learn(small(), IDS, Recipe(None)))
    assert len(Streams(IDS, 4, 20)) == (len(IDS) - 1) // 80


# ---- files


@pytest.mark.parametrize(
    "model", [small(), RecurrentText(VOCABULARY.size, "lstm", 8, 2, 4)], ids=["gpt", "lstm"]
)
def test_a_file_holds_network_and_vocabulary(model: Any, tmp_path: Path) -> None:
    text.save(tmp_path / "w.safetensors", model, VOCABULARY, seed=7, loss=1.5)
    hello_dl.manual_seed(1)
    undisturbed = hello_dl.rand(1).item()
    hello_dl.manual_seed(1)
    again, vocabulary, header = text.load(tmp_path / "w.safetensors")
    assert hello_dl.rand(1).item() == undisturbed  # loading uses up no random numbers
    assert vocabulary.decode(IDS.tolist()) == CORPUS
    assert header.seed == 7
    assert header.notes["loss"] == 1.5
    one, two = ("".join(text.write(m, VOCABULARY, "the", 20)) for m in (model, again))
    assert one == two
    assert not again.training


def test_files_that_hold_something_else_are_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "other.safetensors"
    weights.save(path, nn.Sequential(nn.Linear(2, 3)))
    with pytest.raises(ValueError, match=r"other\.safetensors.*'Sequential'.*write train"):
        text.load(path)
    weights.save(path, small(), architecture={"type": "GPT", **small().settings})
    with pytest.raises(ValueError, match=r"other\.safetensors.*tokeniser"):
        text.load(path)
    text.save(path, small(), CharacterVocabulary("ab"))
    with pytest.raises(ValueError, match=r"other\.safetensors.*beside it 2"):
        text.load(path)
    weights.save(path, small(), architecture={"type": "GPT", "layers": 3}, tokeniser=VOCABULARY.description())
    with pytest.raises(ValueError, match=r"other\.safetensors.*damaged"):
        text.load(path)


def test_the_table_of_costs_is_computed_from_sizes() -> None:
    rows = {row[0]: row for row in table(1e11)}
    assert rows["GPT-2 small"][1] == "124 M"
    assert rows["GPT-2 XL"][1] == "1.56 G"
    assert rows["GPT-3"][1] == "175 G"
    assert short(1_720_000) == "1.72 M"
    assert duration(3 * 86400) == "3 days"
