"""Downloads: checked, from the first mirror that works, once, and with an error that helps.

The files are small and made here; a server on this machine stands for the internet.
"""

from __future__ import annotations

import hashlib
import http.server
import multiprocessing
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from hello_dl.data import download
from hello_dl.data.download import FILES, DownloadError, FileSet, fetch, is_here, only_one
from hello_dl.data.idx import read_idx, write_idx

PAGE = b"\n <!DOCTYPE html><html><body>Please log in</body></html>"


class Server:
    """A web server on this machine: what it holds, and what it was asked for."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.asked: list[str] = []
        server = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                server.asked.append(self.path)
                body = server.files.get(self.path)
                self.send_response(404 if body is None else 200)
                self.send_header("Content-Length", str(len(body or b"")))
                self.send_header("Connection", "close")
                self.end_headers()
                self.wfile.write(body or b"")

            def log_message(self, *_: object) -> None:
                pass

        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.http.server_port}/"
        self.thread = threading.Thread(target=self.http.serve_forever, args=(0.01,))
        self.thread.start()

    def stop(self) -> None:
        self.http.shutdown()
        self.http.server_close()
        self.thread.join()


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """Serve a tiny MNIST and a tiny EMNIST zip; both sets have a dead mirror first."""
    monkeypatch.setenv("HELLO_DL_DATA", str(tmp_path / "cache"))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    web = Server()
    make = tmp_path / "make"
    make.mkdir()
    for prefix in ("train", "t10k", "emnist-letters-train", "emnist-digits-test"):
        write_idx(
            make / f"{prefix}-images-idx3-ubyte.gz", np.arange(2 * 28 * 28).reshape(2, 28, 28).astype("u1")
        )
        write_idx(make / f"{prefix}-labels-idx1-ubyte.gz", np.array([1, 2], np.uint8))
    with zipfile.ZipFile(make / "gzip.zip", "w") as zipped:
        for path in sorted(make.glob("emnist-*")):
            zipped.write(path, f"gzip/{path.name}")
    for name, pattern in {"mnist": "t*-ubyte.gz", "emnist": "gzip.zip"}.items():
        sums = {}
        for path in make.glob(pattern):
            web.files[f"/good/{path.name}"] = path.read_bytes()
            sums[path.name] = hashlib.sha256(path.read_bytes()).hexdigest()
        mirrors = (web.address + "dead/", web.address + "good/")
        monkeypatch.setitem(FILES, name, FileSet(name, mirrors, sums))
    yield web
    web.stop()


def test_a_split_comes_from_the_first_mirror_that_has_it_and_only_once(
    server: Server, tmp_path: Path
) -> None:
    assert not is_here("mnist", "test")
    prefix = fetch("mnist", "test")
    assert prefix == tmp_path / "cache" / "mnist" / "t10k"
    assert is_here("mnist", "test")
    assert not is_here("mnist", "train")
    assert read_idx(f"{prefix}-labels-idx1-ubyte.gz").tolist() == [1, 2]
    names = [f"t10k-{kind}-ubyte.gz" for kind in ("images-idx3", "labels-idx1")]
    assert server.asked == [f"/{mirror}/{name}" for name in names for mirror in ("dead", "good")]
    fetch("mnist", "test")
    assert len(server.asked) == 4
    assert sorted(p.name for p in prefix.parent.iterdir() if p.name[0] != ".") == names


def test_only_the_wanted_split_of_emnist_is_unpacked(server: Server) -> None:
    prefix = fetch("emnist-letters", "train")
    assert read_idx(f"{prefix}-images-idx3-ubyte.gz").shape == (2, 28, 28)
    kept = sorted(p.name for p in prefix.parent.iterdir() if p.name[0] != ".")
    pair = [f"emnist-letters-train-{kind}-ubyte.gz" for kind in ("images-idx3", "labels-idx1")]
    assert kept == [*pair, "gzip.zip"]
    fetch("emnist-digits", "test")
    assert server.asked == ["/dead/gzip.zip", "/good/gzip.zip"]
    with pytest.raises(DownloadError, match=r"gzip\.zip: holds no emnist-balanced-train-images"):
        fetch("emnist-balanced")


def test_unpacked_emnist_needs_no_zip(server: Server) -> None:
    prefix = fetch("emnist-letters", "train")
    (prefix.parent / "gzip.zip").unlink()
    fetch("emnist-letters", "train")
    assert len(server.asked) == 2


@pytest.mark.parametrize(
    ("body", "reason"),
    [(PAGE, "answers with a web page"), (b"something else", "sends a wrong checksum"), (None, "HTTP 404")],
)
def test_what_is_not_the_file_is_refused(
    server: Server, tmp_path: Path, body: bytes | None, reason: str
) -> None:
    del server.files["/good/t10k-images-idx3-ubyte.gz"]
    if body is not None:
        server.files["/good/t10k-images-idx3-ubyte.gz"] = body
    with pytest.raises(DownloadError, match="could not download t10k-images") as error:
        fetch("mnist", "test")
    text = str(error.value)
    assert f"/good/ {reason}" in text
    assert "/dead/ HTTP 404" in text
    assert "\n" not in text
    assert f"save it as {tmp_path / 'cache' / 'mnist' / 't10k-images-idx3-ubyte.gz'}" in text
    assert "builtin" in text
    assert [p for p in (tmp_path / "cache" / "mnist").iterdir() if p.name[0] != "."] == []


def test_without_a_network_the_error_says_so(server: Server) -> None:
    server.stop()
    with pytest.raises(DownloadError, match="no connection"):
        fetch("mnist", "test")


def test_a_file_put_there_by_hand_needs_no_network(server: Server, tmp_path: Path) -> None:
    folder = tmp_path / "cache" / "mnist"
    folder.mkdir(parents=True)
    for kind in ("images-idx3", "labels-idx1"):
        (folder / f"t10k-{kind}-ubyte.gz").write_bytes(server.files[f"/good/t10k-{kind}-ubyte.gz"])
    server.stop()
    fetch("mnist", "test")
    (folder / "t10k-labels-idx1-ubyte.gz").write_bytes(PAGE)
    with pytest.raises(DownloadError, match=r"labels-idx1-ubyte\.gz now is a web page"):
        fetch("mnist", "test")


def test_a_damaged_file_is_fetched_again(server: Server) -> None:
    path = Path(f"{fetch('mnist', 'test')}-labels-idx1-ubyte.gz")
    path.write_bytes(path.read_bytes()[:-3])
    fetch("mnist", "test")
    assert read_idx(path).tolist() == [1, 2]


def test_a_folder_that_cannot_be_written_is_named(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HELLO_DL_DATA", __file__)
    with pytest.raises(DownloadError, match=r"cannot write .*set HELLO_DL_DATA"):
        fetch("mnist", "test")


@pytest.mark.parametrize(("name", "split"), [("cifar", "train"), ("mnist", "valid"), ("emnist", "train")])
def test_unknown_names_are_refused(name: str, split: str) -> None:
    with pytest.raises(ValueError, match=r"needs one of mnist.*got 'emnist|cifar|mnist"):
        fetch(name, split)


def test_threads_that_want_the_same_file_download_it_once(server: Server) -> None:
    threads = [threading.Thread(target=fetch, args=("mnist", "test", False)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len([path for path in server.asked if path.startswith("/good/")]) == 2


def _hold(
    path: Path, ready: multiprocessing.synchronize.Event, done: multiprocessing.synchronize.Event
) -> None:
    with only_one(path):
        ready.set()
        done.wait()


def test_a_lock_keeps_other_processes_out_and_ends_with_its_own(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spawn = multiprocessing.get_context("spawn")
    ready, done = spawn.Event(), spawn.Event()
    holder = spawn.Process(target=_hold, args=(tmp_path / "file", ready, done))
    holder.start()
    assert ready.wait(30)
    with (
        pytest.raises(DownloadError, match="another process has been fetching it for too long"),
        only_one(tmp_path / "file", progress=True, patience=0),
    ):
        pass
    assert capsys.readouterr().err == "waiting for another process that fetches file\n"
    holder.kill()  # the hard way: it cannot clean up
    holder.join()
    with only_one(tmp_path / "file", patience=5):
        pass


def test_a_place_without_room_for_a_lock_is_named(tmp_path: Path) -> None:
    (tmp_path / ".file.lock").mkdir()  # a lock must be a file
    message = r"cannot write .*file \(.*set HELLO_DL_DATA"
    with pytest.raises(DownloadError, match=message), only_one(tmp_path / "file"):
        pass


def test_the_default_folder_is_the_platform_s(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HELLO_DL_DATA", raising=False)
    assert download.data_dir().name == "hello_dl"
