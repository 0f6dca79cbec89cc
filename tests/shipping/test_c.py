"""C files: every compiler takes them with all warnings as errors, and their functions give our answers."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from compiled import build, call, close, compiler, ours, shared

import hello_dl
from cases import CASES
from hello_dl import functional as F
from hello_dl import models, nn, weights
from hello_dl.dna.networks import SpliceConv, SpliceGRU
from hello_dl.reading.lines import network as lines
from hello_dl.shipping import About, export
from hello_dl.shipping.c_file import TABLE
from hello_dl.shipping.trace import trace
from hello_dl.text.gpt import GPT
from hello_dl.text.recurrent_text import RecurrentText
from table import make_inputs

RNG = np.random.default_rng(5)
IMAGE = RNG.random((1, 1, 28, 28), np.float32)
WITH_WEIGHTS = {"conv2d", "linear", "rnn", "gru", "lstm"}  # whose weights have to be constant
PARTS = 4  # functions that share the table of ops


def rows() -> list[tuple[str, Any, list[Any], list[Any]]]:
    """Return (op, function, inputs, constants) for each call in the table of ops that C can hold."""
    found = []
    for case in CASES:
        for kinds in case.inputs if case.op in TABLE and not case.composed else ():
            made = [x.astype(np.float32) if x.dtype.kind == "f" else x for x in make_inputs(kinds)]
            if not all(x.ndim and x.size for x in made):
                continue
            first = 1 if case.op in WITH_WEIGHTS else len(made)
            constants = [hello_dl.tensor(x) for x in made[first:]]

            def model(*x: Any, case: Any = case, constants: Any = constants) -> Any:
                return case.run(hello_dl, *x, *constants)

            try:
                graph = trace(model, tuple(made[:first]))
            except ValueError:
                continue  # at random
            if 0 not in graph.outputs[0].shape and all(
                s.arguments.get("lengths") is None for s in graph.steps
            ):
                found.append((case.op, model, made[:first], constants))
    return found


@pytest.mark.parametrize("part", range(PARTS))
def test_every_op_gives_our_answers(part: int, tmp_path: Path) -> None:
    mine = rows()[part::PARTS]
    inputs = [x for _, _, given, _ in mine for x in given]

    def model(*x: Any) -> Any:
        left, answers = list(x), []
        for _, one, given, _ in mine:
            answers.append(one(*left[: len(given)]))
            left = left[len(given) :]
        return answers

    wanted = ours(model, *inputs)
    path = export(model, tuple(inputs), tmp_path / "table.c")
    found = call(shared(path).table, inputs, wanted)
    for (op, *_), a, b in zip(mine, found, wanted, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-5, err_msg=op)


def test_every_row_of_the_table_has_been_tried() -> None:
    assert set(TABLE) - {op for op, *_ in rows()} == {"copy"}  # which is no op of the engine


# ---- networks --------------------------------------------------------------------------------------------


class Small(nn.Module):
    """A convolution, a pool, a norm, a GRU and a linear layer: all kinds of code, quickly compiled."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.norm = nn.Conv2d(1, 6, 3, padding=1), nn.BatchNorm2d(6)
        self.gru, self.scores = nn.GRU(24, 9, batch_first=True, bidirectional=True), nn.Linear(18, 5)

    def forward(self, x: Any) -> Any:
        y = F.max_pool2d(F.gelu(self.norm(self.conv(x))), 2)
        y, _ = self.gru(y.permute(0, 3, 1, 2).flatten(2))
        return F.softmax(self.scores(y[:, -1]), 1)


SMALL_IMAGE = RNG.random((1, 1, 8, 8), np.float32)
SMALL_CLASSES = ("a", "b", 'c"\\', "é", "??/")


def small(folder: Path, bits: int = 32) -> tuple[nn.Module, Path]:
    hello_dl.manual_seed(4)
    model = Small().eval()
    about = About("small", SMALL_CLASSES, "A test */ with an end.", (8, 8), {"why": "a test"})
    path = export(
        model,
        SMALL_IMAGE,
        folder / "small.c",
        input_names=["image"],
        output_names=["answers"],
        bits=bits,
        about=about,
    )
    return model, path


