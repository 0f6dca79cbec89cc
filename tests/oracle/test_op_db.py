"""PyTorch's own test data, its data base of ops, as an oracle: names that both have mean the same in both.

The data base gives sample inputs for each op. Each sample goes through PyTorch and through hello_dl. Values
must agree, and gradients for a random cotangent. What is refused is counted apart, and must be refused in
words. Needs PyTorch with expecttest, else it is skipped. HELLO_DL_OP_DB=all takes every sample.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

import numpy as np
import pytest

import hello_dl
from hello_dl import Tensor
from hello_dl import functional as F

torch = pytest.importorskip("torch")
pytest.importorskip("expecttest")
op_db = pytest.importorskip("torch.testing._internal.common_methods_invocations").op_db

MOST = None if os.environ.get("HELLO_DL_OP_DB") == "all" else 6  # samples of each op
CLOSE = {"rtol": 1e-4, "atol": 1e-5}
CLOSE_GRADIENT = {"rtol": 1e-4, "atol": 1e-4}  # where terms of a gradient cancel, what is left is rounding

# Names that mean something else here, draw random numbers, or have no value to compare.
LEFT_OUT = {
    *("slice", "empty", "empty_like", "bernoulli", "multinomial", "nn.functional.dropout"),
    *("rand_like", "randn", "randn_like", "randint", "randint_like", "normal", "uniform", "new_empty"),
    *(
        f"nn.functional.{name}dropout{axes}"
        for name in ("", "alpha_", "feature_alpha_")
        for axes in ("", "2d", "3d")
    ),
    "nn.functional.fractional_max_pool2d",
    "nn.functional.fractional_max_pool3d",
    "nn.functional.rrelu",
    "nn.functional.triplet_margin_with_distance_loss",  # is given a function of PyTorch's
    *("svd", "linalg.svd", "linalg.eigh"),  # the signs of vectors are free; tests/linalg has them
    "logcumsumexp",  # numbers of 1e4 leave three digits of its gradients
    "linalg.lstsq",  # more results than are compared; tests/linalg has it
}
REFUSALS = (TypeError, ValueError, IndexError, NotImplementedError)


def ours(name: str) -> Callable[..., Any] | None:
    """Return hello_dl's function of PyTorch's name, None if there is none."""
    if name.startswith("nn.functional."):
        function = getattr(F, name.removeprefix("nn.functional."), None)
        if name.endswith((".embedding", ".embedding_bag")):  # the data base hands in the table first
            return lambda weight, index, *more, **options: function(index, weight, *more, **options)
        return function if callable(function) else None
    if name.startswith("linalg."):
        function = getattr(hello_dl.linalg, name.removeprefix("linalg."), None)
        return function if callable(function) else None
    if name == "einsum":
        return lambda tensors, equation: hello_dl.einsum(equation, *tensors)
    if "." in name or name.startswith("_") or not hasattr(torch, name):
        return None
    function = getattr(hello_dl, name, None)
    if name == "where":
        return lambda x, condition, y: hello_dl.where(condition, x, y)
    return function if callable(function) else None


CLAIMED = sorted(
    {
        op.name: op
        for op in op_db
        if op.variant_test_name == "" and op.name not in LEFT_OUT and op.name[-1] != "_" and ours(op.name)
    }.items()
)


class NotHeldHere(Exception):
    """The sample has numbers of a kind that hello_dl does not hold: float64, int32, complex, sparse."""


def converted(value: Any, leaves: list[tuple[Any, Tensor]]) -> Any:
    """Return PyTorch's arguments as ours; pairs of leaves that require gradients are added to `leaves`."""
    if isinstance(value, torch.Tensor):
        if value.layout != torch.strided or value.dtype not in (torch.float32, torch.int64, torch.bool):
            raise NotHeldHere
        tensor = hello_dl.from_numpy(value.detach().resolve_conj().resolve_neg().numpy())
        if value.requires_grad:
            tensor.requires_grad = True
            leaves.append((value, tensor))
        return tensor
    if isinstance(value, torch.dtype):
        known = {torch.float32: hello_dl.float32, torch.int64: hello_dl.int64, torch.bool: hello_dl.bool}
        if value not in known:
            raise NotHeldHere
        return known[value]
    if isinstance(value, complex | torch.layout | torch.memory_format):
        raise NotHeldHere
    if isinstance(value, torch.device):
        return "cpu"
    if isinstance(value, torch.Size):
        return tuple(value)
    if isinstance(value, tuple | list):
        return type(value)(converted(part, leaves) for part in value)
    if isinstance(value, dict):
        return {key: converted(part, leaves) for key, part in value.items()}
    return value


