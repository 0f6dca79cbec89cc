"""einsum: sums of products named by letters, done as matrix products of two tensors at a time."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from hello_dl import _core
from hello_dl._core import Tensor
from hello_dl._core.types import Refusal
from hello_dl.tensors.diagonals import diagonal

_DOTS = "..."
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
Labels = list[str]


def einsum(equation: Any, *operands: Any) -> Tensor:
    """Return the sum of products that letters describe, as "bij,bjk->bik" multiplies stacks of matrices.

    Each letter names an axis. Tensors are multiplied where letters are equal; letters that do not stand
    behind "->" are added up; "..." stands for all other axes. Without "->" the letters that occur once
    remain, in the order of the alphabet. einsum(x, [0, 1], y, [1, 2], [0, 2]) has numbers for letters.
    """
    if isinstance(equation, Tensor):
        equation, operands = _from_lists((equation, *operands))
    if len(operands) == 1 and not isinstance(operands[0], Tensor):
        operands = tuple(operands[0])
    tensors, inputs, output = _parsed(str(equation), list(operands))
    merged = [_own_diagonals(x, labels) for x, labels in zip(tensors, inputs, strict=True)]
    x, labels = merged[0]
    for i, (y, others) in enumerate(merged[1:], 1):
        needed = {*output, *(letter for _, rest in merged[i + 1 :] for letter in rest)}
        x, labels = _pair(x, labels, y, others, needed)
    unused = [i for i, letter in enumerate(labels) if letter not in output]
    if unused:
        x = _core.sum(x, unused)
        labels = [letter for letter in labels if letter in output]
    return _core.permute(x, [labels.index(letter) for letter in output])


def _from_lists(given: Sequence[Any]) -> tuple[str, tuple[Any, ...]]:
    """Return the equation and the tensors of einsum(x, [0, 1], y, [1, 2], [0, 2])."""

    def text(numbers: Sequence[Any]) -> str:
        return "".join(_DOTS if n is Ellipsis else _LETTERS[n] for n in numbers)

    pairs = len(given) // 2
    equation = ",".join(text(given[2 * i + 1]) for i in range(pairs))
    if len(given) % 2:
        equation += "->" + text(given[-1])
    return equation, tuple(given[2 * i] for i in range(pairs))


def _parsed(equation: str, operands: list[Any]) -> tuple[list[Tensor], list[Labels], Labels]:
    """Return the tensors, the labels of the axes of each, and those of the result; dots become numbers."""
    text = equation.replace(" ", "")
    left, arrow, right = text.partition("->")
    terms = left.split(",")
    if len(terms) != len(operands) or not operands:
        raise Refusal(
            f"einsum: needs a tensor for each of {len(terms)} terms of {equation!r}, got {len(operands)}"
        )
    inputs = []
    for term, x in zip(terms, operands, strict=True):
        if not isinstance(x, Tensor):
            raise TypeError(f"einsum: needs tensors, got {type(x).__name__}")
        named = len(term.replace(_DOTS, ""))
        if named > x.ndim or (_DOTS not in term and named != x.ndim):
            raise Refusal(f"einsum: {term!r} needs another number of axes than {x.shape}")
        inputs.append(_spelled(term, x.ndim - named, equation))
    most = max((sum(letter.isdigit() for letter in labels) for labels in inputs), default=0)
    if arrow:
        output = _spelled(right, most, equation)
    else:
        every = [letter for labels in inputs for letter in labels]
        once = sorted(letter for letter in set(every) if every.count(letter) == 1 and letter.isalpha())
        output = [str(i) for i in range(most)][::-1] + once
    known = {letter for labels in inputs for letter in labels}
    if len({*output}) != len(output) or not {*output} <= known:
        raise Refusal(
            f"einsum: each letter behind '->' needs to be there once, and in front of it: {equation!r}"
        )
    return list(operands), inputs, output


def _spelled(term: str, hidden: int, equation: str) -> Labels:
    """Return one label for each axis; the axes behind the dots have numbers, counted from the last."""
    before, dots, after = term.partition(_DOTS)
    if not all(letter.isalpha() for letter in before + after):
        raise Refusal(f"einsum: needs letters, ',', '->' and '...', got {equation!r}")
    return [*before, *([str(i) for i in range(hidden)][::-1] if dots else []), *after]


def _own_diagonals(x: Tensor, labels: Labels) -> tuple[Tensor, Labels]:
    """Return a tensor in which each letter occurs once: where one stood twice, the diagonal is left."""
    labels = list(labels)
    for letter in dict.fromkeys(labels):
        while labels.count(letter) > 1:
            a = labels.index(letter)
            b = labels.index(letter, a + 1)
            if x.shape[a] != x.shape[b]:
                raise Refusal(f"einsum: {letter!r} needs one size, got {x.shape[a]} and {x.shape[b]}")
            x = diagonal(x, 0, a, b)
            labels = [named for i, named in enumerate(labels) if i not in (a, b)] + [letter]
    return x, labels


def _pair(x: Tensor, a: Labels, y: Tensor, b: Labels, needed: set[str]) -> tuple[Tensor, Labels]:
    """Return the product of two tensors, added up over the letters that are not needed any more."""
    x, a = _without(x, a, {*b, *needed})
    y, b = _without(y, b, {*a, *needed})
    both = [letter for letter in a if letter in b]
    sizes = dict(zip(a, x.shape, strict=True))
    for letter, size in zip(b, y.shape, strict=True):
        if sizes.setdefault(letter, size) != size and 1 not in (size, sizes[letter]):
            raise Refusal(f"einsum: {letter!r} needs one size, got {sizes[letter]} and {size}")
        sizes[letter] = size if sizes[letter] == 1 else sizes[letter]
    x, y = _widened(x, a, both, sizes), _widened(y, b, both, sizes)
    shared = [letter for letter in both if letter in needed]
    summed = [letter for letter in both if letter not in needed]
    rows, columns = _only(a, both), _only(b, both)
    if not summed and not (rows and columns):  # nothing to add up: numbers side by side
        order = [*shared, *rows, *columns]
        return _core.mul(_spread(x, a, order), _spread(y, b, order)), order
    left = _grouped(x, a, (shared, rows, summed), sizes)
    right = _grouped(y, b, (shared, summed, columns), sizes)
    order = [*shared, *rows, *columns]
    return _core.reshape(_core.matmul(left, right), [sizes[letter] for letter in order]), order


def _only(labels: Labels, both: Labels) -> Labels:
    """Return the letters that only this tensor has."""
    return [letter for letter in labels if letter not in both]


def _without(x: Tensor, labels: Labels, kept: set[str]) -> tuple[Tensor, Labels]:
    """Return a tensor added up over the axes whose letters nobody else has."""
    gone = [i for i, letter in enumerate(labels) if letter not in kept]
    if not gone:
        return x, labels
    return _core.sum(x, gone), [letter for letter in labels if letter in kept]


def _widened(x: Tensor, labels: Labels, both: Labels, sizes: dict[str, int]) -> Tensor:
    """Return a tensor whose axes of length 1 that another tensor has longer are repeated."""
    wanted = [sizes[named] if named in both else s for named, s in zip(labels, x.shape, strict=True)]
    return x if tuple(wanted) == x.shape else _core.expand(x, wanted)


def _spread(x: Tensor, labels: Labels, order: Labels) -> Tensor:
    """Return a tensor with its axes in this order, of length 1 where it has none."""
    mine = [letter for letter in order if letter in labels]
    y = _core.permute(x, [labels.index(letter) for letter in mine])
    at = dict(zip(mine, y.shape, strict=True))
    return _core.reshape(y, [at.get(letter, 1) for letter in order])


def _grouped(x: Tensor, labels: Labels, groups: Sequence[Labels], sizes: dict[str, int]) -> Tensor:
    """Return a tensor of three axes, each made of the axes of a group of letters."""
    y = _core.permute(x, [labels.index(letter) for group in groups for letter in group])
    return _core.reshape(y, [math.prod(sizes[letter] for letter in group) for group in groups])
