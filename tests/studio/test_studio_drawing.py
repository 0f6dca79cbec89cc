"""What the studio says of drawings, and what it shows of networks."""

from __future__ import annotations

import base64
import io
from typing import Any

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("fastapi")
pytest.importorskip("httpx2")
from starlette.testclient import TestClient

from studio_strokes import strokes_of


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