def flat(result: Any) -> Iterator[Any]:
    """Yield every tensor and number in a result."""
    if isinstance(result, tuple | list):
        for part in result:
            yield from flat(part)
    else:
        yield result


def numbers(x: Any) -> np.ndarray[Any, Any]:
    """Return numbers of either library as an array."""
    if isinstance(x, torch.Tensor):
        return np.asarray(x.numpy(force=True))
    return np.asarray(x.detach().numpy() if isinstance(x, Tensor) else x)


def compare(op: Any, sample: Any) -> str:
    """Run a sample through both; return "agrees", or how they differ."""
    leaves: list[tuple[Any, Tensor]] = []
    arguments = [converted(part, leaves) for part in (sample.input, list(sample.args), sample.kwargs)]
    expected = op.op(sample.input, *sample.args, **sample.kwargs)
    function = ours(op.name)
    assert function is not None
    try:
        got = function(arguments[0], *arguments[1], **arguments[2])
        pairs = list(zip(flat(expected), flat(got), strict=True))
        values = [(numbers(a), numbers(b)) for a, b in pairs]
    except REFUSALS as error:
        return "refused" if str(error) else f"refused without a word: {error!r}"
    for a, b in values:
        if a.shape != b.shape:
            return f"shape {b.shape}, PyTorch's is {a.shape}"
        finite = np.abs(np.where(np.isfinite(a), a, 0)).max(initial=1)  # terms that large may have cancelled
        if not np.allclose(a, b, equal_nan=True, rtol=CLOSE["rtol"], atol=CLOSE["atol"] * finite):
            return f"value {b.ravel()[:5]}, PyTorch's is {a.ravel()[:5]}"
    rng = np.random.default_rng(0)
    for a, _ in leaves:  # samples share tensors
        a.grad = None
    for a, b in pairs:
        if not (isinstance(a, torch.Tensor) and a.requires_grad and b.requires_grad and leaves):
            continue
        cotangent = rng.normal(size=tuple(a.shape)).astype(np.float32)
        a.backward(torch.tensor(cotangent), retain_graph=True)
        b.backward(gradient=hello_dl.tensor(cotangent), retain_graph=True)
    for a, b in leaves:
        if a.grad is None or a.grad.numel() == 0:
            continue
        expected, got = numbers(a.grad), None if b.grad is None else numbers(b.grad)
        if got is None and not expected.any():
            continue
        if got is None or not np.allclose(expected, got, equal_nan=True, **CLOSE_GRADIENT):
            return (
                f"gradient {None if b.grad is None else numbers(b.grad).ravel()[:5]}, PyTorch's is {a.grad}"
            )
    return "agrees"


@pytest.mark.parametrize(("name", "op"), CLAIMED, ids=[name for name, _ in CLAIMED])
@pytest.mark.filterwarnings("ignore")
def test_an_op_agrees_with_pytorch(name: str, op: Any) -> None:
    real = torch.float32 in op.supported_dtypes("cpu")
    dtype, requires_grad = torch.float32 if real else torch.int64, real and op.supports_autograd
    tried, refused = 0, 0
    for sample in islice(op.sample_inputs("cpu", dtype, requires_grad=requires_grad), MOST):
        if sample.kwargs.get("dropout_p"):
            continue  # random
        try:
            found = compare(op, sample)
        except NotHeldHere:
            continue
        tried += 1
        refused += found == "refused"
        assert found in ("agrees", "refused"), (
            f"{name}({sample.input}, {sample.args}, {sample.kwargs}): {found}"
        )
    assert refused <= tried / 2, f"{name} refuses {refused} of {tried} samples"


def test_many_ops_are_claimed() -> None:
    assert len(CLAIMED) >= 350
