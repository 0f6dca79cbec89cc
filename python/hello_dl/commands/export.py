"""`hello-dl export`: writes a network as a file that runs without this package: ONNX, C or WebAssembly."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import click

from hello_dl.commands import options
from hello_dl.files import check_file

LINE_WIDTH = 512  # pixels of a line's picture in C, unless --shape says another
PAPER = (
    "{name}: {size} pixels, row by row, 0 = paper, 1 = ink (a byte of 255 is 1), as MNIST has them: bright on"
    " dark. {place}\n{answer}: how probable each class is; the highest is the answer.{threshold}"
)
MIDDLE = "The character is in the middle and about 20 pixels tall."
AS_MNIST = (
    "The digit is scaled so that its longer side has 20 pixels, and moved so that its centre of mass is in"
    " the middle."
)


class Network(NamedTuple):
    """What `export` needs to know of a weights file."""

    model: Callable[..., Any]
    example: tuple[Any, ...]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    free: dict[str, dict[int, str]]  # axes that may have any length in ONNX
    classes: tuple[str, ...] = ()
    meaning: str = ""
    picture: tuple[int, int] | None = None


def _shape(_: click.Context, __: click.Parameter, text: str | None) -> tuple[int, ...] | None:
    """Return the lengths that --shape names."""
    if text is None:
        return None
    parts = text.split(",")
    if not all(part.strip().isdecimal() and int(part) > 0 for part in parts) or len(parts) > 8:
        raise click.BadParameter(f"needs lengths such as 1,16,24,24, got {text!r}")
    return tuple(int(part) for part in parts)


@click.command(short_help="Write a network as ONNX, as C or as WebAssembly.")
@click.argument("weights")
@options.path(
    "--to", metavar="FILE", help="The file to write; its name ends in .onnx, .c or .wasm.", required=True
)
@options.choice(
    "--bits", "-b", choices=["32", "8"], default="32", help="Bits of a weight, in C and WebAssembly."
)
@options.value("--name", help="The function's name in C (default: the file's).")
@options.value(
    "--shape",
    metavar="N,N,...",
    callback=_shape,
    help="Lengths of the input's axes, for networks that do not tell.",
)
@options.threads
def export(weights: str, to: Path, bits: str, name: str | None, shape: tuple[int, ...] | None) -> None:
    """Write the network in the file WEIGHTS as a file that runs without this package.

    In ONNX, which engines such as ONNX Runtime run, the first axis may have any length; of the line reader
    the width, too. A C file needs nothing, and has the weights in it; WebAssembly runs in browsers, and needs
    the extra `wasm`. A network of characters gives probabilities.
    """
    from hello_dl.shipping import About
    from hello_dl.shipping import export as write

    check_file(to, "--to")
    network = _network(weights, shape)
    is_onnx = to.suffix == ".onnx"
    about = About(name or to.stem, network.classes, network.meaning, network.picture, {"weights": weights})
    write(
        network.model,
        network.example,
        to,
        input_names=network.inputs,
        output_names=network.outputs,
        dynamic_axes=network.free if is_onnx else None,
        bits=int(bits),
        about=about,
    )
    taken, given = (", ".join(names) for names in (network.inputs, network.outputs))
    click.echo(f"{to}: {to.stat().st_size:,} bytes; takes {taken}, gives {given}")


def _network(name: str, shape: tuple[int, ...] | None) -> Network:
    """Load a network of any kind, and say what it takes. ValueError for a file of another kind."""
    from hello_dl import weights

    path = weights.find(name)
    header = weights.read_header(path)
    kind = header.architecture if isinstance(header.architecture, dict) else {}
    if "lines" in kind:
        return _lines(path, shape)
    if kind.get("type") in ("GPT", "RecurrentText"):
        return _text(path)
    if kind.get("type") == "splice":
        return _splice(path)
    if header.classes:
        return _characters(path)
    return _plain(path, shape)


def _characters(path: Path) -> Network:
    """Return a classifier of images: with what makes probabilities of its scores."""
    import numpy as np

    from hello_dl import functional as F
    from hello_dl.evaluation import Classifier
    from hello_dl.evaluation.classifier import DIGITS

    classifier = Classifier.load(path)
    header, model = classifier.header, classifier.model
    mean, std = header.normalisation

    def probabilities(x: Any) -> Any:
        """Return the probabilities (n, classes) of images (n, 1, 28, 28), 0 .. 1."""
        x = x if (mean, std) == (0.0, 1.0) else (x - mean) / std
        return F.softmax(model(x) / header.temperature, 1)

    threshold = header.threshold
    sure = "" if threshold is None else f' Below {threshold:.4f} it means "I do not know".'
    place = AS_MNIST if set(header.classes) <= DIGITS else MIDDLE
    meaning = PAPER.format(name="image", size="28 x 28", place=place, answer="probabilities", threshold=sure)
    image = np.zeros((1, 1, 28, 28), np.float32)
    free = {"image": {0: "batch"}}
    return Network(
        probabilities, (image,), ("image",), ("probabilities",), free, header.classes, meaning, (28, 28)
    )


def _lines(path: Path, shape: tuple[int, ...] | None) -> Network:
    """Return the line reader: pictures of any width in ONNX."""
    import numpy as np

    from hello_dl.data.lines.form import HEIGHT
    from hello_dl.reading.lines import network
    from hello_dl.reading.lines.alphabet import SIGNS

    model = network.load(path)
    picture = np.zeros(shape or (1, 1, HEIGHT, LINE_WIDTH), np.float32)
    meaning = (
        "picture: a line of handwriting, 48 pixels tall, 0 = paper, 1 = ink; its width is a multiple of 4.\n"
        "log_probabilities: for each two pixels of width, those of no sign (CTC's blank) and of each sign."
    )
    free = {"picture": {0: "batch", 3: "width"}}
    return Network(model, (picture,), ("picture",), ("log_probabilities",), free, ("", *SIGNS), meaning)


def _text(path: Path) -> Network:
    """Return a network that writes: token by token with its state, or a GPT with its whole context."""
    import numpy as np

    from hello_dl.text import GPT, model_files

    model = model_files.load(path)[0].eval()
    meaning = "ids: numbers of tokens. scores: of each token of the vocabulary, after each of ids."
    if isinstance(model, GPT):
        ids = np.zeros((1, model.context), np.int64)
        return Network(model, (ids,), ("ids",), ("scores",), {"ids": {0: "batch"}}, (), meaning)
    layers, width = model.settings["layers"], model.settings["width"]
    count = 2 if model.settings["cell"] == "lstm" else 1
    names = ("h", "c")[:count]

    def step(ids: Any, *state: Any) -> Any:
        """Return the scores after each of ids, and the state after the last."""
        return model(ids, state if count == 2 else state[0])

    zeros = np.zeros((layers, 1, width), np.float32)
    free = {"ids": {0: "batch", 1: "time"}, **{name: {1: "batch"} for name in names}}
    after = ("scores", *(f"next_{name}" for name in names))
    meaning += " The state begins as zeros; what comes out goes in with the next token."
    example = (np.zeros((1, 1), np.int64), *[zeros] * count)
    return Network(step, example, ("ids", *names), after, free, (), meaning)


def _splice(path: Path) -> Network:
    """Return networks that find splice junctions."""
    import numpy as np

    from hello_dl.dna.sequences import CLASSES
    from hello_dl.dna.train_splice import load

    model = load(path)
    x = np.zeros((1, model.length, 4), np.float32)
    meaning = "bases: A, C, G, T, 1 for the one that is there. log_probabilities: of EI, IE and N."
    return Network(model, (x,), ("bases",), ("log_probabilities",), {"bases": {0: "batch"}}, CLASSES, meaning)


def _plain(path: Path, shape: tuple[int, ...] | None) -> Network:
    """Return a network that does not say what it takes."""
    import numpy as np

    from hello_dl import weights

    if shape is None:
        raise ValueError(
            f"{path}: does not say what its input looks like; add --shape, such as --shape 1,16,24,24"
        )
    model = weights.load(path)[0]
    free = {"input": {0: "batch"}}
    return Network(model, (np.zeros(shape, np.float32),), ("input",), ("output",), free)
