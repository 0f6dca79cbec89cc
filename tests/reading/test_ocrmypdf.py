"""The plugin for OCRmyPDF, in the command `ocrmypdf` itself."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import hello_dl
from documents import lost, needs_poppler, scan_pdf, words_in
from hello_dl.data.builtin import write_page
from hello_dl.reading import scans_of

pytestmark = [
    pytest.mark.slow,  # a process of OCRmyPDF takes seconds to start
    pytest.mark.skipif(
        importlib.util.find_spec("ocrmypdf") is None or shutil.which("tesseract") is None,
        reason="needs ocrmypdf, which needs tesseract",
    ),
    needs_poppler,
]


def ocr(*args: object, code: int = 0) -> str:
    """Run ocrmypdf with the plugin, check its exit code, and return what it says."""
    command = [
        sys.executable,
        "-m",
        "ocrmypdf",
        "--plugin",
        "hello_dl.reading.ocrmypdf",
        "--output-type",
        "pdf",
    ]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [*command, *map(str, args)], env=environment, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == code, done.stderr
    return done.stderr


@pytest.fixture(scope="module")
def scan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a scan of two pages, the second on its side."""
    first = Image.fromarray(write_page("the quick brown\nfox jumps over", 3)[0])
    second = Image.fromarray(np.rot90(write_page("pack my box with\nfive dozen jugs", 4)[0]))
    return scan_pdf(tmp_path_factory.mktemp("scan") / "scan.pdf", first, second)


def test_every_word_that_is_read_is_found_at_its_place(scan: Path, tmp_path: Path) -> None:
    ocr(scan, tmp_path / "out.pdf", "--hello-dl-weights", "letters", "--sidecar", tmp_path / "out.txt")
    pages = [hello_dl.read(page.picture(), "letters") for page in scans_of(str(scan))]
    assert min(len(page.lines) for page in pages) == 2
    assert lost(pages, tmp_path / "out.pdf") == []
    assert (tmp_path / "out.txt").read_text().split("\f")[0].split() == pages[0].text.split()


def test_pages_are_turned_upright(scan: Path, tmp_path: Path) -> None:
    ocr(scan, tmp_path / "out.pdf", "--rotate-pages")
    pdfinfo = subprocess.run(
        ["pdfinfo", "-l", "2", tmp_path / "out.pdf"], capture_output=True, text=True, check=True
    )
    turned = [line.split()[-1] for line in pdfinfo.stdout.splitlines() if " rot:" in line]
    assert turned == ["0", "90"]
    assert len(words_in(tmp_path / "out.pdf")[1]) >= 6


def test_its_hocr_is_what_ocrmypdf_reads(tmp_path: Path) -> None:
    path = scan_pdf(tmp_path / "in.pdf", Image.fromarray(write_page("the quick brown\nfox jumps over", 3)[0]))
    ocr(path, tmp_path / "out.pdf", "--pdf-renderer", "fpdf2", "--hello-dl-weights", "letters")
    page = hello_dl.read(scans_of(str(path))[0].picture(), "letters")
    assert len(page.lines) == 2
    assert lost([page], tmp_path / "out.pdf", least=0.2) == []


def test_weights_that_are_not_there_are_told_without_a_traceback(scan: Path, tmp_path: Path) -> None:
    said = ocr(scan, tmp_path / "out.pdf", "--hello-dl-weights", "nobody", code=1)
    assert "--hello-dl-weights: nobody: there is no such file" in " ".join(said.split())
    assert "Traceback" not in said
