"""Finds what there is to read in files and folders: pictures, and the pages of PDF and TIFF files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hello_dl.reading.image.file_kind import is_small_copy
from hello_dl.reading.image.load import Source, check_readable, opened
from hello_dl.reading.pdf.pages import count_pages, picture_of_page

# Endings of the files that are read of a folder, small. What a file holds is told by its content.
PICTURES = (
    ".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".bmp", ".gif", ".ppm", ".pgm",
    ".heic", ".heif", ".avif",
)  # fmt: skip
DOCUMENTS = (".pdf",)
PDF_STARTS = 1024  # bytes within which a PDF says that it is one


@dataclass(frozen=True)
class Scan:
    """One picture to read: a picture file, or page `number`, from 1, of a file that has several `pages`.

    `problem` is why it cannot be opened, if that is known already.
    """

    path: str
    number: int = 1
    pages: int = 1
    is_pdf: bool = False
    problem: Exception | None = None

    @property
    def name(self) -> str:
        """The file's path, and which page of it, if it has several."""
        return self.path if self.pages == 1 else f"{self.path}, page {self.number}"

    @property
    def stem(self) -> str:
        """A name for files made of this picture: its file's, with the page's number if there are several."""
        stem = Path(self.path).stem
        return stem if self.pages == 1 else f"{stem}-{self.number:0{len(str(self.pages))}}"

    def picture(self) -> Source:
        """Return what `read` takes: the path of a picture file, or a page as a Pillow image.

        Raises ImportError if a library for it is missing, OSError or ValueError if it cannot be opened.
        """
        if self.problem is not None:
            raise self.problem
        if self.is_pdf:
            return picture_of_page(Path(self.path), self.number)
        if self.pages == 1:
            return self.path
        with opened(Path(self.path)) as image:
            try:
                image.seek(self.number - 1)
                return image.copy()
            except Exception as error:  # Pillow's decoders raise errors of many kinds for broken data
                raise ValueError(f"{self.name}: damaged or cut short ({error})") from None


def scans_of(path: str) -> list[Scan]:
    """Return the pictures in a file, one for each page. Raises as `Scan.picture`.

    A TIFF file has as many as there are in it, a GIF or PNG animation one: they show the same thing again.
    """
    check_readable(Path(path))
    if not Path(path).is_file():  # a pipe, whose beginning can be read only once
        return [Scan(path)]
    if is_pdf(Path(path)):
        pages = count_pages(Path(path))
        return [Scan(path, number + 1, pages, is_pdf=True) for number in range(pages)]
    numbers = _pictures_of_tiff(Path(path))
    return [Scan(path, number, len(numbers)) for number in numbers]


def find_scans(names: Sequence[str]) -> list[Scan]:
    """Return all pictures in files and folders. What cannot be opened is there, too, with its `problem`."""
    found: list[Scan] = []
    for name in names:
        try:
            files = _files(name)
        except (OSError, ValueError) as error:
            found.append(Scan(name, problem=error))
            continue
        for file in files:
            try:
                found += scans_of(file)
            except (OSError, ValueError, ImportError) as error:
                found.append(Scan(file, problem=error))
    return found


def is_pdf(path: Path) -> bool:
    """Return whether a file is a PDF document, by its first bytes. Raises OSError if it cannot be read."""
    with path.open("rb") as file:
        return b"%PDF-" in file.read(PDF_STARTS)


def _pictures_of_tiff(path: Path) -> list[int]:
    """Return the numbers, from 1, of the pictures in a TIFF file without small copies of others.

    1 alone for any other file, or if it cannot be told.
    """
    with path.open("rb") as file:
        if file.read(2) not in (b"II", b"MM"):
            return [1]
    found = []
    try:
        with opened(path) as image:
            for i in range(getattr(image, "n_frames", 1)):
                image.seek(i)
                if not is_small_copy(image):
                    found.append(i + 1)
    except Exception:  # what is wrong is told when the picture is read
        return [1]
    return found or [1]


def _files(name: str) -> list[str]:
    """Return the name of a file, or those of the pictures and documents in a folder, sorted."""
    folder = Path(name)
    if not folder.is_dir():
        return [name]
    try:
        found = sorted(path for path in folder.iterdir() if path.suffix.lower() in (*PICTURES, *DOCUMENTS))
    except OSError as error:
        raise type(error)(
            f"{name}: this folder cannot be read ({error.strerror}); check its permissions"
        ) from None
    if not found:
        endings = ", ".join((*PICTURES, *DOCUMENTS))
        raise ValueError(f"{name}: no pictures in this folder; expected names that end in {endings}")
    return [str(path) for path in found]
