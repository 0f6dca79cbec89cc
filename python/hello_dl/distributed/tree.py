"""Sums over shards in a fixed binary tree, so that any number of processes comes to the same bits.

Floating-point sums depend on their order: (a + b) + c is not a + (b + c). So a batch is always cut into the
same shards, and what they give is always added in the same order: of shards lo to hi, the sum of the first
half plus the sum of the second. A process computes some neighbouring shards, and adds up what of the tree
lies wholly within them. Then each process is made responsible for a part of the numbers: it gets that part of
all partial sums (reduce-scatter), adds them as the tree says, and gives the result to all (all-gather). If
the processes are 2, 4 or 8, each sends 2 (p - 1) / p times the numbers of one shard, with p processes: 1.75
times with 8 (Thakur, Rabenseifner, Gropp 2005, section 4).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hello_dl.distributed.messages import all_gather, all_to_all
from hello_dl.distributed.world import rank, world_size

Array = NDArray[Any]
Node = tuple[int, int]  # of the tree: the sum over the shards lo, lo + 1, ..., hi - 1


def cut(n: int, parts: int, number: int) -> range:
    """Return which of n things are in part `number` of so many parts, which differ by 1 at most."""
    return range(n * number // parts, n * (number + 1) // parts)


def share(shards: int, process: int, processes: int) -> range:
    """Return the shards that a process computes. ValueError if there are more processes than shards."""
    if processes > shards:
        raise ValueError(f"distributed: {processes} processes need at least so many shards, got {shards}")
    return cut(shards, processes, process)


def halves(node: Node) -> tuple[Node, Node]:
    """Return the two nodes whose sum a node is."""
    lo, hi = node
    middle = (lo + hi) // 2
    return (lo, middle), (middle, hi)


def nodes_within(shards: range, node: Node) -> list[Node]:
    """Return the largest nodes below `node` that lie wholly within some neighbouring shards, in order."""
    lo, hi = node
    if shards.start <= lo and hi <= shards.stop:
        return [node]
    if hi <= shards.start or shards.stop <= lo:
        return []
    return [found for half in halves(node) for found in nodes_within(shards, half)]


def add_up(parts: Mapping[Node, Array], node: Node) -> Array:
    """Return the sum over the shards of a node, in the tree's order; `parts` has nodes that make it up."""
    if node in parts:
        return parts[node]
    first, second = halves(node)
    total: Array = add_up(parts, first) + add_up(parts, second)
    return total


def sum_over_processes(parts: Mapping[Node, Array], shards: int) -> Array:
    """Return the sum over all shards, on all processes: the same bits on any number of them.

    `parts` are the arrays (n,) of this process's shards, by (number, number + 1), or nodes made of them.
    """
    root = (0, shards)
    processes = world_size()
    if processes == 1:
        return add_up(parts, root)
    mine = share(shards, rank(), processes)
    own = {node: add_up(parts, node) for node in nodes_within(mine, root)}
    size = len(next(iter(own.values())))
    places = [cut(size, processes, p) for p in range(processes)]  # which numbers each process adds up
    sent = np.concatenate([a[place.start : place.stop] for place in places for a in own.values()])
    nodes = [nodes_within(share(shards, p, processes), root) for p in range(processes)]
    here = len(places[rank()])
    counts, from_counts = [len(p) * len(own) for p in places], [here * len(n) for n in nodes]
    every = [node for some in nodes for node in some]
    came = all_to_all(sent, counts, from_counts).reshape(len(every), here)
    total = add_up(dict(zip(every, came, strict=True)), root)
    return all_gather(np.ascontiguousarray(total), [len(p) for p in places])
