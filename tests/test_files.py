"""Files are written whole or not at all, and an error names the file."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from hello_dl.files import save_picture, write_aside, write_text


def test_a_file_gets_its_new_content_only_when_all_of_it_is_written(tmp_path: Path) -> None:
    path = tmp_path / "file"
    write_text(path, "old")
    with write_aside(path) as file:
        file.write(b"new")
        assert path.read_text() == "old"
    assert path.read_text() == "new"
    assert list(tmp_path.iterdir()) == [path]


def stop(path: Path, error: Exception) -> None:
    """Begin to write a file, and fail."""
    with write_aside(path) as file:
        file.write(b"half")
        raise error


def test_after_an_error_the_old_file_is_as_it_was_and_nothing_else_is_left(tmp_path: Path) -> None:
    path = tmp_path / "file"
    write_text(path, "old")
    with pytest.raises(ValueError, match=r"^wrong$"):
        stop(path, ValueError("wrong"))
    with pytest.raises(OSError, match=r"file: cannot be written \(disk full\); choose another place$"):
        stop(path, OSError(28, "disk full"))
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("place", ["none/file.png", "a.txt/file.png", f"{'long' * 100}.png"])
def test_a_place_that_cannot_be_written_to_is_named(tmp_path: Path, place: str) -> None:
    write_text(tmp_path / "a.txt", "a file, not a folder")
    path = tmp_path / place
    message = rf"^{path}: cannot be written \(.*\); choose another place$"
    with pytest.raises(OSError, match=message):
        write_text(path, "")
    with pytest.raises(OSError, match=message):
        save_picture(Image.new("L", (1, 1)), path)
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]


def test_text_is_written_as_utf_8(tmp_path: Path) -> None:
    write_text(tmp_path / "file", "grün")
    assert (tmp_path / "file").read_bytes() == b"gr\xc3\xbcn"
