"""Shapes and the order of axes change as in PyTorch."""

from __future__ import annotations

import numpy as np
import pytest

import hello_dl as h
from same import CUBE, same


def test_shapes_change_as_in_pytorch() -> None:
    x = h.tensor(CUBE)
    assert x.view(4, -1).shape == (4, 6)
    assert x.reshape((24,)).shape == (24,)
    assert x.flatten(1).shape == (2, 12)
    assert x.flatten().shape == (24,)
    assert x.unflatten(2, (2, -1)).shape == (2, 3, 2, 2)
    assert same(x.transpose(0, 2), CUBE.transpose(2, 1, 0))
    assert same(x.permute(2, 0, 1), CUBE.transpose(2, 0, 1))
    assert same(x.T, CUBE.T)
    assert same(x.mT, CUBE.swapaxes(1, 2))
    assert same(x[0].t(), CUBE[0].T)
    assert x.unsqueeze(1).shape == (2, 1, 3, 4)
    assert x.unsqueeze(-1).squeeze().shape == (2, 3, 4)
    assert x[:1].squeeze(0).shape == (3, 4)
    assert x.squeeze(0).shape == (2, 3, 4)
    assert same(h.ones(3, 1).expand(2, 3, 4), np.ones((2, 3, 4)))
    assert h.ones(3, 1).expand(-1, 5).shape == (3, 5)
    assert same(x.repeat(1, 2, 1), np.tile(CUBE, (1, 2, 1)))
    assert same(h.stack([x, x], 1), np.stack([CUBE, CUBE], 1))
    assert [p.shape for p in x.split(2, 1)] == [(2, 2, 4), (2, 1, 4)]
    assert len(x.chunk(2, -1)) == 2
    assert [p.shape[0] for p in h.arange(10).split([3, 7])] == [3, 7]
    assert len(x.unbind(1)) == 3
    assert x.size() == (2, 3, 4)
    assert x.size(-1) == 4
    assert x.dim() == 3
    assert x.numel() == 24
    with pytest.raises(IndexError, match="needs an axis"):
        x.transpose(0, 3)
    with pytest.raises(ValueError, match="reshape"):
        x.view(5, 5)
