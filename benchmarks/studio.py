"""Measures the studio in a real browser, and takes the pictures of docs/studio.md.

    python benchmarks/studio.py [--strokes 100] [--training] [--pictures docs/studio]

Needs Playwright and Chromium. Prints the time from the command to the first answer, and of all strokes the
median and the 95th percentile of the time from the end of a stroke to the answer on the page; with
--training while a training runs beside; and the bytes that the page loads.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "support"))
from hello_dl.data.pages import generate_page
from studio_strokes import strokes_of

TEXT = "dear reader\nthe page was written\nby a generator of\nhandwriting"
# Sets a clock at each pointerup, and reads it when the answer has changed.
CLOCK = """() => {
  window.times = [];
  let begun = 0;
  document.getElementById('canvas').addEventListener('pointerup', () => { begun ||= performance.now(); });
  new MutationObserver(() => {
    if (begun) window.times.push(performance.now() - begun);
    begun = 0;
  }).observe(document.getElementById('answer'), { childList: true });
}"""


def draw(page: Any, text: str, canvas: str = "#canvas", *, wait: bool = False, **place: float) -> None:
    """Write a text with the mouse; with `wait` each stroke waits for its answer."""
    box = page.locator(canvas).bounding_box()
    for stroke in strokes_of(text, **place):
        page.mouse.move(box["x"] + stroke[0][0], box["y"] + stroke[0][1])
        page.mouse.down()
        for x, y, _ in stroke[1:]:
            page.mouse.move(box["x"] + x, box["y"] + y)
        before = page.evaluate("window.times?.length") if wait else None
        page.mouse.up()
        while wait and page.evaluate("window.times.length") == before:
            time.sleep(0.01)


def measure(page: Any, count: int, kind: str, texts: list[str]) -> str:
    """Return a row about the time from stroke to answer."""
    page.select_option("#network", kind)
    page.evaluate(CLOCK)
    number = 0
    while page.evaluate("window.times.length") < count:
        draw(page, texts[number % len(texts)], wait=True)
        page.get_by_role("button", name="Clear").click()
        number += 1
    times = np.array(page.evaluate("window.times"))
    page.reload()
    page.wait_for_selector("#network option", state="attached")
    return f"| {kind} | {len(times)} | {np.median(times):.0f} ms | {np.percentile(times, 95):.0f} ms |"


def pictures(browser: Any, link: str, folder: Path, photo: Path) -> None:
    """Take the pictures of the documentation: light and wide, dark and small."""
    folder.mkdir(exist_ok=True)
    for name, options in (
        ("wide", {"viewport": {"width": 1100, "height": 760}}),
        ("phone", {"viewport": {"width": 390, "height": 760}, "color_scheme": "dark"}),
    ):
        page = browser.new_context(**options).new_page()
        page.goto(link)
        page.wait_for_selector("#network option", state="attached")
        draw(page, "R", left=60, base=260)
        page.wait_for_function("() => document.querySelector('.guess b')?.textContent === 'r'")
        page.wait_for_timeout(1500)
        page.screenshot(path=folder / f"draw-{name}.png")
        page.get_by_role("link", name="Read").click()
        if name == "wide":
            page.set_input_files("#file", photo)
        page.wait_for_selector("#text button", timeout=60_000)
        page.wait_for_timeout(500)
        page.screenshot(path=folder / f"read-{name}.png")
        page.get_by_role("link", name="Teach").click()
        page.fill("#hand", "ann")
        page.select_option("#kind", "letters")
        page.wait_for_timeout(500)
        for _ in range(3):
            draw(page, page.locator("#prompt").inner_text(), "#lines-paper", left=100, base=127)
            page.get_by_role("button", name="Keep", exact=True).click()
            page.wait_for_timeout(500)
        page.screenshot(path=folder / f"teach-{name}.png")
        page.get_by_role("link", name="Watch").click()
        if name == "wide":
            page.fill("#images", "4000")
            page.fill("#epochs", "4")
            page.get_by_role("button", name="Start").click()
            page.wait_for_function("() => document.querySelector('#trainings').textContent.includes('ended')")
        page.wait_for_selector(".chart path.curve", timeout=60_000)
        page.screenshot(path=folder / f"watch-{name}.png")


def main() -> None:
    """Read the options, start the studio, and print what is measured."""
    from playwright.sync_api import sync_playwright

    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--strokes", type=int, default=100, help="strokes for each kind of drawing")
    parser.add_argument("--training", action="store_true", help="measure while a training runs")
    parser.add_argument("--pictures", type=Path, help="a folder for pictures of the page")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        photo = Path(folder) / "notes.jpg"
        generate_page(7, "medium", TEXT)[0].convert("RGB").save(photo, quality=90)
        begun = time.perf_counter()
        studio = subprocess.Popen(
            [sys.executable, "-m", "hello_dl", "studio", "--port", "0", "--no-open", "--folder", folder],
            stdout=subprocess.PIPE, text=True, env={**os.environ, "HELLO_DL_DATA": folder},
        )  # fmt: skip
        assert studio.stdout is not None
        try:
            found = re.search(r"http://\S+", studio.stdout.readline())
            assert found is not None
            link = found[0]
            first_answer(link)
            print(f"from the command to the first answer: {time.perf_counter() - begun:.2f} s")
            with sync_playwright() as playwright:
                chromium = shutil.which("chromium") or shutil.which("google-chrome")
                browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
                if given.pictures is not None:
                    pictures(browser, link, given.pictures, photo)
                report(browser.new_page(), link, given.strokes, given.training)
        finally:
            studio.send_signal(signal.SIGINT)
            studio.wait(20)


def first_answer(link: str) -> None:
    """Ask for a letter."""
    import requests

    requests.post(f"{link}api/letter", json={"strokes": strokes_of("h")}, timeout=60).raise_for_status()


def report(page: Any, link: str, count: int, training: bool) -> None:
    """Print the times of strokes, and what the page weighs."""
    sizes: list[int] = []
    page.on(
        "response", lambda answer: sizes.append(len(answer.body())) if "/api/" not in answer.url else None
    )
    page.goto(link)
    page.wait_for_selector("#network option", state="attached")
    print(f"the page has {sum(sizes) / 1000:.0f} kB in {len(sizes)} files")
    if training:
        order = {"task": "letters", "epochs": 50, "images": 20_000}
        page.request.post(f"{link}api/trainings", data=order, headers={"origin": link.rstrip("/")})
        page.wait_for_timeout(8000)
    print("| drawing | strokes | median | 95th percentile |\n|---|---|---|---|")
    print(measure(page, count, "letters", list("hRkoWst4")))
    print(measure(page, count, "line", ["hello", "words"]))


if __name__ == "__main__":
    main()
