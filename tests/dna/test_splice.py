"""Splice junctions: what networks learn from planted ones, and the command from a file to a prediction."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import hello_dl
from command import Answer, command, refused
from genes import LENGTH, planted, write_uci
from hello_dl import dna, weights
from hello_dl.commands.main import run
from hello_dl.dna.train_splice import RotatedSequences
from hello_dl.train import Checkpoint


def arrays(n: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    labels, _, texts = zip(*planted(n, seed), strict=True)
    return dna.one_hot(texts), np.array([dna.CLASSES.index(label) for label in labels])


@pytest.fixture(scope="module")
def learned() -> dna.Ensemble:
    """One network of each kind that has learned what was planted."""
    return dna.train(*arrays(900), ["gru", "conv"], epochs=10)


def test_both_kinds_of_network_learn_what_was_planted(learned: dna.Ensemble) -> None:
    x, y = arrays(300, seed=1)
    for member in learned.members:
        assert (member(hello_dl.tensor(x)).numpy().argmax(axis=1) == y).mean() > 0.9


def test_an_ensemble_gives_the_mean_of_its_networks_probabilities(learned: dna.Ensemble) -> None:
    x = hello_dl.tensor(arrays(30, seed=2)[0])
    each = [member(x).softmax(1).numpy() for member in learned.members]
    assert np.allclose(np.exp(learned(x).numpy()), np.mean(each, axis=0), atol=1e-6)
    assert np.allclose(dna.classify(learned, x.numpy()), np.mean(each, axis=0), atol=1e-6)


def test_the_saliency_shows_the_planted_bases_and_leaves_no_gradient(learned: dna.Ensemble) -> None:
    x, y = arrays(300, seed=1)
    learned.zero_grad()
    weight = dna.saliency(learned, x[y == 0], 0)
    assert weight.shape == (LENGTH, 4)
    middle = LENGTH // 2
    strongest = np.argsort(-weight.max(axis=1))[:7]  # AG|GTAAG was planted
    assert set(strongest) == set(range(middle - 2, middle + 5))
    assert "".join(dna.BASES[i] for i in weight[middle - 2 : middle + 5].argmax(axis=1)) == "AGGTAAG"
    assert dna.read_out(weight, 0)[0][1:8] == "AG|GTAA"
    assert all(p.grad is None and p.requires_grad for p in learned.parameters())
    with pytest.raises(ValueError, match="at least one sequence of class EI"):
        dna.saliency(learned, x[:0], 0)


def test_an_unknown_base_says_nothing_and_hidden_ones_change_only_training() -> None:
    model = dna.SpliceConv(LENGTH)
    nothing = hello_dl.full((1, LENGTH, 4), 0.25)
    x = hello_dl.tensor(arrays(1)[0])
    assert (model(x).numpy() != model(x).numpy()).any()
    model.eval()
    assert (model(x).numpy() == model(x).numpy()).all()
    leaf = hello_dl.tensor(np.full((1, LENGTH, 4), 0.25, np.float32))
    assert np.allclose(model(leaf).numpy(), model(nothing).numpy())


def test_a_rotated_junction_counts_as_no_junction() -> None:
    x, y = arrays(600)
    data = RotatedSequences(x, y, 0.3, seed=1)
    bases, labels = (t.numpy() for t in data.batch(np.arange(600)))
    moved = (bases != x).any(axis=(1, 2))
    assert 0.2 < moved.mean() < 0.4
    assert (labels[moved] == dna.CLASSES.index("N")).all()
    assert (labels[~moved] == y[~moved]).all()
    assert np.allclose(bases.sum(axis=1), x.sum(axis=1))  # turned, nothing lost
    again = RotatedSequences(x, y, 0.3, seed=1).batch(np.arange(600))[0].numpy()
    assert (again == bases).all()
    assert (data.batch(np.arange(600))[0].numpy() != bases).any()  # the next batch: others


def test_the_same_seed_gives_the_same_bits_on_any_number_of_threads() -> None:
    x, y = arrays(200)
    states = []
    for threads in (1, 2):
        hello_dl.set_num_threads(threads)
        trained = dna.train(x, y, ["gru", "conv"], epochs=1, seed=7)
        states.append({name: t.numpy().copy() for name, t in trained.state_dict().items()})
    assert all((states[0][name] == states[1][name]).all() for name in states[0])


def test_the_search_finds_planted_junctions_in_a_long_sequence(learned: dna.Ensemble) -> None:
    random = np.random.default_rng(3)
    bases = random.choice(list("ACGT"), 400)
    bases[98:105], bases[296:301] = list("AGGTAAG"), list("CCAGG")
    found = dna.search(learned, "".join(bases), threshold=0.8)
    assert {(j.position, j.kind) for j in found} >= {(100, "EI"), (300, "IE")}
    assert len(found) < 20
    here = next(j for j in found if j.position == 100)
    assert here.around[8:18] == "AG|GTAAG" + "".join(bases[105:107])
    assert here.probability >= 0.8


@pytest.mark.parametrize("threshold", [0.05, 0.5, 0.9, 0.999])
def test_the_search_asks_fewer_networks_and_finds_the_same(
    learned: dna.Ensemble, threshold: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "".join(np.random.default_rng(5).choice(list("ACGT"), 700))
    p = dna.classify(learned, dna.windows(text, LENGTH))
    wanted = {
        (i + LENGTH // 2, kind, round(float(column[i]), 4))
        for kind, column in (("EI", p[:, 0]), ("IE", p[:, 1]))
        for i in range(len(p))
        if column[i] >= max(threshold, column[max(0, i - 3) : i + 4].max())
    }
    monkeypatch.setattr("hello_dl.dna.searching.BLOCK", 100)  # several blocks, the last one smaller
    found = dna.search(learned, text, threshold)
    assert {(j.position, j.kind, round(j.probability, 4)) for j in found} == wanted
    assert wanted or threshold > 0.5


def test_networks_survive_their_file_and_others_are_refused(learned: dna.Ensemble, tmp_path: Path) -> None:
    path = tmp_path / "splice.safetensors"
    dna.save(path, learned, seed=0)
    x = arrays(20, seed=4)[0]
    assert (dna.classify(dna.load(path), x) == dna.classify(learned, x)).all()
    assert weights.read_header(path).classes == dna.CLASSES
    other = tmp_path / "digits.safetensors"
    weights.save(other, hello_dl.models.digits_mlp())
    with pytest.raises(ValueError, match=f"{other}: needs networks as `hello-dl splice --out` writes them"):
        dna.load(other)


# ---- the command ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Run the command once on a small file: its folder, and what it printed."""
    folder = tmp_path_factory.mktemp("splice")
    rows = planted(600)
    rows += [("EI", f"COPY{i}-x", rows[0][2]) for i in range(5)]
    write_uci(folder / "splice.data", rows)
    options = ["--folds", 2, "--members", 1, "--epochs", 12, "--out", "w.safetensors", "--threads", 1]
    done = command("splice", "splice.data", *options, "--json", cwd=folder)
    assert done.code == 0, done.err
    return folder, done.out


