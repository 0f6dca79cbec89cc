"""The studio's API as its page uses it: drawings, photos, runs; what is refused is refused in words."""

from __future__ import annotations

import base64
import io
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("fastapi")
pytest.importorskip("httpx2")
from starlette.testclient import TestClient

from hello_dl.data.pages import generate_page
from hello_dl.reading.score import character_accuracy
from hello_dl.studio.limits import Limits
from hello_dl.studio.server import Settings, free_socket, make_app, with_token
from studio_strokes import strokes_of

HOME = "http://127.0.0.1:8042"
LIMITS = Limits(json_bytes=200_000, photo_bytes=3_000_000, photo_pixels=4_000_000, points=3000, kept=3)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("studio")


@pytest.fixture(scope="module")
def weights_folder(folder: Path) -> Iterator[Path]:
    """Return the folder for this user's own weights, which is another during these tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HELLO_DL_DATA", str(folder / "own"))
        yield folder / "own" / "weights"


@pytest.fixture(scope="module")
def client(folder: Path, weights_folder: Path) -> Iterator[TestClient]:
    with TestClient(make_app(Settings(folder, limits=LIMITS)), base_url=HOME) as client:
        yield client


def jpeg(picture: Image.Image) -> bytes:
    file = io.BytesIO()
    picture.convert("RGB").save(file, "JPEG", quality=90)
    return file.getvalue()


def read(client: TestClient, content: bytes, name: str = "notes.jpg") -> Any:
    """Give the studio a photo, and return its state when it has been read or has failed."""
    answer = client.post("/api/photos", files={"photo": (name, content)})
    assert answer.status_code == 202, answer.text
    for _ in range(600):
        photo = client.get(f"/api/photos/{answer.json()['id']}").json()
        if photo["stage"] in ("read", "failed"):
            return photo
        time.sleep(0.1)
    raise AssertionError(photo)


# ---- the page and who may ask ------------------------------------------------------------------------------


def test_the_page_asks_no_other_host(client: TestClient) -> None:
    page = client.get("/")
    assert page.status_code == 200
    assert "default-src 'self'" in page.headers["content-security-policy"]
    for file in Path(__file__).parents[2].glob("python/hello_dl/studio/page/*"):
        assert "//" not in file.read_text().replace("http://www.w3.org/", "").replace("// ", "").replace(
            "/*", ""
        )


@pytest.mark.parametrize(
    ("headers", "words"),
    [
        ({"host": "evil.example:8042"}, "not at evil.example"),
        ({"host": "127.0.0.1:8043"}, "not at"),
        ({"origin": "http://evil.example"}, "other pages"),
        ({"origin": "null"}, "other pages"),
        ({"sec-fetch-site": "cross-site"}, "other sites"),
        ({"sec-fetch-site": "same-site"}, "other sites"),
    ],
)
def test_other_pages_and_names_are_refused(client: TestClient, headers: dict[str, str], words: str) -> None:
    for method, path in (("GET", "/"), ("GET", "/api/networks"), ("POST", "/api/trainings")):
        answer = client.request(method, path, headers=headers)
        assert answer.status_code == 403
        assert words in answer.json()["detail"]


def test_its_own_page_is_let_in(client: TestClient) -> None:
    own = {"origin": HOME, "sec-fetch-site": "same-origin"}
    assert client.get("/api/networks", headers=own).json()[:3] == ["letters", "digits", "characters"]


def test_other_addresses_need_the_token_of_the_link(folder: Path) -> None:
    settings = with_token(Settings(folder, host="192.0.2.7"))
    assert settings.token is not None
    assert with_token(Settings(folder, host="127.0.0.2")).token is None
    client = TestClient(make_app(settings), base_url="http://192.0.2.7:8042", follow_redirects=False)
    assert client.get("/api/networks").status_code == 401
    assert client.get("/?token=wrong").status_code == 401
    assert client.get(f"/?token={settings.token}").status_code == 303
    assert client.get("/api/networks").status_code == 200  # with the cookie
    client.cookies.clear()
    assert client.get("/", headers={"cookie": "hello_dl_studio=wrong"}).status_code == 401


def test_a_taken_port_is_named() -> None:
    with free_socket("127.0.0.1", 0) as taken:
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(OSError, match=f"--port {port}: cannot be served at 127.0.0.1"):
            free_socket("127.0.0.1", port)


# ---- drawing -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("text", "network"), [("h", "letters"), ("4", "digits"), ("R", "characters")])
def test_a_drawn_character_is_recognised(client: TestClient, text: str, network: str) -> None:
    answer = client.post("/api/letter", json={"strokes": strokes_of(text), "network": network}).json()
    best = answer["best"]
    assert best[0]["text"] == text
    assert best[0]["probability"] > 0.8
    assert [guess["probability"] for guess in best] == sorted((g["probability"] for g in best), reverse=True)
    sees = np.array(answer["sees"])
    assert sees.shape == (28, 28)
    assert sees.max() == 255


def test_a_heavy_pen_draws_thicker_strokes(client: TestClient) -> None:
    ink = []
    for pressure in (0.5, 1.0):
        strokes = [[[x, y, pressure] for x, y, _ in stroke] for stroke in strokes_of("o")]
        ink.append(np.sum(client.post("/api/letter", json={"strokes": strokes}).json()["sees"]))
    assert ink[0] < ink[1]  # thinner ones are made as thick as EMNIST's


def test_a_dot_is_drawn(client: TestClient) -> None:
    answer = client.post("/api/letter", json={"strokes": [[[5, 5, 0.5]]]})
    assert answer.status_code == 200
    assert np.max(answer.json()["sees"]) == 255


def test_a_line_is_read(client: TestClient) -> None:
    answer = client.post("/api/line", json={"strokes": strokes_of("hello world")}).json()
    assert answer["text"].lower() == "hello world"
    assert [[word["text"].lower() for word in line] for line in answer["lines"]] == [["hello", "world"]]
    assert answer["lines"][0][0]["probability"] > 0.5


def test_rubbing_out_what_matters_makes_the_answer_less_likely(client: TestClient) -> None:
    answer = client.post("/api/inside", json={"strokes": strokes_of("R")}).json()
    rubbed = np.array(answer["rubbed"])
    assert rubbed.shape == (14, 14)
    assert rubbed.max() > 0.05
    assert rubbed[0, 0] == 0  # paper
    assert len(answer["layers"]) >= 3
    assert Image.open(io.BytesIO(base64.b64decode(answer["layers"][0]["picture"]))).width > 100


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        ({"strokes": []}, 422, "strokes: "),
        ({"strokes": [[]]}, 422, "strokes.0: "),
        ({"strokes": [[[1, 2]]]}, 422, "strokes.0.0.2: "),
        ({"strokes": [[[1, 2, 3]]]}, 422, "less than or equal to 1"),
        ({"strokes": [[["x", 2, 0.5]]]}, 422, "valid number"),
        ({"strokes": [[[1e9, 2, 0.5]]]}, 422, "100000"),
        ({}, 422, "strokes: Field required"),
        ({"strokes": [[[1, 2, 0.5]] * 3001]}, 413, "at most 3,000 points, this one 3,001"),
        ({"strokes": [[[1, 2, 0.5]]], "network": "no-such"}, 404, "there is no network 'no-such'"),
        ({"strokes": [[[1, 2, 0.5]]], "network": "../x"}, 422, "network: "),
    ],
)
def test_a_drawing_that_is_none_is_refused(client: TestClient, body: Any, status: int, words: str) -> None:
    for path in ("letter", "inside"):
        answer = client.post(f"/api/{path}", json=body)
        assert answer.status_code == status
        assert words in answer.json()["detail"]


@pytest.mark.parametrize("content", [b"{", b"[1", b"NaN", b'{"strokes": [[[NaN, 1, 0.5]]]}', b"\xff\xfe"])
def test_what_is_no_json_is_refused(client: TestClient, content: bytes) -> None:
    answer = client.post("/api/letter", content=content, headers={"content-type": "application/json"})
    assert answer.status_code in (400, 422)
    assert answer.json()["detail"]


def test_a_large_request_is_refused_whether_or_not_it_says_its_size(client: TestClient) -> None:
    answer = client.post("/api/letter", content=b" " * 300_000)
    assert answer.status_code == 413
    assert "at most 200,000 bytes" in answer.json()["detail"]
    pieces = client.post("/api/letter", content=iter([b" " * 50_000] * 8))
    assert pieces.status_code == 413
    assert "200,000" in pieces.json()["detail"]


# ---- photos ------------------------------------------------------------------------------------------------


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


# ---- runs --------------------------------------------------------------------------------------------------


def test_a_training_is_started_watched_and_stopped(client: TestClient) -> None:
    started = client.post("/api/trainings", json={"task": "digits", "epochs": 50, "images": 2000})
    assert started.status_code == 201
    log = started.json()["log"]
    second = client.post("/api/trainings", json={"task": "digits"})
    assert second.status_code == 409
    assert log in second.json()["detail"]
    for _ in range(300):
        answer = client.get(f"/api/logs/{log}/runs/1")
        if answer.status_code == 200 and "training loss" in answer.json()["curves"]:
            break
        time.sleep(0.1)
    curves = answer.json()
    assert curves["steps"] > curves["done"] > 0
    loss = curves["curves"]["training loss"]
    assert len(loss["step"]) == len(loss["value"]) <= 300
    stopped = client.delete(f"/api/trainings/{log}").json()
    assert stopped == {"log": log, "running": False, "message": "stopped"}
    listed = next(one for one in client.get("/api/logs").json() if one["log"] == log)
    assert listed["runs"][0]["outcome"] == "stopped"


def test_a_damaged_log_is_named_and_the_others_are_shown(client: TestClient, folder: Path) -> None:
    (folder / "logs").mkdir(exist_ok=True)
    (folder / "logs" / "torn.sqlite").write_bytes(b"SQLite format 3\0" + b"x" * 200)
    with closing(sqlite3.connect(folder / "logs" / "other.sqlite")) as other, other:
        other.execute("CREATE TABLE t (x)")
    logs = {one["log"]: one for one in client.get("/api/logs").json()}
    assert logs["torn.sqlite"]["message"]
    assert str(folder) not in logs["torn.sqlite"]["message"]
    assert logs["other.sqlite"]["message"]
    assert client.get("/api/logs/torn.sqlite/runs/1").status_code == 404
    assert client.get("/api/logs/none.sqlite/runs/1").status_code == 404


def test_the_api_describes_itself(client: TestClient) -> None:
    paths = client.get("/api/openapi.json").json()["paths"]
    assert {"/api/letter", "/api/line", "/api/photos/{key}", "/api/logs/{log}/runs/{run}"} <= set(paths)
    for path, methods in paths.items():
        for method in methods.values():
            assert method["description"], path


# ---- teaching ----------------------------------------------------------------------------------------------


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


# ---- inside a network --------------------------------------------------------------------------------------


def test_a_network_imagines_a_letter(client: TestClient) -> None:
    dream = client.get("/api/inside/imagined?name=h").json()
    assert len(dream["frames"]) == len(dream["chances"]) == 8
    assert dream["chances"][-1] > 0.9 > dream["chances"][0]
    assert client.get("/api/inside/imagined?name=%3F").status_code == 404
    assert client.get("/api/inside/imagined?name=h&network=none").status_code == 404


def test_alike_images_are_near_each_other_on_the_map(client: TestClient) -> None:
    found = client.get("/api/inside/map?count=60&network=digits").json()
    places = np.stack([found["x"], found["y"]], axis=1)
    classes = np.array(found["classes"])
    apart = np.linalg.norm(places[:, None] - places, axis=2)
    np.fill_diagonal(apart, np.inf)
    assert (classes[apart.argmin(axis=1)] == classes).mean() > 0.8
    sheet = Image.open(io.BytesIO(base64.b64decode(found["sheet"])))
    assert sheet.size == (20 * 28, 3 * 28)
    assert client.get("/api/inside/map?count=5").status_code == 422


def test_the_graph_of_a_network_is_drawn(client: TestClient) -> None:
    drawn = base64.b64decode(client.get("/api/inside/graph").json()["svg"]).decode()
    assert drawn.startswith("<svg")
    assert "conv2d" in drawn
