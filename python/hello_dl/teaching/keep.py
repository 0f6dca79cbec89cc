"""Teaches a network one hand, and keeps the weights under a name, beside what was written for them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from hello_dl import weights
from hello_dl.data import Images
from hello_dl.reading.lines import network
from hello_dl.teaching.learn import FOLDS, Taught, Teacher
from hello_dl.teaching.letter_sets import save_letters
from hello_dl.teaching.lines import learn as lines
from hello_dl.teaching.lines.learn import LineTeacher, TaughtLines
from hello_dl.teaching.lines.line_sets import ENDING, OwnLines, save_lines

STEPS = 200  # of each training with letters
OnStep = Callable[[int, float], object]  # called with a step's number and loss


def steps_of_letters(steps: int = STEPS) -> int:
    """Return how many steps teaching letters takes, with those of the cross-validation."""
    return (FOLDS + 1) * steps


def steps_of_lines(count: int, steps: int = lines.STEPS) -> int:
    """Return how many steps teaching so many lines takes, with those of the cross-validation."""
    return lines.trainings(count) * steps


def keep_letters(
    letters: Images,
    name: str,
    folder: Path,
    *,
    start: str = "letters",
    steps: int = STEPS,
    seed: int = 0,
    on_step: OnStep | None = None,
) -> tuple[Taught, int]:
    """Teach the weights `start` letters; write NAME.safetensors and the letters into a folder.

    Letters that are not among the classes of the weights are kept, but not taught. Returns what came of it,
    and how many were taught.
    """
    path = weights.find(start)
    model, header = weights.load(path)
    own = letters.only(header.classes)
    taught = Teacher(model, header, seed, steps).teach(own, on_step)
    kept = ("classes", "merged", "normalisation", "step", "accuracy", "temperature", "threshold")
    about = {"name": name, "letters": len(own), "steps": steps, "kept": taught.kept, "from": path.name}
    notes = {**header.notes, "taught": about}
    fields = {field: getattr(header, field) for field in kept}
    weights.save(folder / f"{name}.safetensors", model, seed=seed, **fields, **notes)
    save_letters(folder / name, letters)
    return taught, len(own)


def keep_lines(
    own: OwnLines,
    name: str,
    folder: Path,
    *,
    start: str = "lines",
    steps: int = lines.STEPS,
    seed: int = 0,
    on_step: OnStep | None = None,
) -> TaughtLines:
    """Teach the line reader `start` lines; write NAME.safetensors and the lines into a folder."""
    path = weights.find(start)
    model = network.load(path)
    taught = LineTeacher(model, seed, steps).teach(own, on_step)
    about = {"name": name, "lines": len(own), "kept": taught.kept, "from": path.name}
    network.save(folder / f"{name}.safetensors", model, seed=seed, taught=about)
    save_lines(folder / f"{name}{ENDING}", own)
    return taught
