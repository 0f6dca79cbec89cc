"""Draws a glyph as a person does: with the style of the person's hand, and small random changes each time.

All random numbers are standard normal (smaller for a neat writer): `hand` holds those of the writer, `now`
those of one drawing. So in `0.2 + 0.25 * hand["slant"] + 0.08 * now["slant"]` the mean slant is 0.2, its
standard deviation between writers is 0.25, and that between the drawings of one writer is 0.08. Lengths are
in the tables' units (a small x is 5 high), angles in radians, slants in units to the side per unit of height;
exp(...) is a factor.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hello_dl.data.builtin.glyphs import (
    CHARACTERS,
    GLYPHS,
    MOST_POINTS,
    MOST_STROKES,
    TOP,
    X_HEIGHT,
    Floats,
    Glyph,
    Ints,
    choose,
)

# Names of the numbers of a drawing: `style` belongs to the writer, `shape` to the drawing. The further
# numbers of a shape are for its strokes and points.
# fmt: off
STYLE = [
    "slant", "turn", "width", "x_height", "ascender", "descender", "pen", "pressure", "nib", "nib_angle",
    "roundness", "care", "tremor", "hook", "reach", "soft", "contrast", "size", "haste",
]
SHAPE = [
    "slant", "turn", "width", "x_height", "pen", "haste", "size", "left", "top", "bend_x", "bend_y",
    "taper_x", "taper_y", "skew_x", "skew_y", "phase_1", "phase_2", "phase_3", "phase_4", "phase_5",
]
# fmt: on
PER_STROKE = 4 + 6  # shift x, y, turn, stretch; for each of the two ends: reach, a hook's length and angle
SHAPE_NUMBERS = len(SHAPE) + MOST_STROKES * PER_STROKE + 2 * MOST_POINTS
NEAT = 0.65  # factor for all numbers of a neat writer; less is neater
HABIT = 0.8  # weight of a writer's habit in a shape; two drawings of a character correlate by its square
OTHER_WAY = 0.1  # probability that a glyph is drawn by chance instead of the writer's favourite


@dataclass(frozen=True)
class Ink:
    """n drawings of one glyph: places of the pen (n, S, 2), radii (n, S), and which steps leave ink (S - 1,).

    Units are those of the tables: y upwards, baseline at 0, top of a capital at 10.
    """

    xy: Floats
    radius: Floats
    pen_down: NDArray[np.bool_]


def stream(seed: int, purpose: int) -> np.random.Generator:
    """Return a generator of random numbers; different purposes of one seed give independent numbers.

    Purposes: 0 a writer; 1, 2, 3 chances, shapes and people of `generate`; 4 a page; 5 a rare writer; 20, 21,
    22 a photo of a page, of a blank one, places of letters. Raises TypeError or ValueError unless `seed` is a
    whole number from 0 upwards.
    """
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer):
        raise TypeError(f"seed: needs a whole number, got {type(seed).__name__}")
    if seed < 0:
        raise ValueError(f"seed: needs a number from 0 upwards, got {seed}")
    return np.random.Generator(np.random.Philox(np.random.SeedSequence([int(seed), purpose])))


def named(names: list[str], numbers: Floats) -> dict[str, Floats]:
    """Return the columns of numbers (n, at least len(names)) by their names, each (n,)."""
    return {name: numbers[:, i] for i, name in enumerate(names)}


class Writer:
    """A person with a stable hand: slant, proportions, pen, and a favourite way to write each character.

    `Writer(7)` is always the same person. With `neat=True` the person takes care to be readable.
    """

    def __init__(self, seed: int, *, neat: bool = False) -> None:
        rng = stream(seed, 0)
        self.oddity = np.float32(NEAT if neat else 1)
        self.style: Floats = self.oddity * rng.standard_normal(len(STYLE), np.float32)
        self.favourite = rng.random(len(CHARACTERS))  # chooses each character's glyph, see `choose`
        self.habit: Floats = rng.standard_normal((len(CHARACTERS), SHAPE_NUMBERS), np.float32)

    def numbers(
        self, classes: Ints, chance: NDArray[np.float64], fresh: Floats
    ) -> tuple[Ints, Floats, Floats]:
        """Return what `write` needs for the characters `classes` (n,) in 0..61: glyphs (n,), style, shape.

        The caller draws the random numbers: chance (n, 2) uniform in 0..1, fresh (n, SHAPE_NUMBERS) normal.
        """
        other_way = chance[:, 0] < OTHER_WAY
        glyphs = choose(classes, np.where(other_way, chance[:, 1], self.favourite[classes]))
        shape = HABIT * self.habit[classes] + np.float32(np.sqrt(1 - HABIT**2)) * fresh
        return glyphs, np.repeat(self.style[None], len(classes), axis=0), self.oddity * shape

    def glyph(self, number: int) -> Glyph:
        """Return the glyph with a number that `numbers` has returned."""
        return GLYPHS[number]


def write(glyph: Glyph, style: Floats, shape: Floats) -> Ink:
    """Draw one glyph n times: style (n, len(STYLE)) and shape (n, SHAPE_NUMBERS) are standard normal."""
    hand, now = named(STYLE, style), named(SHAPE, shape)
    rest = np.split(shape, [len(SHAPE), len(SHAPE) + MOST_STROKES * PER_STROKE], axis=1)
    strokes = rest[1].reshape(-1, MOST_STROKES, PER_STROKE)[:, : len(glyph.stroke_ends)]
    points = rest[2].reshape(-1, MOST_POINTS, 2)[:, : len(glyph.points)]
    # Factor of the displacements below: above 1 is a careless hand.
    care = np.exp(0.45 * hand["care"] - 0.1)[:, None, None]

    # Points move at random by 0.42 units; neighbours move alike: 60 % towards the mean of their neighbours.
    points = points + 0.6 * (glyph.shortcut @ points)
    control = glyph.points + 0.42 * care * points
    # In haste a pen cuts corners: share of the way from each point to the middle of its neighbours.
    haste = np.clip(0.08 + 0.13 * hand["haste"] + 0.1 * now["haste"], -0.25, 0.5)[:, None, None]
    control += haste * (glyph.shortcut @ control)
    control = move_strokes(glyph, control, care, strokes)
    rounding = np.clip(0.3 + 0.45 * hand["roundness"], 0, 1)[:, None, None]  # 1: no corner is left
    xy = glyph.cornered @ control
    xy += rounding * (glyph.smooth @ control - xy)
    xy = proportions(xy, hand, now)
    xy = bend(xy, now, care)
    xy += tremble(glyph, hand, now)
    xy, way, pen_down = add_ends(glyph, xy, hand, strokes)
    xy = lean(xy, hand, now)
    return Ink(xy, press(xy, way, pen_down, hand, now), pen_down)


def move_strokes(glyph: Glyph, control: Floats, care: Floats, strokes: Floats) -> Floats:
    """Shift, turn and stretch each stroke about its middle: control points (n, K, 2), moved.

    Standard deviations: 0.3 units, 0.07 radians, a factor of exp(0.07); half of that for a single stroke.
    """
    amount = 1.0 if len(glyph.stroke_ends) > 1 else 0.5
    moves = amount * care * strokes[:, glyph.stroke_of_point, :4]  # (n, K, 4)
    middle = glyph.middle @ control
    away = control - middle
    turned = np.stack([-away[..., 1], away[..., 0]], axis=2)
    away = (away + 0.07 * moves[..., 2:3] * turned) * np.exp(0.07 * moves[..., 3:4])
    return np.asarray(middle + 0.3 * moves[..., :2] + away, np.float32)


def proportions(xy: Floats, hand: dict[str, Floats], now: dict[str, Floats]) -> Floats:
    """Stretch the letter below the baseline, up to the height of a small x, and above it, each on its own."""
    x_height = X_HEIGHT * np.exp(0.14 * hand["x_height"] + 0.08 * now["x_height"])[:, None]
    x_height = np.clip(x_height, 3.2, 7.0)  # units
    above = (TOP * np.exp(0.06 * hand["ascender"])[:, None] - x_height) / (TOP - X_HEIGHT)
    tail = np.exp(0.2 * hand["descender"])[:, None]
    y = xy[..., 1]
    out = xy.copy()
    out[..., 1] = np.clip(y, 0, X_HEIGHT) * (x_height / X_HEIGHT)
    out[..., 1] += np.maximum(y - X_HEIGHT, 0) * above + np.minimum(y, 0) * tail
    return out


def bend(xy: Floats, now: dict[str, Floats], care: Floats) -> Floats:
    """Bend the letter as a whole: lines become slightly curved, one side becomes larger than the other.

    Each named number moves the points in one direction, by 0.48 units (standard deviation) times a product of
    their coordinates u (right) and v (up) from the letter's middle, in heights of a small x.
    """
    centre = (xy.max(axis=1, keepdims=True) + xy.min(axis=1, keepdims=True)) / 2
    uv = (xy - centre) / X_HEIGHT
    u, v = uv[..., 0], uv[..., 1]
    amount = 0.48 * care[:, 0]
    terms = [("bend_x", v * v, 0), ("bend_y", u * u, 1), ("taper_x", u * v, 0), ("taper_y", u * v, 1)]
    terms += [("skew_x", v * v * v, 0), ("skew_y", u, 1)]
    out = xy.copy()
    for name, field, axis in terms:
        out[..., axis] += amount * now[name][:, None] * field
    return out


def tremble(glyph: Glyph, hand: dict[str, Floats], now: dict[str, Floats]) -> Floats:
    """Return the small waves of an unsteady hand along its way, (n, S, 2): two sines in x, two in y.

    The slow one has an amplitude of about 0.06 units and a period of 2 pi / 0.6 = 10 units; the fast one half
    of that, and 3.7 units. 9 radians times a normal number is a random phase.
    """
    amount = 0.06 * np.exp(0.7 * hand["tremor"])[:, None]
    out = np.empty((len(amount), len(glyph.way), 2), np.float32)
    for axis in (0, 1):
        slow = np.sin(0.6 * glyph.way + 9 * now[f"phase_{1 + 2 * axis}"][:, None])
        fast = np.sin(1.7 * glyph.way + 9 * now[f"phase_{2 + 2 * axis}"][:, None])
        out[..., axis] = amount * (slow + 0.5 * fast)
    return out


def add_ends(
    glyph: Glyph, xy: Floats, hand: dict[str, Floats], strokes: Floats
) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Let each stroke begin and end early or late, and give some ends a hook.

    In xy (n, S, 2), two points replace each end of a stroke. Returns the new places (n, S + 2 strokes, 2),
    the length of the way at each, and which steps leave ink.
    """
    tips, inner = glyph.stroke_ends, glyph.stroke_ends + np.array([1, -1])
    normal = strokes[:, :, 4:].reshape(-1, len(tips), 2, 3)  # of each stroke and end: reach, hook, angle
    along = xy[:, tips] - xy[:, inner]
    along /= np.maximum(np.sqrt((along**2).sum(axis=3, keepdims=True)), 1e-3)
    # Units by which an end lies further out; below 0 it stops early.
    reach = np.clip(0.25 * normal[..., :1] + 0.15 * hand["reach"][:, None, None, None], -0.35, 1.2)
    # Length of the hook in units, for the quarter of the ends whose number is above 0.7.
    tendency = np.maximum(0, 0.5 + 0.8 * hand["hook"])[:, None, None, None]
    hook = tendency * np.maximum(0, normal[..., 1:2] - 0.7) * glyph.hookable[:, None, None]
    angle = 1.2 * normal[..., 2:] + 0.5 * hand["hook"][:, None, None, None]
    turned = np.cos(angle) * along + np.sin(angle) * along[..., ::-1] * np.array([-1, 1], np.float32)
    near = xy[:, tips] + reach * along
    far = near + hook * turned
    pieces, ways, downs = [], [], []
    for s, (first, last) in enumerate(tips):
        pieces += [far[:, s, :1], near[:, s, :1], xy[:, first + 1 : last], near[:, s, 1:], far[:, s, 1:]]
        way = glyph.way[first : last + 1]
        ways += [way[:1] - 0.5, way, way[-1:] + 0.5]
        downs.append(np.array([True] * (len(way) + 1) + [False]))
    return np.concatenate(pieces, 1), np.concatenate(ways), np.concatenate(downs)[:-1]


