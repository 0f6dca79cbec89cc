"""What may be the ink of a picture, as it was found in one copy of it."""

from __future__ import annotations

from dataclasses import dataclass

from hello_dl.reading.image.arrays import Grey, Ints

ALIKE = 1.2  # ratio of the letters' heights in two guesses below which these show the same letters


@dataclass(frozen=True)
class InkGuess:
    """What may be the ink of a picture: `ink` (H, W) from 0 = paper to 1 = ink.

    `light_on_dark` says that it was found in the negative. `boxes` (n, 4) are those of the patches like
    letters: left, top, right, bottom in pixels of the picture. `area` is that of these patches together, and
    `tall` the median of their heights.
    """

    ink: Grey
    light_on_dark: bool
    boxes: Ints
    area: float
    tall: float

    @property
    def letters(self) -> int:
        """The number of patches like letters."""
        return len(self.boxes)

    def is_like(self, other: InkGuess) -> bool:
        """Whether both show letters of the same brightness and size, so that one of them is enough."""
        alike = max(self.tall, other.tall) < ALIKE * min(self.tall, other.tall)
        return alike and self.light_on_dark == other.light_on_dark

    def nearest(self, others: list[InkGuess]) -> list[InkGuess]:
        """Return the one of other guesses that shows most nearly as much ink, of the same brightness."""
        same = [other for other in others if other.light_on_dark == self.light_on_dark]
        return sorted(same, key=lambda other: abs(other.area - self.area))[:1]
