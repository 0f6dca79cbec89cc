"""Chooses how the line reader makes text of its network's answers, and how sure it is of each word.

    python training/line_decoding.py --data ../shared/data --weights lines

Two numbers are chosen, the weight of the language and what each further sign gains, by the fewest wrong
signs on lines by the writers that training/lines.py keeps aside to watch. With these, the probability that a
word is right is fitted (hello_dl.reading.lines.certainty), and checked on lines that were not used for it.
The result is the file line_decoding.json of the package.
"""

from __future__ import annotations

import argparse
import json
from difflib import SequenceMatcher
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import hello_dl
from hello_dl.reading.lines.align import align
from hello_dl.reading.lines.beam import beam_search
from hello_dl.reading.lines.best_path import best_path
from hello_dl.reading.lines.certainty import Certainty, WordEvidence, evidence, fit, words_of
from hello_dl.reading.lines.language import DECODING, LineLanguage
from hello_dl.reading.lines.line_reader import LineReader
from hello_dl.reading.score import edit_distance
from lines import BATCH, sources

Answers = list[
    tuple[NDArray[np.float32], str]
]  # log probabilities (answers, classes) of a line, and its text
WEIGHTS = (0.1, 0.2, 0.25, 0.3, 0.35, 0.4, 0.5)
A_SIGNS = (0.0, 0.5, 1.0, 1.5, 2.0, 2.5)  # times the weight


def answers_of(reader: LineReader, data: Path, batches: int) -> Answers:
    """Return what the network says of lines by the watched writers, and what they are.

    All are hard to read, as real pages are harder than lines that one makes up.
    """
    _, _, watched = sources(data, seed=0, calm=0.0)
    lines = [line for number in range(batches) for line in watched.batch(BATCH, 100 + number)]
    found = reader.ask([picture for picture, _ in lines])
    return [(log_probs, text) for log_probs, (_, text) in zip(found, lines, strict=True)]


def error_rate(lines: Answers, language: LineLanguage | None) -> float:
    """Return the edit distance of what is read, for each sign of the truth."""
    wrong = sum(edit_distance(truth, read(log_probs, language)) for log_probs, truth in lines)
    return wrong / sum(len(truth) for _, truth in lines)


def read(log_probs: NDArray[np.float32], language: LineLanguage | None) -> str:
    """Return the text of a line's answers."""
    text = best_path(log_probs) if language is None else beam_search(log_probs, language.after)[0][0]
    return text.strip()


def choose(lines: Answers) -> LineLanguage:
    """Return the language with the weight and the gain of a sign that read these lines best."""
    best, language = (error_rate(lines, None), 0.0, 0.0), LineLanguage.load()
    print(f"best path: {best[0]:.2%} of the signs wrong", flush=True)
    for weight in WEIGHTS:
        for a_sign in A_SIGNS:
            language.weight, language.a_sign = weight, weight * a_sign
            rate = error_rate(lines, language)
            print(f"weight {weight}, a sign {weight * a_sign:.2f}: {rate:.2%}", flush=True)
            best = min(best, (rate, weight, weight * a_sign))
    _, language.weight, language.a_sign = best
    return language


def judged(lines: Answers, language: LineLanguage) -> tuple[list[WordEvidence], list[bool]]:
    """Return what is known of each word that is read, and whether it is right."""
    words, right = [], []
    for log_probs, truth in lines:
        text = read(log_probs, language)
        if not text:
            continue
        words += evidence(log_probs, text, *align(log_probs, text))
        found = [text[a:b] for a, b in words_of(text)]
        same = np.zeros(len(found), np.bool_)
        for block in SequenceMatcher(None, truth.split(), found, autojunk=False).get_matching_blocks():
            same[block.b : block.b + block.size] = True
        right += same.tolist()
    return words, right


def reliability(certainty: Certainty, words: list[WordEvidence], right: list[bool]) -> None:
    """Print, for words of about one probability, how many there are and how many of them are right."""
    chances, is_right = np.array([certainty.of(word) for word in words]), np.array(right)
    print("| said to be sure | words | right |\n|---|---|---|")
    for low, high in ((0, 0.25), (0.25, 0.5), (0.5, 0.75), (0.75, 0.9), (0.9, 0.97), (0.97, 1.01)):
        inside = (chances >= low) & (chances < high)
        share = f"{is_right[inside].mean():.0%}" if inside.any() else ""
        print(f"| {low:.0%} to {min(high, 1):.0%} | {inside.sum()} | {share} |")


def main() -> None:
    """Choose, fit, and write the file."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("--weights", default="lines", metavar="FILE")
    parser.add_argument("--batches", type=int, default=24, help="of 32 lines each")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--out", type=Path, default=DECODING)
    given = parser.parse_args()
    hello_dl.set_num_threads(given.threads)
    lines = answers_of(LineReader.load(hello_dl.weights.find(given.weights)), given.data, given.batches)
    language = choose(lines[: len(lines) // 3])
    some, others = judged(lines[: len(lines) // 2], language), judged(lines[len(lines) // 2 :], language)
    certainty = fit(*some)
    reliability(certainty, *others)
    chosen = {
        "language": language.weight,
        "a_sign": round(language.a_sign, 3),
        "certainty": [round(w, 4) for w in certainty.weights.tolist()],
    }
    given.out.write_text(json.dumps(chosen, sort_keys=True) + "\n", encoding="ascii")
    print(f"{given.out}: {chosen}")


if __name__ == "__main__":
    main()
