"""Variable and anomaly detection: what torch.autograd has for old and for careful programs."""

from __future__ import annotations

from typing import Any

from hello_dl._core import Tensor
from hello_dl.nn.parameter import Parameter


class _VariableMeta(type):
    """isinstance(x, Variable) asks for a tensor, as in PyTorch since 0.4."""

    def __instancecheck__(cls, value: Any) -> bool:
        return isinstance(value, Tensor)


class Variable(metaclass=_VariableMeta):
    """Return the tensor itself: since PyTorch 0.4 every tensor is a variable."""

    def __new__(cls, data: Tensor, requires_grad: bool = False, volatile: bool = False) -> Any:  # noqa: ARG004
        """Return `data`, which gets a gradient if requires_grad is true."""
        if requires_grad and not data.requires_grad:
            data = data.detach()
            data.requires_grad = True
        elif not requires_grad and isinstance(data, Parameter):
            data = data.detach()
        return data


class detect_anomaly:
    """Change nothing, as a `with` block: errors are reported where the wrong line stands anyway."""

    def __init__(self, *_: Any, **__: Any) -> None:
        pass

    def __enter__(self) -> None:
        return None

    def __exit__(self, *_: object) -> None:
        return None


set_detect_anomaly = detect_anomaly
