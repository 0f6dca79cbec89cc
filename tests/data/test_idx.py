"""idx files: what is written comes back, and every kind of damage is one clear error."""

import gzip
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hello_dl.data.idx import read_idx, write_idx

TYPES = ["uint8", "int8", "int16", "int32", "float32", "float64"]


def header(code: int, *shape: int) -> bytes:
    return struct.pack(f">2xBB{len(shape)}I", code, len(shape), *shape)


@pytest.mark.parametrize("ending", ["", ".gz"])
@pytest.mark.parametrize("shape", [(), (0,), (7,), (3, 28, 28), (2, 1, 3, 1, 2)])
@pytest.mark.parametrize("dtype", TYPES)
def test_what_is_written_comes_back(tmp_path: Path, dtype: str, shape: tuple[int, ...], ending: str) -> None:
    array = (np.random.default_rng(0).normal(size=shape) * 50).astype(dtype)
    write_idx(tmp_path / f"a{ending}", array)
    back = read_idx(tmp_path / f"a{ending}")
    assert back.dtype == array.dtype
    assert back.dtype.isnative
    np.testing.assert_array_equal(back, array)
    back[...] = 0  # writable
    assert [p.name for p in tmp_path.iterdir()] == [f"a{ending}"]


def test_the_bytes_are_those_of_the_format(tmp_path: Path) -> None:
    write_idx(tmp_path / "a", np.array([[1, -2]], np.int16))
    assert (tmp_path / "a").read_bytes() == bytes.fromhex("00000b02 00000001 00000002 0001 fffe")


def test_big_endian_and_strided_arrays_are_written_by_value(tmp_path: Path) -> None:
    array = np.arange(12, dtype=">i4").reshape(3, 4).T
    write_idx(tmp_path / "a", array)
    np.testing.assert_array_equal(read_idx(tmp_path / "a"), array)


def test_equal_arrays_give_equal_gzip_files(tmp_path: Path) -> None:
    for name in ("a.gz", "b.gz"):
        write_idx(tmp_path / name, np.arange(9, dtype=np.uint8))
    assert (tmp_path / "a.gz").read_bytes() == (tmp_path / "b.gz").read_bytes()


def test_content_tells_gzip_not_the_name(tmp_path: Path) -> None:
    plain = header(8, 3) + b"abc"
    (tmp_path / "plain.gz").write_bytes(plain)
    (tmp_path / "zipped").write_bytes(gzip.compress(plain))
    assert read_idx(tmp_path / "plain.gz").tolist() == read_idx(tmp_path / "zipped").tolist() == [97, 98, 99]


DAMAGE = {
    "empty": (b"", "not an idx file"),
    "a web page": (b"<!DOCTYPE html><html>", "a web page"),
    "another format": (b"\x93NUMPY rest", "not an idx file"),
    "unknown type": (header(0x0A, 3) + b"abc", "not an idx file"),
    "too many dimensions": (b"\0\0\x08\xff" + bytes(4 * 255), "not an idx file"),
    "cut in the header": (header(8, 3, 28, 28)[:-2], "cut short inside its header"),
    "cut in the numbers": (header(8, 3) + b"ab", "cut short"),
    "trailing bytes": (header(8, 3) + b"abcd", "more follow"),
    "terabytes promised": (header(0x0E, 2**32 - 1, 2**32 - 1) + b"ab", "damaged or cut short"),
    "nothing, but enormous": (header(8, 0, 2**32 - 1, 2**32 - 1, 2**32 - 1), "numpy cannot hold"),
    "NaN": (header(0x0D, 2) + struct.pack(">2f", 1, float("nan")), r"NaN or infinity, first at \(1,\)"),
    "infinity": (header(0x0E, 1) + struct.pack(">d", float("-inf")), "NaN or infinity"),
}


@pytest.mark.parametrize("zipped", [False, True])
@pytest.mark.parametrize("name", DAMAGE)
def test_damage_is_a_clear_error_with_the_path(tmp_path: Path, name: str, zipped: bool) -> None:
    content, message = DAMAGE[name]
    path = tmp_path / "some-file"
    path.write_bytes(gzip.compress(content) if zipped else content)
    with pytest.raises(ValueError, match=message) as error:
        read_idx(path)
    assert str(path) in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    "ruin", [lambda b: b[:-9], lambda b: b[:40], lambda b: b[:-6] + b"\0" + b[-5:], lambda b: b + b"x"]
)
def test_a_damaged_gzip_file_is_a_clear_error(tmp_path: Path, ruin: Any) -> None:
    noise = np.random.default_rng(0).bytes(1000)
    path = tmp_path / "a.gz"
    path.write_bytes(ruin(gzip.compress(header(8, 1000) + noise)))
    with pytest.raises(ValueError, match=r"a\.gz: damaged gzip file"):
        read_idx(path)


def test_a_promise_is_checked_before_memory_is_asked_for(tmp_path: Path) -> None:
    """A gzip file of a few bytes could hold no more than 1032 times as many."""
    path = tmp_path / "a.gz"
    path.write_bytes(gzip.compress(header(8, 2**31)))
    with pytest.raises(ValueError, match="there is room for"):
        read_idx(path)


@pytest.mark.parametrize("dtype", ["int64", "bool", "complex64", "float16"])
def test_types_that_idx_has_no_code_for_are_refused(tmp_path: Path, dtype: str) -> None:
    with pytest.raises(TypeError, match=f"idx holds uint8.*got {dtype}"):
        write_idx(tmp_path / "a", np.zeros(3, dtype))


def test_a_refused_or_failed_write_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "a"
    write_idx(path, np.arange(3, dtype=np.uint8))
    with pytest.raises(ValueError, match="NaN"):
        write_idx(path, np.array([np.nan]))
    assert read_idx(path).tolist() == [0, 1, 2]
    with pytest.raises(OSError, match="nowhere"):
        write_idx(tmp_path / "nowhere" / "a", np.zeros(3, np.uint8))
    assert [p.name for p in tmp_path.iterdir()] == ["a"]
