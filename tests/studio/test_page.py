"""The studio's page in a real browser: it is drawn on, reads photos, is corrected, and watches a training."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("fastapi")
sync_api = pytest.importorskip("playwright.sync_api")
BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
if BROWSER is None:
    pytest.skip("there is no Chromium here", allow_module_level=True)

from hello_dl.data.pages import generate_page  # noqa: E402
from studio_strokes import strokes_of  # noqa: E402

expect = sync_api.expect
WIDE, PHONE = {"width": 1200, "height": 900}, {"width": 390, "height": 800}
HAS_AXE = True
try:
    from axe_playwright_python.sync_playwright import Axe
except ModuleNotFoundError:
    HAS_AXE = False


@pytest.fixture(scope="module")
def link(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Start the command, and return the link that it prints."""
    folder = tmp_path_factory.mktemp("studio")
    command = [
        sys.executable,
        "-m",
        "hello_dl",
        "studio",
        "--port",
        "0",
        "--no-open",
        "--folder",
        str(folder),
    ]
    studio = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        env={**os.environ, "HELLO_DL_DATA": str(folder)},
    )  # fmt: skip
    assert studio.stdout is not None
    try:
        first = studio.stdout.readline()
        found = re.search(r"http://127\.0\.0\.1:\d+/", first)
        assert found, first
        yield found[0]
    finally:
        studio.send_signal(signal.SIGINT)
        rest = studio.communicate(timeout=20)[0]
    assert studio.returncode == 130, rest
    assert "Traceback" not in rest


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with sync_api.sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=BROWSER, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture
def page(browser: Any, link: str, request: pytest.FixtureRequest) -> Iterator[Any]:
    """Open the page, and see that nothing goes wrong unseen: no error in the console, no other host asked."""
    options = getattr(request, "param", {"viewport": WIDE})
    context = browser.new_context(**options)
    page = context.new_page()
    wrong: list[str] = []
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on(
        "request",
        lambda asked: None if asked.url.startswith((link, "data:", "blob:")) else wrong.append(asked.url),
    )
    page.goto(link)
    page.wait_for_selector("#network option", state="attached")
    yield page
    context.close()
    assert not wrong


def draw(page: Any, text: str, canvas: str = "#canvas", **place: float) -> None:
    """Write a text with the mouse."""
    box = page.locator(canvas).bounding_box()
    for stroke in strokes_of(text, **place):
        x, y, _ = stroke[0]
        page.mouse.move(box["x"] + x, box["y"] + y)
        page.mouse.down()
        for x, y, _ in stroke[1:]:
            page.mouse.move(box["x"] + x, box["y"] + y)
        page.mouse.up()


def test_a_letter_that_is_drawn_is_answered_and_undone(page: Any) -> None:
    draw(page, "h")
    page.wait_for_selector("#inside figure")
    assert page.locator(".guess b").first.inner_text() == "h"
    assert page.locator("#sees canvas").count() == 1
    page.get_by_role("button", name="Clear").click()
    page.wait_for_selector(".guess", state="detached")
    draw(page, "o")
    page.wait_for_selector(".guess")
    page.locator("#canvas").press("Control+z")
    page.wait_for_selector(".guess", state="detached")


def test_a_line_that_is_drawn_is_read(page: Any) -> None:
    page.select_option("#network", "line")
    draw(page, "hello")
    expect(page.locator("#answer .line")).to_have_text(re.compile("^hello$", re.IGNORECASE))
    assert page.locator("#sees img").count() == 1


def test_a_second_finger_is_no_stroke(page: Any) -> None:
    page.evaluate(
        """() => {
          const canvas = document.getElementById('canvas');
          const send = (kind, id, x) => canvas.dispatchEvent(new PointerEvent(kind,
            { pointerId: id, pointerType: 'touch', clientX: x, clientY: 300, button: 0, bubbles: true }));
          canvas.setPointerCapture = () => {};
          send('pointerdown', 1, 100); send('pointermove', 1, 160); send('pointerdown', 2, 200);
          send('pointermove', 2, 260); send('pointerup', 2, 260); send('pointerup', 1, 160);
        }"""
    )
    page.wait_for_timeout(300)
    assert page.locator(".guess").count() == 0


