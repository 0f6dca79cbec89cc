"""What a GPT of any size takes: parameters, arithmetic, memory, time and money, computed from its sizes."""

from __future__ import annotations

from dataclasses import dataclass

FLOAT = 4  # bytes
TOKENS_A_PARAMETER = 20  # to learn from, at the best use of the arithmetic (Hoffmann et al. 2022, table 3)


@dataclass(frozen=True)
class Size:
    """A GPT by its sizes; the width is shared by heads, which cost nothing.

    Multiplications and additions are counted as one operation each (FLOP).
    """

    name: str
    vocabulary: int
    context: int
    width: int
    layers: int

    @property
    def parameters(self) -> int:
        """How many numbers are learned: embeddings, 12 C^2 + 13 C a block, the last normalisation."""
        C = self.width
        return (self.vocabulary + self.context) * C + self.layers * (12 * C * C + 13 * C) + 2 * C

    @property
    def flops_a_token(self) -> int:
        """What predicting one token takes at a full context: 2 a weight, and attention's two products.

        The embedding of tokens is looked up, not multiplied; as the output layer it is multiplied.
        """
        weights = self.layers * 12 * self.width**2 + self.vocabulary * self.width
        return 2 * weights + 4 * self.layers * self.context * self.width

    @property
    def training_flops_a_token(self) -> int:
        """Forward once, backward twice that: gradients of the inputs, and of the weights."""
        return 3 * self.flops_a_token

    @property
    def weight_bytes(self) -> int:
        """What the weights take in float32."""
        return FLOAT * self.parameters

    @property
    def training_bytes(self) -> int:
        """Weights, gradients and the two running means of Adam; activations come on top."""
        return 4 * FLOAT * self.parameters

    @property
    def cache_bytes(self) -> int:
        """Keys and values of a full context, for one text that is being written."""
        return 2 * FLOAT * self.layers * self.context * self.width

    @property
    def training_tokens(self) -> int:
        """How many tokens it should learn from."""
        return TOKENS_A_PARAMETER * self.parameters

    @property
    def training_flops(self) -> int:
        """What learning from so many tokens takes."""
        return self.training_flops_a_token * self.training_tokens


# Sizes as published: Radford et al. 2019, table 2; Brown et al. 2020, table 2.1. The last one is made up.
OURS = Size("ours", 65, 64, 128, 4)
SIZES = (
    OURS,
    Size("GPT-2 small", 50257, 1024, 768, 12),
    Size("GPT-2 medium", 50257, 1024, 1024, 24),
    Size("GPT-2 large", 50257, 1024, 1280, 36),
    Size("GPT-2 XL", 50257, 1024, 1600, 48),
    Size("GPT-3", 50257, 2048, 12288, 96),
    Size("ten times that", 100000, 8192, 30720, 154),
)
HEADINGS = (
    "",
    "parameters",
    "FLOP/token",
    "weights",
    "training",
    "cache",
    "to learn from",
    "FLOP in all",
    "here",
    "rented",
    "cost",
)


def table(here: float, rented: float = 4e14, price: float = 2.0) -> list[tuple[str, ...]]:
    """Return a table of SIZES as text, its headings first.

    here     FLOP/s of this computer, to be measured
    rented   FLOP/s of an accelerator that is really reached (4e14: 40 % of what one of 2023 is sold for)
    price    of an hour of it, in dollars
    """
    rows: list[tuple[str, ...]] = [HEADINGS]
    for size in SIZES:
        hours = size.training_flops / rented / 3600
        rows.append(
            (
                size.name,
                short(size.parameters),
                short(size.flops_a_token),
                short(size.weight_bytes) + "B",
                short(size.training_bytes) + "B",
                short(size.cache_bytes) + "B",
                short(size.training_tokens) + " tokens",
                f"{size.training_flops:.1e}",
                duration(size.training_flops / here),
                duration(hours * 3600),
                f"${hours * price:,.0f}" if hours * price >= 1 else "< $1",
            )
        )
    return rows


def short(number: float) -> str:
    """Return a number with three digits and k, M, G, T or P."""
    for unit in ("", "k", "M", "G", "T"):
        if abs(number) < 999.5:
            return f"{number:.3g} {unit}".rstrip() + (" " if unit == "" else "")
        number /= 1000
    return f"{number:.3g} P"


def duration(seconds: float) -> str:
    """Return a time in the unit that suits it."""
    for unit, length in (("years", 365.25 * 86400), ("days", 86400), ("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:,.0f} {unit}"
    return f"{seconds:,.1f} seconds" if seconds >= 0.05 else "at once"
