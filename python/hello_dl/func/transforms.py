"""From a function to its derivative: grad(f) is a function, too, and so is grad(grad(f)).

Arguments are tensors, or dicts, lists and tuples of them, such as the parameters of a network.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np

from hello_dl import _core
from hello_dl._core import Tensor
from hello_dl.autograd import derivatives, functional
from hello_dl.tensors.creation import zeros_like
from hello_dl.tensors.functions import stack
from hello_dl.tensors.grad_mode import enable_grad

Function: TypeAlias = Callable[..., Any]
Argnums: TypeAlias = int | tuple[int, ...]


def grad(func: Function, argnums: Argnums = 0, has_aux: bool = False) -> Function:
    """Return a function that gives the gradient of func, one number, by its argument number argnums.

    For a tuple of argnums it gives a tuple. With has_aux func returns (number, anything), and the new
    function (gradient, anything).
    """

    def gradient(*args: Any, **kwargs: Any) -> Any:
        found, (_, *aux) = _gradient_and_value("grad", func, argnums, has_aux, args, kwargs)
        return (found, aux[0]) if has_aux else found

    return gradient


def grad_and_value(func: Function, argnums: Argnums = 0, has_aux: bool = False) -> Function:
    """Return a function that gives (gradient, value) of func; with has_aux (gradient, (value, anything))."""

    def both(*args: Any, **kwargs: Any) -> Any:
        found, (value, *aux) = _gradient_and_value("grad_and_value", func, argnums, has_aux, args, kwargs)
        return found, (value, aux[0]) if has_aux else value

    return both


def vjp(func: Function, *primals: Any, has_aux: bool = False) -> tuple[Any, ...]:
    """Return func(*primals), and a function that takes v and returns v' J for each of the primals."""
    fresh, leaves = _stand_ins(primals)
    with enable_grad():
        result = func(*fresh)
    y, aux = result if has_aux else (result, None)
    ys = _tensors(y)
    outer = _depends_on_more(ys, leaves)

    def product(v: Any) -> Any:
        found = _gradients(ys, leaves, _tensors(v), create_graph=True)
        return _like(primals, found if outer else [_cut_off(g) for g in found])

    shown = y if outer else _mapped(y, _cut_off)
    return (shown, product, _aux(aux, outer)) if has_aux else (shown, product)


def jvp(func: Function, primals: tuple[Any, ...], tangents: tuple[Any, ...], **options: Any) -> Any:
    """Return func(*primals), and how fast it changes when the primals move along the tangents."""
    has_aux = bool(options.pop("has_aux", False))
    if not isinstance(primals, tuple) or not isinstance(tangents, tuple) or len(primals) != len(tangents):
        raise TypeError("jvp: needs a tuple of primals, and as many tangents")
    fresh, leaves = _stand_ins(primals)
    with enable_grad():
        result = func(*fresh)
    y, aux = result if has_aux else (result, None)
    ys, directions = _tensors(y), _tensors(tangents)
    outer = _depends_on_more(ys, leaves) or any(t.requires_grad for t in directions)
    found = functional.along(ys, leaves, directions, strict=False, create_graph=outer)
    answer = y if outer else _mapped(y, _cut_off), _like(y, found)
    return (*answer, _aux(aux, outer)) if has_aux else answer


def jacrev(func: Function, argnums: Argnums = 0, *, has_aux: bool = False, **options: Any) -> Function:
    """Return a function that gives the Jacobian of func, by one backward pass for each number of its result.

    In the shape of the result followed by that of the argument; a tuple for a tuple of argnums, and for each
    tensor of a result of several. PyTorch's chunk_size is accepted.
    """
    del options

    def jacobian(*args: Any, **kwargs: Any) -> Any:
        fresh, leaves = _chosen(argnums, args)
        with enable_grad():
            result = func(*fresh, **kwargs)
        y, aux = result if has_aux else (result, None)
        outer = _depends_on_more(_tensors(y), leaves)

        def blocks(y: Tensor) -> Any:
            rows = [_gradients([y], leaves, [v], create_graph=outer) for v in _basis(y)]
            found = [_joined([r[k] for r in rows], 0, (*y.shape, *x.shape)) for k, x in enumerate(leaves)]
            return _like(_arguments(argnums, args), found)

        found = _mapped(y, blocks)
        return (found, _aux(aux, outer)) if has_aux else found

    return jacobian


def jacfwd(func: Function, argnums: Argnums = 0, has_aux: bool = False, **options: Any) -> Function:
    """Return a function that gives the Jacobian of func, by one J v for each number of its argument.

    It is the same as jacrev's, and takes less time where the argument has fewer numbers than the result.
    """
    del options

    def jacobian(*args: Any, **kwargs: Any) -> Any:
        chosen = _arguments(argnums, args)
        kept: Any = ()

        def of_chosen(*xs: Any) -> Any:
            return func(*_replaced(argnums, args, _like(chosen, list(xs))), **kwargs)

        xs = _tensors(chosen)
        columns = []  # for each input, for each of its numbers, for each result
        for k, x in enumerate(xs):
            rest = [zeros_like(t).detach() for t in xs]
            tangents = [(*rest[:k], v, *rest[k + 1 :]) for v in _basis(x)]
            answers = [jvp(of_chosen, tuple(xs), along, has_aux=has_aux) for along in tangents]
            columns.append([_tensors(answer[1]) for answer in answers])
            kept = answers[-1]
        numbers = iter(range(len(columns[0][0])))

        def blocks(y: Tensor) -> Any:
            i = next(numbers)
            joined = [
                _joined([c[i] for c in of_x], -1, (*y.shape, *x.shape))
                for of_x, x in zip(columns, xs, strict=True)
            ]
            return _like(chosen, joined)

        found = _mapped(kept[0], blocks)
        return (found, kept[2]) if has_aux else found

    return jacobian


