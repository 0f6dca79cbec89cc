"""Text files of other systems: every reader takes their byte order marks, line ends and packing."""

from __future__ import annotations

import bz2
import gzip
import lzma
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from genes import planted, write_uci
from gpt2_files import write_vocabulary
from hello_dl import dna
from hello_dl.files import read_text
from hello_dl.reading.language.ngrams import read_lexicon
from hello_dl.text import BytePairEncoder, read_corpus
from hello_dl.text.gpt2 import gpt2_vocabulary

# How another system may have written a text: a function from the text to the bytes of the file.
WRITTEN: dict[str, Callable[[str], bytes]] = {
    "Linux": lambda text: text.encode(),
    "Windows": lambda text: text.replace("\n", "\r\n").encode("utf-8-sig"),
    "old Mac": lambda text: text.replace("\n", "\r").encode(),
    "DOS": lambda text: text.replace("\n", "\r\n").encode() + b"\x1a",
    "UTF-16, little end first": lambda text: ("\ufeff" + text.replace("\n", "\r\n")).encode("utf-16-le"),
    "UTF-16, big end first": lambda text: ("\ufeff" + text).encode("utf-16-be"),
    "UTF-32": lambda text: ("\ufeff" + text).encode("utf-32-le"),
    "gzip": lambda text: gzip.compress(text.encode()),
    "gzip in two parts": lambda text: gzip.compress(text[:9].encode()) + gzip.compress(text[9:].encode()),
    "gzip of Windows": lambda text: gzip.compress(text.replace("\n", "\r\n").encode("utf-8-sig")),
    "bzip2": lambda text: bz2.compress(text.encode()),
    "xz": lambda text: lzma.compress(text.encode()),
}


@pytest.mark.parametrize("system", WRITTEN)
def test_a_text_is_the_same_from_every_system(tmp_path: Path, system: str) -> None:
    text = "one line, größer\n\nanother\n"
    (tmp_path / "text").write_bytes(WRITTEN[system](text))
    assert read_text(tmp_path / "text") == read_corpus(tmp_path / "text") == text


@pytest.mark.parametrize("system", WRITTEN)
def test_dna_is_the_same_from_every_system(tmp_path: Path, system: str) -> None:
    fasta = ">a EI gène de souris\nACGT\nAC\n>b\nTTT\n"
    (tmp_path / "a.fa").write_bytes(WRITTEN[system](fasta))
    found = dna.read(tmp_path / "a.fa")
    assert (found.names, found.texts, found.labels.tolist()) == (("a", "b"), ("ACGTAC", "TTT"), [0, -1])
    uci = write_uci(tmp_path / "splice.data", planted(4))
    plain = dna.read(uci)
    uci.write_bytes(WRITTEN[system](uci.read_text()))
    assert dna.read(uci).texts == plain.texts


@pytest.mark.parametrize("system", WRITTEN)
def test_words_and_vocabularies_are_the_same_from_every_system(tmp_path: Path, system: str) -> None:
    (tmp_path / "words").write_bytes(WRITTEN[system]("one two\nthree\n"))
    assert read_lexicon(tmp_path / "words") == ["one", "two", "three"]
    ours = write_vocabulary(tmp_path)
    ours.save(tmp_path / "encoder.json")
    for name in ("vocab.json", "merges.txt", "encoder.json"):
        path = tmp_path / name
        path.write_bytes(WRITTEN[system](path.read_text("utf-8")))
    theirs = gpt2_vocabulary(tmp_path / "vocab.json", tmp_path / "merges.txt")
    assert [theirs.tokens[a] + theirs.tokens[b] for a, b in theirs.merges] == ours.tokens[256:]
    assert BytePairEncoder.load(tmp_path / "encoder.json").merges == ours.merges


def test_dna_with_a_name_in_latin_1_is_read(tmp_path: Path) -> None:
    # 0x85 is "next line" in Latin-1, so splitlines() would cut the header there.
    (tmp_path / "a.fa").write_bytes(">souris\x85é EI gène\n;caché\nACGT\n".encode("latin-1"))
    found = dna.read(tmp_path / "a.fa")
    assert (found.texts, found.labels.tolist()) == (("ACGT",), [0])
    assert found.names[0].startswith("souris")
    (tmp_path / "a.fa").write_bytes(">a\nACéT\n".encode("latin-1"))
    with pytest.raises(ValueError, match=r"a\.fa, line 2: needs the letters of DNA, .* got 'É' at place 3"):
        dna.read(tmp_path / "a.fa")


def test_the_mark_of_a_joined_file_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "a.fa").write_bytes(2 * ">a\r\nACGT\r\n".encode("utf-8-sig"))
    assert dna.read(tmp_path / "a.fa").texts == ("ACGT", "ACGT")


READERS: dict[str, Callable[[Path], Any]] = {
    "read_text": read_text,
    "read_corpus": read_corpus,
    "read_lexicon": read_lexicon,
    "BytePairEncoder.load": BytePairEncoder.load,
    "vocab.json": lambda path: gpt2_vocabulary(path, path),
    "dna.read": dna.read,
}


NO_TEXT = {  # what a file holds that is no text, and words of the message
    "Latin-1": (
        b"one\rtwo\r\nf\xfcr\n",
        r"UTF-8; byte 0xfc in line 3 \(byte 10 of the file\) is none; .*iconv",
    ),
    "half UTF-16": (
        b"\xff\xfea\0\n\0\0",
        r"or in UTF-16, as its byte order mark says; byte 0x\w\w in line \d",
    ),
    "unmarked UTF-16": (b"a\0\n\0b\0", r"in UTF-16 without a byte order mark: it holds '\\x00' in line 1"),
    "picture": (b"\x89PNG\r\n\x1a\n\0\0\0", r"byte 0x89 in line 1|is no text"),
    "zip": (b"PK\x03\x04", "is packed with zip; unpack it first"),
    "zstd": (b"\x28\xb5\x2f\xfd", "is packed with zstd; unpack it first"),
    "half gzip": (gzip.compress(b"one two three")[:-9], "damaged gzip file"),
    "half bzip2": (bz2.compress(b"one two three")[:-9], "damaged bz2 file"),
    "half xz": (lzma.compress(b"one two three")[:-9], "damaged lzma file"),
}


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("kind", NO_TEXT)
def test_what_is_no_text_is_told(tmp_path: Path, reader: str, kind: str) -> None:
    content, words = NO_TEXT[kind]
    if reader == "dna.read" and kind == "Latin-1":  # which is read there
        words = "line 1: needs 'label, name, sequence', got 'one'"
    path = tmp_path / "some"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=f"some.*({words})") as error:
        READERS[reader](path)
    assert str(error.value).count(str(path)) == 1


@pytest.mark.parametrize("reader", READERS)
def test_what_is_not_there_is_told(tmp_path: Path, reader: str) -> None:
    with pytest.raises(FileNotFoundError, match=r"nothing: .*([Nn]o such file)"):
        READERS[reader](tmp_path / "nothing")
    with pytest.raises(OSError, match=r"Is a directory|this is a folder"):
        READERS[reader](tmp_path)


def test_signs_that_some_corpora_have_are_kept(tmp_path: Path) -> None:
    text = "\x1b[1mbold\x1b[0m\fpage\vline a\bb\n"
    (tmp_path / "text").write_text(text)
    assert read_corpus(tmp_path / "text") == text
