"""Photos that are given to a studio, and what it is asked with."""

from __future__ import annotations

import io
import time
from typing import Any

from PIL import Image

HOME = "http://127.0.0.1:8042"
LIMITS = {
    "json_bytes": 200_000,
    "photo_bytes": 3_000_000,
    "photo_pixels": 4_000_000,
    "points": 3000,
    "kept": 3,
}


def jpeg(picture: Image.Image) -> bytes:
    """Return a picture as the bytes of a JPEG."""
    file = io.BytesIO()
    picture.convert("RGB").save(file, "JPEG", quality=90)
    return file.getvalue()


def read(client: Any, content: bytes, name: str = "notes.jpg") -> Any:
    """Give the studio a photo, and return its state when it has been read or has failed."""
    answer = client.post("/api/photos", files={"photo": (name, content)})
    assert answer.status_code == 202, answer.text
    for _ in range(600):
        photo = client.get(f"/api/photos/{answer.json()['id']}").json()
        if photo["stage"] in ("read", "failed"):
            return photo
        time.sleep(0.1)
    raise AssertionError(photo)
