"""PyTorch's data base of ops as an oracle of second derivatives, for each op that both have.

Samples go through both, then random sums of gradients are differentiated again. HELLO_DL_OP_DB=all takes
every sample. Needs PyTorch with expecttest, else it is skipped.
"""

from __future__ import annotations

import importlib.util
import os
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import hello_dl

torch = pytest.importorskip("torch")
pytest.importorskip("expecttest")

_PATH = Path(__file__).parents[1] / "oracle" / "test_op_db.py"
_spec = importlib.util.spec_from_file_location("op_db_first", _PATH)
assert _spec is not None
assert _spec.loader is not None
first: Any = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(first)

pytestmark = pytest.mark.slow  # about 20 seconds

MOST = None if os.environ.get("HELLO_DL_OP_DB") == "all" else 2  # samples of each op
CLOSE = 1e-3  # of the largest number, for float32 on both sides
NOT_AGAIN = {"qr", "linalg.qr"}  # numpy computes the gradient, and no rule says it in tensors
REAL = [
    (name, op)
    for name, op in first.CLAIMED
    if torch.float32 in op.supported_dtypes("cpu") and op.supports_autograd and op.supports_gradgrad
]


def second(h: Any, ys: list[Any], xs: list[Any]) -> list[Any]:
    """Return the derivatives of a random sum of the derivatives of a random sum of the results."""
    rng = np.random.default_rng(0)

    def random(t: Any) -> Any:
        return h.tensor(rng.normal(size=tuple(t.shape)).astype(np.float32))

    weights = [random(y).requires_grad_() for y in ys]
    parts = [(y * g).sum() for y, g in zip(ys, weights, strict=True)]
    by = [*xs, *weights]
    slopes = h.autograd.grad(sum(parts[1:], parts[0]), by, create_graph=True, allow_unused=True)
    mixed = [random(x) for x in by]
    parts = [(a * w).sum() for a, w in zip(slopes, mixed, strict=True) if a is not None]
    parts = [part for part in parts if part.requires_grad]
    if not parts:
        return [None] * len(by)
    return list(h.autograd.grad(sum(parts[1:], parts[0]), by, allow_unused=True))


def compare(op: Any, sample: Any) -> str:
    """Run a sample through both; return "agrees", or how they differ, or what is refused."""
    leaves: list[Any] = []
    try:
        arguments = [
            first.converted(part, leaves) for part in (sample.input, list(sample.args), sample.kwargs)
        ]
        expected = op.op(sample.input, *sample.args, **sample.kwargs)
        got = first.ours(op.name)(arguments[0], *arguments[1], **arguments[2])
    except (first.NotHeldHere, *first.REFUSALS):
        return "no first derivative"
    pairs = list(zip(first.flat(expected), first.flat(got), strict=True))
    pairs = [(a, b) for a, b in pairs if isinstance(a, torch.Tensor) and a.requires_grad and b.requires_grad]
    if not pairs or not leaves:
        return "no first derivative"
    try:
        theirs = second(torch, [a for a, _ in pairs], [a for a, _ in leaves])
    except RuntimeError:
        return "PyTorch has none"
    ours = second(hello_dl, [b for _, b in pairs], [b for _, b in leaves])
    for a, b in zip(theirs, ours, strict=True):
        right, left = (np.zeros(1) if t is None else first.numbers(t) for t in (a, b))
        if not right.size:
            continue
        scale = max(1.0, float(np.abs(np.where(np.isfinite(right), right, 0)).max()))
        if not np.allclose(right, left, rtol=CLOSE, atol=CLOSE * scale, equal_nan=True):
            return f"{left.ravel()[:5]}, PyTorch's is {right.ravel()[:5]}"
    return "agrees"


@pytest.mark.parametrize(("name", "op"), REAL, ids=[name for name, _ in REAL])
@pytest.mark.filterwarnings("ignore")
def test_second_derivatives_agree_with_pytorch(name: str, op: Any) -> None:
    for sample in islice(op.sample_inputs("cpu", torch.float32, requires_grad=True), MOST):
        if sample.kwargs.get("dropout_p"):
            continue  # random
        if name in NOT_AGAIN:
            with pytest.raises(ValueError, match="has no derivative that can be differentiated again"):
                compare(op, sample)
            continue
        found = compare(op, sample)
        assert found in ("agrees", "no first derivative", "PyTorch has none"), f"{name}{sample.args}: {found}"
