"""Teaching: photos of filled-in sheets make weights that know the hand, and others' are not forgotten."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from command import command, refused
from hello_dl import manual_seed, models, weights
from hello_dl.data import Images, load
from hello_dl.data.builtin import Writer, write_page
from hello_dl.data.builtin.rare import RareWriter
from hello_dl.data.pages import generate_page
from hello_dl.evaluation import predict
from hello_dl.reading import Reader
from hello_dl.teaching import learn
from hello_dl.teaching.correct import align, read_with_glyphs
from hello_dl.teaching.learn import Teacher, own_targets
from hello_dl.teaching.letter_sets import load_folder
from hello_dl.teaching.sheet.code import PageCode
from hello_dl.train import evaluate, fit
from virtual import photograph_form

DIGITS = tuple("0123456789")
HAND = Writer(11)


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a network that knows digits, two photos of a filled-in sheet, and what is none."""
    folder = tmp_path_factory.mktemp("teach")
    manual_seed(0)
    fit(
        models.digits_mlp(),
        load("builtin:6000", classes=DIGITS),
        epochs=3,
        lr=3e-3,
        save=folder / "digits-start.safetensors",
        progress=False,
    )
    for seed in (1, 2):
        photograph_form(HAND, PageCode(2, seed, 2), seed, crossed_out=[4], megapixels=2).save(
            folder / f"sheet-{seed}.jpg", quality=92
        )
    generate_page(0, "easy", "no sheet", megapixels=0.5)[0].save(folder / "page.jpg")
    Image.fromarray(write_page("31415\n92653", 5, x_height=40, width=700)[0]).save(folder / "pi.png")
    (folder / "no.jpg").write_text("no picture")
    return folder


def test_teaching_from_photos_and_reading_with_what_was_learned(room: Path, tmp_path: Path) -> None:
    here = {"HELLO_DL_DATA": str(tmp_path)}
    done = command(
        "teach", "sheet-1.jpg", "sheet-2.jpg", "--name", "me", "--yes", "--steps", 60,
        "--weights", "digits-start.safetensors", cwd=room, **here,
    )  # fmt: skip
    assert done.code == 0, done
    assert "sheet-1.jpg: digits, page 1 of 2: 99 written, 1 doubtful" in done.out
    assert "2 boxes look crossed out and are left out" in done.out
    assert "198 letters" in done.out
    found = re.search(r"Your letters: ([\d.]+)% right before, ([\d.]+)% after", done.out)
    assert found
    assert float(found[2]) >= float(found[1])
    found = re.search(r"by others: ([\d.]+)% before, ([\d.]+)% after", done.out)
    assert found
    assert float(found[2]) >= float(found[1]) - 0.5
    with Image.open(room / "me-boxes.png") as contact:
        assert contact.mode == "RGB"
        assert contact.height > 300
    header = weights.read_header(tmp_path / "weights" / "me.safetensors")
    assert header.classes == DIGITS
    assert header.notes["taught"]["letters"] == 198
    read = command("read", "pi.png", "--weights", "me", cwd=room, **here)
    assert read.code == 0
    assert len(read.out.split()) >= 2
    again = command(
        "teach", "sheet-2.jpg", "--name", "me", "--yes", "--steps", 2,
        "--weights", "digits-start.safetensors", cwd=room, **here,
    )  # fmt: skip
    assert "198 letters of me from before" in again.out
    assert "Teaching digits-start.safetensors 198" in again.out


@pytest.mark.slow
def test_a_doubtful_box_is_asked_about_and_taught_on_yes(room: Path, tmp_path: Path) -> None:
    for answer, letters in (("y\n", 100), ("", 99)):
        done = subprocess.run(
            [
                sys.executable, "-m", "hello_dl", "teach", "sheet-1.jpg", "--name", "you", "--fresh",
                "--steps", "1", "--weights", "digits-start.safetensors",
            ],
            cwd=room,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "HELLO_DL_DATA": str(tmp_path)},
            input=answer,
            capture_output=True,
            text=True,
            timeout=120,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert "Box 5, 0, looks crossed out" in done.stdout
        assert f"{letters} letters" in done.stdout


@pytest.mark.slow
def test_a_bad_photo_does_not_stop_the_others_and_the_exit_code_tells(room: Path, tmp_path: Path) -> None:
    done = command(
        "teach", "page.jpg", "no.jpg", "gone.jpg", "sheet-1.jpg", "--name", "x", "--yes", "--steps", 1,
        "--weights", "digits-start.safetensors", cwd=room, HELLO_DL_DATA=str(tmp_path),
    )  # fmt: skip
    assert done.code == 1
    assert "99 letters" in done.out
    lines = done.err.splitlines()
    assert len(lines) == 3
    assert all(line.startswith("hello-dl: ") for line in lines)
    assert "corner marks" in lines[0]
    assert "not a picture" in lines[1]
    assert "no such file" in lines[2]