@pytest.mark.parametrize("name", ["gcc", "clang"])
@pytest.mark.parametrize("bits", [32, 8])
def test_every_compiler_takes_it_and_gives_our_answers(name: str, bits: int, tmp_path: Path) -> None:
    model, path = small(tmp_path, bits)
    wanted = ours(model, SMALL_IMAGE)
    found = call(shared(path, *compiler(name)).small, [SMALL_IMAGE], wanted)
    close(found, wanted, 1e-5 if bits == 32 else 0.01)


THUMB = ["-target", "thumb-linux-musleabihf", "-mcpu=cortex_m4"]


@pytest.mark.parametrize("target", [[], THUMB, ["-target", "wasm32-wasi", "-msimd128"]])
def test_zig_takes_it_for_small_targets(target: list[str], tmp_path: Path) -> None:
    for bits in (32, 8):
        build(compiler("zig"), small(tmp_path, bits)[1], tmp_path / "small.o", *target, "-c")


@pytest.mark.parametrize("target", ["-m32", "-DPLAIN_C"])
def test_processors_and_compilers_without_vectors(target: str, tmp_path: Path) -> None:
    model, path = small(tmp_path)
    command = compiler("gcc")
    (tmp_path / "empty.c").write_text("#include <math.h>\nint main(void) { return 0; }\n")
    if subprocess.run(
        [*command, target, tmp_path / "empty.c", "-o", os.devnull], capture_output=True
    ).returncode:
        pytest.skip("gcc has no 32-bit library here")
    image = tmp_path / "image.pgm"
    pixels = np.rint(SMALL_IMAGE * 255).astype(np.uint8)
    image.write_bytes(b"P5\n# made\n8 8\n255\n" + pixels.tobytes())
    program = build(command, path, tmp_path / "small", target, "-DSMALL_MAIN")
    told = dict(
        line.rsplit(" ", 1) for line in subprocess.check_output([program, image], text=True).splitlines()
    )
    x = pixels.astype(np.float32) / 255
    corners = x[0, 0, ::7, ::7].sum()
    wanted = ours(model, 1 - x if corners > 2 else x)[0][0]
    assert list(told) == [SMALL_CLASSES[i] for i in np.argsort(-wanted)]
    for name, p in zip(SMALL_CLASSES, wanted, strict=True):
        assert abs(float(told[name]) - p) < 1e-4


def test_the_program_tells_what_picture_it_needs(tmp_path: Path) -> None:
    _, path = small(tmp_path)
    program = build(compiler("gcc"), path, tmp_path / "small", "-DSMALL_MAIN")
    (tmp_path / "wide.pgm").write_bytes(b"P5 9 8 255\n" + bytes(72))
    (tmp_path / "short.pgm").write_bytes(b"P5 8 8 255\n" + bytes(63))
    for name, words in (("wide.pgm", "8 x 8"), ("short.pgm", "8 x 8"), ("none.pgm", "cannot be opened")):
        done = subprocess.run([program, tmp_path / name], capture_output=True, text=True)
        assert done.returncode == 1
        assert words in done.stderr
    plain = " ".join(str(n) for n in range(64))
    (tmp_path / "plain.pgm").write_text(f"P2\n8 8\n63\n{plain}\n")
    assert len(subprocess.check_output([program, tmp_path / "plain.pgm"], text=True).splitlines()) == 5


@pytest.mark.parametrize(
    ("model", "x"),
    [
        (SpliceGRU(), RNG.random((1, 60, 4), np.float32)),
        (GPT(20, 24, 32, 2, 4), RNG.integers(0, 20, (1, 12))),
        (RecurrentText(20, "lstm", width=16), RNG.integers(0, 20, (2, 12))),
        (nn.TransformerEncoderLayer(16, 2, 32, batch_first=True), RNG.random((2, 5, 16), np.float32)),
    ],
    ids=lambda x: type(x).__name__,
)
def test_networks_of_examples(model: Any, x: Any, tmp_path: Path) -> None:
    wanted = ours(model.eval(), x)
    close(call(shared(export(model, x, tmp_path / "net.c")).net, [x], wanted), wanted)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("model", "x"),
    [
        (weights.load("letters")[0], IMAGE),
        (weights.load("characters")[0], IMAGE),
        (weights.load(weights.SHIPPED / "ink.safetensors")[0], RNG.random((1, 16, 24, 24), np.float32)),
        (lines.load("lines"), RNG.random((1, 1, 48, 64), np.float32)),
        (models.letters_cnn(), IMAGE),
        (models.VisionTransformer(), IMAGE),
        (SpliceConv(), RNG.random((1, 60, 4), np.float32)),
    ],
    ids=lambda x: type(x).__name__,
)
def test_large_networks(model: Any, x: Any, tmp_path: Path) -> None:
    wanted = ours(model.eval(), x)
    close(call(shared(export(model, x, tmp_path / "net.c")).net, [x], wanted), wanted)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["letters", "digits"])
