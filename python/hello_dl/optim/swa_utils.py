"""Averages of a model's weights, under PyTorch's names: AveragedModel, SWALR, update_bn.

The average of the weights of many steps lies more in the middle of a flat valley of the loss than the last
weights do (Izmailov et al. 2018), and an average that forgets is steadier (Polyak, Juditsky 1992).
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from hello_dl._core import Tensor
from hello_dl.nn.module import Module
from hello_dl.nn.norm import BatchNorm1d, BatchNorm2d, BatchNorm3d
from hello_dl.optim.optimizer import Optimizer
from hello_dl.optim.scheduler import LRScheduler
from hello_dl.tensors.creation import tensor
from hello_dl.tensors.grad_mode import no_grad
from hello_dl.tensors.instead import refusing

__all__ = ["SWALR", "AveragedModel", "get_ema_avg_fn", "get_ema_multi_avg_fn", "get_swa_avg_fn", "update_bn"]

AverageFn = Callable[[Tensor, Tensor, Any], Tensor]
MultiAverageFn = Callable[[Sequence[Tensor], Sequence[Tensor], Any], None]


class AveragedModel(Module):
    """A copy of a model, in `module`, whose parameters are averages; call `update_parameters` after steps.

    By default all steps count equally; avg_fn(average, new, n) returns the next average after n steps, and
    multi_avg_fn(averages, news, n) changes them in place. With use_buffers, buffers are averaged, too; else
    they are those of the model.
    """

    n_averaged: Tensor

    def __init__(
        self,
        model: Module,
        device: Any = None,
        avg_fn: AverageFn | None = None,
        multi_avg_fn: MultiAverageFn | None = None,
        use_buffers: bool = False,
    ) -> None:
        if avg_fn is not None and multi_avg_fn is not None:
            raise ValueError("AveragedModel: needs avg_fn or multi_avg_fn, got both")
        self.module = copy.deepcopy(model).to(device)
        self.register_buffer("n_averaged", tensor(0))
        self.avg_fn, self.multi_avg_fn, self.use_buffers = avg_fn, multi_avg_fn, use_buffers

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """Return what the averaged model returns."""
        return self.module(*args, **kwargs)

    def update_parameters(self, model: Module) -> None:
        """Take in the weights of the model as they are now."""
        mine: list[Tensor] = list(self.module.parameters())
        theirs: list[Tensor] = list(model.parameters())
        buffers = list(zip(self.module.buffers(), model.buffers(), strict=True))
        if self.use_buffers:
            mine += [own for own, _ in buffers if own.is_floating_point()]
            theirs += [new for _, new in buffers if new.is_floating_point()]
        with no_grad():
            if self.n_averaged == 0:
                for own, new in zip(mine, theirs, strict=True):
                    own.copy_(new)
            elif self.multi_avg_fn is not None:
                self.multi_avg_fn([p.detach() for p in mine], [p.detach() for p in theirs], self.n_averaged)
            else:
                average = self.avg_fn or get_swa_avg_fn()
                for own, new in zip(mine, theirs, strict=True):
                    own.copy_(average(own.detach(), new.detach(), self.n_averaged))
            for own, new in buffers:
                if not self.use_buffers or not own.is_floating_point():
                    own.copy_(new)
            self.n_averaged += 1


def get_swa_avg_fn() -> AverageFn:
    """Return the rule by which all steps count equally: average + (new - average) / (n + 1)."""
    return lambda average, new, n: average + (new - average) / (int(n) + 1)


def get_ema_avg_fn(decay: float = 0.999) -> AverageFn:
    """Return the rule decay * average + (1 - decay) * new, which forgets old steps."""
    _need_decay(decay)
    return lambda average, new, _: decay * average + (1 - decay) * new


def get_swa_multi_avg_fn() -> MultiAverageFn:
    """Return the rule of get_swa_avg_fn for many tensors, which are changed in place."""
    return _of_many(get_swa_avg_fn())


def get_ema_multi_avg_fn(decay: float = 0.999) -> MultiAverageFn:
    """Return the rule of get_ema_avg_fn for many tensors, which are changed in place."""
    return _of_many(get_ema_avg_fn(decay))


def _of_many(rule: AverageFn) -> MultiAverageFn:
    def update(averages: Sequence[Tensor], news: Sequence[Tensor], n: Any) -> None:
        for average, new in zip(averages, news, strict=True):
            average.copy_(rule(average, new, n))

    return update


def _need_decay(decay: float) -> None:
    if not 0 <= decay <= 1:
        raise ValueError(f"get_ema_avg_fn: needs a decay from 0 to 1, got {decay}")


def update_bn(loader: Iterable[Any], model: Module, device: Any = None) -> None:
    """Compute the statistics of all BatchNorm layers anew, from one pass through the data.

    A batch is a tensor, or a list or tuple whose first part is the input. Averaged weights need it: their
    running statistics are those of other weights.
    """
    norms = [m for m in model.modules() if isinstance(m, BatchNorm1d | BatchNorm2d | BatchNorm3d)]
    if not norms:
        return
    was_training, momenta = model.training, [m.momentum for m in norms]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None  # the mean of all batches
    model.train()
    with no_grad():
        for batch in loader:
            x = batch[0] if isinstance(batch, list | tuple) else batch
            model(x.to(device) if device is not None else x)
    for norm, momentum in zip(norms, momenta, strict=True):
        norm.momentum = momentum
    model.train(was_training)


class SWALR(LRScheduler):
    """Lead the learning rate to swa_lr within anneal_epochs steps, along a cosine or a line; it stays there.

    ValueError for another anneal_strategy than "cos" and "linear".
    """

    def __init__(
        self,
        optimizer: Optimizer,
        swa_lr: float | Sequence[float],
        anneal_epochs: int = 10,
        anneal_strategy: str = "cos",
        last_epoch: int = -1,
    ) -> None:
        if anneal_strategy not in ("cos", "linear"):
            raise ValueError(f"SWALR: needs anneal_strategy 'cos' or 'linear', got {anneal_strategy!r}")
        if anneal_epochs < 0:
            raise ValueError(f"SWALR: needs anneal_epochs of 0 or more, got {anneal_epochs}")
        self.anneal_epochs, self.anneal_strategy = anneal_epochs, anneal_strategy
        groups = optimizer.param_groups
        ends = list(swa_lr) if isinstance(swa_lr, list | tuple) else [swa_lr] * len(groups)
        if len(ends) != len(groups):
            raise ValueError(f"SWALR: needs {len(groups)} rates, one for each group, got {len(ends)}")
        for group, end in zip(groups, ends, strict=True):
            group["swa_lr"] = end
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        """Return the learning rate of each group at t = last_epoch."""
        before, now = (self._way(t) for t in (self.last_epoch - 1, self.last_epoch))
        rates = []
        for group in self.optimizer.param_groups:
            end, rate = group["swa_lr"], group["lr"]
            # The rate is a mix of the first one and of the end; the step before says which first one.
            first = rate if before == 1 else (rate - before * end) / (1 - before)
            rates.append(end if now == 1 else first + now * (end - first))
        return rates

    def _way(self, t: int) -> float:
        """Return which part of the way to the end is done at t, 0 to 1."""
        part = min(1.0, max(0.0, t / max(1, self.anneal_epochs))) if self.anneal_epochs else 1.0
        return part if self.anneal_strategy == "linear" else (1 - math.cos(math.pi * part)) / 2


__getattr__ = refusing("hello_dl.optim.swa_utils", "torch.optim.swa_utils")
