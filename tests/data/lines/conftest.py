"""A font for the tests: the one that comes with Pillow."""

from __future__ import annotations

from io import BytesIO

import pytest
from PIL import ImageFont

from hello_dl.data.lines.fonts import Font, measure


@pytest.fixture(scope="session")
def font(tmp_path_factory: pytest.TempPathFactory) -> Font:
    loaded = ImageFont.load_default(20)
    if not isinstance(loaded, ImageFont.FreeTypeFont) or not isinstance(loaded.path, BytesIO):
        pytest.skip("this Pillow cannot draw TrueType fonts")
    path = tmp_path_factory.mktemp("fonts") / "Default.ttf"
    path.write_bytes(loaded.path.getvalue())
    return measure(path)
