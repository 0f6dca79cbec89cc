"""Draws what notes say in figures: dates, times, numbers, prices, calculations, telephone numbers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

_DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday"
_MONTHS = "January February March April May June July August September October November December"
_UNITS = "kg g m cm mm km l ml h min s % C F V A W Hz MB GB px pt"
DAYS, MONTHS, UNITS = _DAYS.split(), _MONTHS.split(), _UNITS.split()

# One form a line. The names in braces are filled in by the functions below.
_DATES = """{d}.{m}.{y}
{d}/{m}/{short}
{y}-{m:02d}-{d:02d}
{month} {d}, {y}
{d} {month:.3} {y}
{day}, {d} {month}
{day:.3} {d}.{m}.
{month:.3}. {d}
{month} {y}
{day}
{d:02d}.{m:02d}.{short}"""
_TIMES = """{h}:{m:02d}
{half} am
{half}:{m:02d} pm
{h}.{m:02d} h
{h}:00 - {later}:00"""
_NUMBERS = """{n}
{code}
{n:,}
{broken}
-{broken}
{n} {unit}
{broken} {unit}
{percent}%
No. {n}
#{n}
{a}/{b}
{percent} x {a}
{percent}th"""
_PRICES = """${n:.2f}
{n:.2f}
$ {n:.0f}
{n:.2f} EUR
{n:,.0f},-
US$ {n:.0f}
{n:.0f} c"""
_FORMULAE = """{x} = {a}
{a} + {b} = {sum}
{a} * {b} = {product}
{a} - {b} = {difference}
{f}({x}) = {b}{x} - {a}
{x}^2 + {b}
{x} < {a}
{x} > {b}
{x}_{c} = {a}/{b}
{a}:{b}
({x} + {b})^2
{x} >= {a}
|{x}| <= {b}
{x}[{b}] += {a};
{a}! / {b}!
{x} ~ {a}"""
DATES, TIMES, NUMBERS = _DATES.split("\n"), _TIMES.split("\n"), _NUMBERS.split("\n")
PRICES, FORMULAE = _PRICES.split("\n"), _FORMULAE.split("\n")


def one(rng: np.random.Generator, of: Sequence[str]) -> str:
    """Return one of several texts, or one character of a text, each equally likely."""
    return of[int(rng.random() * len(of))]


def digits(rng: np.random.Generator, count: int) -> str:
    """Draw so many digits."""
    return "".join(str(d) for d in rng.integers(0, 10, count))


def date(rng: np.random.Generator) -> str:
    """Draw a date in one of the usual forms."""
    d, m, y = int(rng.integers(1, 32)), int(rng.integers(1, 13)), int(rng.integers(1950, 2036))
    form, day = one(rng, DATES), one(rng, DAYS)
    return form.format(d=d, m=m, y=y, short=f"{y % 100:02d}", month=MONTHS[m - 1], day=day)


def time(rng: np.random.Generator) -> str:
    """Draw a time of day or a span of it."""
    h, m = int(rng.integers(0, 24)), int(rng.integers(0, 60))
    return one(rng, TIMES).format(h=h, m=m, half=h % 12 + 1, later=(h + 2) % 24)


def number(rng: np.random.Generator) -> str:
    """Draw a number: a count, a code, a decimal, now and then with a unit."""
    return one(rng, NUMBERS).format(
        n=int(10 ** rng.uniform(0, 6)),
        code=digits(rng, int(rng.integers(1, 9))),
        broken=f"{10 ** rng.uniform(-2, 3):.{rng.integers(1, 4)}f}",
        unit=one(rng, UNITS),
        percent=int(rng.integers(0, 101)),
        a=int(rng.integers(1, 10)),
        b=int(rng.integers(2, 17)),
    )


def price(rng: np.random.Generator) -> str:
    """Draw a price."""
    return one(rng, PRICES).format(n=10 ** rng.uniform(0, 3.5))


def formula(rng: np.random.Generator) -> str:
    """Draw a line of a calculation."""
    a, b, c = int(rng.integers(0, 200)), int(rng.integers(1, 60)), int(rng.integers(0, 10))
    x, f = one(rng, "xyzabnktuvw"), one(rng, "fgh")
    return one(rng, FORMULAE).format(a=a, b=b, c=c, x=x, f=f, sum=a + b, product=a * b, difference=a - b)


def telephone(rng: np.random.Generator) -> str:
    """Draw a telephone number."""
    home = f"({digits(rng, 3)}) {digits(rng, 3)}-{digits(rng, 4)}"
    return home if rng.random() < 0.6 else f"+{digits(rng, 2)} {digits(rng, 7)}"