def test_the_command_cross_validates_and_prints_what_was_taken_for_what(trained: tuple[Path, str]) -> None:
    _, out = trained
    assert "605 sequences of 32 bases: 205 EI, 200 IE, 200 N" in out
    assert "600 of them are different" in out
    tables = re.findall(r"^(gru|conv|both): ([\d.]+)% of 605 right$", out, re.MULTILINE)
    assert [name for name, _ in tables] == ["gru", "conv", "both"]
    assert float(tables[-1][1]) > 85
    rows = re.findall(r"is (\w+) +(\d+) +(\d+) +(\d+) +([\d.]+)%  ([\d.]+)%", out)
    assert len(rows) == 9
    assert sum(int(n) for row in rows[:3] for n in row[1:4]) == 605
    diagonal = [int(rows[6 + i][1 + i]) for i in range(3)]
    assert float(tables[-1][1]) == pytest.approx(100 * sum(diagonal) / 605, abs=0.006)
    assert float(rows[6][5]) == pytest.approx(100 * diagonal[0] / 205, abs=0.006)


def test_saved_networks_are_measured_drawn_and_used(trained: tuple[Path, str]) -> None:
    pytest.importorskip("matplotlib")
    folder, _ = trained
    write_uci(folder / "new.data", planted(150, seed=5))
    use = ["--weights", "w.safetensors", "--picture", "p.png"]
    done = command("splice", "new.data", *use, cwd=folder)
    assert done.code == 0, done.err
    assert re.search(r"w.safetensors: ([89]\d|100).\d\d% of 150 right", done.out)
    assert re.search(r"EI: what speaks for it .AG\|GTAAG., known MAG\|GTRAGT", done.out)
    with Image.open(folder / "p.png") as picture:
        assert picture.size[0] >= 600
        assert picture.size[1] >= 300
        colours = np.unique(np.asarray(picture.convert("RGB")).reshape(-1, 3), axis=0)
    assert len(colours) > 50