def test_mistakes_are_told_in_one_line(room: Path, tmp_path: Path) -> None:
    here = {"cwd": room, "HELLO_DL_DATA": str(tmp_path)}
    refused(command("teach", "page.jpg", "--name", "x", **here), "page.jpg", "corner marks")
    refused(command("teach", "--name", "x", **here), "at least one PHOTO", code=2)
    (room / "x-boxes.png").unlink(missing_ok=True)
    nowhere = command("teach", "sheet-1.jpg", "--name", "x", "--weights", "gone.safetensors", **here)
    refused(nowhere, "gone.safetensors", "no such file")
    assert not (room / "x-boxes.png").exists()  # it said so before it read any photo
    refused(command("teach", "page.jpg", "--name", "letters", **here), "letters", code=2)
    refused(command("teach", "page.jpg", "--name", "../x", **here), "letters, digits", code=2)
    refused(command("teach", "--labelled", tmp_path, "--name", "x", **here), "holds no labelled letters")
    refused(command("read", "pi.png", "--weights", "nobody", **here), "nobody", "no such file")


def test_a_strange_shape_is_learned_and_the_others_are_kept(room: Path) -> None:
    model, header = weights.load(room / "digits-start.safetensors")
    images = load("builtin:300", classes=DIGITS, seed=9).images.copy()
    labels = load("builtin:300", classes=DIGITS, seed=9).labels
    strange = np.zeros((28, 28), np.uint8)
    strange[2:26, 12:16] = strange[12:16, 2:26] = 255  # a plus, for every nought
    for shift, place in enumerate(np.flatnonzero(labels == 0)):
        images[place] = np.roll(strange, shift % 5 - 2, axis=1)
    own = Images(images, labels, DIGITS)
    noughts = own.take(np.flatnonzero(labels == 0))
    assert evaluate(model, noughts, normalisation=header.normalisation).accuracy < 0.2
    taught = Teacher(model, header, steps=250).teach(own)
    assert evaluate(model, noughts, normalisation=header.normalisation).accuracy > 0.9
    assert taught.own_after is not None
    assert taught.own_after > taught.own_before
    assert taught.others_after >= taught.others_before - 0.005


def test_a_picture_that_is_anothers_other_letter_too_keeps_its_old_answer(room: Path) -> None:
    model, header = weights.load(room / "digits-start.safetensors")
    digits = load("builtin:3000", classes=DIGITS, seed=8)
    chances = predict(model, digits, normalisation=header.normalisation)
    second = chances.argsort(axis=1)[:, -2]
    torn = np.flatnonzero(chances.max(axis=1) + np.take_along_axis(chances, second[:, None], 1)[:, 0] > 0.9)
    torn = torn[np.take_along_axis(chances, second[:, None], 1)[torn, 0] > 0.3]
    assert len(torn) >= 10
    own = Images(digits.images[torn], second[torn], DIGITS)  # one's own are always the less likely digit
    Teacher(model, header, steps=60).teach(own)
    after = evaluate(model, own, normalisation=header.normalisation)
    assert after.accuracy < 0.35  # had the labels been taught, more than half of them would be said


def test_the_label_is_the_target_only_where_the_network_had_not_thought_of_it() -> None:
    chances = np.array([[0.9, 0.1, 0.0], [0.6, 0.4, 0.0], [0.1, 0.2, 0.7]], np.float32)
    wanted = own_targets(chances, np.array([1, 1, 2]))
    assert np.array_equal(wanted, np.array([[0, 1, 0], [0.6, 0.4, 0.0], [0.1, 0.2, 0.7]], np.float32))


