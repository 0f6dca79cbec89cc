"""Shapes and the order of axes change as in PyTorch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

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


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda x: x.view("a"), TypeError, "view: needs whole numbers as sizes, got"),
        (lambda x: x.reshape(2.5), TypeError, "reshape: needs whole numbers as sizes, got"),
        (lambda x: x.expand(2.5, 1), TypeError, "expand: needs whole numbers as sizes, got"),
        (lambda x: x.repeat(1, 1, 2.5), TypeError, "repeat: needs whole numbers as sizes, got"),
        (lambda x: x.split(1.5), TypeError, "split: needs whole numbers as sizes, got"),
        (lambda x: x.split("a"), TypeError, "split: needs whole numbers as sizes, got"),
        (lambda x: x.split([1, 2]), ValueError, "split: needs sizes that add up to 2, got"),
        (lambda x: x.split(0), ValueError, "split: needs pieces of at least 1, got 0"),
        (lambda x: x.permute(0, "a", 1), TypeError, "permute: needs whole numbers as axes, got"),
        (lambda x: x.squeeze(1.5), TypeError, "squeeze: needs whole numbers as axes, got"),
        (lambda x: x.transpose("a", 0), TypeError, "transpose: 'dim' needs an integer, got str"),
        (lambda x: x.size(3), IndexError, "size: needs an axis from -3 to 2, got 3"),
        (lambda x: h.tensor(1.0).unbind(), IndexError, "unbind: needs a tensor of at least one axis"),
        (lambda x: h.tensor(1.0).split(1), IndexError, "split: needs a tensor of at least one axis"),
    ],
)
def test_a_mistake_in_a_shape_names_the_method(
    call: Callable[[h.Tensor], Any], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=f"^{words}"):
        call(h.tensor(CUBE))


def test_sizes_may_be_integers_of_numpy_and_tensors() -> None:
    x = h.tensor(CUBE)
    assert x.reshape(np.int64(4), -1).shape == (4, 6)
    assert [p.shape[1] for p in x.split(np.int64(2), 1)] == [2, 1]
    assert [p.shape[1] for p in x.split(np.array([1, 2]), 1)] == [1, 2]
    assert h.zeros(np.array([2, 3])).shape == h.zeros(h.tensor([2, 3])).shape == (2, 3)
    assert x.view(h.tensor(24)).shape == (24,)


def test_parts_along_an_axis() -> None:
    x = h.tensor(CUBE)
    assert same(x.select(1, -1), CUBE[:, -1])
    assert same(x.narrow(2, 1, 2), CUBE[:, :, 1:3])
    assert same(x.narrow(2, -2, 1), CUBE[:, :, 2:3])
    assert same(x.flip(0, -1), CUBE[::-1, :, ::-1])
    assert same(x.movedim((0, 1), (2, 0)), np.moveaxis(CUBE, (0, 1), (2, 0)))
    assert x.repeat(0, 2, 1).shape == (0, 6, 4)
    assert [p.shape for p in h.zeros(0, 3).chunk(2)] == [(0, 3), (0, 3)]
    for call, words in (
        (lambda: x.select(1, 3), "select: 3 is out of range for axis 1 of size 3"),
        (lambda: x.narrow(1, 2, 2), "narrow: needs places within an axis of 3, got 2 from 2 on"),
    ):
        with pytest.raises(IndexError, match=words):
            call()
    with pytest.raises(ValueError, match="movedim: needs as many places as axes"):
        x.movedim((0, 1), (2, 2))
    with pytest.raises(ValueError, match="repeat: needs numbers of 0 or more"):
        x.repeat(-1, 1, 1)
    with pytest.raises(ValueError, match="view: beside a size of 0, -1 could be any size"):
        h.zeros(0, 3).view(0, -1)


def test_what_is_contiguous() -> None:
    x = h.tensor(CUBE)
    assert x.contiguous() is x
    for y in (
        x,
        x[0],
        x[:1],
        x[1, 1:],
        x.view(4, 6),
        x.unsqueeze(1),
        x.detach(),
        x[:, 1, 2:3][:1],
        x[0, :, 0:0],
    ):
        assert y.is_contiguous()
    for y in (x.mT, x.T, x[:, 0], x[..., ::2], x[:, 1:], h.ones(3, 1).expand(3, 2)):
        assert not y.is_contiguous()
        assert y.contiguous().is_contiguous()
        assert same(y.contiguous(), y.numpy())
