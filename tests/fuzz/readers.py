"""The readers of outside data: a small valid file for each, made by hello_dl itself, and how it is read."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from tests.fuzz import archives, pictures
from tests.fuzz.reader import Reader

import hello_dl
from hello_dl import nn


def _text(content: str) -> Callable[[Path], Any]:
    return lambda path: path.write_text(content, encoding="utf-8")


def _idx(path: Path) -> Any:
    from hello_dl.data.idx import read_idx

    return read_idx(path)


def _make_idx(path: Path) -> None:
    from hello_dl.data.idx import write_idx

    write_idx(path, np.arange(2 * 5 * 5, dtype=np.uint8).reshape(2, 5, 5))


def _net() -> nn.Sequential:
    hello_dl.manual_seed(1)
    return nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.ReLU(), nn.Flatten(), nn.Linear(8, 3))


def _make_weights(path: Path) -> None:
    from hello_dl import weights

    weights.save(path, _net(), classes="abc", normalisation=(0.1, 0.3), step=3)


def _make_quantised(path: Path) -> None:
    from hello_dl import weights

    plain = path.with_suffix(".plain")
    weights.save(plain, _net(), classes="abc")
    weights.quantise(plain, path, bits=4)
    plain.unlink()


def _weights(path: Path) -> Any:
    from hello_dl import weights

    return weights.read_header(path), weights.load(path)


def _make_splice(path: Path) -> None:
    from hello_dl.dna.train_splice import Ensemble, save

    hello_dl.manual_seed(1)
    save(path, Ensemble(60, ["conv"]))


def _splice(path: Path) -> Any:
    from hello_dl.dna.train_splice import load

    return load(path)


def _make_line_network(path: Path) -> None:
    from hello_dl.reading.lines.network import LineNetwork, save

    save(path, LineNetwork((4, (4, 2), (3, 1)), features=4, hidden=4, depth=1))


def _line_network(path: Path) -> Any:
    from hello_dl.reading.lines.network import load

    return load(path)


def _make_saved(path: Path) -> None:
    hello_dl.save({"model": _net().state_dict(), "epoch": 3, "names": ["a", ("b", None)]}, path)


def _saved(path: Path) -> Any:
    return hello_dl.load(path)


def _make_checkpoint(path: Path) -> None:
    from hello_dl.train.checkpoint import Checkpoint

    net = _net()
    with Checkpoint(path, settings={"lr": 0.1}) as checkpoint:
        checkpoint.keep(model=net, optimizer=hello_dl.optim.Adam(net.parameters()))


def _checkpoint(path: Path) -> Any:
    from hello_dl.train.checkpoint import Checkpoint

    net = _net()
    with Checkpoint(path, settings={"lr": 0.1}, resume=True) as checkpoint:
        checkpoint.keep(model=net, optimizer=hello_dl.optim.Adam(net.parameters()))


def _make_log(path: Path) -> None:
    from hello_dl.runlog import RunLog

    run = RunLog(path).run(_net(), hyperparameters={"lr": 0.1}, seed=1)
    for step in range(1, 4):
        run.step(step, 1, 0.5, 0.1)
    run.end()


def _log(path: Path) -> Any:
    from hello_dl.runlog.log_reader import LogReader

    with LogReader(path) as reader:
        for run in reader.runs():
            for table in ("training", "validation", "tensor", "confusion"):
                reader.table(table, run.id)
            reader.values(run.id, "0.weight")


def _bpe(path: Path) -> Any:
    from hello_dl.text.bpe import BytePairEncoder

    return BytePairEncoder.load(path).encode("hello there")


def _make_bpe(path: Path) -> None:
    from hello_dl.text.bpe import BytePairEncoder

    BytePairEncoder.train("hello there, hello here, then there again " * 5, 270).save(path)


def _corpus(path: Path) -> Any:
    from hello_dl.text.corpus import read_corpus

    return read_corpus(path)


def _dna(path: Path) -> Any:
    from hello_dl.dna.sequences import read

    return read(path)


def _lexicon(path: Path) -> Any:
    from hello_dl.reading.language.ngrams import read_lexicon

    return read_lexicon(path)


def _make_lines(path: Path) -> None:
    from hello_dl.teaching.lines.line_sets import OwnLines, save_lines

    pictures = tuple(np.full((48, 60), 255 * i, np.uint8) for i in (0, 1))
    save_lines(path, OwnLines(pictures, ("one", "two")))


def _lines(path: Path) -> Any:
    from hello_dl.teaching.lines.line_sets import load_lines

    return load_lines(path)


def _make_vocabulary(path: Path) -> None:
    """Write vocab.json of GPT-2: a token and a number for each byte, and one pair."""
    from hello_dl.text.gpt2 import _byte_letters

    letters = list(_byte_letters().values())
    path.write_text(json.dumps({token: i for i, token in enumerate([*letters, "he"])}), encoding="utf-8")


def _vocabulary(path: Path) -> Any:
    from hello_dl.text.gpt2 import gpt2_vocabulary

    merges = path.with_suffix(".merges")
    merges.write_text("#version: 0.2\nh e\n", encoding="utf-8")
    return gpt2_vocabulary(path, merges)


def _long_dna(path: Path) -> None:
    path.write_text(">long\n" + "ACGTTGCA" * 250_000 + "\n", encoding="ascii")


def _searched(path: Path) -> Any:
    from hello_dl.dna.sequences import read, windows

    for text in read(path).texts:
        if len(text) >= 60:
            windows(text, 60)


def _made_of(path: Path) -> Any:
    from hello_dl.data.lines.texts import _counted, _words_of

    return _words_of(path), _counted(path)


def _notebook(path: Path) -> Any:
    from hello_dl.pytorch.source import read_source

    return read_source(path)


CELLS = [{"cell_type": "code", "source": ["%matplotlib inline\n", "print(1)"]}, {"cell_type": "markdown"}]
READERS = {
    "idx": Reader(".idx", _make_idx, _idx),
    "idx, gzipped": Reader(".idx.gz", _make_idx, _idx),
    "weights": Reader(".safetensors", _make_weights, _weights),
    "quantised weights": Reader(".safetensors", _make_quantised, _weights),
    "splice weights": Reader(".safetensors", _make_splice, _splice),
    "line reader's weights": Reader(".safetensors", _make_line_network, _line_network),
    "saved objects": Reader(".pt", _make_saved, _saved),
    "checkpoint": Reader(".checkpoint", _make_checkpoint, _checkpoint),
    "run log": Reader(".db", _make_log, _log),
    "byte pairs": Reader(".json", _make_bpe, _bpe),
    "GPT-2's vocabulary": Reader(".json", _make_vocabulary, _vocabulary),
    "corpus": Reader(".txt", _text("To be, or not to be:\nthat is the question.\n" * 5), _corpus),
    "corpus, gzipped": Reader(".gz", lambda p: p.write_bytes(gzip.compress(b"To be or not. " * 9)), _corpus),
    "FASTA": Reader(".fa", _text(">one\nACGTN\nACGT\n>two\nACGTACGTA\n"), _dna),
    "FASTA of 2 MB": Reader(".fa", _long_dna, _searched, share=20),
    "words and counts": Reader(".txt", _text("mother 12\nfather 7\n"), _made_of),
    "notebook": Reader(".ipynb", _text(json.dumps({"cells": CELLS})), _notebook),
    "list of words": Reader(".txt", _text("mother\nfather\n"), _lexicon),
    "taught lines": Reader(".safetensors", _make_lines, _lines),
    **archives.READERS,
    **pictures.READERS,
}
