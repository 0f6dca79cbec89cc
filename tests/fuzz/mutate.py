"""Damages the content of a file in one to four places. The same seed gives the same damage."""

from __future__ import annotations

import json
import random
import re
from typing import Any

# Numbers and values that programs trip over.
NUMBERS = [0, -1, 1, 2**31 - 1, 2**31, 2**63 - 1, 2**64, -(2**63), 10**30, 0.5, 1e308, -0.0]
ODD = [None, True, "", "x" * 5000, "\0", "caf\u00e9", [], {}, [[]], {"a": {}}, *NUMBERS]
BYTES = [
    b"\0",
    b"\xff",
    b"\x80",
    b"\n",
    b"\r",
    b" ",
    b"\x1f\x8b",
    b"PK\x03\x04",
    b"{",
    b"[",
    b"NaN",
    b"1e999",
]
DEEP = 3000  # brackets one in another: deeper than Python's own limit


def mutate(content: bytes, seed: int) -> bytes:
    """Return the content with one to four changes; if it holds JSON, often of its structure."""
    rng = random.Random(seed)
    for _ in range(rng.choice((1, 1, 2, 4))):
        found = _json_in(content) if rng.random() < 0.5 else None
        content = _change_json(content, found, rng) if found else _change_bytes(content, rng)
    return content


def _change_bytes(content: bytes, rng: random.Random) -> bytes:
    """Flip, cut out, insert, repeat or overwrite some bytes."""
    if not content:
        return rng.choice(BYTES)
    i = rng.randrange(len(content))
    long = min(len(content) - i, rng.choice((1, 1, 2, 4, 8, 64, 1000)))
    kind = rng.randrange(7)
    if kind == 0:
        return content[:i] + bytes([content[i] ^ 1 << rng.randrange(8)]) + content[i + 1 :]
    if kind == 1:
        return content[:i] + content[i + long :]
    if kind == 2:
        return content[:i]
    if kind == 3:
        return content[:i] + rng.choice(BYTES) + content[i:]
    if kind == 4:
        return content[: i + long] + content[i : i + long] * rng.choice((1, 3, 50)) + content[i + long :]
    if kind == 5:
        return content[:i] + rng.randbytes(long) + content[i + long :]
    number = rng.choice((0, 1, 0x7F, 0xFF)).to_bytes(1, "big") * min(long, 8)
    return content[:i] + number + content[i + len(number) :]


def _json_in(content: bytes) -> tuple[int, int, Any] | None:
    """Return where an object of JSON stands in the content, if it holds one, and what it is."""
    start = content.find(b"{")
    if start < 0:
        return None
    try:
        value, end = json.JSONDecoder().raw_decode(content[start:].decode("latin-1"))
    except (ValueError, RecursionError):
        return None
    return start, start + end, value


def _change_json(content: bytes, found: tuple[int, int, Any], rng: random.Random) -> bytes:
    """Change, drop or nest one value of the object; the length before it, as safetensors has it, follows."""
    start, end, value = found
    spots: list[tuple[Any, Any]] = []
    _collect(value, spots)
    if not spots:
        return _change_bytes(content, rng)
    inside = [(p, k) for p, k in spots if isinstance(p[k], str) and p[k][:1] in ("{", "[")]  # JSON in JSON
    place, key = rng.choice(inside if inside and rng.random() < 0.6 else spots)
    kind = 0 if (place, key) in inside and rng.random() < 0.9 else rng.randrange(6)
    inner = place[key]
    if kind == 0 and isinstance(inner, str) and inner[:1] in ("{", "["):
        changed = mutate(inner.encode(), rng.randrange(2**32)).decode("latin-1")
        place[key] = changed
    elif kind == 1 and isinstance(place, dict):
        del place[key]
    elif kind == 2 and isinstance(inner, list) and inner:
        place[key] = inner * rng.choice((2, 100))
    else:
        place[key] = rng.choice(ODD)
    text = json.dumps(value)
    if kind == 5:  # what Python's json reads, though it is no JSON, and what it cannot write
        numbers = list(re.finditer(r"(?<=[ \[])-?\d+", text))
        if numbers:
            spot = rng.choice(numbers)
            odd = rng.choice(("Infinity", "NaN", "1e999", "-1e999", "[" * DEEP + "]" * DEEP))
            text = text[: spot.start()] + odd + text[spot.end() :]
    new = text.encode("latin-1", "replace")
    before = content[:start]
    if start >= 8 and int.from_bytes(before[start - 8 :], "little") == end - start:
        before = before[:-8] + len(new).to_bytes(8, "little")
    return before + new + content[end:]


def _collect(value: Any, spots: list[tuple[Any, Any]]) -> None:
    """Gather every (container, key) of a value of JSON."""
    keys = list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in keys:
        spots.append((value, key))
        _collect(value[key], spots)
