"""docs/engine.md, gradients.md, second_derivatives.md: what they type runs, and prints what they say."""

from __future__ import annotations

import doctest
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("page", ["engine.md", "gradients.md", "second_derivatives.md"])
def test_the_page_prints_what_it_says(page: str) -> None:
    failed, tried = doctest.testfile(
        str(DOCS / page), module_relative=False, optionflags=doctest.REPORT_NDIFF
    )
    assert failed == 0
    assert tried >= 9
