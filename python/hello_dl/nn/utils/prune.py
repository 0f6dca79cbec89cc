"""Pruning: the least important weights become 0 for good, so that a network gets by with fewer.

A pruned parameter `weight` is learned as `weight_orig`; `weight_mask`, a buffer, has a 1 for each number that
stays, and before each forward `weight` becomes their product.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from hello_dl import _core
from hello_dl._core import Tensor
from hello_dl._core.types import Refusal
from hello_dl.nn.module import Module
from hello_dl.tensors.grad_mode import no_grad
from hello_dl.tensors.random import default_generator

AnyModule = TypeVar("AnyModule", bound=Module)
Array = NDArray[Any]


def _count(amount: float, size: int) -> int:
    """Return how many of `size` things go: `amount` of them, or that share. ValueError for more than all."""
    whole = isinstance(amount, int) and not isinstance(amount, bool)
    if (whole and not 0 <= amount <= size) or (not whole and not 0 <= amount <= 1):
        raise Refusal(f"prune: needs a share from 0 to 1, or a count up to {size}, got {amount}")
    return int(amount) if whole else round(amount * size)


def _mask_name(name: str) -> str:
    return f"{name}_mask"


def is_pruned(module: Module) -> bool:
    """Say whether a parameter of the module, or of a module below it, is pruned."""
    return any(below.__dict__.get("_prune_hooks") for below in module.modules())


class BasePruningMethod:
    """A way to choose what goes. A method of your own has `compute_mask(t, default_mask)` and PRUNING_TYPE.

    PRUNING_TYPE is "unstructured" (single numbers), "structured" (whole channels of the axis self.dim), or
    "global". Only what is not pruned yet is looked at.
    """

    PRUNING_TYPE = "unstructured"

    def compute_mask(self, t: Tensor, default_mask: Tensor) -> Tensor:
        """Return a mask in the shape of t: 1 for what stays."""
        raise NotImplementedError(f"{type(self).__name__} has no compute_mask")

    @classmethod
    def apply(
        cls, module: Module, name: str, *args: Any, importance_scores: Any = None, **kwargs: Any
    ) -> Any:
        """Prune the parameter `name`, by its own numbers or by importance_scores in its shape."""
        return _prune(cls(*args, **kwargs), module, name, importance_scores)

    def prune(self, t: Tensor, default_mask: Any = None, importance_scores: Any = None) -> Tensor:
        """Return the tensor, pruned."""
        before = np.ones(t.shape, np.float32) if default_mask is None else default_mask.numpy()
        scores = t if importance_scores is None else importance_scores
        return _core.mul(t, _core.from_numpy(_narrower(self, scores.detach().numpy(), before)))


def _narrower(method: BasePruningMethod, scores: Array, before: Array) -> Array:
    """Return the mask `before` with what the method takes away of its ones."""

    def asked(part: Array, mask: Array) -> Array:
        found = method.compute_mask(*(_core.from_numpy(np.ascontiguousarray(a)) for a in (part, mask)))
        return found.numpy().astype(np.float32)

    if method.PRUNING_TYPE == "structured":
        dim = method.dim % scores.ndim  # type: ignore[attr-defined]
        left = before.any(axis=tuple(i for i in range(before.ndim) if i != dim))
        place = (slice(None),) * dim + (left,)
    else:
        place = (before == 1,)
    mask = before.copy()
    mask[place] = asked(scores[place], before[place])
    return mask


def _prune(method: BasePruningMethod, module: Module, name: str, importance: Any) -> BasePruningMethod:
    """Make the parameter pruned, or its mask narrower."""
    hooks = module.__dict__.setdefault("_prune_hooks", {})
    original = module._parameters.get(f"{name}_orig" if name in hooks else name)
    if original is None:
        raise Refusal(f"prune: {type(module).__name__} has no parameter {name!r}")
    scores = (original if importance is None else importance).detach().numpy()
    if scores.shape != tuple(original.shape):
        raise Refusal(f"prune: needs importance_scores {tuple(original.shape)}, got {scores.shape}")
    before = getattr(module, _mask_name(name)).numpy() if name in hooks else np.ones(scores.shape, np.float32)
    mask = _core.from_numpy(_narrower(method, scores, before))
    if name not in hooks:
        delattr(module, name)
        setattr(module, f"{name}_orig", original)
        hooks[name] = module.register_forward_pre_hook(lambda layer, _: _masked(layer, name))
    module.register_buffer(_mask_name(name), mask)
    _masked(module, name)
    return method


def _masked(module: Any, name: str) -> None:
    """Set the parameter's name to the product of what is learned and the mask."""
    product = _core.mul(getattr(module, f"{name}_orig"), getattr(module, _mask_name(name)))
    object.__setattr__(module, name, product)


def remove(module: AnyModule, name: str) -> AnyModule:
    """Make the pruned parameter a plain one; its zeros stay, but may be learned again."""
    handle = module.__dict__.get("_prune_hooks", {}).pop(name, None)
    if handle is None:
        raise Refusal(f"prune.remove: {type(module).__name__} has no pruned parameter {name!r}")
    handle.remove()
    value, learned = getattr(module, name).detach().clone(), getattr(module, f"{name}_orig")
    with no_grad():
        learned.copy_(value)
    for part in (name, f"{name}_orig", _mask_name(name)):
        delattr(module, part)
    del module._buffer_names[_mask_name(name)]  # type: ignore[attr-defined]
    setattr(module, name, learned)  # the same object, which an optimizer may have
    return module


