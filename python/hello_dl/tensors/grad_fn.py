"""grad_fn: the op that a tensor came from, as PyTorch shows it, for programs that look at the graph."""

from __future__ import annotations

from functools import cache
from typing import Any

from hello_dl._core import Tensor

# Ops whose name in PyTorch is not their own name with a capital and "Backward0" behind it.
_NAMES = {
    "amax": "Amax",
    "amin": "Amin",
    "attention": "ScaledDotProductFlashAttentionForCpu",
    "avg_pool2d": "AvgPool2D",
    "conv2d": "Convolution",
    "ctc": "CtcLoss",
    "embedding": "Embedding",
    "index_select": "IndexSelect",
    "layer_norm": "NativeLayerNorm",
    "linear": "Addmm",
    "log_softmax": "LogSoftmax",
    "logsumexp": "Logsumexp",
    "matmul": "Mm",
    "max_pool2d": "MaxPool2DWithIndices",
    "pick": "NllLoss",
    "reshape": "View",
}


class GradFn:
    """The op that made a tensor, or for a leaf the place where its gradient is added up."""

    def __init__(self, t: Tensor) -> None:
        self._tensor = t

    def name(self) -> str:
        """Return the op's name, such as AddBackward0."""
        return type(self).__name__

    @property
    def next_functions(self) -> tuple[tuple[GradFn | None, int], ...]:
        """The ops of the inputs, with the number of their result; None for an input without gradient.

        After backward(), which frees the graph, there are none.
        """
        return tuple((node_of(x), 0) for x in self._tensor.inputs)

    @property
    def variable(self) -> Tensor:
        """The tensor itself: the leaf, if this is an AccumulateGrad."""
        return self._tensor

    def __repr__(self) -> str:
        return f"<{self.name()} object at {id(self):#x}>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, GradFn) and self._tensor.id == other._tensor.id

    def __hash__(self) -> int:
        return hash(self._tensor.id)


def name_of(op: str) -> str:
    """Return PyTorch's name of the backward rule of an op, such as AddBackward0."""
    if not op.islower():
        return f"{op}Backward"  # a Function of a program, which has the name of its class
    return _NAMES.get(op, "".join(part.capitalize() for part in op.split("_"))) + "Backward0"


@cache
def _class(name: str) -> Any:
    """Return the class of grad_fns of this name: programs ask for type(y.grad_fn).__name__."""
    return type(name, (GradFn,), {"__module__": "torch.autograd"})


def node_of(t: Tensor) -> GradFn | None:
    """Return a tensor's op, AccumulateGrad for a leaf, or None without gradient, as PyTorch's graph has."""
    if not t.requires_grad:
        return None
    node: GradFn = _class("AccumulateGrad" if t.is_leaf else name_of(t.op))(t)
    return node
