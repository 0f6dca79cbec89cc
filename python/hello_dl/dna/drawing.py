"""Which bases decide: gradient times input, drawn as a sequence logo beside the known consensus."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

import hello_dl
from hello_dl import nn
from hello_dl.dna.sequences import BASES, CLASSES, IUPAC
from hello_dl.dna.train_splice import Ensemble
from hello_dl.evaluation import using

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Consensus sequences of donors and acceptors (Mount 1982) in IUPAC codes, with "|" at the junction. Before an
# acceptor's AG Mount has C or T; most often it is C.
CONSENSUS = {"EI": "MAG|GTRAGT", "IE": "YYYYYYYYYYYNCAG|G"}
NAMES = {"EI": "donor: exon | intron", "IE": "acceptor: intron | exon"}
COLOURS = {"A": "#2a9d3a", "C": "#2a5fc4", "G": "#e69500", "T": "#cc2936"}
BATCH = 500  # sequences whose gradients are computed at once


def need_matplotlib() -> None:
    """Raise ImportError that says what to install if matplotlib is missing."""
    if find_spec("matplotlib") is None:
        raise ImportError("a picture needs matplotlib: pip install 'hello-dl[plot]'")


def saliency(model: nn.Module, x: NDArray[np.float32], label: int) -> NDArray[np.float64]:
    """Return how much each base contributes to the score of a class: the mean over x (n, length, 4).

    The result is (length, 4). `model` gives scores (n, 3); of an Ensemble the mean of its members' scores is
    taken. With s the score of the class minus the mean of the three scores, and g = ds/dx, the contribution
    is g x (gradient times input). The four numbers of a base add up to 1, so only differences between their
    four gradients have a meaning: the mean of the four is subtracted first (Majdandzic et al. 2023).
    ValueError if there is no sequence.
    """
    if len(x) == 0:
        raise ValueError(f"saliency: needs at least one sequence of class {CLASSES[label]}")
    total = np.zeros(x.shape[1:])
    for start in range(0, len(x), BATCH):
        part = x[start : start + BATCH]
        total += (part * _gradient(model, part, label)).sum(axis=0)
    return total / len(x)


def _gradient(model: nn.Module, x: NDArray[np.float32], label: int) -> NDArray[np.float32]:
    """Return ds/dx minus its mean over the four bases, (n, length, 4).

    It is the gradient of scores, not of probabilities: those have a gradient of 0 where a network is certain.
    """
    leaf = hello_dl.tensor(x, requires_grad=True)
    direction = np.full(len(CLASSES), -1 / len(CLASSES), np.float32)
    direction[label] += 1
    members = list(model.members) if isinstance(model, Ensemble) else [model]
    learned = [p for p in model.parameters() if p.requires_grad]
    try:
        model.requires_grad_(False)  # only the gradient of the input is needed
        with using(model), hello_dl.enable_grad():
            for member in members:
                (member(leaf) * hello_dl.tensor(direction / len(members))).sum().backward()
    finally:
        for parameter in learned:
            parameter.requires_grad = True
    assert leaf.grad is not None
    gradient = leaf.grad.numpy()
    return np.asarray(gradient - gradient.mean(axis=2, keepdims=True))


def read_out(weight: NDArray[np.float64], label: int) -> tuple[str, str, int]:
    """Compare a saliency (length, 4) with the consensus of class EI or IE.

    Return three things: the base that contributes most at each position of the consensus, with "|" at the
    junction; the consensus; the number of positions at which the consensus allows that base.
    """
    consensus = CONSENSUS[CLASSES[label]]
    before = consensus.index("|")
    known = consensus.replace("|", "")
    first = len(weight) // 2 - before
    letters = [BASES[i] for i in weight[first : first + len(known)].argmax(axis=1)]
    agree = sum(letter in IUPAC[code] for letter, code in zip(letters, known, strict=True))
    return "".join(letters[:before]) + "|" + "".join(letters[before:]), consensus, agree


def draw(weights: dict[str, NDArray[np.float64]]) -> Figure:
    """Draw a sequence logo for each class: letters as high as they contribute, negative ones below the axis.

    `weights` holds the saliency (length, 4) of each class by its name. Raises ImportError without matplotlib.
    """
    need_matplotlib()
    from matplotlib.figure import Figure

    length = len(next(iter(weights.values())))
    figure = Figure(figsize=(max(6.0, 0.2 * length), 2.6 * len(weights)), dpi=100, layout="constrained")
    for axes, (name, weight) in zip(
        figure.subplots(len(weights), squeeze=False)[:, 0], weights.items(), strict=True
    ):
        _logo(axes, weight)
        _label(axes, name, length)
    return figure


def _logo(axes: Any, weight: NDArray[np.float64]) -> None:
    """Stack the letters of each position (length, 4), the smallest next to the axis."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.patches import PathPatch
    from matplotlib.textpath import TextPath
    from matplotlib.transforms import Affine2D

    font = FontProperties(family="DejaVu Sans", weight="bold")  # comes with matplotlib
    shapes = {}
    for base in BASES:
        path = TextPath((0, 0), base, size=1, prop=font)
        box = path.get_extents()
        to_unit = Affine2D().translate(-box.x0, -box.y0).scale(0.94 / box.width, 1 / box.height)
        shapes[base] = path.transformed(to_unit.translate(0.03, 0))
    for place, column in enumerate(weight):
        for sign in (1, -1):
            height = 0.0
            for i in np.argsort(np.abs(column)):
                if column[i] * sign > 0:
                    low = min(height, height + column[i])
                    place_it = Affine2D().scale(1, abs(column[i])).translate(place, low)
                    letter = shapes[BASES[i]].transformed(place_it)
                    axes.add_patch(PathPatch(letter, color=COLOURS[BASES[i]], lw=0))
                    height += column[i]
    top = np.maximum(weight, 0).sum(axis=1).max()
    bottom = np.minimum(weight, 0).sum(axis=1).min()
    axes.set_ylim(min(bottom, -0.05 * top) * 1.1, top * 1.3)


def _label(axes: Any, name: str, length: int) -> None:
    """Add the junction, position numbers (..., -2, -1, +1, +2, ...) and the consensus above its positions."""
    middle = length // 2
    axes.set_xlim(0, length)
    axes.axhline(0, color="black", lw=0.6)
    axes.axvline(middle, color="black", lw=0.8, ls=":")
    places = [p for p in range(-middle, middle + 1) if p in (-1, 1) or (p % 5 == 0 and p != 0)]
    axes.set_xticks(
        [middle + p + (0.5 if p < 0 else -0.5) for p in places], [f"{p:+}" for p in places], fontsize=8
    )
    axes.set_ylabel("speaks for it", fontsize=8)
    axes.tick_params(axis="y", labelsize=8)
    axes.spines[["top", "right"]].set_visible(False)
    axes.set_title(f"{name}   {NAMES.get(name, '')}", loc="left", fontsize=10)
    if name in CONSENSUS:
        first = middle - CONSENSUS[name].index("|")
        style = {"transform": axes.get_xaxis_transform(), "va": "top", "color": "#444444"}
        axes.text(first - 0.4, 0.97, "known: ", ha="right", fontsize=8, **style)
        for i, letter in enumerate(CONSENSUS[name].replace("|", "")):
            axes.text(first + i + 0.5, 0.97, letter, ha="center", fontsize=10, weight="bold", **style)
