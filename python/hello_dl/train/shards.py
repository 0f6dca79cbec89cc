"""The training loop of several processes: each batch in fixed shards, gradients summed in a fixed tree.

A batch is cut into the same shards on any number of processes, and each shard is computed by itself: its
items are loaded, and go forward and backward, with random numbers that depend on seed, step and shard alone.
What shards give is added in the order of a binary tree (distributed/tree.py). So 1, 2, 4 or 8 processes come
to the same bits. It is another training than one without shards, though: sums have another order.

A batch norm uses each shard's own mean and variance ("ghost batch norm": Hoffer, Hubara, Soudry 2017), as it
does on each GPU in PyTorch's DistributedDataParallel. Statistics over all shards would hold up every process
at every such layer, twice. The running statistics become the mean of what the shards make of them.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hello_dl import distributed, nn, optim
from hello_dl._core import Tensor
from hello_dl.data.collate import take_batch
from hello_dl.data.datasets import Dataset, ImageDataset
from hello_dl.data.loader import DataLoader
from hello_dl.data.shuffle import random_bits
from hello_dl.evaluation import Data, Loss, Result, batches, using
from hello_dl.evaluation.measure import confusion_matrix
from hello_dl.tensors.creation import tensor
from hello_dl.tensors.grad_mode import no_grad
from hello_dl.tensors.random import manual_seed
from hello_dl.train.checks import finite_batches
from hello_dl.train.memories import data_states, random_states, set_random_states
from hello_dl.train.steps import Step

Floats = NDArray[np.float32]


class Indices(Dataset):
    """Stands for a data set in a DataLoader, whose batches are then the indices of items, not the items."""

    def __init__(self, dataset: Any) -> None:
        self.dataset = dataset

    def __len__(self) -> int:
        return len(self.dataset)

    def batch(self, indices: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the indices."""
        return indices


