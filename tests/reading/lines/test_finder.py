"""The network that finds lines: shapes, a page of any size, and that it learns."""

from __future__ import annotations

import numpy as np

import hello_dl as h
from hello_dl import functional as F
from hello_dl import optim
from hello_dl.reading.ink_map.network import to_cells
from hello_dl.reading.lines.finder import find_bands, finder_network


def test_a_page_of_any_size_gets_an_answer_for_each_pixel() -> None:
    model = finder_network().eval()
    for size in ((64, 80), (33, 47), (1, 5)):
        bands = find_bands(np.zeros(size, np.float32), model)
        assert bands.shape == size
        assert ((bands >= 0) & (bands <= 1)).all()


def test_it_learns_to_fill_the_space_between_two_rules() -> None:
    h.manual_seed(0)
    rng = np.random.default_rng(0)
    ink, band = np.zeros((2, 4, 64, 64), np.float32)
    for page in range(4):
        top = int(rng.integers(10, 40))
        ink[page, [top, top + 9]] = 1
        band[page, top : top + 10] = 1
    x, y = (h.tensor(np.stack([to_cells(one) for one in pages])) for pages in (ink, band))
    model = finder_network()
    optimizer = optim.AdamW(model.parameters(), lr=3e-3)
    losses = []
    for _ in range(40):
        loss = F.binary_cross_entropy_with_logits(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.3 * losses[0]
