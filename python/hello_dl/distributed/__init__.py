"""Several processes, on one machine or many, that train one network together, over MPI.

    mpiexec -n 4 hello-dl train letters
    mpiexec -n 4 python my_script.py        # with fit(..., distributed=True)

Read world.py first, then tree.py: how sums come to the same bits on any number of processes. MPI comes with
pip install 'hello-dl[mpi]'. Without mpiexec there is one process, and nothing needs to be installed.
"""

from hello_dl.distributed.collectives import all_reduce, barrier, broadcast, broadcast_bytes
from hello_dl.distributed.messages import bytes_sent
from hello_dl.distributed.sampler import DistributedSampler
from hello_dl.distributed.tree import cut, share, sum_over_processes
from hello_dl.distributed.world import (
    abort,
    ending_together,
    init,
    is_initialized,
    is_launched,
    rank,
    world_size,
)

# PyTorch's names for the same things.
init_process_group, get_rank, get_world_size = init, rank, world_size

__all__ = [
    "DistributedSampler",
    "abort",
    "all_reduce",
    "barrier",
    "broadcast",
    "broadcast_bytes",
    "bytes_sent",
    "cut",
    "ending_together",
    "get_rank",
    "get_world_size",
    "init",
    "init_process_group",
    "is_initialized",
    "is_launched",
    "rank",
    "share",
    "sum_over_processes",
    "world_size",
]