def test_shipped_weights_stay_exactly_what_they_are_in_8_bits(name: str, tmp_path: Path) -> None:
    model = weights.load(name)[0]
    wanted = ours(model, IMAGE)
    path = export(model, IMAGE, tmp_path / "net.c", bits=8)
    close(call(shared(path).net, [IMAGE], wanted), wanted, 2e-5)


def test_weights_that_lie_on_a_grid_of_8_bits_stay_exactly_where_they_are(tmp_path: Path) -> None:
    layer = nn.Linear(200, 20).eval()
    codes = RNG.integers(0, 256, (20, 200))
    codes[:, 0], codes[:, 1] = 0, 255
    steps, middles = RNG.random((20, 1)) + 0.01, RNG.random((20, 1))
    layer.weight.data = hello_dl.tensor((middles + steps * codes).astype(np.float32) / 256)
    x = RNG.random((1, 200), np.float32)
    wanted = ours(layer, x)
    close(call(shared(export(layer, x, tmp_path / "net.c", bits=8)).net, [x], wanted), wanted, 2e-5)


def test_arrays_that_are_not_needed_at_once_share_their_place(tmp_path: Path) -> None:
    model = nn.Sequential(*[layer for _ in range(6) for layer in (nn.Linear(64, 64), nn.ReLU())]).eval()
    text = export(model, np.ones((1, 64), np.float32), tmp_path / "net.c").read_text()
    assert "static float memory[128];" in text
    assert "buffers 512 bytes" in text


def test_the_comment_says_what_goes_in_and_comes_out(tmp_path: Path) -> None:
    _, path = small(tmp_path)
    text = path.read_text()
    comment = text[: text.index("*/")]
    assert "void small(const float image[64], float answers[5]);" in comment
    assert "1 x 1 x 8 x 8" in comment
    assert "A test * / with an end." in comment
    assert "why: a test" in comment
    assert "const char *const small_classes[5]" in text


# ---- what is refused -------------------------------------------------------------------------------------

ROW = np.ones((2, 3), np.float32)


@pytest.mark.parametrize(
    ("model", "name", "how", "words"),
    [
        (
            lambda x: hello_dl._core.index_sum(x, 1, hello_dl.tensor([0, 1, 1]), 3),
            "x.c",
            {},
            "C has no op for index_sum",
        ),
        (lambda x: F.linear(x, x), "x.c", {}, "C needs constant weights in linear"),
        (F.relu, "my-net.c", {}, "'my-net' is no name in C"),
        (F.relu, "7up.c", {}, "'7up' is no name in C"),
        (F.relu, "while.c", {}, "'while' is taken"),
        (F.relu, "exp.c", {}, "'exp' is taken"),
        (F.relu, "conv2d.c", {}, "'conv2d' is taken"),
        (F.relu, "net.c", {"input_names": ["c1"]}, "'c1' is taken"),
        (F.relu, "net.c", {"input_names": ["net"]}, "needs different names"),
        (F.relu, "net.c", {"dynamic_axes": {"input": {0: "n"}}}, "without dynamic_axes"),
        (F.relu, "net.c", {"bits": 4}, "needs bits of 32, or 8 in C, got 4"),
        (F.relu, "net.onnx", {"bits": 8}, "needs bits of 32, or 8 in C"),
    ],
)
def test_what_c_cannot_hold_is_refused(model: Any, name: str, how: Any, words: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=words):
        export(model, ROW, tmp_path / name, **how)
    assert list(tmp_path.iterdir()) == []


def test_on_a_full_disk_nothing_is_left(tmp_path: Path, full_disk: None) -> None:
    with pytest.raises(OSError, match=r"net\.c: cannot be written \(No space left on device\)"):
        export(F.relu, ROW, tmp_path / "net.c")
    assert list(tmp_path.iterdir()) == []
