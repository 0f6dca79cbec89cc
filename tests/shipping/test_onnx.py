"""ONNX files: ONNX Runtime gives our answers, for every op with a row in the table, and all networks."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import hello_dl
from cases import CASES
from hello_dl import functional as F
from hello_dl import models, nn, weights
from hello_dl.dna.networks import SpliceConv, SpliceGRU
from hello_dl.examples import digits as digits_example
from hello_dl.examples import dropout as dropout_example
from hello_dl.examples import maml, two_moons
from hello_dl.reading.lines import network as lines
from hello_dl.shipping import About, export
from hello_dl.shipping.onnx_file import TABLE
from hello_dl.shipping.trace import trace
from hello_dl.text.gpt import GPT
from hello_dl.text.recurrent_text import RecurrentText
from table import Case, make_inputs

onnx = pytest.importorskip("onnx")
runtime = pytest.importorskip("onnxruntime")

RNG = np.random.default_rng(3)
IMAGES = RNG.random((2, 1, 28, 28), np.float32)
IDS = RNG.integers(0, 20, (2, 12))


def outputs_of(answer: Any) -> list[Any]:
    if isinstance(answer, hello_dl.Tensor):
        return [answer.numpy()]
    return [array for part in answer for array in outputs_of(part)]


def ours(model: Callable[..., Any], *inputs: Any) -> list[Any]:
    with hello_dl.no_grad():
        return outputs_of(model(*[hello_dl.tensor(x) for x in inputs]))


def session(path: Path) -> Any:
    options = runtime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    return runtime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def run(path: Path, *inputs: Any) -> list[Any]:
    opened = session(path)
    names = [i.name for i in opened.get_inputs()]
    found: list[Any] = opened.run(None, dict(zip(names, inputs, strict=True)))
    return found


def close(found: list[Any], wanted: list[Any]) -> None:
    assert len(found) == len(wanted)
    for a, b in zip(found, wanted, strict=True):
        assert a.shape == b.shape
        assert a.dtype == b.dtype
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-5)


def agrees(path: Path, model: Any, example: Any, *others: Any, **how: Any) -> None:
    """Export a network, and compare its answers for the example and for inputs of other lengths."""
    export(model, example, path, **how)
    for case in (example, *others):
        inputs = case if isinstance(case, tuple) else (case,)
        close(run(path, *inputs), ours(model, *inputs))


KNOWN = [case for case in CASES if case.op in TABLE and not case.composed]


def calls(case: Case) -> list[list[Any]]:
    """Return the inputs of each call of a row that a file can hold: no scalars, no empty tensors."""
    made = [make_inputs(kinds) for kinds in case.inputs]
    real = [[x.astype(np.float32) if x.dtype.kind == "f" else x for x in inputs] for inputs in made]
    return [inputs for inputs in real if all(x.ndim and x.size for x in inputs)]


def has_chance(op: str, model: Callable[..., Any], inputs: list[Any]) -> bool:
    """Whether a call leaves numbers out at random, which is refused."""
    if op not in ("attention", "dropout"):
        return False
    try:
        trace(model, tuple(inputs))
    except ValueError as error:
        return "random numbers" in str(error)
    return False


@pytest.mark.parametrize("case", KNOWN, ids=[f"{case}-{i}" for i, case in enumerate(KNOWN)])
def test_every_op_gives_our_answers(case: Case, tmp_path: Path) -> None:
    for inputs in calls(case):
        model = partial(case.run, hello_dl)
        if not has_chance(case.op, model, inputs):
            path = export(model, tuple(inputs), tmp_path / "op.onnx", dynamic_axes={})
            close(run(path, *inputs), ours(model, *inputs))


def test_every_row_of_the_table_has_been_tried() -> None:
    tried = {case.op for case in KNOWN if calls(case)}
    assert set(TABLE) - tried == {"copy"}  # which is no op of the engine


# ---- networks ----------------------------------------------------------------------------------------------


def other(x: Any, rows: int) -> Any:
    """Return an input like x with another number of rows."""
    return np.concatenate([x] * rows)[:rows][:, ::-1].copy()


@pytest.mark.parametrize("name", ["letters", "digits", "characters"])
def test_shipped_classifiers(name: str, tmp_path: Path) -> None:
    agrees(
        tmp_path / "x.onnx", weights.load(name)[0], IMAGES, IMAGES[:1], RNG.random((7, 1, 28, 28), np.float32)
    )


@pytest.mark.parametrize("name", ["ink", "line_finder"])
def test_shipped_networks_of_pages_take_any_size(name: str, tmp_path: Path) -> None:
    x, larger = RNG.random((1, 16, 12, 10), np.float32), RNG.random((2, 16, 17, 23), np.float32)
    model = weights.load(weights.SHIPPED / f"{name}.safetensors")[0]
    agrees(tmp_path / "x.onnx", model, x, larger, dynamic_axes={"input": {0: "batch", 2: "high", 3: "wide"}})


def test_the_shipped_line_reader_takes_any_width(tmp_path: Path) -> None:
    x, wider = RNG.random((1, 1, 48, 32), np.float32), RNG.random((3, 1, 48, 76), np.float32)
    axes = {"input": {0: "batch", 3: "width"}}
    agrees(tmp_path / "x.onnx", lines.load("lines"), x, wider, dynamic_axes=axes)
    x, wider = RNG.random((1, 1, 48, 32), np.float32), RNG.random((3, 1, 48, 80), np.float32)
    printed = weights.load(weights.SHIPPED / "printed.safetensors")[0]
    agrees(tmp_path / "y.onnx", printed, x, wider, dynamic_axes=axes)


@pytest.mark.parametrize(
    ("model", "x"),
    [
        (models.letters_cnn(), IMAGES),
        (models.digits_mlp(), IMAGES),
        (models.letters_resnet(), IMAGES),
        (models.VisionTransformer(), IMAGES),
        (digits_example.Network(), IMAGES),
        (dropout_example.network(26, 0.5), IMAGES),
        (maml.network(), RNG.random((5, 1), np.float32)),
        (two_moons.network(2, 1), RNG.random((5, 2), np.float32)),
        (nn.Sequential(nn.Linear(2, 32), nn.Tanh(), nn.Linear(32, 1)), RNG.random((5, 2), np.float32)),
        (SpliceGRU(), RNG.random((2, 60, 4), np.float32)),
        (SpliceConv(), RNG.random((2, 60, 4), np.float32)),
        (GPT(20, 24, 32, 2, 4), IDS),
        (RecurrentText(20, width=16), IDS),
        (RecurrentText(20, "lstm", width=16), IDS),
    ],
    ids=lambda x: type(x).__name__,
)
def test_networks_of_examples(model: Any, x: Any, tmp_path: Path) -> None:
    agrees(tmp_path / "x.onnx", model.eval(), x, other(x, 5), x[:1])


def test_a_text_network_takes_any_length_and_a_state(tmp_path: Path) -> None:
    model = RecurrentText(20, width=16).eval()
    state = RNG.random((3, 2, 16), np.float32)
    later = (RNG.integers(0, 20, (4, 5)), RNG.random((3, 4, 16), np.float32))
    axes = {"ids": {0: "batch", 1: "time"}, "state": {1: "batch"}}
    path = tmp_path / "x.onnx"
    agrees(path, model, (IDS, state), later, input_names=["ids", "state"], dynamic_axes=axes)
    opened = session(path)
    assert [tuple(i.shape) for i in opened.get_inputs()] == [("batch", "time"), (3, "batch", 16)]
    assert opened.get_outputs()[0].shape == ["batch", "time", 20]


def test_the_file_says_what_it_holds(tmp_path: Path) -> None:
    about = About("letters", ("a", "é"), "x is an image.", notes={"temperature": 0.5, "by": "me"})
    path = export(nn.Linear(3, 2).eval(), np.ones((1, 3), np.float32), tmp_path / "x.onnx", about=about)
    model = onnx.load(path)
    props = {p.key: p.value for p in model.metadata_props}
    assert json.loads(props["classes"]) == ["a", "é"]
    assert props["temperature"] == "0.5"
    assert props["by"] == "me"
    assert model.graph.name == "letters"
    assert model.graph.doc_string == "x is an image."
    assert model.producer_name == "hello_dl"
    assert {i.name for i in model.graph.initializer} >= {"weight", "bias"}


# ---- what is refused ---------------------------------------------------------------------------------------

ROW = np.ones((2, 3), np.float32)


@pytest.mark.parametrize(
    ("model", "how", "words"),
    [
        (lambda x: hello_dl.atan2(x, x.exp()), {}, "ONNX has no op for atan2"),
        (lambda x: hello_dl.atan2(x, hello_dl._core.index_sum(x, 1, hello_dl.tensor([0, 1, 1]), 3)), {},
         "ONNX has no op for atan2, index_sum"),
        (F.relu, {"input_names": ["a", "b"]}, "needs 1 different input_names, got 'a', 'b'"),
        (F.relu, {"output_names": [""]}, "needs 1 different output_names"),
        (F.relu, {"dynamic_axes": {"y": {0: "n"}}}, "dynamic_axes names an input 'y'; there are input"),
        (F.relu, {"dynamic_axes": {"input": {2: "n"}}}, "axis 2"),
        (lambda x: x[: x.shape[0] // 3], {"dynamic_axes": {"input": {0: "n"}}}, "a length is 1, 2, 3 where"),
    ],
)  # fmt: skip
def test_what_onnx_cannot_hold_is_refused(model: Any, how: Any, words: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=words):
        export(model, ROW, tmp_path / "x.onnx", **how)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["x.pb", "x", "x.ONNX"])
def test_an_unknown_ending_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"ends in .*\.onnx"):
        export(F.relu, ROW, tmp_path / name)


def test_a_place_that_cannot_be_written_is_refused_and_nothing_is_left(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="there is no folder"):
        export(F.relu, ROW, tmp_path / "none" / "x.onnx")
    with pytest.raises(IsADirectoryError):
        export(F.relu, ROW, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_on_a_full_disk_nothing_is_left(tmp_path: Path, full_disk: None) -> None:
    with pytest.raises(OSError, match=r"x\.onnx: cannot be written \(No space left on device\)"):
        export(F.relu, ROW, tmp_path / "x.onnx")
    assert list(tmp_path.iterdir()) == []


def test_without_the_library_the_message_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "onnx", None)
    with pytest.raises(ImportError, match=r'pip install "hello-dl\[onnx\]"'):
        export(F.relu, ROW, tmp_path / "x.onnx")