def test_a_photo_is_read_and_a_word_corrected(page: Any, tmp_path: Path) -> None:
    picture, _ = generate_page(3, "easy", "hello world\nsecond line")
    picture.save(tmp_path / "notes.png")
    page.get_by_role("link", name="Read").click()
    page.set_input_files("#file", tmp_path / "notes.png")
    page.wait_for_selector("#text button", timeout=60_000)
    words = page.locator("#text button")
    assert words.count() == page.locator("#view rect").count() >= 3
    words.first.click()
    page.locator("#text input").fill("<i>moon</i>")
    page.locator("#text input").press("Enter")
    page.wait_for_selector("#text button.corrected")
    assert words.first.inner_text() == "<i>moon</i>"
    page.reload()
    page.wait_for_selector("#text button.corrected")
    page.get_by_role("button", name="Delete").click()
    page.wait_for_selector("#photo", state="hidden")


def test_a_text_that_is_no_picture_is_told(page: Any, tmp_path: Path) -> None:
    (tmp_path / "letter.png").write_text("dear reader")
    page.get_by_role("link", name="Read").click()
    page.set_input_files("#file", tmp_path / "letter.png")
    expect(page.locator("#state")).to_contain_text("letter.png", timeout=60_000)
    page.get_by_role("button", name="Delete").click()


def test_a_training_is_watched(page: Any) -> None:
    page.get_by_role("link", name="Watch").click()
    page.fill("#images", "1000")
    page.fill("#epochs", "2")
    page.get_by_role("button", name="Start").click()
    page.wait_for_selector(".chart path.curve", timeout=60_000)
    expect(page.locator("#trainings")).to_contain_text("ended", timeout=60_000)
    assert page.locator(".chart").count() == 2


def test_a_hand_is_written_and_taught(page: Any) -> None:
    page.get_by_role("link", name="Teach").click()
    page.fill("#hand", "ann")
    page.select_option("#kind", "letters")
    expect(page.locator("#prompt")).to_have_text("0")
    draw(page, "0", "#lines-paper", base=150)
    page.get_by_role("button", name="Keep", exact=True).click()
    expect(page.locator("#samples li")).to_have_count(1)
    expect(page.locator("#prompt")).to_have_text("1")
    page.get_by_role("button", name="Another").click()
    expect(page.locator("#prompt")).to_have_text("2")
    page.get_by_role("button", name="Teach").click()
    page.get_by_role("button", name="Stop").click(timeout=60_000)
    page.get_by_role("button", name="Delete 0").click()
    expect(page.locator("#samples li")).to_have_count(0)


def test_what_is_inside_is_shown(page: Any) -> None:
    page.get_by_role("link", name="Look inside").click()
    page.wait_for_selector("#class option", state="attached")
    page.get_by_role("button", name="Imagine it").click()
    expect(page.locator("#found img")).to_have_count(8, timeout=60_000)
    page.get_by_role("button", name="Map of images").click()
    page.locator("#found svg text").first.click(timeout=60_000)
    expect(page.locator("#one")).to_have_attribute("aria-label", re.compile("The chosen image, a ."))
    page.get_by_role("button", name="Graph").click()
    expect(page.locator("#found .wide img")).to_have_count(1, timeout=60_000)


@pytest.mark.skipif(not HAS_AXE, reason="axe-playwright-python is not installed")
@pytest.mark.parametrize(
    "page", [{"viewport": WIDE}, {"viewport": PHONE, "color_scheme": "dark"}], indirect=True
)
def test_anyone_can_use_it(page: Any) -> None:
    draw(page, "h", left=30, base=150)
    page.wait_for_selector("#inside figure")
    for part in ("Draw", "Read", "Teach", "Watch", "Look inside"):
        page.get_by_role("link", name=part).click()
        page.wait_for_timeout(200)
        found = Axe().run(page).response["violations"]
        assert not [(one["id"], one["nodes"][0]["html"]) for one in found]
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, "the page is wider than the screen"