class Shards:
    """Computes steps in shards.

    loader   gives indices (its data set is Indices)
    count    shards of a batch, at least as many as there are processes; with more, sums have another order
    seed     of the random numbers of shards

    ValueError for data that change by themselves from one batch to the next: processes would not agree.
    """

    def __init__(
        self,
        model: nn.Module,
        loader: DataLoader,
        loss: Callable[[Tensor, Any], Tensor],
        optimizer: optim.Optimizer,
        count: int,
        seed: int,
    ) -> None:
        self.model, self.loader, self.loss, self.optimizer = model, loader, loss, optimizer
        self.count, self.seed = count, seed
        self.mine = distributed.share(count, distributed.rank(), distributed.world_size())
        owned = [p for group in optimizer.param_groups for p in group["params"]]
        known = {p.id for p in owned}
        self.parameters = owned + [p for p in model.parameters() if p.requires_grad and p.id not in known]
        self.buffers = list(model.buffers())
        self._is_checked = False
        for numbers in [*self.parameters, *self.buffers]:
            distributed.broadcast(numbers)

    def steps(
        self,
        batches: Iterable[NDArray[np.int64]],
        *,
        before: Callable[[int], object] | None = None,
        on_gradients: Callable[[], object] | None = None,
        first: int = 1,
        where: str = "training:",
    ) -> Iterator[Step]:
        """Train on one batch of indices after the other, as `steps` does; all processes alike.

        The x, y and scores of each Step are those of the first shard that has items.
        """
        for number, indices in enumerate(batches, first):
            if before is not None:
                before(number)
            value, seen = self._step(number, indices)
            if not math.isfinite(value):
                raise ValueError(f"{where} step {number}: the loss is {value}; use a smaller learning rate")
            if on_gradients is not None:
                on_gradients()
            self.optimizer.step()
            yield Step(number, value, *seen)

    def _step(self, number: int, indices: NDArray[np.int64]) -> tuple[float, Any]:
        """Set gradients and buffers to what a batch makes of them; return its loss, and x, y, scores seen."""
        outside = random_states()
        start = [b.numpy().copy() for b in self.buffers]
        parts, seen = {}, (None, None, None)
        for shard in self.mine:
            rows = distributed.cut(len(indices), self.count, shard)
            part = indices[rows.start : rows.stop]
            self._set_random(number, shard)
            _set(self.buffers, start)
            batch = self._load(part, number, shard) if len(part) else None
            vector, new = self._one_shard(batch, len(part) / len(indices), start)
            parts[shard, shard + 1] = vector
            seen = new if seen[0] is None else seen
        set_random_states(outside)
        total = distributed.sum_over_processes(parts, self.count)
        return self._take(total, start), seen

    def _one_shard(
        self, batch: tuple[Any, Any] | None, weight: float, start: list[NDArray[Any]]
    ) -> tuple[Floats, Any]:
        """Return what a shard adds to the sums, and its x, y and scores.

        That is one vector, for one message: each parameter's gradient, whether it has one, how the buffers
        change from `start`, and the loss. Each counts by `weight`, the shard's share of the batch.
        """
        for p in self.parameters:
            p.grad = None
        seen: Any = (None, None, None)
        value = 0.0
        if batch is not None:
            x, y = batch
            scores = self.model(x)
            error = self.loss(scores, y) * weight
            error.backward()
            value, seen = error.item(), (x, y, scores)
        gradients = [p.grad for p in self.parameters]
        parts: list[Any] = [
            np.zeros(p.numel(), np.float32) if g is None else g.numpy().reshape(-1)
            for p, g in zip(self.parameters, gradients, strict=True)
        ]
        parts.append([float(g is not None) for g in gradients])
        for b, old in zip(self.buffers, start, strict=True):
            new = b.numpy()
            parts.append((new if new.dtype.kind == "f" else new - old).reshape(-1) * np.float32(weight))
        return np.concatenate([*parts, [value]], dtype=np.float32, casting="unsafe"), seen

    def _take(self, total: Floats, start: list[NDArray[Any]]) -> float:
        """Give parameters and buffers what the sum over all shards says; return the loss."""
        ends = np.cumsum([p.numel() for p in self.parameters] + [len(self.parameters)])
        *gradients, has_gradient, rest = np.split(total, ends)
        for p, g, has in zip(self.parameters, gradients, has_gradient, strict=True):
            p.grad = tensor(g.reshape(p.shape)) if has else None
        *states, loss = np.split(rest, np.cumsum([b.numel() for b in self.buffers]))
        for b, old, mean in zip(self.buffers, start, states, strict=True):
            mean = mean.reshape(old.shape)
            _set([b], [mean if old.dtype.kind == "f" else old + np.rint(mean).astype(old.dtype)])
        return float(loss[0])

    def _load(self, indices: NDArray[np.int64], number: int, shard: int) -> tuple[Any, Any]:
        """Return the items of a shard."""
        dataset = self.loader.dataset.dataset
        if isinstance(dataset, ImageDataset):
            if dataset.augment is not None:  # its random numbers are by step, and here by shard, too
                dataset.augment.step = number * self.count + shard  # type: ignore[attr-defined]
            return tuple(take_batch(dataset, indices))
        before = None if self._is_checked else data_states(self.loader)
        ((x, y),) = finite_batches([take_batch(dataset, indices)], number, "fit:")
        if before is not None:
            changed = [name for name, value in data_states(self.loader).items() if before[name] != value]
            if changed:
                raise ValueError(
                    "fit: data that several processes share may depend on the index and on the global random"
                    f" generators alone, but {type(dataset).__name__} changes {changed[0]}"
                )
            self._is_checked = True
        return x, y

    def _set_random(self, number: int, shard: int) -> None:
        """Seed the global random generators by seed, step and shard."""
        keys = random_bits((self.seed % 2**64, number * self.count + shard)).random_raw(3).tolist()
        manual_seed(keys[0])
        random.seed(keys[1])
        np.random.seed(keys[2] % 2**32)


def _set(tensors: list[Tensor], numbers: list[NDArray[Any]]) -> None:
    """Set the numbers of tensors."""
    with no_grad():
        for t, new in zip(tensors, numbers, strict=True):
            t.copy_(new)


def evaluate_together(
    model: nn.Module,
    data: Data,
    *,
    normalisation: tuple[float, float],
    loss: Loss,
    batch_size: int = 1000,
) -> Result:
    """Measure a model as `evaluate` does; the processes share the batches, and all get the same result."""
    loader = batches(data, batch_size, 0, normalisation, shuffle=False)
    dataset, loader.dataset = loader.dataset, Indices(loader.dataset)
    n = len(dataset)
    truth, answered, classes = np.zeros(n, np.int64), np.zeros(n, np.int64), np.zeros(1, np.int64)
    losses = np.zeros(len(loader))
    with using(model):
        for i, indices in enumerate(loader):
            if i % distributed.world_size() == distributed.rank():
                x, y = take_batch(dataset, indices)
                scores = model(x)
                losses[i] = loss(scores, y).item() * len(indices)
                truth[indices], answered[indices] = y.numpy(), scores.numpy().argmax(1)
                classes[0] = scores.shape[1] if i == 0 else 0
    for numbers in (truth, answered, classes, losses):  # what a process did not measure is 0
        distributed.all_reduce(numbers)
    confusion = confusion_matrix(truth, answered, int(classes[0]))
    return Result(n, float(np.trace(confusion)) / n, sum(losses.tolist()) / n, confusion, truth, answered)
