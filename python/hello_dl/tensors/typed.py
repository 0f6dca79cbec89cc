"""PyTorch's classes of tensors by dtype, FloatTensor and its like: they make tensors, and isinstance asks."""

from __future__ import annotations

from typing import Any

from hello_dl._core import Tensor
from hello_dl.tensors.creation import make, of_sizes_or_numbers, tensor
from hello_dl.tensors.dtypes import CLASSES, check_dtype


class _Typed(type):
    """The class of these classes: they have no objects of their own, only tensors of their dtype."""

    tensor_dtype: str

    def __call__(cls, *data: Any) -> Tensor:
        label = check_dtype(cls.tensor_dtype, cls.__name__)
        if len(data) == 1 and not isinstance(data[0], int):
            numbers = tensor(data[0])
            return numbers if numbers.dtype == label else numbers.to(label)
        made = of_sizes_or_numbers(data)
        return made if made.dtype == label else make(made.numpy(), label, False, cls.__name__)

    def __instancecheck__(cls, value: Any) -> bool:
        return isinstance(value, Tensor) and value.dtype == cls.tensor_dtype

    @property
    def dtype(cls) -> str:
        """The dtype of such a tensor."""
        return cls.tensor_dtype

    def __repr__(cls) -> str:
        return f"<class 'torch.{cls.__name__}'>"


def typed(name: str) -> type:
    """Return the class FloatTensor, LongTensor ... of this name."""
    doc = f"Makes a tensor of {CLASSES[name]} from sizes or lists; such a tensor is its instance."
    return _Typed(name, (), {"tensor_dtype": CLASSES[name], "__doc__": doc, "__module__": "torch"})


FloatTensor, DoubleTensor, HalfTensor = typed("FloatTensor"), typed("DoubleTensor"), typed("HalfTensor")
LongTensor, IntTensor, ShortTensor = typed("LongTensor"), typed("IntTensor"), typed("ShortTensor")
CharTensor, ByteTensor, BoolTensor = typed("CharTensor"), typed("ByteTensor"), typed("BoolTensor")
