"""Names that PyTorch has for itself and programs use: base classes, trees, switches of attention."""

from __future__ import annotations

from collections import OrderedDict, defaultdict, deque, namedtuple
from typing import Any

import numpy as np
import pytest

import hello_dl as h
from hello_dl import nn
from hello_dl.pytorch import trees
from hello_dl.pytorch.check import has
from hello_dl.pytorch.faces import find

Pair = namedtuple("Pair", "x y")
TREES = [
    3,
    [1, (2, None), {"b": 4, "a": [5]}],
    Pair(1, deque([2, 3], maxlen=4)),
    OrderedDict(z=1, a=(2,)),
    defaultdict(list, k=[1, 2]),
    [],
]


@pytest.mark.parametrize("tree", TREES)
def test_trees_come_apart_as_in_pytorch(tree: Any) -> None:
    leaves, spec = trees.tree_flatten(tree)
    again = trees.tree_unflatten(leaves, spec)
    assert (again, type(again)) == (tree, type(tree))
    assert spec.num_leaves == len(leaves) == len(trees.tree_leaves(tree))
    theirs = pytest.importorskip("torch.utils._pytree")
    assert leaves == theirs.tree_flatten(tree)[0]
    assert trees.tree_map(repr, tree) == theirs.tree_map(repr, tree)


def test_several_trees_and_chosen_leaves() -> None:
    tree = {"a": 1, "b": [2.0, "c"]}
    assert trees.tree_map(lambda x, y: (x, y), [1, [2]], [3, [4]]) == [(1, 3), [(2, 4)]]
    assert trees.tree_map_only((int, float), lambda x: -x, tree) == {"a": -1, "b": [-2.0, "c"]}
    assert trees.tree_leaves(tree, is_leaf=lambda part: isinstance(part, list)) == [1, [2.0, "c"]]
    assert trees.tree_any(lambda leaf: leaf == "c", tree)
    assert not trees.tree_all(lambda leaf: leaf == "c", tree)
    assert trees.tree_structure(tree) == trees.tree_structure({"a": 0, "b": [0, 0]})
    assert trees.tree_structure(1).is_leaf()
    with pytest.raises(ValueError, match="needs 3 leaves, got 2"):
        trees.tree_unflatten([1, 2], trees.tree_structure(tree))


def test_layers_have_pytorchs_base_classes() -> None:
    for name, layer in {
        "batchnorm._BatchNorm": nn.BatchNorm2d(2),
        "batchnorm._NormBase": nn.InstanceNorm1d(2),
        "conv._ConvNd": nn.Conv1d(1, 1, 1),
        "dropout._DropoutNd": nn.Dropout2d(),
        "loss._Loss": nn.MSELoss(),
        "loss._WeightedLoss": nn.CrossEntropyLoss(),
    }.items():
        file, _, inner = name.partition(".")
        base = find(f"torch.nn.modules.{file}", inner)
        assert isinstance(layer, base), name
        assert not isinstance(nn.ReLU(), base)
        assert has(f"torch.nn.modules.{name}")
    assert not has("torch.nn.modules.conv._no_such_thing")
    assert not has("torch.nn._ConvNd")


def test_a_batch_norm_of_all_processes_is_one() -> None:
    h.manual_seed(1)
    sync, x = find("torch.nn", "SyncBatchNorm"), h.randn(4, 3, 5)
    assert (sync(3)(x) == nn.BatchNorm1d(3)(x)).all()
    assert sync(2)(h.randn(2, 2, 3, 3)).shape == (2, 2, 3, 3)
    net = nn.Sequential(nn.BatchNorm2d(3))
    assert sync.convert_sync_batchnorm(net) is net


@pytest.mark.parametrize(
    "name",
    [
        *("torch.nn.attention.sdpa_kernel", "torch.nn.attention.SDPBackend", "torch.compiler.disable"),
        *("torch.backends.cuda.sdp_kernel", "torch.utils.hooks.RemovableHandle", "torch._dynamo.config"),
    ],
)
def test_switches_are_there(name: str) -> None:
    assert has(name)


def test_ways_of_attention_can_be_chosen_and_change_nothing() -> None:
    chosen, ways = (find("torch.nn.attention", name) for name in ("sdpa_kernel", "SDPBackend"))
    q = h.rand(1, 2, 3, 4)
    with chosen([ways.MATH, ways.FLASH_ATTENTION]):
        y = nn.functional.scaled_dot_product_attention(q, q, q)
    assert (y == nn.functional.scaled_dot_product_attention(q, q, q)).all()


def test_asarray_shares_or_copies() -> None:
    asarray, numbers = find("torch", "asarray"), np.arange(3, dtype=np.float32)
    assert (asarray([1, 2]).tolist(), asarray(2.5).item()) == ([1, 2], 2.5)
    assert asarray(numbers, requires_grad=True).requires_grad
    copied = asarray(numbers, copy=True)
    numbers[0] = 7
    assert copied.tolist() == [0, 1, 2]
    assert asarray([1, 2], dtype=h.float32).dtype == h.float32
