"""How large and how many things the studio takes, so that no request can stop it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """The most that the studio takes; a request beyond is refused in words.

    json_bytes      of a request that is no upload
    photo_bytes     of an uploaded picture
    photo_pixels    of its width times its height
    points          of all strokes of a drawing together
    waiting         photos that wait to be read, the one that is being read aside
    kept            photos on disk; the oldest one goes when another comes
    samples         of a hand
    trainings       that run at the same time
    """

    json_bytes: int = 1_000_000
    photo_bytes: int = 40_000_000
    photo_pixels: int = 60_000_000
    points: int = 20_000
    waiting: int = 16
    kept: int = 200
    samples: int = 2000
    trainings: int = 1
