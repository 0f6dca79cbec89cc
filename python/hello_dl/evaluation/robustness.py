"""How a network does on harder images: shifted, with flipped pixels (chapter 7), or of unknown classes."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from hello_dl.data.augment import Augmentation
from hello_dl.data.images import CODES, SIDE, Images
from hello_dl.evaluation import calibration
from hello_dl.evaluation.calibration import ThresholdResult
from hello_dl.evaluation.classifier import Classifier
from hello_dl.evaluation.measure import confusion_matrix, predict_scores

INK = 0.15  # share of the pixels that are ink in an image of specks: about the share in handwriting
KEPT = 0.95  # if a file has no threshold: share of the known images that stay above the threshold taken


@dataclass(frozen=True, eq=False)
class Measured:
    """What `measure` found on n images. All shares are 0 to 1.

    accuracy, loss      of all answers; the loss as in training (without the temperature)
    calibration_error   see `calibration.expected_calibration_error`
    given               precision and share of the answers given at the file's threshold, None without one
    confidence          (n,) probability of each answer
    right               (n,) whether each answer is right
    confusion           (classes, classes) confusion matrix: rows are labels, columns answers
    disturbed           accuracy after each disturbance, by its name
    """

    n: int
    accuracy: float
    loss: float
    calibration_error: float
    given: ThresholdResult | None
    confidence: NDArray[np.float64]
    right: NDArray[np.bool_]
    confusion: NDArray[np.int64]
    disturbed: dict[str, float] = field(default_factory=dict)


def measure(
    classifier: Classifier, images: Images, disturbances: dict[str, Augmentation] | None = None, seed: int = 0
) -> Measured:
    """Measure a network on labelled images, as they are and after each disturbance.

    The same seed disturbs in the same way.
    """
    header, labels = classifier.header, images.labels
    scores = predict_scores(classifier.model, images, normalisation=header.normalisation)
    answers = scores.argmax(axis=1)
    right, confidence = answers == labels, calibration.softmax(scores, header.temperature).max(axis=1)
    threshold = header.threshold
    disturbed = {}
    for name, disturb in (disturbances or {}).items():
        changed = predict_scores(
            classifier.model, disturb(images.images, seed=seed), normalisation=header.normalisation
        )
        disturbed[name] = float((changed.argmax(axis=1) == labels).mean())
    return Measured(
        len(images),
        float(right.mean()),
        calibration.cross_entropy(scores, labels),
        calibration.expected_calibration_error(confidence, right),
        None if threshold is None else calibration.apply_threshold(confidence, right, threshold),
        confidence,
        right,
        confusion_matrix(labels, answers, scores.shape[1]),
        disturbed,
    )


def disturbances(shift: float, flip: int) -> dict[str, Augmentation]:
    """Return the disturbances of chapter 7: a shift of up to `shift` pixels, `flip` pixels inverted, or both.

    Those of size 0 are left out. The names are as in "shift 2", "flip 5", "both".
    """
    each = {}
    if shift:
        each[f"shift {shift:g}"] = Augmentation(shift=shift)
    if flip:
        each[f"flip {flip}"] = Augmentation(flip=flip)
    if shift and flip:
        each["both"] = Augmentation(shift=shift, flip=flip)
    return each


def unknown_images(classes: tuple[str, ...], n: int = 500, seed: int = 0) -> dict[str, NDArray[np.uint8]]:
    """Make images (n, 28, 28) of what a network with these classes does not know, by kind.

    digits, letters     characters that are in none of the classes (case is ignored), drawn by the package
    noise               every pixel a random grey
    specks              every pixel ink or paper at random, a share of INK of them ink
    blank               256 images, each of one grey, from paper to ink
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


def threshold_against_noise(classifier: Classifier, share: float, seed: int = 0) -> float:
    """Return the lowest threshold that flags this share of noise, of specks and of blank images each."""
    kinds = unknown_images(classifier.classes, seed=seed)
    highest = 0.0
    for kind in ("noise", "specks", "blank"):
        confidence = classifier.classify(kinds[kind]).max(axis=1)
        highest = max(highest, float(np.quantile(confidence, share, method="higher")))
    return min(1.0, float(np.nextafter(np.float32(highest), np.float32(2))))


@dataclass(frozen=True)
class Flagged:
    """How one kind of unknown images is answered; flagged means: with a confidence below the threshold."""

    kind: str
    n: int
    flagged: float  # share of the images, 0 to 1; higher is better
    auroc: float  # see `calibration.auroc`
    taken_for: tuple[str, ...]  # the answers given most often, at most three


def flag_unknown_images(
    classifier: Classifier, known: Measured, seed: int = 0
) -> tuple[float, list[Flagged]]:
    """Return the threshold, and how each kind of `unknown_images` is answered.

    The threshold is the file's; if it has none, the one that flags a share of 1 - KEPT of the known images.
    """
    threshold = classifier.header.threshold
    if threshold is None:
        threshold = float(np.quantile(known.confidence, 1 - KEPT))
    found = []
    for kind, images in unknown_images(classifier.classes, seed=seed).items():
        probabilities = classifier.classify(images)
        confidence, answers = probabilities.max(axis=1), probabilities.argmax(axis=1)
        often = np.argsort(-np.bincount(answers, minlength=len(classifier.classes)), kind="stable")[:3]
        found.append(
            Flagged(
                kind,
                len(images),
                float((confidence < threshold).mean()),
                calibration.auroc(known.confidence, confidence),
                tuple(classifier.classes[c] for c in often if (answers == c).any()),
            )
        )
    return threshold, found
