"""PyTorch's and numpy's names of arguments, in every method and function that takes the argument at all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import hello_dl as h

X = np.arange(1, 7, dtype=np.float32).reshape(2, 3) / 7

OF_METHODS = """
sum(axis=0)  sum(axis=0,keepdims=True)  mean(axis=(0,1))  prod(axis=0,keepdims=True)  amax(axis=0)
amin(axis=1,keepdims=True)  max(axis=0,keepdims=True)[1]  min(axis=-1)[0]  argmax(axis=0,keepdims=True)
argmin(axis=1)  all(axis=0)  any(axis=1,keepdims=True)  std(axis=0,keepdims=True)  var(axis=0)
logsumexp(axis=0,keepdims=True)  norm(dim=1,keepdim=True)  cumsum(axis=0)  softmax(axis=0)
log_softmax(axis=1)  sort(axis=0)[0]  argsort(axis=0)  topk(k=2,axis=1)[0]  unsqueeze(axis=0)
squeeze(axis=0)  unbind(axis=1)[0]  split(split_size=2,dim=1)[0]  chunk(chunks=2,axis=1)[0]
select(axis=0,index=1)  narrow(axis=1,start=0,length=2)  gather(axis=0,index=i)
index_select(axis=0,index=j)  unflatten(dim=1,sizes=(3,1))  size(dim=0)  nelement()
flatten(start_dim=0,end_dim=1)  reshape(shape=(3,2))  view(size=(3,2))  permute(dims=(1,0))
expand(size=(2,2,3))  repeat(repeats=(2,1))  flip(dims=(0,))  transpose(dim0=0,dim1=1)
movedim(source=0,destination=1)  tril(diagonal=1)  triu(diagonal=-1)  clamp(min=0.2,max=0.5)  add(other=x)
sub(other=x,alpha=2)  mul(other=2)  div(other=x)  matmul(other=x.t())  mm(mat2=x.t())  mv(vec=x[0])
pow(exponent=2)  eq(other=x)  view_as(other=x)  maximum(other=x*2)  remainder(other=0.3)  atan2(other=x)
masked_fill(mask=x>0.3,value=0.)  round(decimals=1)  where(condition=x>0.3,other=0*x)
unique(return_counts=True)[1]  stride()  t().stride()  t().stride(0)
"""

OF_FUNCTIONS = """
cat([x,x],axis=1)  cat(tensors=(x,x),dim=0)  stack([x,x],axis=1)  sum(input=x,dim=0)  sum(a=x)
sum(x,axis=1,keepdims=True)  amax(input=x,axis=1)  prod(input=x,axis=1)  add(x1=x,x2=x)  abs(x=x)
mm(input=x,mat2=x.t())  bmm(input=x[None],mat2=x.t()[None])  mv(input=x,vec=x[0])
dot(input=x[0],tensor=x[1])  matmul(input=x,other=x.t())  where(condition=x>0.3,input=x,other=0*x)
gather(input=x,dim=0,index=i)  split(tensor=x,split_size_or_sections=1,dim=0)[0]
reshape(input=x,shape=(3,2))  permute(input=x,dims=(1,0))  topk(input=x,k=2,dim=1)[0]
norm(input=x,p=2,dim=1)  arange(end=4)  arange(start=1,end=4)  maximum(input=x,other=x)
softmax(input=x,dim=0)  std(input=x,dim=0,unbiased=False)  div(input=x,other=x,rounding_mode='floor')
"""


def results(call: str) -> list[Any]:
    """Return what a call gives in hello_dl and in PyTorch: x (2, 3) real, i (1, 3) and j (2,) integers."""
    torch = pytest.importorskip("torch")
    found = []
    for library in (h, torch):
        x, i, j = (library.from_numpy(a) for a in (X.copy(), np.array([[0, 1, 0]]), np.array([1, 0])))
        y = eval(call, {"library": library, "x": x, "i": i, "j": j})
        found.append(np.asarray(y.numpy()) if hasattr(y, "numpy") else y)
    return found


@pytest.mark.parametrize(
    "call", [f"x.{c}" for c in OF_METHODS.split()] + [f"library.{c}" for c in OF_FUNCTIONS.split()]
)
def test_names_are_pytorchs(call: str) -> None:
    ours, theirs = results(call)
    np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda x: x.prod(0, axis=0), "prod"),
        (lambda x: x.sort(dim=0, axis=0), "sort: needs dim or axis, got both"),
        (lambda x: x.amax(dim=0, axis=0), "amax: got 'dim' twice, the second time as axis="),
        (lambda x: x.amax(axes=0), "amax: does not take the argument 'axes'"),
        (lambda x: x.exp(dim=0), "exp: does not take the argument 'dim'"),
        (lambda x: h.amax(x, dim=0, axis=0), "amax: needs dim or axis, got both"),
        (lambda x: h.arange(), "arange: needs an end, got none"),
    ],
)
def test_an_argument_that_comes_twice_or_is_unknown_is_refused(call: Callable[..., Any], words: str) -> None:
    with pytest.raises(TypeError, match=words):
        call(h.ones(2, 2))


def test_a_tensor_of_sizes_or_of_numbers() -> None:
    """PyTorch's older way to make a tensor, Tensor(...)."""
    for made, right in (
        (h.Tensor([1, 2]), [1.0, 2.0]),
        (h.Tensor([[True], [2.5]]), [[1.0], [2.5]]),
        (h.Tensor(np.array([1, 2])), [1.0, 2.0]),
        (h.Tensor([h.tensor(1), h.tensor(2.5)]), [1.0, 2.5]),
        (h.Tensor(2, 3), [[0.0] * 3] * 2),
        (h.Tensor(2), [0.0] * 2),
        (h.Tensor(), []),
        (h.Tensor([]), []),
    ):
        assert made.tolist() == right
        assert made.dtype == h.float32
    shared = h.zeros(2)
    h.Tensor(shared)[0] = 5
    assert shared.tolist() == [5, 0]
    for refused in ((2.5,), ([1], 2), ("ab",)):
        with pytest.raises(TypeError, match="Tensor: needs"):
            h.Tensor(*refused)
    assert h.nn.Parameter(h.ones(2)).requires_grad
