"""`hello-dl evaluate`: the table, the lines of JSON, and what is flagged."""

from __future__ import annotations

import json
from pathlib import Path

from command import Inside, command, refused, write_pair
from hello_dl.data import load


def test_evaluate_shows_several_networks_clean_and_disturbed_in_one_table(home: Path) -> None:
    answer = command(
        "evaluate", home / "digits", home / "untrained", "-d", "builtin:300", "--shift", 2, "--flip", 5
    )
    assert answer.code == 0, answer.err
    titles, first, second = answer.out.strip().splitlines()
    assert titles.split("  ")[0] == "n" or titles.split()[0] == "n"
    for word in ("clean", "shift 2", "flip 5", "both", "lost", "calibration error"):
        assert word in titles
    assert first.startswith(str(home / "digits"))
    assert second.startswith(str(home / "untrained"))
    assert float(first.split("%")[0].split()[-1]) > 60 > 20 > float(second.split("%")[0].split()[-1])


def test_evaluate_json_has_a_line_for_each_network(home: Path, inside: Inside) -> None:
    answer = inside(
        "evaluate",
        home / "digits",
        home / "untrained",
        "-d",
        "builtin:300",
        "--flip",
        9,
        "--json",
        "--classes",
    )
    first, second = map(json.loads, answer.out.splitlines())
    assert first["weights"] == str(home / "digits")
    assert second["weights"] == str(home / "untrained")
    assert first["n"] == second["n"] == 300
    assert first["accuracy"] > second["accuracy"]
    assert list(first["disturbed"]) == ["flip 9"]
    assert 0 <= first["calibration_error"] <= 1
    assert sum(c["right"] for c in first["classes"].values()) == round(first["accuracy"] * 300)


def test_each_network_is_measured_on_the_data_it_has_classes_for(
    home: Path, tmp_path: Path, inside: Inside
) -> None:
    for code, classes in (("digits", "0123456789"), ("letters26", "abcdefghijklmnopqrstuvwxyz")):
        drawn = load("builtin:200", classes=tuple(classes))
        write_pair(tmp_path / code, drawn.images, drawn.labels + (code == "letters26"))
    data = ("-d", f"{tmp_path / 'digits'}:digits", "-d", f"{tmp_path / 'letters26'}:letters26")
    answer = inside("evaluate", home / "digits", home / "untrained", *data)
    assert answer.code == 0, answer
    assert answer.out.count(" 200 ") == 2
    refused(inside("evaluate", home / "digits", *data[2:]), "none of its 200 items")


def test_evaluate_shows_classes_and_what_is_flagged(home: Path, inside: Inside) -> None:
    answer = inside("evaluate", home / "digits", "-d", "builtin:500", "--classes", "--out-of-class")
    assert answer.code == 0
    for word in ("mostly taken for", "flagged below a confidence of", "AUROC", "noise", "blank", "letters"):
        assert word in answer.out
    assert "I don't know" not in answer.out  # the file has no threshold


def test_data_that_lie_on_their_side_are_told_once_and_can_be_turned(
    home: Path, tmp_path: Path, inside: Inside
) -> None:
    drawn = load("builtin:300", classes=tuple("0123456789"))
    upright = write_pair(tmp_path / "upright", drawn.images, drawn.labels)
    lying = write_pair(tmp_path / "lying", drawn.images.transpose(0, 2, 1), drawn.labels)
    networks = (home / "digits", home / "digits")
    answer = inside("evaluate", *networks, "-d", f"{lying}:digits")
    assert answer.code == 0, answer
    assert answer.err.count(f"hello-dl: {lying}: the characters seem to lie on their side; ") == 1
    assert f"write {lying}:digits-transposed" in answer.err
    turned = inside("evaluate", *networks, "-d", f"{lying}:digits-transposed")
    assert (turned.out, turned.err) == (inside("evaluate", *networks, "-d", f"{upright}:digits").out, "")
