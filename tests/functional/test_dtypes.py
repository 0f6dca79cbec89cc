"""Functions of integers and truth values: PyTorch's dtype and numbers, or a refusal that names the dtype."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import hello_dl

# x (2, 3) real, i (2, 3) and j (2,) integers, b (2, 3) truth values
CALLS = """
i@i.t()  m.bmm(i[None],i.t()[None])  m.mv(i,i[0])  i[0].dot(i[1])  F.linear(i,i)  F.linear(i,i,i[0][:2])
F.conv2d(i[None,None],i[None,None])  F.embedding(j,i)  F.embedding(j,b)  F.max_pool2d(i[None,None],2)
F.relu(i)  F.one_hot(j,3)  F.sigmoid(i)  F.tanh(i)  F.mse_loss(x,i)  F.l1_loss(x,i)  i.exp()  i.log()
b.exp()  i.sqrt()  i.floor()  i.round()  i.sign()  b.sign()  i.abs()  i.square()  b.square()  i.reciprocal()
i**2  i**2.0  b**2  2**i  2.0**i  i/2  i//2  i%2  i%2.5  b/b  i+1.5  b+1  b+1.5  b*b  b+b  i-b  i.sum()
b.sum()  i.prod()  b.prod()  i.cumsum(0)  b.cumsum(0)  i.max()  b.max()  i.amax(0)  b.amax(0)
i.logsumexp(0)  i.sort()[0]  b.sort()[0]  i.clamp(1,2)  i.clamp(1.5,2)  b.clamp(0,1)  m.where(b,i,1.5)
m.where(b,b,1)  m.cat([i,x])  m.cat([b,i])  m.stack([i,x])  m.maximum(i,x)  m.minimum(b,i)  m.maximum(b,b)
i.masked_fill(b,2.7)  i.eq(x)  b.eq(i)  b<i  i.isnan()  i.isinf()  i.isfinite()  b.isnan()  x.isfinite()
i.remainder(3)  i.remainder(2.5)  b.remainder(2)  i.atan2(i)  i.tril()  i.flip(0)  b.repeat(2,1)  x[b]  x[j]
i.expm1()  i.log1p()  (i*0).acos()  x.add_(i)  i.mul_(True)  x.copy_(i)  i.copy_(x)  b.copy_(x)  x.pow_(i)
i.pow_(2)  ~i  ~b  i&3  b|b  i^i  F.embedding(x,x)  F.embedding(b,x)  F.softmax(i,1)  F.log_softmax(i,1)
F.one_hot(x[0])  i.mean()  i.var()  -b  F.mse_loss(i,i)  b-b  i.div_(2)  i.add_(1.5)  i.exp_()  b.add_(1)
i.uniform_()  i.normal_()  x.gather(1,b[:,:1])  F.cross_entropy(x,x[:,0])  i.softmax(0)  x&1  ~x
"""


def outcome(library: Any, call: str) -> Any:
    """Return the result of a call as an array, or None if it is refused."""
    numbers = {
        "x": np.arange(1, 7, dtype=np.float32).reshape(2, 3) / 7,
        "i": np.array([[1, 2, 3], [3, 1, 2]]),
        "j": np.array([1, 0]),
        "b": np.array([[True, False, True], [False, True, True]]),
    }
    names = {name: library.from_numpy(array) for name, array in numbers.items()}
    try:
        return eval(call, {**names, "m": library, "F": library.nn.functional}).numpy()
    except (ValueError, TypeError, IndexError, RuntimeError, NotImplementedError) as error:
        return str(error) if library is hello_dl else None


@pytest.mark.parametrize("call", CALLS.split())
@pytest.mark.filterwarnings("ignore")
def test_integers_and_truth_values_are_treated_as_in_pytorch(call: str) -> None:
    torch = pytest.importorskip("torch")
    ours, theirs = outcome(hello_dl, call), outcome(torch, call)
    if theirs is None:
        assert any(word in ours for word in ("int64", "bool", "integers")), ours
        return
    assert isinstance(ours, np.ndarray), ours
    assert ours.dtype == theirs.dtype
    assert np.allclose(ours, theirs, rtol=1e-5, equal_nan=True)
