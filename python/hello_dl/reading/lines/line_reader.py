"""Reads a page of ink line by line: finds the lines, straightens them, and makes text of each."""

from __future__ import annotations

import os
from dataclasses import dataclass

import numpy as np
from PIL import Image

from hello_dl import nn, weights
from hello_dl.reading.image.arrays import Bytes, Floats, Grey, Ints
from hello_dl.reading.image.trace import Trace, no_trace
from hello_dl.reading.ink_map.measures import EDGE
from hello_dl.reading.lines.align import align
from hello_dl.reading.lines.alphabet import BLANK, SIGNS, encode
from hello_dl.reading.lines.beam import beam_search
from hello_dl.reading.lines.best_path import best_path
from hello_dl.reading.lines.certainty import WordEvidence, evidence
from hello_dl.reading.lines.finder import find_bands
from hello_dl.reading.lines.language import LineLanguage
from hello_dl.reading.lines.network import LineNetwork, load, to_batch
from hello_dl.reading.lines.order import reading_order
from hello_dl.reading.lines.shown import one_below_the_other, with_baselines
from hello_dl.reading.lines.straighten import columns_of, straighten
from hello_dl.reading.lines.trace_lines import Curve, trace_lines
from hello_dl.tensors.grad_mode import no_grad

SHIPPED = weights.SHIPPED / "lines.safetensors"
# Of the page of ink, whose patches are 40 pixels tall: letters, or whole words if they are joined. The finder
# looks at the second scale if it finds nothing at the first, and so on.
SCALES = (0.45, 0.9, 0.22)
X_HEIGHT = 9.0  # pixels: the x-height that the finder knows best
GOOD = (6.0, 14.0)  # pixels: outside of these, the finder looks again at another scale
AT_ONCE = 200_000  # pixels of lines in a batch


@dataclass(frozen=True)
class ReadLine:
    """A line that was read: its text, where each sign stands, and how sure the network is of it.

    `boxes` (n, 4) are left, top, right, bottom of the signs in pixels of the page of ink, `sure` (n,) from
    0 to 1, `answers` (n, classes) the network's log probabilities where it sees them. `words` are what is
    known of each word. `picture` (48, w) is what the network saw, `columns` (n, 2) the first column of each
    sign in it and the one after its last.
    """

    text: str
    boxes: Floats
    sure: Floats
    answers: Floats
    words: list[WordEvidence]
    picture: Bytes
    columns: Ints

    def guesses(self, i: int, most: int) -> list[tuple[str, float]]:
        """Return sign number i and what it may be instead, `most` in all, each with its probability."""
        chances = np.exp(self.answers[i])
        chances[BLANK] = 0
        chances /= max(float(chances.sum()), 1e-9)
        order = [SIGNS[k - 1] for k in np.argsort(-chances)[:most] if k != BLANK]
        names = [self.text[i], *(sign for sign in order if sign not in (self.text[i], " "))]
        return [(sign, float(chances[SIGNS.index(sign) + 1])) for sign in names[:most]]


def find_lines(ink: Grey, finder: nn.Module | None = None) -> tuple[list[Curve], float]:
    """Return the lines of a page of ink (H, W), 0 .. 1, in reading order, and a factor.

    The curves are in pixels of a page that is smaller by this factor. `finder` is the network (None: the
    package's own).
    """
    curves: list[Curve] = []
    for scale in SCALES:
        curves = trace_lines(find_bands(_smaller(ink, scale), finder))
        if curves:
            break
    usual = usual_height(curves)
    if curves and not GOOD[0] <= usual <= GOOD[1]:
        scale = min(1.0, scale * X_HEIGHT / usual)
        curves = trace_lines(find_bands(_smaller(ink, scale), finder))
    boxes = np.array([_box(curve) for curve in curves]).reshape(-1, 4)
    return [curves[i] for i in reading_order(boxes)], 1 / scale


def _smaller(ink: Grey, scale: float) -> Grey:
    """Return a page of ink made smaller."""
    size = (max(1, round(ink.shape[1] * scale)), max(1, round(ink.shape[0] * scale)))
    return np.asarray(Image.fromarray(ink).resize(size, Image.Resampling.BOX), np.float32)


def usual_height(curves: list[Curve]) -> float:
    """Return the x-height that half of the writing exceeds, by its length; 0 without any."""
    if not curves:
        return 0.0
    long = np.array([curve.right - curve.left for curve in curves])
    order = np.argsort([curve.usual for curve in curves])
    return curves[int(order[np.searchsorted(np.cumsum(long[order]), long.sum() / 2)])].usual


def _box(curve: Curve) -> tuple[float, float, float, float]:
    """Return left, top, right and bottom of a line's band."""
    rows = curve.baseline_at(np.linspace(curve.left, curve.right, 9))
    return curve.left, float(rows.min()) - curve.usual, curve.right, float(rows.max())


