"""Downloads MNIST, Fashion-MNIST and EMNIST once, checks them, and keeps them in a folder of this user.

The folder is the platform's cache folder for hello_dl, or the one that the environment variable HELLO_DL_DATA
names. A file put there by hand is used like a downloaded one if its checksum is right.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hello_dl.data.idx import CHUNK
from hello_dl.data.progress import progress_bar
from hello_dl.files import write_aside, zip_errors

TIMEOUT = (10.0, 30.0)  # longest wait in seconds for a connection, and for the next piece of data
PATIENCE = 3600.0  # longest wait in seconds for another process that downloads the same file
SPLITS = {"train": "train", "test": "t10k"}  # name of a split: how MNIST's files call it


class DownloadError(OSError):
    """A data set could not be downloaded; the message says what failed and what to do instead."""


@dataclass(frozen=True)
class FileSet:
    """Files of a data set: their folder here, addresses (`mirrors`, ending in /), and checksums by name."""

    folder: str
    mirrors: tuple[str, ...]
    sha256: dict[str, str]


# The checksums are those of TensorFlow Datasets (url_checksums/mnist.txt, fashion_mnist.txt, emnist.txt).
# Those of MNIST agree with the published checksums of the unzipped files; the authors of Fashion-MNIST
# publish MD5 sums only.
FILES = {
    "mnist": FileSet(
        folder="mnist",
        mirrors=(
            "https://ossci-datasets.s3.amazonaws.com/mnist/",
            "https://storage.googleapis.com/cvdf-datasets/mnist/",
            "https://raw.githubusercontent.com/fgnt/mnist/master/",
        ),
        sha256={
            "train-images-idx3-ubyte.gz": "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
            "train-labels-idx1-ubyte.gz": "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
            "t10k-images-idx3-ubyte.gz": "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
            "t10k-labels-idx1-ubyte.gz": "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
        },
    ),
    "fashion-mnist": FileSet(
        folder="fashion-mnist",
        mirrors=(
            "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
            "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
        ),
        sha256={
            "train-images-idx3-ubyte.gz": "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
            "train-labels-idx1-ubyte.gz": "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
            "t10k-images-idx3-ubyte.gz": "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
            "t10k-labels-idx1-ubyte.gz": "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
        },
    ),
    "emnist": FileSet(  # one zip of 561,753,746 bytes with all six splits, at either address
        folder="emnist",
        mirrors=(
            "https://biometrics.nist.gov/cs_links/EMNIST/",
            "https://www.itl.nist.gov/iaui/vip/cs_links/EMNIST/",
        ),
        sha256={"gzip.zip": "fb9bb67e33772a9cc0b895e4ecf36d2cf35be8b709693c3564cea2a019fcda8e"},
    ),
}
NAMES = ("mnist", "fashion-mnist", "emnist-letters", "emnist-digits", "emnist-balanced")


def data_dir() -> Path:
    """Return the folder for downloaded data: HELLO_DL_DATA, or the platform's cache folder."""
    if chosen := os.environ.get("HELLO_DL_DATA"):
        return Path(chosen).expanduser()
    import pooch

    return Path(pooch.os_cache("hello_dl"))


def fetch(name: str, split: str = "train", progress: bool = True) -> Path:
    """Download one split of a data set unless it is here; return the common prefix of its two files' paths.

    `name` is one of NAMES, `split` is "train" or "test". `progress` shows a bar. EMNIST comes as one zip for
    all its sets: only the wanted split is unpacked, and the zip is kept for the others. Raises ValueError for
    an unknown name or split, DownloadError if no mirror has the file or the folder cannot be written to.
    """
    prefix = local_prefix(name, split)
    if name.startswith("emnist-"):
        members = _pair(prefix)
        if not all(member.exists() for member in members):
            archive = _get(FILES["emnist"], "gzip.zip", progress)
            for member in members:
                _unpack(archive, member)
    else:
        for path in _pair(prefix):
            _get(FILES[name], path.name, progress)
    return prefix


def local_prefix(name: str, split: str = "train") -> Path:
    """Return the prefix that `fetch` returns for a split, whether or not its files are there.

    The images are at the prefix plus -images-idx3-ubyte.gz. Raises ValueError for an unknown name or split.
    """
    if name not in NAMES or split not in SPLITS:
        raise ValueError(
            f"data: needs one of {', '.join(NAMES)}, split train or test; got {name!r}, {split!r}"
        )
    if name.startswith("emnist-"):
        return data_dir() / FILES["emnist"].folder / f"{name}-{split}"
    return data_dir() / FILES[name].folder / SPLITS[split]


def is_here(name: str, split: str = "train") -> bool:
    """Tell whether the files of a split are in the data folder."""
    return all(path.exists() for path in _pair(local_prefix(name, split)))


def _pair(prefix: Path) -> tuple[Path, Path]:
    """Return the paths of images and labels that begin with a prefix."""
    return (
        prefix.with_name(f"{prefix.name}-images-idx3-ubyte.gz"),
        prefix.with_name(f"{prefix.name}-labels-idx1-ubyte.gz"),
    )