def hessian(func: Function, argnums: Argnums = 0) -> Function:
    """Return a function that gives the second derivatives of func, one number: jacfwd(jacrev(func))."""
    return jacfwd(jacrev(func, argnums), argnums)


# ---- helpers -----------------------------------------------------------------------------------------------


def _gradient_and_value(
    who: str, func: Function, argnums: Argnums, has_aux: bool, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[Any, tuple[Any, ...]]:
    fresh, leaves = _chosen(argnums, args)
    with enable_grad():
        result = func(*fresh, **kwargs)
    y, *aux = result if has_aux else (result,)
    if _one_tensor(who, y).numel() != 1:
        raise ValueError(f"{who}: needs a func that returns one number, got shape {y.shape}")
    outer = _depends_on_more([y], leaves)
    found = _gradients([y], leaves, None, create_graph=outer)
    return _like(_arguments(argnums, args), found), (
        y if outer else _cut_off(y),
        *(_aux(a, outer) for a in aux),
    )


def _gradients(
    ys: list[Tensor], xs: list[Tensor], seeds: list[Tensor] | None, create_graph: bool
) -> list[Tensor]:
    """Return the derivatives of all ys by each x, zeros where there are none."""
    depend = [i for i, y in enumerate(ys) if y.requires_grad]
    if not depend:
        return [zeros_like(x).detach() for x in xs]
    chosen = None if seeds is None else [seeds[i] for i in depend]
    found = derivatives.grad(
        [ys[i] for i in depend], xs, chosen, True, create_graph, allow_unused=True, materialize_grads=True
    )
    return [g for g in found if g is not None]


def _depends_on_more(ys: list[Tensor], leaves: list[Tensor]) -> bool:
    """Whether others than these stand-ins may be differentiated by: a network's weights, an outer grad's."""
    own, recorded = {x.id for x in leaves}, [y for y in ys if y.requires_grad]
    return any(x.id not in own for x in derivatives.walk().leaves_behind(recorded))


def _stand_ins(value: Any) -> tuple[Any, list[Tensor]]:
    """Return the same structure with tensors of its own, and these: what is differentiated by.

    A tensor that records a gradient is stood in for by one that depends on it.
    """
    leaves: list[Tensor] = []

    def fresh(x: Tensor) -> Tensor:
        with enable_grad():
            leaf = _core.reshape(x, x.shape) if x.requires_grad else x.detach().requires_grad_()
        leaves.append(leaf)
        return leaf

    return _mapped(value, fresh), leaves


def _arguments(argnums: Argnums, args: tuple[Any, ...]) -> Any:
    if isinstance(argnums, int):
        return args[argnums]
    return tuple(args[i] for i in argnums)


def _replaced(argnums: Argnums, args: tuple[Any, ...], chosen: Any) -> list[Any]:
    """Return the arguments with others in the chosen places."""
    new = list(args)
    for i, value in [(argnums, chosen)] if isinstance(argnums, int) else zip(argnums, chosen, strict=True):
        new[i] = value
    return new


def _chosen(argnums: Argnums, args: tuple[Any, ...]) -> tuple[list[Any], list[Tensor]]:
    """Return the arguments with stand-ins in the chosen places, and these."""
    fresh, leaves = _stand_ins(_arguments(argnums, args))
    return _replaced(argnums, args, fresh), leaves


def _basis(y: Tensor) -> list[Tensor]:
    """Return for each number of y a tensor of its shape that is 1 there and 0 elsewhere."""
    units = np.eye(y.numel(), dtype=y.dtype).reshape(-1, *y.shape)
    return [_core.from_numpy(np.asarray(unit)) for unit in units]


def _joined(parts: list[Tensor], axis: int, shape: tuple[int, ...]) -> Tensor:
    """Return rows or columns of a Jacobian as one tensor."""
    return _core.reshape(stack(parts, axis), shape)


def _one_tensor(who: str, y: Any) -> Tensor:
    if not isinstance(y, Tensor):
        raise TypeError(f"{who}: needs a func that returns a tensor, got {type(y).__name__}")
    return y


def _cut_off(x: Tensor) -> Tensor:
    return x.detach() if x.requires_grad else x


def _aux(value: Any, outer: bool) -> Any:
    """Return what func gives beside its result, without graph unless there is an outer one."""
    if outer:
        return value
    if isinstance(value, Tensor):
        return _cut_off(value)
    if isinstance(value, dict):
        return {key: _aux(part, outer) for key, part in value.items()}
    return type(value)([_aux(part, outer) for part in value]) if isinstance(value, list | tuple) else value


def _mapped(value: Any, change: Callable[[Tensor], Any]) -> Any:
    """Return the same structure of dicts, lists and tuples with its tensors changed."""
    if isinstance(value, Tensor):
        return change(value)
    if isinstance(value, dict):
        return {key: _mapped(part, change) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return type(value)([_mapped(part, change) for part in value])
    raise TypeError(f"func: needs tensors, or dicts, lists or tuples of them, got {type(value).__name__}")


def _tensors(value: Any) -> list[Tensor]:
    """Return the tensors of a structure, in order."""
    found: list[Tensor] = []

    def keep(x: Tensor) -> Tensor:
        found.append(x)
        return x

    _mapped(value, keep)
    return found


def _like(value: Any, tensors: Sequence[Tensor]) -> Any:
    """Return a structure as `value` with these tensors in it."""
    rest = iter(tensors)
    return _mapped(value, lambda _: next(rest))
