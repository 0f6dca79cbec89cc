"""Pictures of graphs: what is written in them, and that no box lies on another."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

import hello_dl as h

SVG = "{http://www.w3.org/2000/svg}"


def expression() -> tuple[h.Tensor, dict[str, h.Tensor]]:
    w, x = h.tensor([1.0, 2.0], requires_grad=True), h.tensor([3.0, 4.0])
    y = (w * x).sum() + w.sum()
    return y, {"w": w, "x": x}


def boxes(dot: str) -> list[str]:
    return re.findall(r'label="([^"]*)"', dot)


def test_dot_names_ops_shapes_numbers_and_gradients() -> None:
    y, names = expression()
    y.backward(retain_graph=True)
    dot = h.to_dot(y, names)
    labels = boxes(dot)
    assert r"w\n(2,)\n1 2\ngrad 4 5" in labels
    assert r"x\n(2,)\n3 4" in labels
    assert r"mul\n(2,)\n3 8" in labels
    assert labels[-1] == r"add\n()\n14"
    assert len(labels) == 6
    assert dot.count("->") == 6
    assert dot.startswith("digraph {")
    assert dot.endswith("}\n")


def test_a_tensor_used_twice_is_one_box_with_two_arrows() -> None:
    x = h.tensor(2.0, requires_grad=True)
    dot = h.to_dot(x * x)
    assert len(boxes(dot)) == 2
    assert dot.count("n0 -> n1") == 2


def test_large_tensors_are_not_computed_for_a_picture() -> None:
    x = h.randn(100, 100, requires_grad=True)
    y = x.exp()
    assert boxes(h.to_dot(y)) == [r"parameter\n(100, 100)", r"exp\n(100, 100)"]
    assert not y.is_computed


def test_svg_shows_every_box_once_and_none_overlap(tmp_path: Path) -> None:
    y, names = expression()
    path = tmp_path / "graph.svg"
    text = h.to_svg(y, path, names)
    assert path.read_text() == text
    assert list(tmp_path.iterdir()) == [path]
    root = ET.fromstring(text)
    drawn = [
        tuple(float(r.attrib[k]) for k in ("x", "y", "width", "height"))
        for r in root.iter(f"{SVG}rect")
        if "x" in r.attrib
    ]
    assert len(drawn) == 6
    for i, (x, top, width, height) in enumerate(drawn):
        assert x >= 0
        assert x + width <= float(root.attrib["width"]) + 1
        for x2, top2, width2, height2 in drawn[i + 1 :]:
            assert x + width <= x2 or x2 + width2 <= x or top + height <= top2 or top2 + height2 <= top
    words = [t.text for t in root.iter(f"{SVG}text")]
    assert words.count("w") == 1
    assert "(2,)" in words
    assert "14" in words


def test_results_stand_below_what_they_are_made_of() -> None:
    y, names = expression()
    root = ET.fromstring(h.to_svg(y, names=names))
    arrows = [p.attrib["d"] for p in root.iter(f"{SVG}path") if "marker-end" in p.attrib]
    assert len(arrows) == 6
    for arrow in arrows:
        _, start, *_, end = (float(number) for number in re.findall(r"[\d.]+", arrow))
        assert end > start  # y grows downwards


def test_names_are_escaped() -> None:
    x = h.tensor(1.0, requires_grad=True)
    assert "&lt;a&amp;b&gt;" in h.to_svg(x * 2, names={"<a&b>": x})
    assert r"say \"x\"" in h.to_dot(x * 2, {'say "x"': x})


def test_a_deep_graph_is_dot_text_but_no_picture() -> None:
    y = h.tensor(1.0, requires_grad=True)
    for _ in range(3000):
        y = y + 1
    assert len(boxes(h.to_dot(y))) == 6001
    with pytest.raises(ValueError, match="6001"):
        h.to_svg(y)