class LineReader:
    """A network that reads lines, with or without a language: `LineReader.load().read(ink)`."""

    def __init__(
        self, model: LineNetwork, language: LineLanguage | None = None, finder: nn.Module | None = None
    ) -> None:
        self.model, self.language, self.finder = model.eval(), language, finder

    @classmethod
    def load(cls, path: str | os.PathLike[str] = SHIPPED, language: LineLanguage | None = None) -> LineReader:
        """Make a reader of a weights file; without one, of the package's own."""
        return cls(load(path), language)

    def read(self, ink: Grey, trace: Trace = no_trace) -> list[ReadLine]:
        """Return the lines of a page of ink (H, W), 0 = paper .. 1 = ink, in reading order."""
        return self.read_lines(ink, *find_lines(ink, self.finder), trace)

    def read_lines(
        self, ink: Grey, curves: list[Curve], scale: float, trace: Trace = no_trace
    ) -> list[ReadLine]:
        """Return the lines of a page of ink, at curves in pixels of a page that is `scale` times smaller.

        `trace` is shown the pictures `lines`, the page with the baselines that were found, and `straight`,
        the lines as the network sees them.
        """
        page = np.rint(ink * 255).astype(np.uint8)
        pictures = [straighten(page, curve, scale) for curve in curves]
        if trace is not no_trace and curves:
            trace("lines", with_baselines(ink, curves, scale))
            trace("straight", one_below_the_other(pictures))
        lines = []
        for curve, picture, log_probs in zip(curves, pictures, self.ask(pictures), strict=True):
            text = self.text_of(log_probs).strip()
            if text:
                lines.append(_placed(curve, scale, picture, log_probs, text))
        return lines

    def ask(self, pictures: list[Bytes]) -> list[Floats]:
        """Return the log probabilities (answers, classes) of each line's picture (48, w)."""
        found: list[Floats] = [np.zeros((0, 0))] * len(pictures)
        order = sorted(range(len(pictures)), key=lambda i: pictures[i].shape[1])
        with no_grad():
            while order:
                batch, widest = [order.pop()], 0
                widest = pictures[batch[0]].size
                while order and widest * (len(batch) + 1) <= AT_ONCE:
                    batch.append(order.pop())
                answers = self.model(to_batch([pictures[i] for i in batch])).numpy()
                for i, one in zip(batch, answers, strict=True):
                    found[i] = one[: max(8, -(-pictures[i].shape[1] // 2))]
        return found

    def text_of(self, log_probs: Floats) -> str:
        """Return the text of a line's answers, by the language if there is one, else by the best path."""
        if self.language is None:
            return best_path(log_probs)
        return beam_search(log_probs, self.language.after)[0][0]


def _placed(curve: Curve, scale: float, picture: Bytes, log_probs: Floats, text: str) -> ReadLine:
    """Return a line with the places of its signs on the page of ink."""
    places, sure = align(log_probs, text)
    numbers = encode(text)
    seen = np.array([a + int(log_probs[a:b, k].argmax()) for (a, b), k in zip(places, numbers, strict=True)])
    columns = columns_of(curve, picture.shape[1])
    reach = _reach(places, text, picture)
    left, right = columns[reach[:, 0]], columns[reach[:, 1] - 1]
    base, tall = curve.baseline_at((left + right) / 2), curve.x_height_at((left + right) / 2)
    boxes = np.stack([left, base - 1.9 * tall, right, base + 0.6 * tall], axis=1) * scale
    words = evidence(log_probs, text, places, sure)
    return ReadLine(text, boxes, sure, log_probs[seen], words, picture, 2 * places)


def _reach(places: Ints, text: str, picture: Bytes) -> Ints:
    """Return the first column of each sign in a line's picture (48, w), and the one after its last, (n, 2).

    The network answers at one place of a sign, `places` (n, 2). Between two places the signs part where there
    is least ink; a word ends where the blank is. A sign reaches only as far as there is ink.
    """
    wide = picture.shape[1]
    is_blank = np.array([sign == " " for sign in text])
    ends, starts = 2 * places[:-1, 1], 2 * places[1:, 0]
    ink = picture.sum(axis=0, dtype=np.int64)
    cuts = np.array([_least(ink, a, b) for a, b in zip(ends, starts, strict=True)], np.int64)
    between = np.where(is_blank[1:], starts, np.where(is_blank[:-1], ends, cuts))
    edges = np.clip(np.concatenate([[0], between, [wide]]), 0, wide)
    reach = np.stack([np.minimum(edges[:-1], wide - 1), edges[1:]], axis=1)
    inked = np.flatnonzero(picture.max(axis=0) > 255 * EDGE)
    first, last = np.searchsorted(inked, reach[:, 0]), np.searchsorted(inked, reach[:, 1])
    some = (last > first) & ~is_blank
    reach[some] = np.stack([inked[first[some]], inked[last[some] - 1] + 1], axis=1)
    reach[:, 1] = np.maximum(reach[:, 1], reach[:, 0] + 1)
    return reach


def _least(ink: Ints, start: int, end: int) -> int:
    """Return the last of the columns from start to end - 1 with the least ink; start if there is none.

    The last, for the network answers early in a sign.
    """
    some = ink[start:end]
    return start + len(some) - 1 - int(some[::-1].argmin()) if len(some) else start
