"""Computes from the sizes of a GPT what it costs: parameters, arithmetic, memory, time and money."""

from __future__ import annotations

from dataclasses import dataclass

FLOAT = 4  # bytes of a number in float32
# Training tokens for each parameter: the lowest loss for the arithmetic (Hoffmann et al. 2022, table 3).
TOKENS_A_PARAMETER = 20


@dataclass(frozen=True)
class Size:
    """The sizes of a GPT. The number of heads is not one of them: heads share the width, and cost nothing.

    A multiplication and an addition count as one operation (FLOP) each.
    """

    name: str
    vocabulary: int
    context: int
    width: int
    layers: int

    @property
    def parameters(self) -> int:
        """The number of parameters: embeddings, 12 C^2 + 13 C for each block, the last normalisation."""
        C = self.width
        return (self.vocabulary + self.context) * C + self.layers * (12 * C * C + 13 * C) + 2 * C

    @property
    def flops_a_token(self) -> int:
        """The FLOP to predict one token after a full context: 2 a weight, and attention's two products.

        The token embedding costs nothing as a look-up; its weights count once, as those of the output layer.
        """
        weights = self.layers * 12 * self.width**2 + self.vocabulary * self.width
        return 2 * weights + 4 * self.layers * self.context * self.width

    @property
    def training_flops_a_token(self) -> int:
        """The FLOP to learn from one token: the forward pass, and twice that for the backward pass.

        For each product of the forward pass the backward pass computes two: the gradients of both factors.
        """
        return 3 * self.flops_a_token

    @property
    def weight_bytes(self) -> int:
        """The memory of the weights in float32."""
        return FLOAT * self.parameters

    @property
    def training_bytes(self) -> int:
        """The memory of weights, gradients and Adam's two running means, without the activations."""
        return 4 * FLOAT * self.parameters

    @property
    def cache_bytes(self) -> int:
        """The memory of the keys and values of one full context."""
        return 2 * FLOAT * self.layers * self.context * self.width

    @property
    def training_tokens(self) -> int:
        """The number of tokens that it should learn from."""
        return TOKENS_A_PARAMETER * self.parameters

    @property
    def training_flops(self) -> int:
        """The FLOP to learn from `training_tokens`."""
        return self.training_flops_a_token * self.training_tokens


# The first size is the default of `hello-dl write train`, the last one is invented; those between are from
# Radford et al. 2019, table 2, and Brown et al. 2020, table 2.1.
DEFAULT = Size("ours", 65, 64, 128, 4)
SIZES = (
    DEFAULT,
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

    here     FLOP/s of this computer, as measured
    rented   FLOP/s that a rented accelerator reaches (4e14: 40 % of the peak of a model of 2023)
    price    of an hour of that accelerator, in dollars
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
    """Return a time in the largest unit of which it has at least two."""
    for unit, length in (("years", 365.25 * 86400), ("days", 86400), ("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:,.0f} {unit}"
    return f"{seconds:,.1f} seconds" if seconds >= 0.05 else "at once"
