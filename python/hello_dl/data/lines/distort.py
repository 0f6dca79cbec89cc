"""Bends the baseline, distorts the plane, and roughens ink, for strokes and for pictures of text alike."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hello_dl import _core
from hello_dl.data.lines.band import Floats
from hello_dl.data.lines.form import HEIGHT
from hello_dl.data.lines.style import LineStyle, Range

Bytes = NDArray[np.uint8]

GRID = 8  # pixels between the points at which the distortion of a picture is computed
WAVES = 4  # waves that the elastic distortion is the sum of
WAVE_LENGTH = (25.0, 160.0)  # pixels: of the elastic distortion
BASELINE_WAVE = (120.0, 400.0)  # pixels: length of the baseline's slow waves


def pick(rng: np.random.Generator, between: Range) -> float:
    """Return a number between the two, each equally likely."""
    return between[0] + (between[1] - between[0]) * rng.random()


@dataclass(frozen=True)
class Bend:
    """A smooth distortion of a line's picture, in pixels: the sum of a few sine waves, a slope and a curve.

    direction (2, k)  of each wave: radians for each pixel in x and in y
    phase (k,)        in radians
    push (k, 2)       pixels in x and in y by which each wave moves a point at most
    middle, tilt      a point moves down by tilt pixels for each pixel right of the middle,
    curve             and by `curve` pixels for each squared pixel of distance from the middle
    """

    direction: Floats
    phase: Floats
    push: Floats
    middle: float
    tilt: float
    curve: float

    def __call__(self, xy: Floats) -> Floats:
        """Return by how much the points (..., 2) move, in pixels."""
        moved: Floats = np.sin(xy @ self.direction + self.phase) @ self.push
        along = xy[..., 0] - np.float32(self.middle)
        moved[..., 1] += along * (np.float32(self.tilt) + along * np.float32(self.curve))
        return moved


def draw_bend(width: float, style: LineStyle, rng: np.random.Generator) -> Bend:
    """Draw a distortion for a line of so many pixels."""
    u = rng.random((WAVES + 1, 4))
    length = WAVE_LENGTH[0] * (WAVE_LENGTH[1] / WAVE_LENGTH[0]) ** u[:, 0]
    length[-1] = BASELINE_WAVE[0] + (BASELINE_WAVE[1] - BASELINE_WAVE[0]) * u[-1, 0]
    angle = 2 * np.pi * u[:, 1]
    angle[-1] = 0
    direction = 2 * np.pi / length * np.stack([np.cos(angle), np.sin(angle)])
    push = np.empty((WAVES + 1, 2))
    strength = pick(rng, style.elastic) * np.sqrt(2 / WAVES)
    push[:-1] = strength * rng.standard_normal((WAVES, 2))
    push[-1] = 0, pick(rng, style.wave)
    half = max(width, 2.0 * HEIGHT) / 2
    tilt, curve = pick(rng, style.tilt) / (2 * half), pick(rng, style.curve) / half**2
    as_float = (
        direction.astype(np.float32),
        (2 * np.pi * u[:, 2]).astype(np.float32),
        push.astype(np.float32),
    )
    return Bend(*as_float, width / 2, tilt, curve)


def bend_picture(picture: Bytes, bend: Bend, matrix: Floats, shift: Floats, width: int) -> Bytes:
    """Return the picture of a line (HEIGHT, width): pixel p comes from `matrix` @ (p - bend(p)) + `shift`.

    matrix (2, 2) and shift (2,) map pixels of the line, x before y, to pixels of `picture` (h, w).
    """
    rows, columns = (HEIGHT - 1) // GRID + 2, (width - 1) // GRID + 2
    xy = np.empty((rows, columns, 2), np.float32)
    xy[..., 0] = GRID * np.arange(columns)
    xy[..., 1] = GRID * np.arange(rows)[:, None]
    source = (xy - bend(xy)) @ matrix.T + shift
    return _core.bend_ink(picture, source.astype(np.float32), GRID, HEIGHT, width)


def roughen(picture: Bytes, style: LineStyle, rng: np.random.Generator, grow: float = 0.0) -> Bytes:
    """Return the picture (h, w) with its ink grown, blurred, pale and noisy, as an ink network leaves it."""
    coarse = pick(rng, style.coarse) if rng.random() < style.coarse_chance else 1.0
    fade = pick(rng, style.fade) if rng.random() < style.fade_chance else 0.0
    noise = pick(rng, style.noise) if rng.random() < style.noise_chance else 0.0
    blur, size = pick(rng, style.blur), max(pick(rng, style.fade_size), 1.0)
    grain, gain, threshold = pick(rng, style.grain), pick(rng, style.gain), pick(rng, style.threshold)
    how = [grow, coarse, blur, fade, size, grain, pick(rng, style.strength), gain, threshold, noise]
    return _core.change_ink(picture, int(rng.integers(2**63)), how)
