"""Generated DNA for the tests: random bases, with the mark of a donor or an acceptor in the middle."""

from __future__ import annotations

from pathlib import Path

import numpy as np

LENGTH = 32
PLANTED = {
    "EI": (-2, "AGGTAAG"),
    "IE": (-4, "CCAGG"),
    "N": (0, ""),
}  # its place, counted from the junction, and its bases


def planted(n: int, seed: int = 0) -> list[tuple[str, str, str]]:
    """Return n rows of label, name and sequence, the labels in turn; every name is a gene of its own."""
    random = np.random.default_rng(seed)
    rows = []
    for i in range(n):
        label = ("EI", "IE", "N")[i % 3]
        place, motif = PLANTED[label]
        bases = random.choice(list("ACGT"), LENGTH)
        bases[LENGTH // 2 + place :][: len(motif)] = list(motif)
        rows.append((label, f"GENE{seed}x{i}-{label}-1", "".join(bases)))
    return rows


def write_uci(path: Path, rows: list[tuple[str, str, str]]) -> Path:
    path.write_text("".join(f"{label},{name:>25},   {text}\n" for label, name, text in rows))
    return path
