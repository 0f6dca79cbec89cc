"""How made-up lines may differ from each other: all ranges in one place, each with its unit."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from hello_dl.data.lines.form import WIDER

Range = tuple[float, float]


@dataclass(frozen=True)
class LineStyle:
    """Ranges (least, most) from which the style of each line is drawn, and probabilities (names in _chance).

    Lengths are in x-heights of the writing, or in pixels of the finished picture (an x-height is 15). Wider
    ranges make harder lines.

    Writing
    pen_width      x-heights; each doubling is equally likely
    wobble         share of its width by which the pen's width varies along a stroke
    chisel_chance  probability of a broad pen, whose strokes are thinner along its edge than across
    chisel         share by which they are thinner
    lean           slant added to the writer's own, x-heights to the right for each x-height upwards
    slant          least and most slant that comes of it
    squeeze        factor of the width of the writing; what is read is made 1.2 times as wide (form.WIDER)
    letter_gap     x-heights added between letters that do not touch
    word_gap       x-heights between words, where a line is made of words
    drift          x-heights by which a word or letter stands below the baseline
    smooth         passes of smoothing (1, 2, 1) / 4 over points 0.12 x-heights apart
    skip_chance    probability of a pen that skips
    skips          number in 10 x-heights of stroke
    skip_length    x-heights
    grow           pixels by which strokes of fonts grow on each side

    Place in the picture
    scale          factor of the x-height: the error of what found the line
    offset         pixels by which the baseline is too low
    tilt           pixels by which the right end of the line stands lower than the left
    curve          pixels by which the ends of the line stand lower than its middle
    wave           pixels, amplitude of slow waves of the baseline
    elastic        pixels, standard deviation of a smooth distortion
    margin         pixels of paper at the left and right end; below 0 ink is cut off

    Around the writing
    neighbour_chance  probability of ink of the line above, and of the line below
    pitch             x-heights from line to line
    neighbour_kept    share of the strokes of these lines that are left
    rule_chance       probability of a ruled line, most often near the baseline
    rule_level        its ink, 1 = full
    rule_radius       pixels
    underline_chance  probability of a line drawn below the writing
    side_chance       probability of ink cut off at the left or right edge
    smudge_chance     probability of pale patches
    blot_chance       probability of small blots
    blots             number of blots
    blot_radius       pixels

    The ink in the picture
    coarse_chance  probability of a picture of low resolution
    coarse         factor by which resolution is lower
    blur           pixels, standard deviation
    fade_chance    probability of ink that is pale in places
    fade           share of ink lost where it is palest
    fade_size      pixels from pale place to pale place
    grain          share of ink lost in the palest places of 2 pixels
    strength       the strongest tenth of the ink is at least so strong, 1 = full
    gain           steepness of the curve from covered paper to certainty of ink
    threshold      share of covered paper where this curve says one half
    noise_chance   probability of noise
    noise          standard deviation, 1 = full ink
    """

    pen_width: Range = (0.08, 0.34)
    wobble: Range = (0.0, 0.3)
    chisel_chance: float = 0.2
    chisel: Range = (0.2, 0.65)
    lean: Range = (-0.3, 0.3)
    slant: Range = (-0.4, 0.9)
    squeeze: Range = (0.8 * WIDER, 1.25 * WIDER)
    letter_gap: Range = (-0.05, 0.3)
    word_gap: Range = (0.5, 2.5)
    drift: Range = (-0.12, 0.12)
    smooth: Range = (1, 6)
    skip_chance: float = 0.25
    skips: Range = (0.1, 1.5)
    skip_length: Range = (0.05, 0.35)
    grow: Range = (-0.4, 0.9)
    scale: Range = (0.75, 1.3)
    offset: Range = (-4.0, 4.0)
    tilt: Range = (-5.0, 5.0)
    curve: Range = (-3.0, 3.0)
    wave: Range = (0.0, 1.2)
    elastic: Range = (0.0, 0.9)
    margin: Range = (-1.0, 14.0)
    neighbour_chance: float = 0.28
    pitch: Range = (1.8, 3.6)
    neighbour_kept: Range = (0.1, 0.9)
    rule_chance: float = 0.14
    rule_level: Range = (0.25, 1.0)
    rule_radius: Range = (0.2, 0.9)
    underline_chance: float = 0.03
    side_chance: float = 0.08
    smudge_chance: float = 0.12
    blot_chance: float = 0.08
    blots: Range = (1, 5)
    blot_radius: Range = (0.4, 2.0)
    coarse_chance: float = 0.3
    coarse: Range = (1.2, 2.2)
    blur: Range = (0.2, 0.9)
    fade_chance: float = 0.4
    fade: Range = (0.1, 0.75)
    fade_size: Range = (6.0, 90.0)
    grain: Range = (0.0, 0.4)
    strength: Range = (0.65, 1.0)
    gain: Range = (6.0, 18.0)
    threshold: Range = (0.28, 0.5)
    noise_chance: float = 0.05
    noise: Range = (0.0, 0.04)

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if field.name.endswith("_chance"):
                if not 0 <= value <= 1:
                    raise ValueError(f"LineStyle: needs {field.name} from 0 to 1, got {value}")
            elif not (len(value) == 2 and -1e6 < value[0] <= value[1] < 1e6):
                raise ValueError(f"LineStyle: needs {field.name} as (least, most), got {value}")
        for name in ("pen_width", "squeeze", "scale", "pitch", "fade_size"):
            if getattr(self, name)[0] <= 0:
                raise ValueError(f"LineStyle: needs {name} above 0, got {getattr(self, name)}")

    def towards(self, other: LineStyle, share: float) -> LineStyle:
        """Return the style that lies so far (0 to 1) on the way from this one to another."""
        between: dict[str, Any] = {}
        for field in fields(self):
            here, there = (np.array(getattr(style, field.name)) for style in (self, other))
            value = (1 - share) * here + share * there
            between[field.name] = tuple(value.tolist()) if value.ndim else float(value)
        return LineStyle(**between)


# A usual pen, and nothing that disturbs: for looking at lines, and for measuring a reader on them.
STEADY = LineStyle(
    pen_width=(0.16, 0.16),
    wobble=(0.1, 0.1),
    chisel_chance=0.0,
    lean=(0.0, 0.0),
    squeeze=(WIDER, WIDER),
    letter_gap=(0.0, 0.0),
    word_gap=(1.3, 1.3),
    drift=(0.0, 0.0),
    smooth=(2, 2),
    skip_chance=0.0,
    grow=(0.0, 0.0),
    scale=(1.0, 1.0),
    offset=(0.0, 0.0),
    tilt=(0.0, 0.0),
    curve=(0.0, 0.0),
    wave=(0.0, 0.0),
    elastic=(0.0, 0.0),
    margin=(8.0, 8.0),
    neighbour_chance=0.0,
    rule_chance=0.0,
    underline_chance=0.0,
    side_chance=0.0,
    smudge_chance=0.0,
    blot_chance=0.0,
    coarse_chance=0.0,
    blur=(0.5, 0.5),
    fade_chance=0.0,
    grain=(0.1, 0.1),
    strength=(0.9, 0.9),
    gain=(10.0, 10.0),
    threshold=(0.4, 0.4),
    noise_chance=0.0,
)