def lean(xy: Floats, hand: dict[str, Floats], now: dict[str, Floats]) -> Floats:
    """Make the letter wider or narrower, slant it, and turn it."""
    width = np.exp(0.1 + 0.22 * hand["width"] + 0.14 * now["width"])[:, None]
    slant = (0.2 + 0.25 * hand["slant"] + 0.08 * now["slant"])[:, None]
    turn = (0.04 * hand["turn"] + 0.06 * now["turn"])[:, None]
    x = width * xy[..., 0] + slant * xy[..., 1]
    y = xy[..., 1]
    return np.stack([x - turn * y, y + turn * x], axis=2)


def press(
    xy: Floats, way: Floats, pen_down: NDArray[np.bool_], hand: dict[str, Floats], now: dict[str, Floats]
) -> Floats:
    """Return the radius of the line (n, S) in units: that of the pen, changed by pressure and by the nib.

    Pressure changes along the way with a period of 2 pi / 0.35 = 18 units. The nib is broad in the direction
    `nib`: strokes across that direction are thick, strokes along it thin.
    """
    pen = 0.46 * np.exp(0.4 * hand["pen"] + 0.12 * now["pen"])[:, None]
    wave = (0.12 + 0.06 * hand["pressure"])[:, None] * np.sin(0.35 * way + 9 * now["phase_5"][:, None])
    step = np.diff(xy, axis=1, append=xy[:, -1:])
    length2 = np.maximum((step**2).sum(axis=2), 1e-6)
    nib = 0.6 + 0.8 * hand["nib_angle"][:, None]
    across = (step[..., 0] * np.sin(nib) - step[..., 1] * np.cos(nib)) ** 2 / length2 - 0.5
    across[:, :-1] *= pen_down
    broad = 0.15 * np.abs(hand["nib"])[:, None]
    return np.asarray(pen * np.exp(wave + broad * across), np.float32)
