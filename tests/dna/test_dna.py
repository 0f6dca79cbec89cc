"""DNA: what files hold, what letters mean, and folds that no sequence straddles."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from genes import LENGTH, planted, write_uci
from hello_dl import dna

ROWS = planted(6)


def write(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


def test_a_line_of_the_uci_file_is_label_name_and_sequence(tmp_path: Path) -> None:
    found = dna.read(write_uci(tmp_path / "splice.data", ROWS))
    assert found.texts == tuple(text for _, _, text in ROWS)
    assert found.names == tuple(name for _, name, _ in ROWS)
    assert [dna.CLASSES[label] for label in found.labels] == [label for label, _, _ in ROWS]


def test_fasta_joins_lines_skips_comments_and_reads_small_letters_and_rna(tmp_path: Path) -> None:
    text = ";made up\n>first some EI gene\nacgu\n\nNN R\n>second\nTTTT\n"
    found = dna.read(write(tmp_path / "a.fa", text))
    assert found.names == ("first", "second")
    assert found.texts == ("ACGTNNR", "TTTT")
    assert found.labels.tolist() == [dna.CLASSES.index("EI"), -1]


def test_letters_of_several_bases_are_spread_evenly_over_them() -> None:
    x = dna.one_hot(["ACGTDNSR"])[0]
    third = 1 / 3
    wanted = [*np.eye(4), [third, 0, third, third], [0.25] * 4, [0, 0.5, 0.5, 0], [0.5, 0, 0.5, 0]]
    assert np.allclose(x, wanted)
    assert np.allclose(dna.one_hot(["".join(dna.IUPAC)]).sum(axis=2), 1)


def test_complementary_letters_stand_for_complementary_bases() -> None:
    partner = dict(zip("ACGTRYSWKMBDHVN", "TGCAYRSWMKVHDBN", strict=True))
    for letter, other in partner.items():
        assert {partner[base] for base in dna.IUPAC[letter]} == set(dna.IUPAC[other])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is empty"),
        ("\n \n", "is empty"),
        (">a\nACGT\nACXT\n", "line 3: needs the letters of DNA, ACGTURYSWKMBDHVN, got 'X' at place 3"),
        (">a\nAC-T\n", "line 2: .* got '-' at place 3"),
        (">a\nMKLLE*\n", "line 2: .* got 'L'"),
        (">a\n>b\nACGT\n", "line 1: needs a sequence below '>a', got none"),
        ("EI, a, ACGT\nXX, b, ACGT\n", "line 2: needs EI, IE or N as label, got 'XX'"),
        ("EI, a\n", "line 1: needs 'label, name, sequence'"),
        ("EI, a, ACGT\nIE, b, AC1T\n", "line 2: .* got '1' at place 3"),
        ("EI, a,\n", "line 1: needs a sequence, got none"),
    ],
)
def test_what_is_no_dna_is_refused_with_its_line(tmp_path: Path, text: str, words: str) -> None:
    path = write(tmp_path / "bad.fa", text)
    with pytest.raises(ValueError, match=words) as error:
        dna.read(path)
    assert str(path) in str(error.value)


def test_files_that_are_no_text_or_not_there_are_refused(tmp_path: Path) -> None:
    (tmp_path / "bytes").write_bytes(b"\xff\x00\x01\xfe")
    with pytest.raises(ValueError, match="is no text"):
        dna.read(tmp_path / "bytes")
    with pytest.raises(FileNotFoundError, match=r"nothing.*No such file"):
        dna.read(tmp_path / "nothing")


def test_learning_needs_labels_one_even_length_and_enough_bases(tmp_path: Path) -> None:
    label, name, text = ROWS[0]
    cases = {
        f"{label},{name},{text}\n{label},b,{text}A\n": f"one length .*{LENGTH} .*, got {LENGTH + 1} in b",
        f">{name}\n{text}\n": f"needs a label, EI, IE or N, behind the name {name}",
        f"{label},{name},{text}A\n": f"an even number of bases, .* got {LENGTH + 1}",
        f"{label},{name},ACGT\n": "at least 32, .* got 4",
    }
    for content, words in cases.items():
        with pytest.raises(ValueError, match=words):
            dna.training_set(dna.read(write(tmp_path / "bad", content)))


def sequences(rows: list[tuple[str, str, str]]) -> dna.Sequences:
    labels, names, texts = zip(*rows, strict=True)
    return dna.Sequences(names, texts, np.array([dna.CLASSES.index(label) for label in labels]))


def test_equal_sequences_never_straddle_folds_and_classes_are_even() -> None:
    rows = planted(60)
    rows += [(label, f"copy{i}-x", text) for i, (label, _, text) in enumerate(rows[:25])] + rows[:3]
    data = sequences(rows)
    for seed in range(5):
        fold = dna.folds(data.labels, dna.groups(data), 4, seed)
        for text in set(data.texts):
            assert len({f for f, t in zip(fold, data.texts, strict=True) if t == text}) == 1
        for label in range(3):
            counts = np.bincount(fold[data.labels == label], minlength=4)
            assert counts.max() - counts.min() <= 3
    again = dna.folds(data.labels, dna.groups(data), 4, 1)
    assert (again == dna.folds(data.labels, dna.groups(data), 4, 1)).all()
    assert (again != fold).any()


def test_a_gene_and_whatever_shares_a_sequence_with_it_stay_together() -> None:
    rows = [(label, f"G{i // 4}-{label}-{i}", text) for i, (label, _, text) in enumerate(planted(80))]
    rows.append(("EI", "G90-EI-1", rows[0][2]))  # ties G90 to G0
    rows.append(("N", "G90-N-1", rows[4][2]))  # and so G1 to G0
    data = sequences(rows)
    group = dna.groups(data, "gene")
    assert len(set(group)) == 19
    assert len(set(group[[0, 1, 2, 3, 4, 5, 6, 7, 80, 81]])) == 1
    fold = dna.folds(data.labels, group, 5, 0)
    for one in set(group):
        assert len(set(fold[group == one])) == 1


def test_impossible_folds_are_refused() -> None:
    data = sequences(planted(6) * 3)
    with pytest.raises(ValueError, match="at least 2 folds, got 1"):
        dna.folds(data.labels, dna.groups(data), 1)
    with pytest.raises(ValueError, match="at least 3 different sequences of every class, got 2"):
        dna.folds(data.labels, dna.groups(data), 3)
    with pytest.raises(ValueError, match="'sequence' or 'gene', got 'name'"):
        dna.groups(data, "name")


def test_windows_are_all_pieces_of_a_sequence() -> None:
    text = planted(1)[0][2]
    x = dna.windows(text, 8)
    assert np.array_equal(x, dna.one_hot([text[i : i + 8] for i in range(LENGTH - 7)]))
    with pytest.raises(ValueError, match="at least 33 bases, got 32"):
        dna.windows(text, 33)


def test_precision_and_recall_come_from_the_table() -> None:
    p = np.eye(3, dtype=np.float32)[[0, 0, 1, 2, 2]]
    table = dna.confusion(np.array([0, 1, 1, 2, 0]), p)
    assert table.tolist() == [[1, 0, 1], [1, 1, 0], [0, 0, 1]]
    precision, recall = dna.precision_recall(table)
    assert precision.tolist() == [0.5, 1, 0.5]
    assert recall.tolist() == [0.5, 0.5, 1]
