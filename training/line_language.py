"""Learns the language model of the line reader from running text and from counts of words.

    python training/line_language.py books.txt state_union.txt --words word-counts.txt --names names.txt

Every twentieth line is held back, and it prints how well these are predicted. Long n-grams that came only a
few times are left out, so that the file stays below 700 KB.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from hello_dl.files import read_text
from hello_dl.reading.language.ngrams import save
from hello_dl.reading.lines.language import SHIPPED, LineLanguage, count_ngrams, fold

FEWEST = (1, 1, 1, 2, 3, 4)  # times that an n-gram of 1 to 6 signs must come to be kept
WORDS = 83_000  # known words: the most frequent
# Signs outside printable ASCII, and what people write instead.
PLAIN = str.maketrans(
    {"\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"', "\u2013": "-", "\u2014": " - "}
)


def lines_of(path: Path) -> list[str]:
    """Return a text's lines in printable ASCII, without empty ones."""
    lines = []
    for line in read_text(path).translate(PLAIN).splitlines():
        plain = " ".join("".join(c for c in line if c.isascii() and c.isprintable()).split())
        if plain:
            lines.append(plain)
    return lines


def known_words(path: Path) -> dict[str, int]:
    """Return the most frequent words of a file with a word and its count in each line, the rarest as 1."""
    counts = {}
    for line in read_text(path).splitlines():
        word, count = line.split()
        if word.isascii() and word.isalpha():
            counts[word.lower()] = int(count)
    best = sorted(counts, key=lambda word: -counts[word])[:WORDS]
    least = counts[best[-1]]
    return {word: round(counts[word] / least) for word in best}


def known_names(path: Path) -> list[str]:
    """Return the names of a file, one in each line, in small letters."""
    return [name.lower() for name in read_text(path).split() if name.isascii() and name.isalpha()]


def main() -> None:
    """Learn the model, save it, and print its size and how well it predicts."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("text", type=Path, nargs="+")
    parser.add_argument("--words", type=Path, required=True, help="a word and its count in each line")
    parser.add_argument("--names", type=Path, help="a name in each line, which is a word, too")
    parser.add_argument("--out", type=Path, default=SHIPPED)
    given = parser.parse_args()
    lines = [line for path in given.text for line in lines_of(path)]
    held_back = lines[::20]
    del lines[::20]
    counts = {gram: n for gram, n in count_ngrams(lines).items() if n >= FEWEST[len(gram) - 1]}
    words = known_words(given.words)
    for name in known_names(given.names) if given.names else []:
        words.setdefault(name, 1)
    save(given.out, counts, words)
    model = LineLanguage.load(given.out)
    print(f"{len(counts):,} n-grams, {given.out.stat().st_size:,} bytes in {given.out}")
    total = signs = 0.0
    for text in map(fold, held_back[:500]):
        total += sum(model.log_probability(text[:i], sign) for i, sign in enumerate(text))
        signs += len(text)
    print(f"log P a sign of the text held back: {total / signs:.3f}")


if __name__ == "__main__":
    main()