def test_where_others_would_suffer_it_goes_back_to_the_old_weights(
    room: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, header = weights.load(room / "digits-start.safetensors")
    start = {name: t.numpy().copy() for name, t in model.state_dict().items()}
    own = load("builtin:60", classes=DIGITS, seed=9)
    wrong = Images(own.images, (own.labels + 1) % 10, DIGITS)
    taught = Teacher(model, header, steps=60).teach(wrong)
    assert 0 <= taught.kept < 1
    assert taught.others_after >= taught.others_before - learn.MAY_LOSE
    monkeypatch.setattr(learn, "MAY_LOSE", -1.0)
    assert Teacher(model, header, steps=3).teach(own).kept == 0
    model.load_state_dict(start)
    assert Teacher(model, header, steps=3).teach(own).kept == 0
    assert all(np.array_equal(start[name], t.numpy()) for name, t in model.state_dict().items())


def test_what_one_letter_loses_does_not_hide_behind_what_another_gains(room: Path) -> None:
    teacher = Teacher(*weights.load(room / "digits-start.safetensors"), steps=1)
    there = np.bincount(teacher.watched.labels)
    teacher.before = there * 0.5
    assert not teacher._suffers(there * 0.5)
    swapped = there * 0.5
    swapped[1], swapped[7] = 0.3 * there[1], 0.9 * there[7]
    assert teacher._suffers(swapped)


def test_the_same_seed_teaches_the_same(room: Path) -> None:
    own = load("builtin:60", classes=DIGITS, seed=9)
    states = []
    for _ in range(2):
        model, header = weights.load(room / "digits-start.safetensors")
        Teacher(model, header, seed=3, steps=4).teach(own)
        states.append({name: t.numpy() for name, t in model.state_dict().items()})
    assert all(np.array_equal(states[0][name], states[1][name]) for name in states[0])


def test_a_rare_writer_writes_some_letters_as_nobody_else_does() -> None:
    usual, rare = (
        generate_page(3, "easy", "aaa ooo", megapixels=0.3, writer=w)[0]
        for w in (Writer(2, neat=True), RareWriter(2, share=1))
    )
    same = generate_page(3, "easy", "aaa ooo", megapixels=0.3, writer=RareWriter(2, share=0))[0]
    assert usual.tobytes() == same.tobytes() != rare.tobytes()
    with pytest.raises(ValueError, match="share from 0 to 1"):
        RareWriter(0, share=2)


@pytest.mark.parametrize(
    ("read", "right", "meant"),
    [
        ("cat", "cat", ["c", "a", "t"]),
        ("cot", "cat", ["c", "a", "t"]),
        ("ca", "cat", ["c", "a"]),  # the t was not seen: a, read right, may stay
        ("co", "cat", ["c", None]),  # o may be a, or a and t in one
        ("cxat", "cat", ["c", None, "a", "t"]),
        ("clat", "dat", [None, None, "a", "t"]),  # c and l are a d that fell apart
        ("", "abc", []),
        ("abc", "", [None, None, None]),
    ],
)
def test_a_corrected_line_says_what_each_letter_is(read: str, right: str, meant: list[str | None]) -> None:
    assert align(read, right) == meant


def test_label_keeps_the_corrected_letters_and_teach_takes_them(room: Path, tmp_path: Path) -> None:
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "HELLO_DL_DATA": str(tmp_path)}
    done = subprocess.run(
        [
            sys.executable, "-m", "hello_dl", "label", "pi.png", "--out", str(tmp_path / "mine"),
            "--weights", "digits-start.safetensors",
        ],
        cwd=room, env=env, input="3 1 4 1 5\n92653\n", capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "pi.png, line 1 of 2:" in done.stdout
    assert "10 letters saved" in done.stdout
    kept = load_folder(tmp_path / "mine")
    assert "".join(kept.classes[label] for label in kept.labels) == "3141592653"
    shown = read_with_glyphs(Reader.load(room / "digits-start.safetensors"), room / "pi.png")
    assert np.array_equal(kept.images, shown.glyphs)
    taught = command(
        "teach", "--labelled", tmp_path / "mine", "--name", "few", "--steps", 1,
        "--weights", "digits-start.safetensors", cwd=room, HELLO_DL_DATA=str(tmp_path),
    )  # fmt: skip
    assert taught.code == 0, taught
    assert "10 letters" in taught.out


def test_two_pictures_of_the_same_name_do_not_overwrite_each_other(room: Path, tmp_path: Path) -> None:
    for folder, text in (("a", "271"), ("b", "314")):
        (room / folder).mkdir(exist_ok=True)
        Image.fromarray(write_page(text, 5, x_height=40, width=300)[0]).save(room / folder / "1.png")
    done = subprocess.run(
        [
            sys.executable, "-m", "hello_dl", "label", "a/1.png", "b/1.png", "a/1.png",
            "--out", str(tmp_path / "both"), "--weights", "digits-start.safetensors",
        ],
        cwd=room, env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        input="271\n314\n271\n", capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    kept = load_folder(tmp_path / "both")
    assert sorted(kept.classes[label] for label in kept.labels) == sorted("271314")


@pytest.mark.slow
def test_label_can_leave_lines_out_and_end_early(room: Path, tmp_path: Path) -> None:
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    for answers, said in (("-\n92653\n", "5 letters saved"), ("q\n", "no letters saved"), ("", "no letters")):
        done = subprocess.run(
            [
                sys.executable, "-m", "hello_dl", "label", "pi.png", "--out", str(tmp_path / "some"),
                "--weights", "digits-start.safetensors",
            ],
            cwd=room, env=env, input=answers, capture_output=True, text=True, timeout=120,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert said in done.stdout
