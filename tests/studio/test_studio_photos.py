"""Photos are read, corrected, deleted and taught; hands are written."""

from __future__ import annotations

import io
import time
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

pytest.importorskip("fastapi")
pytest.importorskip("httpx2")
from starlette.testclient import TestClient

from hello_dl.data.pages import generate_page
from hello_dl.reading.score import character_accuracy
from studio_photos import jpeg, read
from studio_strokes import strokes_of


def test_a_photo_is_read_corrected_and_deleted(client: TestClient, folder: Path) -> None:
    picture, truth = generate_page(3, "easy", "hello world\nsecond line")
    photo = read(client, jpeg(picture))
    assert photo["stage"] == "read"
    assert photo["message"] == ""
    assert character_accuracy(truth.text, photo["page"]["text"]) > 0.9
    key = photo["id"]
    corrected = client.put(f"/api/photos/{key}/words", json={"word": 1, "text": "<b>moon</b>"}).json()
    assert corrected["corrections"] == {"1": "<b>moon</b>"}
    assert "<b>moon</b>" in client.get(f"/api/photos/{key}/text").text
    back = client.put(f"/api/photos/{key}/words", json={"word": 1, "text": " "}).json()
    assert back["corrections"] == {}
    shown = Image.open(io.BytesIO(client.get(f"/api/photos/{key}/picture").content))
    drawn = Image.open(io.BytesIO(client.get(f"/api/photos/{key}/annotated").content))
    assert shown.size == picture.size == drawn.size
    for word, status in ((999, 422), (-1, 422)):
        wrong = client.put(f"/api/photos/{key}/words", json={"word": word, "text": "x"})
        assert wrong.status_code == status
    lacking = client.put(f"/api/photos/{key}/words", json={"word": 0, "text": "na\u00efve"})
    assert "no sign for \u00ef" in lacking.json()["detail"]
    assert client.delete(f"/api/photos/{key}").status_code == 204
    assert not (folder / "photos" / key).exists()
    assert client.get(f"/api/photos/{key}").status_code == 404


def test_what_is_no_photo_fails_in_words_and_the_next_is_read(client: TestClient) -> None:
    failed = read(client, b"a text, not a picture", "../../etc/<i>passwd</i>.png")
    assert failed["stage"] == "failed"
    assert "passwd" in failed["message"]
    assert "/photos/" not in failed["message"]
    large = Image.new("L", (3000, 2000), 255)
    too_large = read(client, jpeg(large))
    assert too_large["stage"] == "failed"
    assert "megapixels" in too_large["message"]
    blank = read(client, jpeg(Image.new("L", (300, 200), 200)))
    assert blank["stage"] == "read"
    assert blank["page"]["lines"] == []


def test_the_oldest_photos_make_room(client: TestClient) -> None:
    for _ in range(4):
        read(client, b"no picture")
    assert len(client.get("/api/photos").json()) == 3


def test_an_upload_beyond_the_limit_leaves_nothing(client: TestClient, folder: Path) -> None:
    before = set((folder / "photos").iterdir())
    answer = client.post("/api/photos", files={"photo": ("big.jpg", b"x" * 3_000_001)})
    assert answer.status_code == 413
    assert set((folder / "photos").iterdir()) == before


@pytest.mark.parametrize("key", ["..", "0" * 15, "g" * 16, "0" * 16, "%2e%2e%2f", "a/../../b"])
def test_no_path_leads_out_of_the_folder(client: TestClient, key: str) -> None:
    for end in ("", "/picture", "/text", "/annotated"):
        assert client.get(f"/api/photos/{key}{end}").status_code in (404, 422)
    assert client.get("/page/../server.py").status_code == 404
    assert client.get("/page/%2e%2e/server.py").status_code == 404


def lesson_of(client: TestClient, name: str) -> Any:
    for _ in range(1200):
        lesson = client.get(f"/api/hands/{name}/lesson").json()
        if not lesson["running"]:
            return lesson
        time.sleep(0.1)
    raise AssertionError(lesson)


