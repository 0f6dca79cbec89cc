"""Parametrizations: a parameter computed from others each time it is used, such as a symmetric weight.

`register_parametrization(layer, "weight", Symmetric())` keeps the parameter that is learned in
`layer.parametrizations.weight.original`; `layer.weight` is then Symmetric()(original).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from hello_dl._core import Tensor
from hello_dl._core.types import Refusal
from hello_dl.nn.containers import ModuleDict, ModuleList
from hello_dl.nn.module import Module
from hello_dl.nn.parameter import Parameter
from hello_dl.tensors.grad_mode import no_grad

_caches: list[dict[tuple[int, str], Tensor]] = []  # of the `with cached():` blocks that run


class ParametrizationList(ModuleList):
    """The parametrizations of one parameter, and what is learned: `original`, or original0, original1, ..."""

    def __init__(self, modules: Sequence[Module], original: Tensor) -> None:
        super().__init__(modules)
        learns = original.requires_grad
        value: Any = original
        with no_grad():
            for module in reversed(modules):
                if hasattr(module, "right_inverse"):
                    value = module.right_inverse(value)
        several = isinstance(value, tuple | list)
        self.ntensors = len(value) if several else 1
        for name, numbers in zip(self._names(), value if several else [value], strict=True):
            kept = numbers if numbers is original else Parameter(numbers.detach().clone(), learns)
            setattr(self, name, kept)

    def _names(self) -> list[str]:
        """Return the names of what is learned."""
        return ["original"] if self.ntensors == 1 else [f"original{i}" for i in range(self.ntensors)]

    def right_inverse(self, value: Tensor) -> None:
        """Set what is learned so that the parameter gets this value."""
        found: Any = value
        with no_grad():
            for module in reversed(list(self.children())):
                if not hasattr(module, "right_inverse"):
                    raise Refusal(f"{type(module).__name__} has no right_inverse: its result cannot be set")
                found = module.right_inverse(found)
            for name, numbers in zip(self._names(), found if self.ntensors > 1 else [found], strict=True):
                getattr(self, name).copy_(numbers)

    def forward(self) -> Tensor:
        """Return the parameter: what is learned, sent through all parametrizations."""
        first, *others = list(self.children())
        x = first(*(getattr(self, name) for name in self._names()))
        for module in others:
            x = module(x)
        return x  # type: ignore[no-any-return]


def _computed(name: str) -> property:
    """Return the property that stands in the parameter's place."""

    def value(module: Any) -> Tensor:
        parametrization = module.parametrizations[name]
        if not _caches:
            return parametrization()  # type: ignore[no-any-return]
        key = (id(module), name)
        if key not in _caches[-1]:
            _caches[-1][key] = parametrization()
        return _caches[-1][key]

    def assign(module: Any, numbers: Tensor) -> None:
        module.parametrizations[name].right_inverse(numbers)

    return property(value, assign)


def register_parametrization(
    module: Module, tensor_name: str, parametrization: Module, *, unsafe: bool = False
) -> Module:
    """Have the parameter `tensor_name` computed by a module from what is learned, and return `module`.

    If the parametrization has `right_inverse`, the parameter starts with its present value. Several are
    applied one after the other. ValueError if the shape changes and not `unsafe`, or there is no such name.
    """
    if is_parametrized(module, tensor_name):
        module.parametrizations[tensor_name].append(parametrization)  # type: ignore[attr-defined]
        return module
    original = module._parameters.get(tensor_name, module._buffers.get(tensor_name))
    if original is None:
        raise Refusal(f"{type(module).__name__} has no parameter {tensor_name!r} to parametrize")
    parts = ParametrizationList([parametrization], original)
    if not unsafe and (found := tuple(parts().shape)) != tuple(original.shape):
        raise Refusal(f"register_parametrization: needs the shape {original.shape} to stay, got {found}")
    delattr(module, tensor_name)
    if not is_parametrized(module):
        plain = type(module)
        module.__class__ = type(f"Parametrized{plain.__name__}", (plain,), {"_plain_class": plain})
        module.parametrizations = ModuleDict()
    setattr(type(module), tensor_name, _computed(tensor_name))
    module.parametrizations[tensor_name] = parts  # type: ignore[attr-defined]
    parts.train(module.training)
    return module


def is_parametrized(module: Module, tensor_name: str | None = None) -> bool:
    """Say whether a parameter of the module, or the one of this name, is parametrized."""
    parts = module.__dict__.get("parametrizations")
    return isinstance(parts, ModuleDict) and (tensor_name is None or tensor_name in parts)


def remove_parametrizations(module: Module, tensor_name: str, leave_parametrized: bool = True) -> Module:
    """Make the parameter a plain one again, with the value it has now, or else with that of `original`."""
    if not is_parametrized(module, tensor_name):
        raise Refusal(f"{type(module).__name__} has no parametrization of {tensor_name!r}")
    parts = module.parametrizations[tensor_name]  # type: ignore[attr-defined]
    if not leave_parametrized and parts.ntensors > 1:
        raise Refusal(f"{tensor_name} is made of {parts.ntensors} tensors; it can only stay as it is")
    plain: Any = getattr(parts, parts._names()[0])
    if leave_parametrized:
        value = getattr(module, tensor_name).detach().clone()
        if parts.ntensors == 1 and value.shape == plain.shape:
            with no_grad():
                plain.copy_(value)  # the same object, which an optimizer may have
        else:
            plain = Parameter(value, plain.requires_grad)
    delattr(type(module), tensor_name)
    del module.parametrizations[tensor_name]  # type: ignore[attr-defined]
    setattr(module, tensor_name, plain)
    if not len(module.parametrizations):  # type: ignore[attr-defined]
        delattr(module, "parametrizations")
        module.__class__ = type(module)._plain_class  # type: ignore[attr-defined]
    return module


def type_before_parametrizations(module: Module) -> type[Module]:
    """Return the module's class as it was before a parameter of it was parametrized."""
    return getattr(type(module), "_plain_class", type(module))


@contextmanager
def cached() -> Iterator[None]:
    """Compute each parametrized parameter only once while the block runs."""
    _caches.append({})
    try:
        yield
    finally:
        _caches.pop()
