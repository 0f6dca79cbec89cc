"""Who may ask the studio for what, and its runs; what is refused is refused in words."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

pytest.importorskip("fastapi")
pytest.importorskip("httpx2")
from starlette.testclient import TestClient

from hello_dl.studio.server import PAGE, Settings, free_socket, make_app, with_token
from studio_photos import HOME


def test_the_page_asks_no_other_host(client: TestClient) -> None:
    page = client.get("/")
    assert page.status_code == 200
    assert "default-src 'self'" in page.headers["content-security-policy"]
    files = list(PAGE.iterdir())
    assert len(files) > 8
    for file in files:
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