def _get(files: FileSet, name: str, progress: bool) -> Path:
    """Return the path of a file with the right checksum; download it if it is missing or wrong."""
    path, sha256 = data_dir() / files.folder / name, files.sha256[name]
    if _sha256(path) == sha256:
        return path
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with only_one(path, progress):
            if _sha256(path) != sha256:  # unless another process has fetched it meanwhile
                _download(files, name, path, progress)
    except DownloadError:
        raise
    except OSError as error:
        raise _cannot_write(path, error) from None
    return path


def _download(files: FileSet, name: str, path: Path, progress: bool) -> None:
    """Try one mirror after the other. pooch downloads to another name, checks the checksum, and renames.

    Raises DownloadError with the reason of each mirror if all fail.
    """
    import pooch
    import requests

    def stream(url: str, file: str, _: Any) -> None:
        """Download one address into a file, with a bar; raise ValueError if what comes is a web page."""
        with progress_bar(progress, total=1, desc=name, unit="B", unit_scale=True, leave=False) as bar:
            pooch.HTTPDownloader(progressbar=bar, chunk_size=CHUNK, timeout=TIMEOUT)(url, file, None)
        if _is_web_page(Path(file)):
            raise ValueError("answers with a web page")

    pooch.get_logger().setLevel("WARNING")
    failures = []
    for mirror in files.mirrors:
        try:
            known_hash = f"sha256:{files.sha256[name]}"
            pooch.retrieve(mirror + name, known_hash, fname=name, path=path.parent, downloader=stream)
            return
        except requests.HTTPError as error:
            reason = "no such file" if error.response is None else f"HTTP {error.response.status_code}"
        except requests.Timeout:
            reason = "no answer in time"
        except requests.RequestException:
            reason = "no connection"
        except ValueError as error:
            reason = "answers with a web page" if "web page" in str(error) else "sends a wrong checksum"
        failures.append(f"{mirror} {reason}")
    there = ""
    if path.exists():
        there = f"; what is at {path} now is {'a web page' if _is_web_page(path) else 'not that file'}"
    raise DownloadError(
        f"{files.folder}: could not download {name} ({'; '.join(failures)}){there}; fetch it yourself from"
        f" {files.mirrors[0]}{name} and save it as {path}, or use builtin, which needs no network"
    )


@contextmanager
def only_one(path: Path, progress: bool = False, patience: float = PATIENCE) -> Iterator[None]:
    """Let one process or thread at a time work on `path`; the others wait up to `patience` seconds.

    The lock is the operating system's, on a file beside `path`. The system releases it when its process ends,
    even if that is killed, so a lock is never left behind. With `progress`, waiting is reported on stderr.
    Raises DownloadError if the wait was too long, or if the folder cannot be written to.
    """
    from filelock import FileLock, Timeout

    lock = FileLock(path.with_name(f".{path.name}.lock"))
    try:
        try:
            lock.acquire(timeout=0)
        except Timeout:
            if progress:
                print(f"waiting for another process that fetches {path.name}", file=sys.stderr)
            lock.acquire(timeout=patience, poll_interval=0.1)
    except Timeout:
        raise DownloadError(
            f"{path}: another process has been fetching it for too long; end that one first"
        ) from None
    except OSError as error:
        raise _cannot_write(path, error) from None
    try:
        yield
    finally:
        lock.release()


def _cannot_write(path: Path, error: OSError) -> DownloadError:
    """Return the error for a data folder that cannot be written to."""
    reason = error.strerror or error
    return DownloadError(f"cannot write {path} ({reason}); set HELLO_DL_DATA to another folder")


def _unpack(archive: Path, member: Path) -> None:
    """Unpack the file with the name of `member` from EMNIST's zip, unless it is there."""
    from zipfile import BadZipFile

    with only_one(member):
        if member.exists():
            return
        try:
            with write_aside(member) as target:
                for piece in _pieces(archive, member.name):
                    target.write(piece)
        except BadZipFile as error:
            raise DownloadError(f"{archive}: {error}; delete it to fetch it again") from None


def _pieces(archive: Path, name: str) -> Iterator[bytes]:
    """Yield what a zip holds under a name, in whatever folder. Raises BadZipFile if it is not to be had."""
    import zipfile

    try:
        with zipfile.ZipFile(archive) as zipped:
            inside = next((member for member in zipped.namelist() if Path(member).name == name), None)
            if inside is not None:
                with zipped.open(inside) as source:
                    while piece := source.read(CHUNK):
                        yield piece
                return
    except zip_errors() as error:
        raise zipfile.BadZipFile(f"damaged zip file ({error})") from None
    raise zipfile.BadZipFile(f"holds no {name}")


def _sha256(path: Path) -> str | None:
    """Return the SHA-256 checksum of a file, None if there is no such file."""
    import hashlib

    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except (FileNotFoundError, NotADirectoryError):
        return None


def _is_web_page(path: Path) -> bool:
    """Tell whether a file begins like HTML, as the login pages do that some networks send instead."""
    with path.open("rb") as file:
        return file.read(512).lstrip().lower().startswith((b"<!doctype", b"<html", b"<?xml", b"<head"))
