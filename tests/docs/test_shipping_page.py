"""docs/shipping.md: its examples run, in Python, in C, and as WebAssembly."""

from __future__ import annotations

import http.server
import importlib.util
import re
import shutil
import subprocess
import threading
from functools import partial
from pathlib import Path

import pytest

from hello_dl.commands.main import run

PAGE = (Path(__file__).parents[2] / "docs" / "shipping.md").read_text()


def blocks(kind: str) -> list[str]:
    return re.findall(rf"```{kind}\n(.*?)```", PAGE, re.DOTALL)


@pytest.mark.parametrize("number", range(2))
def test_python(number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("onnx")
    pytest.importorskip("onnxruntime")
    monkeypatch.chdir(tmp_path)
    exec(compile(blocks("python")[number], "docs/shipping.md", "exec"), {})


@pytest.mark.slow
def test_c(tmp_path: Path) -> None:
    if shutil.which("cc") is None:
        pytest.skip("no C compiler here")
    assert run(["export", "letters", "--to", str(tmp_path / "letters.c"), "--bits", "8"]) == 0
    (tmp_path / "own.c").write_text(blocks("c")[0])
    flags = ["-std=c99", "-Wall", "-Wextra", "-Werror", "-pedantic", "-O2"]
    subprocess.run(["cc", *flags, "own.c", "letters.c", "-lm", "-o", "own"], cwd=tmp_path, check=True)
    assert subprocess.check_output([tmp_path / "own"], text=True) == "l\n"


@pytest.mark.slow
def test_the_page_of_the_browser(tmp_path: Path) -> None:
    sync_api = pytest.importorskip("playwright.sync_api")
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None or importlib.util.find_spec("ziglang") is None:
        pytest.skip("no Chromium or no zig here")
    assert run(["export", "letters", "--to", str(tmp_path / "letters.wasm"), "--bits", "8"]) == 0
    (tmp_path / "index.html").write_text(blocks("html")[0])
    handler = partial(http.server.SimpleHTTPRequestHandler, directory=str(tmp_path))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as files, sync_api.sync_playwright() as p:
        threading.Thread(target=files.serve_forever, daemon=True).start()
        browser = p.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page()
        page.goto(f"http://127.0.0.1:{files.server_address[1]}/index.html")
        sync_api.expect(page.locator("#answer")).to_have_text("l", timeout=30_000)
        browser.close()
        files.shutdown()
