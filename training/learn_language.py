"""Learns the shipped language model from texts.

    python training/learn_language.py tinyshakespeare.txt --names names.txt

The first nine tenths of the text are learned, and it prints how well the rest is predicted. The longest
n-grams are kept only if they came three times or more, so that the file stays below 200 KB.
"""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path

from hello_dl.files import read_text
from hello_dl.reading.language.ngrams import ORDER, SHIPPED, Language, count_ngrams, save, words_in

NAMES = 4  # every fourth name is learned: a page has more words than names
OFTEN = 3  # times that a word must come to be a known one


def main() -> None:
    """Learn the model, save it, and print its size and how well it predicts."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("text", type=Path)
    parser.add_argument("--names", type=Path, help="one name a line")
    parser.add_argument("--out", type=Path, default=SHIPPED)
    given = parser.parse_args()
    text = read_text(given.text)
    learned, held_back = words_in(text[: len(text) * 9 // 10]), words_in(text[len(text) * 9 // 10 :])
    names = words_in(read_text(given.names))[::NAMES] if given.names else []
    counts = {gram: n for gram, n in count_ngrams(learned + names).items() if len(gram) < ORDER or n > 2}
    words = {word: n for word, n in Counter(learned).items() if n >= OFTEN}
    given.out.parent.mkdir(parents=True, exist_ok=True)
    save(given.out, counts, words)
    model = Language.load(given.out)
    print(f"{len(counts):,} n-grams, {len(words):,} words, {given.out.stat().st_size:,} bytes in {given.out}")
    print(f"log P a letter of the text held back: {model.mean_log_probability(held_back):.3f}")


if __name__ == "__main__":
    main()
