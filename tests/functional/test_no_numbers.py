"""Tensors without numbers: functions give PyTorch's result and gradient, or refuse what PyTorch refuses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import hello_dl

# zeros, ones and labels are leaves of this shape; F is functional, nn the layers.
CALLS = """
zeros(2,0)@zeros(0,4)  zeros(0,3)@zeros(3,4)  zeros(3,2)@zeros(2,0)  zeros(0)@zeros(0)  zeros(2,0)@zeros(0)
zeros(0)@zeros(0,3)  zeros(5,2,0)@zeros(5,0,3)  zeros(0,2,3)@zeros(0,3,4)  zeros(2,0)@zeros(5,0,3)
zeros(5,2,0)@zeros(0,3)  zeros(1,4,2,0)@zeros(3,1,0,2)  zeros(0,3)@zeros(3,0)  zeros(2,0)@zeros(1,4)
zeros(2,3,4)@zeros(2,4,0)  zeros(2,0,4)@zeros(2,4,3)  zeros(2,0,4)@zeros(4,3)  zeros(3,4)@zeros(2,4,0)
zeros(0).sum()  zeros(0,3).sum(0)  zeros(0,3).sum(1)  zeros(0,3).mean()  zeros(0,3).mean(0)
zeros(0,3).mean(1)  zeros(0).prod()  zeros(0,3).prod(0)  zeros(0).max()  zeros(0,3).max(0)
zeros(0,3).max(1)[0]  zeros(3,0).amax(0)  zeros(3,0).amax(1)  zeros(0).argmax()  zeros(0,3).argmax(1)
zeros(0).var()  zeros(0,3).std(0)  zeros(3,0).var(1)  zeros(0).norm()  zeros(3,0).norm(dim=1)
zeros(0).any()  zeros(0).all()  zeros(2,0).cumsum(0)  zeros(0,3).logsumexp(0)  zeros(0,3).softmax(0)
zeros(3,0).log_softmax(1)  zeros(0).exp()  zeros(0).clamp(0,1)  zeros(0,3)+zeros(3)  zeros(0)+zeros(2)
zeros(0)*zeros(1)  zeros(0,3).t()  zeros(0,3).reshape(3,0)  zeros(0,3).reshape(-1,3)
zeros(0,3).reshape(0,-1)  zeros(0,3).flatten()  zeros(0,3).unbind(1)[0]  zeros(0).sort()[0]
zeros(3,0).argsort(1)  zeros(0).topk(0)[0]  zeros(3)[zeros(3)>0]  zeros(3,4)[[]]  zeros(0,1).expand(0,3)
zeros(1,3).expand(0,3)  zeros(0,3).gather(1,labels(0,1))  zeros(0).item()
zeros(3,2).index_select(0,labels(0))  zeros(0,0).tril()  zeros(0).view(-1)  zeros(0,3).split(1)[0]
F.linear(zeros(0,3),ones(2,3),ones(2))  F.linear(zeros(2,0),ones(3,0),ones(3))
F.linear(zeros(2,3),ones(0,3))  F.conv2d(zeros(0,1,4,4),ones(2,1,3,3),ones(2))
F.max_pool2d(zeros(0,1,4,4),2)  F.avg_pool2d(zeros(0,1,4,4),2)  F.embedding(labels(2,0),ones(3,2))
F.one_hot(labels(0),3)  F.one_hot(labels(0))  F.layer_norm(zeros(0,3),(3,))
F.layer_norm(zeros(0,3),(3,),ones(3),ones(3))  F.layer_norm(zeros(3,0),(0,))  F.rms_norm(zeros(0,3),(3,))
F.group_norm(zeros(0,4),2)  F.normalize(zeros(0,3))  F.dropout(zeros(0,3))  F.gelu(zeros(0))
F.scaled_dot_product_attention(zeros(0,3,4),zeros(0,3,4),zeros(0,3,4))
F.scaled_dot_product_attention(zeros(1,0,4),zeros(1,3,4),zeros(1,3,4))
F.scaled_dot_product_attention(zeros(1,3,4),zeros(1,0,4),zeros(1,0,4))
F.scaled_dot_product_attention(zeros(1,3,0),zeros(1,2,0),ones(1,2,4))  F.mse_loss(zeros(0),zeros(0))
F.mse_loss(zeros(0),zeros(0),reduction='sum')  F.l1_loss(zeros(0),zeros(0))
F.smooth_l1_loss(zeros(0),zeros(0))  F.huber_loss(zeros(0),zeros(0))  F.cross_entropy(zeros(0,3),labels(0))
F.cross_entropy(zeros(0,3),labels(0),reduction='sum')
F.cross_entropy(zeros(0,3),labels(0),label_smoothing=.1)  F.cross_entropy(zeros(2,3,0),labels(2,0))
F.cross_entropy(zeros(2,0),labels(2))  F.nll_loss(zeros(0,3),labels(0))
F.binary_cross_entropy(zeros(0),labels(0)*1.)  F.binary_cross_entropy_with_logits(zeros(0),zeros(0))
nn.LSTM(3,4)(zeros(2,0,3))[0]  nn.GRU(3,4)(zeros(2,0,3))[0]  nn.LSTM(3,4)(zeros(0,2,3))[0]
nn.MultiheadAttention(4,2,batch_first=True)(zeros(0,3,4),zeros(0,3,4),zeros(0,3,4))[0]
nn.Flatten()(zeros(0,3,4))  nn.Embedding(3,2)(labels(0))  nn.BatchNorm2d(3)(zeros(0,3,2,2))
nn.TransformerEncoderLayer(4,2,batch_first=True)(zeros(0,3,4))
F.fractional_max_pool2d(zeros(0,1,4,5),2,output_size=2)
F.fractional_max_pool3d(zeros(0,1,4,5,4),2,output_size=2)
F.fractional_max_pool2d(zeros(0,1,4,5),2,output_size=2,return_indices=True)[1]
F.pdist(ones(1,3))  zeros(0,3).norm('nuc')
zeros(2,0,3).norm('nuc',(0,2))
"""


def outcome(library: Any, call: str) -> list[Any] | None:
    """Return the result of a call and the gradients of its leaves as arrays; None if it is refused."""
    leaves: list[Any] = []
    if library is hello_dl:  # what is not written then shows: memory is used again
        for size in range(1, 65):
            hello_dl.full((size,), float("nan"))

    def maker(name: str) -> Callable[..., Any]:
        def make(*sizes: int) -> Any:
            leaves.append(getattr(library, name)(sizes, requires_grad=True))
            return leaves[-1]

        return make

    names = {"zeros": maker("zeros"), "ones": maker("ones"), "nn": library.nn, "F": library.nn.functional}
    names["labels"] = lambda *sizes: library.zeros(sizes, dtype=library.int64)
    try:
        y = eval(call, names)
        found = [
            np.asarray(t.detach().numpy() if hasattr(t, "detach") else t)
            for t in [y][: 1 - isinstance(y, tuple)]
        ]
    except (ValueError, TypeError, IndexError, RuntimeError) as error:
        return None if str(error) else [repr(error)]
    if found and getattr(y, "requires_grad", False):
        y.backward(library.ones(tuple(y.shape)))
        found += [None if leaf.grad is None else np.asarray(leaf.grad.numpy()) for leaf in leaves]
    return found


@pytest.mark.parametrize("call", CALLS.split())
@pytest.mark.filterwarnings("ignore")
def test_nothing_is_made_of_nothing_as_in_pytorch(call: str) -> None:
    torch = pytest.importorskip("torch")
    ours, theirs = outcome(hello_dl, call), outcome(torch, call)
    assert (ours is None) == (theirs is None), f"{call}: {ours}, in PyTorch {theirs}"
    for a, b in zip(ours or [], theirs or [], strict=True):
        assert (a is None) == (b is None)
        if a is not None:
            assert a.shape == b.shape
            assert a.dtype == b.dtype
            assert np.array_equal(a, b, equal_nan=a.dtype.kind == "f")
