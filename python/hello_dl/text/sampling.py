"""How the next token is chosen from a network's scores: temperature, top-k, top-p, repetition penalty."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hello_dl.tensors.random import Generator


@dataclass(frozen=True)
class Sampling:
    """Settings of the choice; the defaults draw from the network's own probabilities.

    temperature         scores are divided by it: below 1 probable tokens become more probable, above 1 less;
                        0: always the most probable token (greedy)
    top_k               only the k most probable tokens; None: all
    top_p               only the most probable tokens that together reach this probability, "nucleus
                        sampling" (Holtzman et al. 2020, equation 2)
    repetition_penalty  scores of tokens that occurred before are divided by it if positive, else
                        multiplied (Keskar et al. 2019, section 4.1); 1: no penalty

    They apply in this order: penalty, temperature, top-k, top-p. ValueError for a value out of range.
    """

    temperature: float = 1.0
    top_k: int | None = None
    top_p: float = 1.0
    repetition_penalty: float = 1.0

    def __post_init__(self) -> None:
        if not (self.temperature >= 0 and math.isfinite(self.temperature)):
            raise ValueError(
                f"temperature: needs 0 (always the most probable) or more, got {self.temperature}"
            )
        if self.top_k is not None and self.top_k < 1:
            raise ValueError(f"top-k: needs at least 1 token to choose from, got {self.top_k}")
        if not 0 < self.top_p <= 1:
            raise ValueError(f"top-p: needs a probability above 0 and up to 1, got {self.top_p}")
        if not (self.repetition_penalty > 0 and math.isfinite(self.repetition_penalty)):
            raise ValueError(f"repetition-penalty: needs a number above 0, got {self.repetition_penalty}")

    @property
    def plain(self) -> bool:
        """Whether all settings but the temperature have their defaults."""
        return self.top_k is None and self.top_p == 1 and self.repetition_penalty == 1

    def probabilities(self, scores: NDArray[Any], before: Iterable[int] = ()) -> NDArray[np.float64]:
        """Return the probability of each token (k,) for scores (k,); `before` are the tokens so far."""
        scores = np.array(scores, np.float64)
        if self.repetition_penalty != 1:
            seen = np.unique(np.fromiter(before, np.int64))
            old = scores[seen]
            scores[seen] = np.where(old > 0, old / self.repetition_penalty, old * self.repetition_penalty)
        if self.temperature == 0:
            chosen = np.zeros_like(scores)
            chosen[scores.argmax()] = 1
            return chosen
        p: NDArray[np.float64] = np.exp((scores - scores.max()) / self.temperature)
        p /= p.sum()
        if self.top_k is not None or self.top_p < 1:
            order = np.argsort(-p, kind="stable")
            kept = len(p) if self.top_k is None else min(self.top_k, len(p))
            total = np.cumsum(p[order[:kept]])
            if self.top_p < 1:
                kept = min(kept, int(np.searchsorted(total, self.top_p * total[-1])) + 1)
            p[order[kept:]] = 0
            p /= p.sum()
        return p

    def choose(self, scores: NDArray[Any], generator: Generator, before: Iterable[int] = ()) -> int:
        """Draw a token for scores (k,) and return its number; `before` are the tokens so far."""
        if self.temperature == 0 and self.plain:
            return int(scores.argmax())
        if self.plain:  # drawn below by inverting the cumulative distribution
            p = np.exp((scores - scores.max()) * (1 / self.temperature))
        else:
            p = self.probabilities(scores, before)
        total = np.cumsum(p, dtype=np.float64)
        drawn = int(np.searchsorted(total, generator.numpy.random() * total[-1], side="right"))
        return min(drawn, len(total) - 1)
