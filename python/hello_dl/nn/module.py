"""Module: a part of a network, which may have parameters and parts of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Self, TypeVar

from hello_dl import _core
from hello_dl._core import Tensor
from hello_dl._core.types import Refusal
from hello_dl.nn.hooks import Hookable
from hello_dl.nn.introspection import Introspection
from hello_dl.nn.parameter import Parameter
from hello_dl.nn.states import States, join

T = TypeVar("T")


class Module(Hookable, Introspection, States):
    """Base class of all layers and networks: give it parts in `__init__`, and a `forward`.

    There is no registry: a module's parameters are those of its attributes that are a Parameter, and its
    children those that are a Module, in the order in which they were assigned. Calling a module calls its
    `forward`. Chapter 4 of Hello Deep Learning builds networks of modules.
    """

    training = True  # train() and eval() set it on the instance

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """Compute the module's result. Every module defines it; NotImplementedError without one."""
        raise NotImplementedError(f"{type(self).__name__} has no forward(self, x) that says what it computes")

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Return forward's result, with the hooks before and after it, if there are any."""
        if self._hooks is not None:
            return self._call_with_hooks(args, kwargs)
        return self.forward(*args, **kwargs)

    def __setattr__(self, name: str, value: Any) -> None:
        old = self.__dict__.get(name)
        if isinstance(old, Parameter) and isinstance(value, Tensor) and not isinstance(value, Parameter):
            raise TypeError(
                f"{type(self).__name__}.{name} is a parameter: assign an nn.Parameter, or overwrite its"
                f" numbers with .{name}.copy_(tensor) under no_grad()"
            )
        object.__setattr__(self, name, value)

    # ---- what a module is made of ------------------------------------------------------------------------

    def register_parameter(self, name: str, param: Parameter | None) -> None:
        """Give the module a parameter by name; None stands for one that is left out."""
        if param is not None and not isinstance(param, Parameter):
            raise TypeError(f"register_parameter: {name!r} needs an nn.Parameter, got {type(param).__name__}")
        setattr(self, _plain(name), param)

    def register_buffer(self, name: str, tensor: Tensor | None, persistent: bool = True) -> None:
        """Give the module a tensor that is not learned; a persistent one is part of the state_dict."""
        if tensor is not None and not isinstance(tensor, Tensor):
            raise TypeError(f"register_buffer: {name!r} needs a Tensor, got {type(tensor).__name__}")
        self.__dict__.setdefault("_buffer_names", {})[_plain(name)] = persistent
        setattr(self, name, tensor)

    def add_module(self, name: str, module: Module | None) -> None:
        """Give the module a child by name."""
        if module is not None and not isinstance(module, Module):
            raise TypeError(f"add_module: {name!r} needs an nn.Module, got {type(module).__name__}")
        setattr(self, _plain(name), module)

    def register_module(self, name: str, module: Module | None) -> None:
        """Give the module a child by name, as add_module does."""
        self.add_module(name, module)

    def named_children(self) -> Iterator[tuple[str, Module]]:
        """Yield name and module of each direct child."""
        for name, value in self.__dict__.items():
            if isinstance(value, Module):
                yield name, value

    def children(self) -> Iterator[Module]:
        """Yield each direct child."""
        return (module for _, module in self.named_children())

    def named_modules(
        self, memo: Any = None, prefix: str = "", remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Module]]:
        """Yield name and module of this module ("") and of all below it, each module once."""
        del memo  # PyTorch's set of modules that were seen
        return _once(self._walk(prefix)) if remove_duplicate else self._walk(prefix)

    def modules(self) -> Iterator[Module]:
        """Yield this module and all below it, each once."""
        return (module for _, module in self.named_modules())

    def named_parameters(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Parameter]]:
        """Yield name and parameter, each parameter once; names as in "0.weight"."""
        every = self._all(prefix, recurse, lambda module: module._own_parameters())
        return _once(every) if remove_duplicate else every

    def parameters(self, recurse: bool = True) -> Iterator[Parameter]:
        """Yield each parameter once: what an optimizer needs."""
        return (parameter for _, parameter in self.named_parameters(recurse=recurse))

    def named_buffers(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Tensor]]:
        """Yield name and tensor of each buffer, which is kept but not learned, such as a running mean."""
        every = self._all(prefix, recurse, lambda module: module._own_buffers())
        return _once(every) if remove_duplicate else every

    def buffers(self, recurse: bool = True) -> Iterator[Tensor]:
        """Yield each buffer once."""
        return (buffer for _, buffer in self.named_buffers(recurse=recurse))

    def _own_parameters(self) -> Iterator[tuple[str, Parameter]]:
        """Yield name and parameter of this module alone."""
        for name, value in self.__dict__.items():
            if isinstance(value, Parameter):
                yield name, value

    def _own_buffers(self, persistent_only: bool = False) -> Iterator[tuple[str, Tensor]]:
        """Yield name and buffer of this module alone."""
        for name, persistent in self.__dict__.get("_buffer_names", {}).items():
            value = self.__dict__.get(name)
            if value is not None and (persistent or not persistent_only):
                yield name, value

    def _walk(self, prefix: str = "") -> Iterator[tuple[str, Module]]:
        """Yield all modules in the order of their names, a shared one as often as it has names."""
        yield prefix, self
        for name, child in self.named_children():
            yield from child._walk(join(prefix, name))

    def _all(
        self, prefix: str, recurse: bool, own: Callable[[Module], Iterable[tuple[str, T]]]
    ) -> Iterator[tuple[str, T]]:
        """Yield path and value of what `own` gives for this module and, with recurse, all below it."""
        for path, module in self._walk(prefix) if recurse else [(prefix, self)]:
            for name, value in own(module):
                yield join(path, name), value

    # ---- states -------------------------------------------------------------------------------------------

    def train(self, mode: bool = True) -> Self:
        """Switch to training: dropout is active, and batch normalisation uses the statistics of the batch."""
        for module in self.modules():
            module.training = mode
        return self

    def eval(self) -> Self:
        """Switch to use: no dropout, and no result depends on the other rows of the batch."""
        return self.train(False)

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Remove the gradients, or with set_to_none=False fill them with zeros."""
        clear_gradients(list(self.parameters()), set_to_none)

    def requires_grad_(self, requires_grad: bool = True) -> Self:
        """Switch the gradients of all parameters on, or off to freeze them."""
        for parameter in self.parameters():
            parameter.requires_grad = requires_grad
        return self

    def apply(self, fn: Callable[[Module], object]) -> Self:
        """Call fn on every module below this one and then on this one."""
        for child in self.children():
            child.apply(fn)
        fn(self)
        return self

    # ---- printing -----------------------------------------------------------------------------------------

    def extra_repr(self) -> str:
        """Return what stands between the brackets of the module's repr: its settings."""
        return ""

    def __repr__(self) -> str:
        lines = [self.extra_repr()] if self.extra_repr() else []
        children = list(self.named_children())
        if not children:
            return f"{type(self).__name__}({''.join(lines)})"
        lines += [f"({name}): " + repr(child).replace("\n", "\n  ") for name, child in children]
        return f"{type(self).__name__}(\n  " + "\n  ".join(lines) + "\n)"


def clear_gradients(parameters: list[Tensor], set_to_none: bool) -> None:
    """Remove the tensors' gradients, or fill those that are there with zeros."""
    if set_to_none:
        _core.clear_gradients(parameters)
        return
    for parameter in parameters:
        if parameter.grad is not None:
            parameter.grad.zero_()


def _plain(name: str) -> str:
    """Return a name that a part may have. ValueError for an empty one, or one with dots."""
    if not name or "." in name:
        raise Refusal(f"a part of a module needs a name without dots, got {name!r}")
    return name


def _once(named: Iterable[tuple[str, T]]) -> Iterator[tuple[str, T]]:
    """Yield each value once, under its first name; an embedding may be shared with the output layer."""
    seen = set()
    for name, value in named:
        if id(value) not in seen:
            seen.add(id(value))
            yield name, value
