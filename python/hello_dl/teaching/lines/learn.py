"""Teaches the line reader one person's handwriting, without making it forget everybody else's.

It is done as for single letters (teaching/learn.py), with lines:

- The person's lines are drawn anew each time (varied.py), and learned by connectionist temporal
  classification, as at first (chapter 9).
- Each step also rehearses lines for which the old network's answers are the target (Li and Hoiem, "Learning
  without forgetting", 2016). Half of them are by hands of the embedded generator, joined or not (others.py).
  A quarter are the person's own, so strongly distorted that another might have written them; a quarter are
  these turned over: joined strokes of other shapes, which need not be letters.
- The convolutions stay as they are: only the layers after them learn, which read what these see.
- Of the way from the old weights to the new ones only a part is gone (Wortsman et al., "Robust fine-tuning of
  zero-shot models", 2022): at most FAR, and less if lines by others that are in no batch suffer.
"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import numpy as np

from hello_dl import functional as F
from hello_dl import optim
from hello_dl._core import Tensor
from hello_dl.nn.utils import clip_grad_norm_
from hello_dl.optim.schedules import one_cycle
from hello_dl.reading.lines.alphabet import concatenated
from hello_dl.reading.lines.best_path import best_path
from hello_dl.reading.lines.line_reader import LineReader
from hello_dl.reading.lines.network import LineNetwork, to_batch
from hello_dl.reading.score import edit_distance
from hello_dl.teaching.lines.line_sets import OwnLines
from hello_dl.teaching.lines.others import lines_by_others
from hello_dl.teaching.lines.varied import STRANGE, turned_over, varied
from hello_dl.tensors.creation import tensor
from hello_dl.tensors.grad_mode import no_grad
from hello_dl.tensors.random import manual_seed
from hello_dl.train.hooks import set_rates
from hello_dl.train.steps import steps

REHEARSED, WATCHED = 400, 128  # lines by others that are rehearsed, and that are watched
ALIKE = 8  # of the lines by others, sorted by width: how many narrower and wider ones one is chosen from
OWN_WIDTH, OTHERS_WIDTH = 1800, 1600  # pixels: sum of the widths of the lines of each kind in a step
NEAR = 1  # times a batch: from so many narrower lines, and as many wider ones, it is drawn; more mixes more
RATE = 8e-4  # highest learning rate of Adam
WEIGHT = 3.0  # of the rehearsed answers in the loss, beside the person's own lines
LARGEST_GRADIENT = 5.0  # norm of all gradients, to which larger ones are scaled
FAR = 0.7  # of the way to the new weights that is gone at most; less keeps more of others' lines
MAY_LOSE = 0.01  # errors on watched lines, a share of their characters, that may be added; lower is stricter
STEPS_BACK = 8  # number of points that are tried on the line from FAR to the old weights
STEPS = 200  # of each training
FOLDS = 3  # parts of the cross-validation
FEWEST = 6  # lines, of which fewer are not cross-validated

State = dict[str, np.ndarray[Any, Any]]


@dataclass(frozen=True)
class TaughtLines:
    """Character error rates (0 to 1) before and after teaching, of the person's own and of watched lines.

    `own_after` is cross-validated: each line is read by a network that was taught without it; it is None if
    there are too few lines. `kept` (0 to 1) is how far the weights went from the old to the new ones.
    """

    own_before: float
    own_after: float | None
    others_before: float
    others_after: float
    kept: float


class LineTeacher:
    """Teaches `model` lines that one person has written.

    `steps` is the number of training steps of each training. Raises ValueError if it is below 1.
    """

    def __init__(self, model: LineNetwork, seed: int = 0, steps: int = STEPS) -> None:
        if steps < 1:
            raise ValueError(f"teach: needs at least one step, got {steps}")
        self.model, self.seed, self.steps = model.eval(), seed, steps
        self.start: State = {name: t.numpy().copy() for name, t in model.state_dict().items()}
        self.old = deepcopy(model)
        rehearsed = [picture for picture, _ in lines_by_others(REHEARSED, 2 * seed)]
        self.rehearsed = sorted(rehearsed, key=lambda picture: picture.shape[1])
        watched = lines_by_others(WATCHED, 2 * seed + 1)
        self.watched = OwnLines(tuple(p for p, _ in watched), tuple(t for _, t in watched))
        self.before = error_rate(model, self.watched)

    def teach(self, own: OwnLines, on_step: Callable[[int, float], object] | None = None) -> TaughtLines:
        """Cross-validate, then teach the model all of `own`, and leave it with the weights it has learned.

        `on_step` is called with its number and its loss after each step of all `trainings`.
        """
        self.model.load_state_dict(self.start)
        own_before = error_rate(self.model, own)
        own_after = self._cross_validate(own, on_step) if trainings(len(own)) > 1 else None
        kept = self._learn(own, on_step)
        return TaughtLines(own_before, own_after, self.before, error_rate(self.model, self.watched), kept)

    def _cross_validate(self, own: OwnLines, on_step: Callable[[int, float], object] | None) -> float:
        """Return the error rate on lines left out, each of FOLDS parts in turn."""
        fold = np.arange(len(own)) % FOLDS
        wrong = 0.0
        for part in range(FOLDS):
            self._learn(own.take(np.flatnonzero(fold != part)), on_step)
            out = own.take(np.flatnonzero(fold == part))
            wrong += error_rate(self.model, out) * _signs(out)
        return wrong / _signs(own)

    def _learn(self, own: OwnLines, on_step: Callable[[int, float], object] | None) -> float:
        """Train from the old weights; return the share (0 to 1) of the way to the new ones that is kept."""
        manual_seed(self.seed)
        self.model.load_state_dict(self.start)
        self.model.eval()  # batch norms keep their running statistics, which come from lines by many people
        for weight in self.model.convolutions.parameters():
            weight.requires_grad = False
        optimizer = optim.Adam([w for w in self.model.parameters() if w.requires_grad], lr=RATE)
        loop = steps(
            self._both,
            self._batches(own),
            _loss,
            optimizer,
            before=set_rates(optimizer, one_cycle, self.steps),
            on_gradients=lambda: clip_grad_norm_(self.model.parameters(), LARGEST_GRADIENT),
            where="teach:",
        )
        try:
            for step in loop:
                if on_step is not None:
                    on_step(step.number, step.loss)
        finally:
            for weight in self.model.convolutions.parameters():
                weight.requires_grad = True
        return self._step_back()

    def _step_back(self) -> float:
        """Move from the new weights towards the old until the watched lines are read well enough."""
        new = {name: t.numpy().copy() for name, t in self.model.state_dict().items()}
        for share in np.linspace(FAR, 0, STEPS_BACK, endpoint=False):
            mixed = {n: (w + share * (new[n] - w)).astype(w.dtype) for n, w in self.start.items()}
            self.model.load_state_dict(mixed)
            if error_rate(self.model, self.watched) <= self.before + MAY_LOSE:
                return float(share)
        self.model.load_state_dict(self.start)
        return 0.0

    def _batches(self, own: OwnLines) -> Iterator[tuple[tuple[Tensor, Tensor], tuple[list[str], Tensor]]]:
        """Yield `steps` batches: pictures of the person's lines and of rehearsed ones; texts, and targets."""
        rng = np.random.Generator(np.random.Philox(self.seed))
        own = own.take(np.argsort([picture.shape[1] for picture in own.pictures], kind="stable"))
        wide = [picture.shape[1] for picture in own.pictures]
        for _ in range(self.steps):
            mine = _draw(wide, OWN_WIDTH, rng)
            pictures = [varied(own.pictures[i], own.texts[i], rng) for i in mine]
            others, target = self._rehearsal(own, _draw(wide, OTHERS_WIDTH, rng), rng)
            yield (to_batch(pictures), others), ([own.texts[i] for i in mine], target)

    def _rehearsal(self, own: OwnLines, like: list[int], rng: np.random.Generator) -> tuple[Tensor, Tensor]:
        """Return lines to rehearse, about as wide as some of the person's, and the old network's answers.

        The answers (n, answers, classes) are probabilities, divided by the number of those that count, which
        is where a picture is, not the paper that fills it up.
        """
        pictures = []
        for i, kind in zip(like, rng.integers(0, 4, len(like)).tolist(), strict=True):
            picture, text = own.pictures[i], own.texts[i]
            if kind < 2:
                place = bisect([other.shape[1] for other in self.rehearsed], picture.shape[1])
                place += int(rng.integers(-ALIKE, ALIKE + 1))
                pictures.append(self.rehearsed[min(max(place, 0), len(self.rehearsed) - 1)])
            else:
                picture = turned_over(picture, int(rng.integers(3))) if kind == 2 else picture
                pictures.append(varied(picture, text, rng, STRANGE))
        batch = to_batch(pictures)
        with no_grad():
            answers = np.exp(self.old(batch).numpy())
        counting = np.zeros(answers.shape[:2], np.float32)
        for row, picture in zip(counting, pictures, strict=True):
            row[: -(-picture.shape[1] // 2)] = 1
        return batch, tensor(answers * (counting / counting.sum())[..., None])

    def _both(self, x: tuple[Tensor, Tensor]) -> Any:
        """Return the log probabilities of the person's lines and of the rehearsed ones."""
        return self.model(x[0]), self.model(x[1])


def trainings(lines: int) -> int:
    """Return how many trainings teaching so many lines takes, with those of the cross-validation."""
    return 1 + (FOLDS if lines >= FEWEST else 0)


def error_rate(model: LineNetwork, lines: OwnLines) -> float:
    """Return the edit distance of what is read on the best path, for each character of the texts."""
    found = LineReader(model).ask(list(lines.pictures))
    wrong = sum(
        edit_distance(text, best_path(answers).strip())
        for text, answers in zip(lines.texts, found, strict=True)
    )
    return wrong / _signs(lines)


def _signs(lines: OwnLines) -> int:
    return max(1, sum(map(len, lines.texts)))


def _draw(widths: list[int], most: int, rng: np.random.Generator) -> list[int]:
    """Draw numbers of lines, two at least, of about `most` pixels of width together.

    The widths are in order, and lines of similar width are drawn: narrow ones would be filled up with paper.
    """
    middle = int(rng.integers(len(widths)))
    count = max(2, round(most / widths[middle]))
    near = range(max(0, middle - NEAR * count), min(len(widths), middle + NEAR * count + 1))
    return [near[i] for i in rng.integers(0, len(near), count).tolist()]


def _loss(scores: Any, y: tuple[list[str], Tensor]) -> Tensor:
    """Return the CTC loss of the person's lines, for each sign, and the rehearsed lines' cross-entropy."""
    (own, others), (texts, target) = scores, y
    numbers, lengths = concatenated(texts)
    answers = [own.shape[1]] * len(texts)
    loss = F.ctc_loss(
        own, tensor(numbers), answers, lengths.tolist(), zero_infinity=True, batch_first=True
    )  # fmt: skip
    both: Tensor = loss - WEIGHT * (target * others).sum()
    return both