def test_fasta_is_predicted_piece_by_piece_and_searched(trained: tuple[Path, str]) -> None:
    folder, _ = trained
    donor = next(text for label, _, text in planted(9, seed=6) if label == "EI")
    around = "".join(np.random.default_rng(1).choice(list("ACGT"), 60))
    (folder / "new.fa").write_text(f">piece\n{donor}\n>long\n{around[:30]}{donor}\n{around[30:]}\n")
    options = ["-w", "w.safetensors", "--threshold", 0.5, "--json"]
    done = command("splice", "--predict", "new.fa", *options, cwd=folder)
    assert done.code == 0, done.err
    piece, long = done.json["sequences"]
    assert piece["probabilities"]["EI"] > 0.8
    assert sum(piece["probabilities"].values()) == pytest.approx(1)
    surest = max(long["junctions"], key=lambda junction: junction["probability"])
    assert (surest["position"], surest["kind"]) == (46, "EI")
    assert re.search(r"^ +46 EI 0\.\d+  \w{10}\|GTAAG\w{5}$", done.out, re.MULTILINE)


def test_mistakes_are_told_in_one_line(
    trained: tuple[Path, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, _ = trained
    monkeypatch.chdir(folder)
    (folder / "empty.fa").write_text("")
    (folder / "protein.fa").write_text(">p\nMKLLEE\n")
    (folder / "short.fa").write_text(">s\nACGT\n")
    (folder / "wrong.data").write_text("EI, a, ACGT\nEE, b, ACGT\n")
    (folder / "uneven.data").write_text("EI, a, ACGTACGT\nEI, b, ACGT\n")
    write_uci(folder / "few.data", planted(9))
    write_uci(folder / "long.data", [(a, b, c + c) for a, b, c in planted(9)])
    with_weights = ["-w", "w.safetensors"]
    for arguments, words, code in [
        (["--predict", "protein.fa", *with_weights], ["protein.fa, line 2", "'L'"], 1),
        (["--predict", "empty.fa", *with_weights], ["empty.fa: is empty"], 1),
        (["--predict", "short.fa", *with_weights], ["short.fa: s is too short", "32 bases"], 1),
        (["--predict", "short.fa", "-w", "short.fa"], ["short.fa: needs an intact safetensors file"], 1),
        (["--predict", "short.fa"], ["--weights"], 2),
        ([], ["needs DATA"], 2),
        (["wrong.data"], ["wrong.data, line 2", "'EE'"], 1),
        (["uneven.data"], ["one length", "got 4 in b"], 1),
        (["few.data"], ["at least 10 different sequences of every class, got 3"], 1),
        (["few.data", "--folds", 1], ["2 or more parts"], 2),
        (["long.data", *with_weights], ["need sequences of 32 bases, got 64"], 1),
        (["nothing.data"], ["nothing.data", "No such file"], 1),
        (["few.data", "--out", "nowhere/w.safetensors"], ["no folder nowhere"], 1),
        (["few.data", "--picture", "p.txt"], ["ends in .png"], 2),
        (["few.data", *with_weights, "--out", "x.safetensors"], ["--weights learns nothing"], 2),
    ]:
        answer = run(["splice", *map(str, arguments)])
        refused(Answer(answer, "", capsys.readouterr().err), *words, code=code)


def test_networks_that_are_trained_already_are_not_trained_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    x, y = arrays(90)
    fold, kinds, fitted = np.arange(90) % 2, ["conv", "conv"], []
    fit = dna.train_splice.fit
    unbroken = dna.cross_validate(x, y, fold, kinds, epochs=1)

    def killed_at(number: int) -> None:
        def fit_some(*args: object, **settings: object) -> None:
            if len(fitted) == number:
                raise KeyboardInterrupt
            fitted.append(settings["seed"])
            fit(*args, **settings)

        monkeypatch.setattr("hello_dl.dna.train_splice.fit", fit_some)

    for stop in (1, 3, None):
        killed_at(-1 if stop is None else stop)
        trained = dna.Trained()
        trained.checkpoint = Checkpoint(tmp_path / "state", resume=True)
        trained.checkpoint.keep(trained=trained)
        try:
            found = dna.cross_validate(x, y, fold, kinds, epochs=1, trained=trained)
        except KeyboardInterrupt:
            continue
    assert fitted == [0, 1, 1000, 1001]
    np.testing.assert_array_equal(found["conv"], unbroken["conv"])


def test_the_command_takes_networks_from_its_checkpoint(tmp_path: Path) -> None:
    write_uci(tmp_path / "data", planted(60))
    splice = ("splice", "data", "--folds", 2, "--epochs", 1, "--model", "conv", "--members", 1)
    kept = ("--out", "w", "--checkpoint", "state")
    first = command(*splice, *kept, cwd=tmp_path)
    assert first.code == 0, first
    again = command(*splice, *kept, "--resume", cwd=tmp_path)
    assert again.out == first.out
    refused(command(*splice, *kept, "--resume", "--seed", 1, cwd=tmp_path), "seed was 0, is now 1")
