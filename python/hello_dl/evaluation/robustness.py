"""How a network does where it gets harder: images moved and speckled (chapter 7), or of nothing it knows."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from hello_dl.data.augment import Augmentation
from hello_dl.data.images import CODES, SIDE, Images
from hello_dl.evaluation import calibration
from hello_dl.evaluation.calibration import Choice
from hello_dl.evaluation.classifier import Classifier
from hello_dl.evaluation.measure import confusion_matrix, predict_scores

INK = 0.15  # share of the pixels that are ink in an image of specks, about as many as in handwriting
KEPT = 0.95  # where a file has no threshold, the one that keeps so many of the known images is taken


@dataclass(frozen=True, eq=False)
class Measured:
    """What `measure` found on n images, in shares of 1.

    accuracy, loss      of all answers, the loss as in training (without the temperature)
    calibration_error   see `calibration.expected_calibration_error`
    given               what comes of the file's threshold: precision and share of the answers given
    disturbed           accuracy after each disturbance, by its name
    """

    n: int
    accuracy: float
    loss: float
    calibration_error: float
    given: Choice | None
    confidence: NDArray[np.float64]  # (n,) of each answer
    right: NDArray[np.bool_]  # (n,) whether it is right
    confusion: NDArray[np.int64]  # (classes, classes), who was taken for whom
    disturbed: dict[str, float] = field(default_factory=dict)


def measure(
    classifier: Classifier, images: Images, disturbances: dict[str, Augmentation] | None = None, seed: int = 0
) -> Measured:
    """Measure a network on labelled images, as they are and disturbed. Same seed, same disturbance."""
    header, labels = classifier.header, images.labels
    scores = predict_scores(classifier.model, images, normalisation=header.normalisation)
    taken = scores.argmax(axis=1)
    right, confidence = taken == labels, calibration.softmax(scores, header.temperature).max(axis=1)
    disturbed = {}
    for name, disturb in (disturbances or {}).items():
        changed = disturb(images.images, seed=seed)
        found = predict_scores(classifier.model, changed, normalisation=header.normalisation).argmax(axis=1)
        disturbed[name] = float((found == labels).mean())
    return Measured(
        len(images),
        float(right.mean()),
        calibration.cross_entropy(scores, labels),
        calibration.expected_calibration_error(confidence, right),
        None if header.threshold is None else calibration.judge(confidence, right, header.threshold),
        confidence,
        right,
        confusion_matrix(labels, taken, scores.shape[1]),
        disturbed,
    )


def disturbances(shift: float, flip: int) -> dict[str, Augmentation]:
    """Return what chapter 7 does to images: shift by up to so many pixels, flip so many pixels, and both."""
    each = {}
    if shift:
        each[f"shift {shift:g}"] = Augmentation(shift=shift)
    if flip:
        each[f"flip {flip}"] = Augmentation(flip=flip)
    if shift and flip:
        each["both"] = Augmentation(shift=shift, flip=flip)
    return each


def strangers(classes: tuple[str, ...], n: int = 500, seed: int = 0) -> dict[str, NDArray[np.uint8]]:
    """Make images (n, 28, 28) of what a network with these classes does not know, by kind.

    digits, letters     characters of other classes, case-insensitively, drawn by the embedded generator
    noise               every pixel random
    specks              each pixel ink or paper at random, INK of them ink
    blank               paper, ink and the greys between
    """
    from hello_dl.data import load

    kinds = {}
    known = {name.lower() for name in classes}
    for kind, code in (("digits", "digits"), ("letters", "letters26")):
        others = [name for name in CODES[code].classes if name not in known]
        if others:
            kinds[kind] = load(f"builtin:{n}", classes=others, split="test", seed=seed).images
    generator = np.random.Generator(np.random.Philox(key=np.array([seed, 0], np.uint64)))
    random = generator.random((2, n, SIDE, SIDE), dtype=np.float32)
    kinds["noise"] = (random[0] * 256).astype(np.uint8)
    kinds["specks"] = np.where(random[1] < INK, 255, 0).astype(np.uint8)
    kinds["blank"] = np.repeat(np.arange(256, dtype=np.uint8), SIDE * SIDE).reshape(-1, SIDE, SIDE)
    return kinds


def threshold_for_nothing(classifier: Classifier, share: float, seed: int = 0) -> float:
    """Return the lowest threshold that flags so large a share of noise, of specks and of blank images."""
    kinds = strangers(classifier.classes, seed=seed)
    highest = 0.0
    for kind in ("noise", "specks", "blank"):
        confidence = classifier.classify(kinds[kind]).max(axis=1)
        highest = max(highest, float(np.quantile(confidence, share, method="higher")))
    return min(1.0, float(np.nextafter(np.float32(highest), np.float32(2))))


@dataclass(frozen=True)
class Flagged:
    """How one kind of strangers is met: the share flagged, the AUROC, and the classes mostly seen in them."""

    kind: str
    n: int
    flagged: float
    auroc: float
    taken_for: tuple[str, ...]


def meet_strangers(classifier: Classifier, known: Measured, seed: int = 0) -> tuple[float, list[Flagged]]:
    """Return the threshold and how each kind of `strangers` is met: a confidence below it is flagged."""
    threshold = classifier.header.threshold
    if threshold is None:
        threshold = float(np.quantile(known.confidence, 1 - KEPT))
    found = []
    for kind, images in strangers(classifier.classes, seed=seed).items():
        probabilities = classifier.classify(images)
        confidence, taken = probabilities.max(axis=1), probabilities.argmax(axis=1)
        often = np.argsort(-np.bincount(taken, minlength=len(classifier.classes)), kind="stable")[:3]
        found.append(
            Flagged(
                kind,
                len(images),
                float((confidence < threshold).mean()),
                calibration.auroc(known.confidence, confidence),
                tuple(classifier.classes[c] for c in often if (taken == c).any()),
            )
        )
    return threshold, found
