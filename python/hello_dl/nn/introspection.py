"""What programs look up in a module, or ask of it, beside its layers: parts by path, dtypes, devices."""

from __future__ import annotations

from collections.abc import Callable, Iterator, MutableMapping
from typing import Any, Self

from hello_dl._core import Tensor
from hello_dl._core.types import Refusal, check_device
from hello_dl.nn.parameter import Parameter
from hello_dl.tensors.dtypes import REAL, check_dtype


class Members(MutableMapping[str, Any]):
    """The attributes of one kind that a module has, by name; a change here changes the module."""

    def __init__(self, module: Any, names: Callable[[], Iterator[tuple[str, Any]]]) -> None:
        self._module, self._named = module, names

    def __getitem__(self, name: str) -> Any:
        return dict(self._named())[name]

    def __setitem__(self, name: str, value: Any) -> None:
        object.__setattr__(self._module, name, value)

    def __delitem__(self, name: str) -> None:
        delattr(self._module, name)

    def __iter__(self) -> Iterator[str]:
        return (name for name, _ in self._named())

    def __len__(self) -> int:
        return len(dict(self._named()))

    def __repr__(self) -> str:
        return repr(dict(self))


class Introspection:
    """The part of a Module that answers questions about it."""

    named_children: Callable[[], Iterator[tuple[str, Any]]]
    _own_parameters: Callable[[], Iterator[tuple[str, Parameter]]]
    _own_buffers: Callable[[], Iterator[tuple[str, Tensor]]]

    @property
    def _modules(self) -> Members:
        """The direct children by name, as PyTorch keeps them."""
        return Members(self, self.named_children)

    @property
    def _parameters(self) -> Members:
        """The parameters of this module alone by name, as PyTorch keeps them."""
        return Members(self, self._own_parameters)

    @property
    def _buffers(self) -> Members:
        """The buffers of this module alone by name, as PyTorch keeps them."""
        return Members(self, self._own_buffers)

    def get_submodule(self, target: str) -> Any:
        """Return the module at a path such as "encoder.0". AttributeError if there is none."""
        module: Any = self
        for name in target.split(".") if target else ():
            children = dict(module.named_children())
            if name not in children:
                raise AttributeError(f"{type(module).__name__} has no module {name!r}, of {target!r}")
            module = children[name]
        return module

    def set_submodule(self, target: str, module: Any, strict: bool = False) -> None:
        """Put a module at a path, in place of what is there; with strict something must be there."""
        path, _, name = target.rpartition(".")
        if not name:
            raise Refusal("set_submodule: needs a path, got ''")
        parent = self.get_submodule(path)
        if strict and name not in dict(parent.named_children()):
            raise AttributeError(f"{type(parent).__name__} has no module {name!r}, of {target!r}")
        parent.add_module(name, module)

    def get_parameter(self, target: str) -> Parameter:
        """Return the parameter at a path such as "0.weight". AttributeError if there is none."""
        found = self._at(target, "_own_parameters")
        if not isinstance(found, Parameter):
            raise AttributeError(f"{type(self).__name__} has no parameter {target!r}")
        return found

    def get_buffer(self, target: str) -> Tensor:
        """Return the buffer at a path such as "1.running_mean". AttributeError if there is none."""
        found = self._at(target, "_own_buffers")
        if not isinstance(found, Tensor):
            raise AttributeError(f"{type(self).__name__} has no buffer {target!r}")
        return found

    def _at(self, target: str, kind: str) -> Any:
        """Return what a path leads to, if it is of this kind, else None."""
        path, _, name = target.rpartition(".")
        return dict(getattr(self.get_submodule(path), kind)()).get(name)

    def _get_name(self) -> str:
        """Return the name of the module's class."""
        return type(self).__name__

    # ---- dtypes and devices: there is one of each ----------------------------------------------------------

    def to(self, *args: Any, **kwargs: Any) -> Self:
        """Return the module itself: there is one device, the CPU, and one float type.

        ValueError for another device, TypeError for another dtype.
        """
        kwargs.pop("memory_format", None)  # how numbers lie in memory is the engine's affair
        for wanted in (*args, *kwargs.values()):
            if isinstance(wanted, Tensor):
                continue  # of the one device, and its dtype
            if isinstance(wanted, str) and wanted.startswith(("float", "int", "bool")):
                if check_dtype(wanted, "to") != REAL:
                    raise TypeError(f"to: parameters are {REAL}, got {wanted}")
            elif not isinstance(wanted, bool):
                check_device(wanted, "to")
        return self

    def float(self) -> Self:
        """Return the module itself: parameters are float32 already."""
        return self

    def cpu(self) -> Self:
        """Return the module itself: there is only the CPU."""
        return self

    def type(self, dst_type: Any) -> Self:
        """Return the module itself: parameters are float32, also where another real dtype is asked for.

        A warning says so. TypeError for integers.
        """
        if check_dtype(dst_type, "Module.type") != REAL:
            raise TypeError(f"Module.type: parameters are {REAL}, got {dst_type}")
        return self

    def double(self) -> Self:
        """Return the module itself, with a warning: parameters stay float32."""
        return self.type("float64")

    def half(self) -> Self:
        """Return the module itself, with a warning: parameters stay float32."""
        return self.type("float16")

    def bfloat16(self) -> Self:
        """Return the module itself, with a warning: parameters stay float32."""
        return self.type("bfloat16")

    def cuda(self, device: Any = None) -> Self:
        """Raise ValueError: there is only the CPU."""
        check_device("cuda" if device is None else device, "Module.cuda")
        raise Refusal("Module.cuda: hello_dl runs on the CPU alone")

    def to_empty(self, *, device: Any = None, recurse: bool = True) -> Self:
        """Return the module itself: its numbers stay, which PyTorch would leave to chance."""
        del recurse
        return self.to(device)

    def share_memory(self) -> Self:
        """Return the module itself: threads of one process share its parameters anyway."""
        return self

    def compile(self, *args: Any, **kwargs: Any) -> None:
        """Do nothing: the engine plans every graph before it runs."""