class Identity(BasePruningMethod):
    """Prune nothing, but have a mask."""

    def compute_mask(self, t: Tensor, default_mask: Tensor) -> Tensor:
        """Return the mask as it is."""
        del t
        return default_mask


class CustomFromMask(BasePruningMethod):
    """Prune what a given mask has no 1 for."""

    PRUNING_TYPE = "global"

    def __init__(self, mask: Tensor) -> None:
        self.mask = mask

    def compute_mask(self, t: Tensor, default_mask: Tensor) -> Tensor:
        """Return the product of both masks."""
        del t
        mask = self.mask.float()
        return _core.mul(
            default_mask, mask if mask.shape == default_mask.shape else _core.reshape(mask, (-1,))
        )


class _OfNumbers(BasePruningMethod):
    """Prune single numbers: the first ones of an order."""

    def __init__(self, amount: float) -> None:
        _count(amount, 1 << 62)
        self.amount = amount

    def _order(self, scores: Array) -> Array:
        raise NotImplementedError

    def compute_mask(self, t: Tensor, default_mask: Tensor) -> Tensor:
        """Return the mask without `amount` numbers."""
        mask, flat = default_mask.numpy().copy(), t.numpy().reshape(-1)
        mask.reshape(-1)[self._order(flat)[: _count(self.amount, flat.size)]] = 0
        return _core.from_numpy(mask)


class L1Unstructured(_OfNumbers):
    """Prune the numbers closest to 0."""

    def _order(self, scores: Array) -> Array:
        return np.argsort(np.abs(scores), kind="stable")


class RandomUnstructured(_OfNumbers):
    """Prune numbers at random."""

    def _order(self, scores: Array) -> Array:
        return default_generator.numpy.permutation(scores.size)


class LnStructured(BasePruningMethod):
    """Prune the channels (parts along the axis `dim`) with the smallest n-norm."""

    PRUNING_TYPE = "structured"

    def __init__(self, amount: float, n: float, dim: int = -1) -> None:
        self.amount, self.n, self.dim = amount, n, dim

    def _order(self, parts: Array) -> Array:
        return np.argsort(np.linalg.norm(parts, self.n, axis=1), kind="stable")

    def compute_mask(self, t: Tensor, default_mask: Tensor) -> Tensor:
        """Return the mask without `amount` channels."""
        mask = default_mask.numpy().copy()
        scores = np.moveaxis(t.numpy(), self.dim, 0)
        gone = self._order(scores.reshape(len(scores), -1))[: _count(self.amount, len(scores))]
        np.moveaxis(mask, self.dim, 0)[gone] = 0
        return _core.from_numpy(mask)


class RandomStructured(LnStructured):
    """Prune channels at random."""

    def __init__(self, amount: float, dim: int = -1) -> None:
        super().__init__(amount, 2, dim)

    def _order(self, parts: Array) -> Array:
        return default_generator.numpy.permutation(len(parts))


def identity(module: AnyModule, name: str) -> AnyModule:
    """Give a parameter a mask of ones."""
    Identity.apply(module, name)
    return module


def custom_from_mask(module: AnyModule, name: str, mask: Tensor) -> AnyModule:
    """Prune what the mask, in the parameter's shape, has no 1 for."""
    CustomFromMask.apply(module, name, mask)
    return module


def l1_unstructured(module: AnyModule, name: str, amount: float, importance_scores: Any = None) -> AnyModule:
    """Prune the numbers closest to 0: `amount` is a share of what is left, or a count (Han et al., 2015)."""
    L1Unstructured.apply(module, name, amount, importance_scores=importance_scores)
    return module


def random_unstructured(module: AnyModule, name: str, amount: float) -> AnyModule:
    """Prune numbers at random: a share of what is left, or a count."""
    RandomUnstructured.apply(module, name, amount)
    return module


def ln_structured(
    module: AnyModule, name: str, amount: float, n: float, dim: int, importance_scores: Any = None
) -> AnyModule:
    """Prune the channels along the axis `dim` with the smallest n-norm: a share, or a count."""
    LnStructured.apply(module, name, amount, n, dim, importance_scores=importance_scores)
    return module


def random_structured(module: AnyModule, name: str, amount: float, dim: int) -> AnyModule:
    """Prune channels along the axis `dim` at random: a share, or a count."""
    RandomStructured.apply(module, name, amount, dim)
    return module


def global_unstructured(
    parameters: Iterable[tuple[Module, str]],
    pruning_method: type[BasePruningMethod],
    importance_scores: Any = None,
    **kwargs: Any,
) -> None:
    """Prune several parameters, (module, name) each, as if they were one: the least of all numbers go."""
    pairs, given = list(parameters), importance_scores or {}
    method = pruning_method(**kwargs)
    if method.PRUNING_TYPE == "structured":
        raise Refusal("global_unstructured: needs a method that prunes single numbers")

    def learned(module: Any, name: str) -> Any:
        return (
            getattr(module, f"{name}_orig", None)
            if hasattr(module, f"{name}_orig")
            else getattr(module, name)
        )

    scores = [given.get(pair, learned(*pair)).detach().numpy().reshape(-1) for pair in pairs]
    masks = [
        getattr(m, _mask_name(n)).numpy().reshape(-1)
        if hasattr(m, _mask_name(n))
        else np.ones(s.size, np.float32)
        for (m, n), s in zip(pairs, scores, strict=True)
    ]
    mask = _narrower(method, np.concatenate(scores), np.concatenate(masks))
    parts = np.split(mask, np.cumsum([s.size for s in scores])[:-1])
    for (module, name), part in zip(pairs, parts, strict=True):
        custom_from_mask(module, name, _core.from_numpy(part.reshape(learned(module, name).shape)))