def test_letters_are_written_and_taught(client: TestClient, weights_folder: Path) -> None:
    prompts = client.get("/api/prompts/letters").json()
    assert len(prompts) == 124
    for text in "abcabcabc":
        sample = {"kind": "letters", "text": text, "strokes": strokes_of(text)}
        kept = client.post("/api/hands/ann/samples", json=sample)
        assert kept.status_code == 201
    samples = client.get("/api/hands/ann/samples").json()
    assert [one["text"] for one in samples] == list("abcabcabc")
    assert client.delete(f"/api/hands/ann/samples/{samples[0]['id']}").status_code == 204
    assert client.delete(f"/api/hands/ann/samples/{samples[0]['id']}").status_code == 404
    assert client.get("/api/hands").json() == [{"name": "ann", "letters": 8, "lines": 0, "teaching": False}]
    assert client.post("/api/hands/ann/lessons/letters?steps=3").json()["running"]
    second = client.post("/api/hands/ann/lessons/letters?steps=3")
    assert second.status_code == 409
    lesson = lesson_of(client, "ann")
    assert lesson["message"] == ""
    assert lesson["done"] == lesson["steps"] == 12
    assert set(lesson["result"]) == {"own_before", "own_after", "others_before", "others_after"}
    assert (weights_folder / "ann.safetensors").is_file()
    assert "ann" in client.get("/api/networks").json()
    drawn = client.post("/api/letter", json={"strokes": strokes_of("a"), "network": "ann"}).json()
    assert len(drawn["best"]) == 5


def test_lines_are_written_and_taught(client: TestClient, weights_folder: Path) -> None:
    line = {"kind": "lines", "text": "hello world", "strokes": strokes_of("hello world")}
    assert client.post("/api/hands/bea/samples", json=line).status_code == 201
    both = {**line, "strokes": strokes_of("one") + strokes_of("two", base=420)}
    refused = client.post("/api/hands/bea/samples", json=both)
    assert refused.status_code == 422
    assert "found 2" in refused.json()["detail"]
    assert client.post("/api/hands/bea/lessons/lines?steps=2").status_code == 201
    lesson = lesson_of(client, "bea")
    assert lesson["message"] == ""
    assert lesson["result"]["own_after"] is None  # one line is too few to say
    assert lesson["loss"]["value"][0] > 0
    assert (weights_folder / "bea.safetensors").is_file()
    assert client.delete("/api/hands/bea").status_code == 204
    assert client.get("/api/hands/bea/samples").json() == []


def test_corrected_lines_become_samples(client: TestClient) -> None:
    picture, _ = generate_page(3, "easy", "hello world\nsecond line")
    key = read(client, jpeg(picture))["id"]
    nothing = client.post(f"/api/photos/{key}/samples/cid")
    assert nothing.status_code == 409
    client.put(f"/api/photos/{key}/words", json={"word": 0, "text": "jello"})
    kept = client.post(f"/api/photos/{key}/samples/cid")
    assert [one["text"].split()[0] for one in kept.json()] == ["jello"]


@pytest.mark.parametrize(
    ("name", "change", "status", "words"),
    [
        ("lines", {}, 422, "bundled"),
        ("../x", {}, 404, "Not Found"),
        ("a%20b", {}, 422, "name: "),
        ("dan", {"text": "ab"}, 422, "one letter or digit, got 'ab'"),
        ("dan", {"text": "é"}, 422, "one letter or digit"),
        ("dan", {"kind": "lines", "text": "né"}, 422, "lacks 'é'"),
        ("dan", {"kind": "poems"}, 422, "kind: "),
        ("dan", {"text": ""}, 422, "text: "),
    ],
)
def test_a_sample_that_is_none_is_refused(
    client: TestClient, name: str, change: Any, status: int, words: str
) -> None:
    sample = {"kind": "letters", "text": "a", "strokes": strokes_of("a"), **change}
    answer = client.post(f"/api/hands/{name}/samples", json=sample)
    assert answer.status_code == status
    assert words in answer.json()["detail"]


def test_teaching_nothing_is_refused_and_a_lesson_is_stopped(
    client: TestClient, weights_folder: Path
) -> None:
    assert client.post("/api/hands/eve/lessons/letters").status_code == 409
    for text in "xyz":
        sample = {"kind": "letters", "text": text, "strokes": strokes_of(text)}
        client.post("/api/hands/eve/samples", json=sample)
    assert client.post("/api/hands/eve/lessons/letters?steps=2000").json()["running"]
    stopped = client.delete("/api/hands/eve/lesson").json()
    assert not stopped["running"]
    assert not (weights_folder / "eve.safetensors").exists()


def test_the_name_of_bundled_weights_is_no_hand(client: TestClient) -> None:
    sample = {"kind": "letters", "text": "a", "strokes": strokes_of("a")}
    assert client.post("/api/hands/letters/samples", json=sample).status_code == 422
    picture, _ = generate_page(3, "easy", "hello world")
    key = read(client, jpeg(picture))["id"]
    client.put(f"/api/photos/{key}/words", json={"word": 0, "text": "jello"})
    refused = client.post(f"/api/photos/{key}/samples/letters")
    assert refused.status_code == 422
    assert "bundled" in refused.json()["detail"]
