"""Sums over shards have one order, however many processes share them; samplers give each its part."""

from __future__ import annotations

import numpy as np
import pytest

from hello_dl import distributed
from hello_dl.distributed.tree import add_up, cut, halves, nodes_within, share

SHARDS = (1, 2, 3, 7, 8, 16)


def numbers(shards: int) -> dict[tuple[int, int], np.ndarray]:
    """Return numbers whose sum depends on its order."""
    rng = np.random.default_rng(shards)
    scale = 10.0 ** rng.integers(-3, 8, (shards, 1))
    return {(s, s + 1): a for s, a in enumerate((rng.normal(size=(shards, 50)) * scale).astype(np.float32))}


def test_the_tree_of_eight_is_that_of_pairs_of_pairs() -> None:
    a = numbers(8)
    p = [a[s, s + 1] for s in range(8)]
    pairs = ((p[0] + p[1]) + (p[2] + p[3])) + ((p[4] + p[5]) + (p[6] + p[7]))
    np.testing.assert_array_equal(add_up(a, (0, 8)), pairs)
    in_order = p[0] + p[1] + p[2] + p[3] + p[4] + p[5] + p[6] + p[7]
    assert (in_order != pairs).any()  # so the numbers tell orders apart


@pytest.mark.parametrize("shards", SHARDS)
def test_any_division_among_processes_gives_the_same_bits(shards: int) -> None:
    a = numbers(shards)
    whole = add_up(a, (0, shards))
    for processes in range(1, shards + 1):
        parts = {}
        for process in range(processes):
            mine = share(shards, process, processes)
            known = {node: value for node, value in a.items() if node[0] in mine}
            parts |= {node: add_up(known, node) for node in nodes_within(mine, (0, shards))}
        np.testing.assert_array_equal(add_up(parts, (0, shards)), whole)


@pytest.mark.parametrize("shards", SHARDS)
def test_every_shard_is_in_one_process_and_every_thing_in_one_part(shards: int) -> None:
    for processes in range(1, shards + 1):
        each = [share(shards, process, processes) for process in range(processes)]
        assert [s for some in each for s in some] == list(range(shards))
        assert all(each)
    assert [i for k in range(5) for i in cut(13, 5, k)] == list(range(13))
    assert halves((0, 8)) == ((0, 4), (4, 8))


def test_too_many_processes_are_refused() -> None:
    with pytest.raises(ValueError, match="9 processes need at least so many shards, got 8"):
        share(8, 0, 9)


def test_a_process_alone_needs_no_mpi() -> None:
    distributed.init()
    assert (distributed.rank(), distributed.world_size(), distributed.is_initialized()) == (0, 1, False)
    a = np.arange(3.0)
    distributed.all_reduce(a)
    distributed.broadcast(a)
    distributed.barrier()
    np.testing.assert_array_equal(a, [0, 1, 2])
    with pytest.raises(ValueError, match="needs the backend 'mpi', got 'nccl'"):
        distributed.init_process_group("nccl")


@pytest.mark.parametrize("drop_last", [False, True])
@pytest.mark.parametrize("n", [10, 12, 2])
def test_samplers_of_all_processes_are_pytorchs(n: int, drop_last: bool) -> None:
    torch = pytest.importorskip("torch")
    theirs = torch.utils.data.distributed.DistributedSampler
    for rank in range(3):
        args = {"num_replicas": 3, "rank": rank, "shuffle": False, "drop_last": drop_last}
        ours = distributed.DistributedSampler(range(n), **args)
        assert list(ours) == list(theirs(range(n), **args))
        assert len(ours) == len(list(ours))


def test_a_shuffled_epoch_is_dealt_out_whole() -> None:
    samplers = [distributed.DistributedSampler(range(9), 3, rank, seed=4) for rank in range(3)]
    first = [list(s) for s in samplers]
    assert sorted(i for part in first for i in part) == list(range(9))
    for sampler in samplers:
        sampler.set_epoch(1)
    assert [list(s) for s in samplers] != first
    with pytest.raises(ValueError, match="rank from 0 to 2, got 3"):
        distributed.DistributedSampler(range(9), 3, 3)
