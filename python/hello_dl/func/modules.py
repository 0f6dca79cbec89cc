"""A module called with parameters that are not its own: a network as a function of its weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hello_dl._core import Tensor
from hello_dl.nn.module import Module


def functional_call(
    module: Module,
    parameter_and_buffer_dicts: Mapping[str, Tensor] | Sequence[Mapping[str, Tensor]],
    args: Any = None,
    kwargs: Mapping[str, Any] | None = None,
    *,
    tie_weights: bool = True,
    strict: bool = False,
) -> Any:
    """Return module(*args, **kwargs) with these tensors in place of its parameters and buffers, by name.

    The module itself does not change. Gradients flow to the tensors given, which may be results of an earlier
    step (MAML). args is a tuple, or one argument. With strict every parameter and buffer must be given.
    ValueError for a name that the module does not have.
    """
    given = (
        [parameter_and_buffer_dicts]
        if isinstance(parameter_and_buffer_dicts, Mapping)
        else parameter_and_buffer_dicts
    )
    tensors: dict[str, Tensor] = {name: t for part in given for name, t in part.items()}
    own = {**dict(module.named_parameters()), **dict(module.named_buffers())}
    if unknown := tensors.keys() - own.keys():
        raise ValueError(f"functional_call: the module has no {', '.join(sorted(unknown))}")
    if strict and (missing := own.keys() - tensors.keys()):
        raise ValueError(f"functional_call: strict, but {', '.join(sorted(missing))} are not given")
    same = {own[name].id: t for name, t in tensors.items()} if tie_weights else {}
    before: list[tuple[Module, str, Tensor]] = []
    try:
        for path, inner in module.named_modules():
            for name, old in [*inner._own_parameters(), *inner._own_buffers()]:
                full = f"{path}.{name}" if path else name
                new = tensors.get(full, same.get(old.id))
                if new is not None:
                    before.append((inner, name, old))
                    object.__setattr__(inner, name, new)
        inputs = () if args is None else args if isinstance(args, tuple) else (args,)
        return module(*inputs, **(kwargs or {}))
    finally:
        for inner, name, old in before:
            object.__setattr__(inner, name, old)
