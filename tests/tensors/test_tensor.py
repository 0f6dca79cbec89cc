"""Tensor in Python: numbers in and out, operators, indexing, changes in place, copies, factories, errors."""

from __future__ import annotations

import copy
import operator
import pickle
import subprocess
import sys
from typing import Any

import numpy as np
import pytest

import hello_dl as h
from hello_dl import _core

A = np.arange(24, dtype=np.float32).reshape(2, 3, 4)


def leaf(*shape: int) -> h.Tensor:
    return h.randn(*shape, requires_grad=True)


def same(t: h.Tensor, array: Any) -> bool:
    array = np.asarray(array)
    return t.shape == array.shape and bool((t.numpy() == array).all())


# ---- numbers in --------------------------------------------------------------------------------------------


def test_what_a_tensor_is_made_of_says_what_it_holds() -> None:
    assert h.tensor(3.5).dtype == h.float32
    assert h.tensor([1, 2]).dtype == h.int64
    assert h.tensor([True]).dtype == h.bool
    assert h.tensor([1, 2.5]).dtype == h.float32
    assert h.tensor(np.ones(2, np.float64)).dtype == h.float32
    assert h.tensor([1.7, -1.7], dtype=h.long).tolist() == [1, -1]
    assert h.tensor([0, 2], dtype=bool).tolist() == [False, True]
    assert h.tensor([[h.tensor(1.0), 2.0]]).tolist() == [[1.0, 2.0]]
    assert h.tensor([]).shape == (0,)


@pytest.mark.parametrize(
    ("data", "error", "words"),
    [
        ([[1, 2], [3]], ValueError, "equal lengths"),
        ("abc", TypeError, "needs numbers"),
        ([None], TypeError, "needs numbers"),
        ([1j], TypeError, "complex"),
        ([2**40], ValueError, "integers are held as floats"),
    ],
)
def test_what_are_no_numbers_is_refused(data: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        h.tensor(data)


def test_dtypes_and_devices_that_do_not_exist_here_are_named() -> None:
    with pytest.raises(TypeError, match="float64"):
        h.ones(2).double()
    with pytest.raises(TypeError, match="uint8"):
        h.zeros(2, dtype=np.uint8)
    with pytest.raises(ValueError, match="'cuda:0'"):
        h.ones(2).to("cuda:0")
    with pytest.raises(ValueError, match="float tensors"):
        h.tensor([1, 2], requires_grad=True)
    assert h.ones(2).to("cpu", h.int64).dtype == h.int64
    assert h.ones(2).to(h.device("cuda" if h.cuda.is_available() else "cpu")).device.type == "cpu"


def test_from_numpy_copies_and_numpy_shares() -> None:
    array = np.zeros(3, np.float32)
    t = h.from_numpy(array)
    array[0] = 5
    assert t.tolist() == [0, 0, 0]
    t.numpy()[1] = 7
    assert t.tolist() == [0, 7, 0]
    np.asarray(t)[2] = 8
    assert t.tolist() == [0, 7, 8]
    assert np.asarray(h.tensor([1, 2])).dtype == np.int64
    assert np.asarray(h.tensor([True])).dtype == bool


def test_factories_make_what_they_say() -> None:
    assert same(h.zeros(2, 3), np.zeros((2, 3)))
    assert same(h.ones((2,)), [1, 1])
    assert same(h.full((2,), 7.5), [7.5] * 2)
    assert h.full((2,), 7).dtype == h.int64
    assert same(h.arange(5), range(5))
    assert h.arange(5).dtype == h.int64
    assert h.arange(0, 1, 0.25).tolist() == [0, 0.25, 0.5, 0.75]
    assert same(h.linspace(0, 1, 3), [0, 0.5, 1])
    assert same(h.eye(2), np.eye(2))
    assert same(h.zeros_like(h.tensor([1, 2])), [0, 0])
    assert h.zeros_like(h.tensor([1])).dtype == h.int64
    assert h.rand(2, 3, requires_grad=True).requires_grad
    with pytest.raises(ValueError, match="sizes of 0 or more"):
        h.zeros(-1)
    with pytest.raises(TypeError, match="whole numbers"):
        h.zeros(2.5)  # type: ignore[arg-type]


def test_a_seed_repeats_every_kind_of_draw() -> None:
    def draws(g: h.Generator | None) -> list[Any]:
        tensors = [
            h.rand(3, generator=g), h.randn(3, generator=g), h.randint(100, (3,), generator=g),
            h.randperm(5, generator=g), h.multinomial(h.ones(9), 4, generator=g),
            h.zeros(3).normal_(generator=g),
        ]  # fmt: skip
        return [t.tolist() for t in tensors] + [h.random.next_key(g)]

    first, second = draws(h.Generator(7)), draws(h.Generator(7))
    assert first == second
    assert draws(h.Generator(8)) != first
    h.manual_seed(7)
    assert draws(None) == first
    g = h.Generator(7)
    draws(g)
    state = g.get_state()
    later = draws(g)
    g.set_state(state)
    assert draws(g) == later
    assert g.initial_seed() == 7


def test_draws_have_the_distribution_they_claim() -> None:
    n = 20_000
    assert abs(h.randn(n).mean().item()) < 0.03
    assert abs(h.randn(n).std().item() - 1) < 0.03
    assert abs(h.rand(n).mean().item() - 0.5) < 0.02
    assert set(h.randint(2, 5, (n,)).tolist()) == {2, 3, 4}
    assert sorted(h.randperm(50).tolist()) == list(range(50))
    counts = np.bincount(h.multinomial(h.tensor([1.0, 0.0, 3.0]), n, replacement=True).numpy(), minlength=3)
    assert counts[1] == 0
    assert abs(counts[2] / n - 0.75) < 0.02
    assert sorted(h.multinomial(h.tensor([1.0, 0.0, 3.0]), 2).tolist()) == [0, 2]


# ---- operators ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["add", "sub", "mul", "truediv", "pow", "lt", "le", "gt", "ge", "eq", "ne", "floordiv", "mod"]
)
@pytest.mark.parametrize("other", [2, 2.5, np.float32(1.5), np.array([1, 2, 3], np.float32), "tensor"])
def test_operators_take_numbers_and_arrays_on_either_side(name: str, other: Any) -> None:
    x = np.array([[1.5, -2, 3], [4, 5, 6]], np.float32)
    f = getattr(operator, name)
    right = np.array([3, 2, 1], np.float32) if isinstance(other, str) else other
    mine = h.tensor(right) if isinstance(other, str) else other
    with np.errstate(invalid="ignore"):
        expected, reverse = f(x, right), f(right, x)
    assert np.allclose(f(h.tensor(x), mine).numpy(), expected, 1e-5, equal_nan=True)
    turned = f(mine, h.tensor(x))
    assert isinstance(turned, h.Tensor)
    assert np.allclose(turned.numpy(), reverse, 1e-4, equal_nan=True)


def test_truth_values_combine_and_refuse_numbers() -> None:
    a, b = h.tensor([True, True, False]), h.tensor([True, False, False])
    assert (a & b).tolist() == [True, False, False]
    assert (a | b).tolist() == [True, True, False]
    assert (a ^ b).tolist() == [False, True, False]
    assert (~a).tolist() == [False, False, True]
    assert (a & b).dtype == (a | b).dtype == (a ^ b).dtype == (~a).dtype == h.bool
    with pytest.raises(TypeError, match="truth values"):
        _ = h.ones(3) & a


def test_matrix_product_with_arrays_on_either_side() -> None:
    a, b = np.ones((2, 3), np.float32), np.ones((3, 4), np.float32)
    assert same(h.tensor(a) @ b, a @ b)
    assert same(a @ h.tensor(b), a @ b)


def test_what_is_no_number_is_unequal_and_cannot_be_added() -> None:
    x = h.ones(2)
    assert (x == None) is False
    assert (x != "a") is True
    with pytest.raises(TypeError, match="needs a tensor or a number, got str"):
        _ = x + "a"
    assert len({x, x, h.ones(2)}) == 2


def test_python_asks_for_numbers() -> None:
    assert float(h.tensor(2.5)) == 2.5
    assert int(h.tensor(2.5)) == 2
    assert [10, 20][h.tensor(1)] == 20
    assert bool(h.tensor([3]))
    assert not h.tensor(0.0)
    assert f"{h.tensor(2.0):.2f}" == "2.00"
    assert [t.item() for t in h.tensor([1, 2])] == [1, 2]
    assert len(h.zeros(3, 2)) == 3
    assert 2.0 in h.tensor([1.0, 2.0])
    with pytest.raises(ValueError, match="neither true nor false"):
        bool(h.ones(2))
    with pytest.raises(ValueError, match="one number"):
        h.ones(2).item()
    for call in (len, iter):
        with pytest.raises(TypeError, match="without axes"):
            call(h.tensor(1.0))


# ---- shapes and reductions, as numpy has them --------------------------------------------------------------


def test_shapes_change_as_in_pytorch() -> None:
    x = h.tensor(A)
    assert x.view(4, -1).shape == (4, 6)
    assert x.reshape((24,)).shape == (24,)
    assert x.flatten(1).shape == (2, 12)
    assert x.flatten().shape == (24,)
    assert x.unflatten(2, (2, -1)).shape == (2, 3, 2, 2)
    assert same(x.transpose(0, 2), A.transpose(2, 1, 0))
    assert same(x.permute(2, 0, 1), A.transpose(2, 0, 1))
    assert same(x.T, A.T)
    assert same(x.mT, A.swapaxes(1, 2))
    assert same(x[0].t(), A[0].T)
    assert x.unsqueeze(1).shape == (2, 1, 3, 4)
    assert x.unsqueeze(-1).squeeze().shape == (2, 3, 4)
    assert x[:1].squeeze(0).shape == (3, 4)
    assert x.squeeze(0).shape == (2, 3, 4)
    assert same(h.ones(3, 1).expand(2, 3, 4), np.ones((2, 3, 4)))
    assert h.ones(3, 1).expand(-1, 5).shape == (
        3,
        5,
    )
    assert same(x.repeat(1, 2, 1), np.tile(A, (1, 2, 1)))
    assert same(h.stack([x, x], 1), np.stack([A, A], 1))
    assert [p.shape for p in x.split(2, 1)] == [(2, 2, 4), (2, 1, 4)]
    assert len(x.chunk(2, -1)) == 2
    assert [p.shape[0] for p in h.arange(10).split([3, 7])] == [3, 7]
    assert len(x.unbind(1)) == 3
    assert x.size() == (2, 3, 4)
    assert x.size(-1) == 4
    assert x.dim() == 3
    assert x.numel() == 24
    with pytest.raises(IndexError, match="needs an axis"):
        x.transpose(0, 3)
    with pytest.raises(ValueError, match="reshape"):
        x.view(5, 5)


def test_reductions_agree_with_numpy() -> None:
    x = h.tensor(A, requires_grad=True)
    assert same(x.sum(1), A.sum(1))
    assert same(x.sum(axis=(0, 2)), A.sum((0, 2)))
    assert same(x.mean(), A.mean())
    assert np.allclose(x.var(1).numpy(), A.var(1, ddof=1))
    assert np.allclose(x.std(correction=0).numpy(), A.std())
    assert np.allclose(x.norm().numpy(), np.linalg.norm(A))
    assert same(x.norm(1, 0), abs(A).sum(0))
    assert same(x.norm(float("inf")), A.max())
    assert same(x.argmax(2), A.argmax(2))
    assert x.argmin().item() == 0
    values, indices = x.max(1)
    assert same(values, A.max(1))
    assert same(indices, A.argmax(1))
    assert x.min(dim=0, keepdim=True).values.shape == (1, 3, 4)
    assert same(x.max(), A.max())
    assert same(x.max(h.full((4,), 10.0)), np.maximum(A, 10))
    assert (x > 3).any().item() is True
    assert (x > 3).all(dim=2).tolist() == (A > 3).all(2).tolist()
    top = x.topk(2)
    assert same(top.values, A[..., [3, 2]])
    assert same(top.indices, np.broadcast_to([3, 2], (2, 3, 2)))
    assert same(x.sort(descending=True).values, A[..., ::-1])
    assert h.tensor([3, 1, 3]).unique().tolist() == [
        1,
        3,
    ]


def test_the_gradient_of_a_maximum_goes_to_where_it_was() -> None:
    x = h.tensor([[1.0, 3.0], [5.0, 2.0]], requires_grad=True)
    x.max(1).values.sum().backward()
    assert x.grad is not None
    assert x.grad.tolist() == [[0, 1], [1, 0]]
    x.grad = None
    x.topk(1).values.sum().backward()
    assert x.grad.tolist() == [[0, 1], [1, 0]]


# ---- indexing ----------------------------------------------------------------------------------------------

KEYS: list[Any] = [
    0, -1, slice(1, None), (slice(None), 1), (..., -1), (None, 0),
    (slice(None), slice(0, 3, 2), 1), (0, ..., None),
    (slice(None), slice(None), slice(3, 1)), [1, 0, 1], np.array([[0, 1], [1, 1]]), (slice(None), [2, 0]),
    ([0, 1], [2, 0]), (0, [1, 2], slice(None)), ([1, 0], slice(None), [3, 3]), A > 10, (A > 10)[:, :, 0],
    (slice(None), [-1]), (1, 2, 3), (), (..., [0, -1]),
]  # fmt: skip


@pytest.mark.parametrize("key", KEYS, ids=str)
@pytest.mark.parametrize("on", ["numbers", "graph"])
def test_an_index_picks_what_numpy_picks(key: Any, on: str) -> None:
    x = h.tensor(A, requires_grad=on == "graph")
    y = x[key]
    assert same(y, A[key])
    if on == "graph":
        g = np.random.default_rng(0).standard_normal(y.shape).astype(np.float32)
        y.backward(h.tensor(g))
        expected = np.zeros_like(A)
        np.add.at(expected, key, g)
        assert x.grad is not None
        assert np.allclose(x.grad.numpy(), expected, 1e-6)


@pytest.mark.parametrize("key", KEYS, ids=str)
def test_assigning_changes_what_numpy_changes(key: Any) -> None:
    expected = A.copy()
    expected[key] = -1
    x = h.tensor(A)
    x[key] = -1
    assert same(x, expected)
    leaf = h.tensor(A, requires_grad=True)
    y = leaf * 1.0
    value = h.tensor(-1.0, requires_grad=True)
    y[key] = value
    assert same(y, expected)
    y.sum().backward()
    assert leaf.grad is not None
    assert same(leaf.grad, (expected != -1).astype(np.float32))
    assert value.grad is not None
    assert value.grad.item() == (expected == -1).sum()


def test_indices_that_are_wrong_are_named() -> None:
    for x in (h.tensor(A), h.tensor(A, requires_grad=True)):
        for key in (2, (0, 3), (0, 0, 0, 0), [5], (slice(None), [-4])):
            with pytest.raises(IndexError):
                x[key]
        with pytest.raises(ValueError, match="step above 0"):
            x[::-1]
        with pytest.raises(IndexError, match="integers or truth values"):
            x[h.tensor([0.5])]


def test_picking_one_of_each_row_stays_row_by_row() -> None:
    y = leaf(5, 3)[h.arange(5), h.tensor([0, 1, 2, 1, 0])]
    assert y.op == "pick"


def test_integers_stay_integers() -> None:
    x = h.tensor([1, 2, 3])
    x[0] = 7.9
    assert x.tolist() == [7, 2, 3]
    assert x[1:].dtype == h.int64
    assert x[x > 2].tolist() == [7, 3]


# ---- changes in place --------------------------------------------------------------------------------------


def test_a_leaf_that_requires_grad_changes_only_under_no_grad() -> None:
    w = h.ones(3, requires_grad=True)
    with pytest.raises(ValueError, match="no_grad"):
        w += 1
    with pytest.raises(ValueError, match="no_grad"):
        w[0] = 1
    with pytest.raises(ValueError, match="no_grad"):
        w.zero_()
    before, memory = w, w.numpy()
    with h.no_grad():
        w -= 0.5
        w[0] = 9
        w.mul_(2).add_(h.ones(3), alpha=0.5)
    assert w is before
    assert w.is_leaf
    assert w.requires_grad
    assert w.tolist() == [18.5, 1.5, 1.5]
    assert memory.tolist() == w.tolist()
    w.data = h.zeros(3)
    assert w.tolist() == [0, 0, 0]
    assert w.is_leaf
    w.data -= 1
    assert w.tolist() == [-1, -1, -1]


def test_a_result_changed_in_place_keeps_its_gradient() -> None:
    x = h.tensor([1.0, 2.0], requires_grad=True)
    y = x * 3
    alias = y
    y += x
    y.mul_(2)
    total = h.tensor(0.0)
    total += y.sum()
    assert alias is y
    assert not y.is_computed
    assert total.requires_grad
    total.backward()
    assert x.grad is not None
    assert x.grad.tolist() == [8, 8]
    assert y.tolist() == [8, 16]


def test_numbers_made_of_numbers_become_a_parameter() -> None:
    w = (h.randn(3) * 0.1).requires_grad_()
    b = h.zeros(3) + 1
    b.requires_grad = True
    assert w.is_leaf
    assert b.is_leaf
    (w * b).sum().backward()
    assert w.grad is not None
    assert w.grad.tolist() == [1, 1, 1]
    with pytest.raises(ValueError, match="comes from mul"):
        (w * b).requires_grad_(False)


def test_in_place_methods_do_what_they_say() -> None:
    x = h.tensor([1.0, -4.0])
    assert x.clamp_(min=-2).tolist() == [1, -2]
    assert x.fill_(3).tolist() == [3, 3]
    assert x.zero_().tolist() == [0, 0]
    assert x.copy_(h.tensor(5.0)).tolist() == [5, 5]
    assert x.sub_(1).div_(2).tolist() == [2, 2]
    u = h.zeros(1000).uniform_(-2, 3)
    assert u.min().item() >= -2
    assert u.max().item() < 3
    assert u.std().item() > 1
    y = h.ones(2)
    x.copy_(y)
    y += 1
    z = h.ones(2) * 2
    z.copy_(y)
    y += 1
    assert x.tolist() == [1, 1]
    assert z.tolist() == [2, 2]
    with pytest.raises(ValueError, match="own shape"):
        x += h.ones(3, 2)
    with pytest.raises(TypeError, match="cannot put float32 numbers into a tensor of int64"):
        h.tensor([1, 2]).add_(0.5)


# ---- copies and other libraries ----------------------------------------------------------------------------


@pytest.mark.parametrize("how", [copy.copy, copy.deepcopy, lambda t: pickle.loads(pickle.dumps(t))])
@pytest.mark.parametrize("t", [h.tensor([1.5, 2], requires_grad=True), h.tensor([[1, 2]]), h.tensor(True)])
def test_copies_are_by_value(how: Any, t: h.Tensor) -> None:
    other = how(t)
    assert same(other, t.numpy())
    assert other.dtype == t.dtype
    assert other.requires_grad == t.requires_grad
    with h.no_grad():
        other.zero_()
    assert t.numpy().any()


def test_dlpack_goes_both_ways() -> None:
    t = h.tensor([[1.0, 2.0]])
    assert t.__dlpack_device__() == (1, 0)
    shared = np.from_dlpack(t)
    t.mul_(2)
    assert shared.tolist() == [[2, 4]]
    assert h.from_dlpack(np.arange(3)).tolist() == [0, 1, 2]
    torch = pytest.importorskip("torch")
    assert torch.from_dlpack(t).tolist() == [[2, 4]]
    assert h.from_dlpack(torch.ones(2)).tolist() == [1, 1]


def test_memory_is_offered_through_the_buffer_protocol() -> None:
    t = h.tensor(A)
    view = memoryview(t)
    assert view.shape == (2, 3, 4)
    assert view.format == "f"
    view[0, 0, 0] = 5.0
    assert t[0, 0, 0].item() == 5
    with pytest.raises(BufferError):
        memoryview(h.tensor([1]))


def test_detached_and_cloned() -> None:
    x = leaf(3)
    y = x * 2
    d = y.detach()
    assert not d.requires_grad
    assert not y.is_computed
    assert not d.is_computed
    (y.clone() * d).sum().backward()
    assert x.grad is not None
    assert np.allclose(x.grad.numpy(), 2 * y.numpy())
    c = x.detach().clone()
    c += 1
    assert np.allclose(c.numpy(), x.numpy() + 1)


# ---- what it says ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("t", "text"),
    [
        (h.tensor([1.0, 2.0]), "tensor([1., 2.])"),
        (h.tensor([[0.5], [-0.25]]), "tensor([[ 0.5000],\n        [-0.2500]])"),
        (h.tensor(3), "tensor(3)"),
        (h.tensor([True, False]), "tensor([ True, False])"),
        (h.tensor([1e-6, 1.0]), "tensor([1.0000e-06, 1.0000e+00])"),
        (h.tensor([1.0], requires_grad=True), "tensor([1.], requires_grad=True)"),
        (h.tensor([2.0], requires_grad=True) * 2, "tensor([4.], grad_fn=<mul>)"),
        (h.tensor([]), "tensor([])"),
        (h.zeros(0, 2, dtype=h.int64), "tensor([], size=(0, 2), dtype=int64)"),
        (h.tensor([float("nan"), 1.5]), "tensor([   nan, 1.5000])"),
    ],
)
def test_it_prints_like_pytorch(t: h.Tensor, text: str) -> None:
    assert repr(t) == text


def test_a_large_tensor_prints_its_corners() -> None:
    text = repr(h.arange(100_000).reshape(100, 1000))
    assert "..." in text
    assert len(text) < 1000


def test_a_missing_name_is_named() -> None:
    with pytest.raises(
        AttributeError, match=r"Tensor has no 'lstsq' \(hello_dl does not have PyTorch's Tensor.lstsq\)"
    ):
        h.ones(2).lstsq  # noqa: B018
    with pytest.raises(AttributeError, match="hello_dl has no 'svd'"):
        h.svd  # noqa: B018
    with pytest.raises(ValueError, match="create_graph"):
        leaf(1).sum().backward(create_graph=True)
    assert not hasattr(h.ones(1), "grad_fn")


def test_every_op_is_a_function_of_the_package() -> None:
    for name, _, doc in _core.registered_ops:
        assert callable(getattr(h, name))
        assert doc
    assert same(h.exp(h.zeros(2)), [1, 1])
    assert h.max(h.tensor([[1.0, 2.0]]), 1).values.item() == 2
    assert same(h.cat([h.ones(1), h.zeros(1)]), [1, 0])


def test_the_type_stub_is_fresh() -> None:
    from hello_dl.tensors import write_stub as _stubs

    assert _stubs.path().read_text() == _stubs.stub(), "run: python -m hello_dl.tensors.write_stub"


def test_the_gradient_switches_nest_and_decorate() -> None:
    x = leaf(2)

    @h.no_grad()
    def cut() -> h.Tensor:
        return x * 2

    assert not cut().requires_grad
    assert h.is_grad_enabled()
    with h.no_grad():
        with h.enable_grad():
            assert (x * 2).requires_grad
        assert not (x * 2).requires_grad
        with h.set_grad_enabled(True):
            assert (x * 2).requires_grad
    with pytest.raises(RuntimeError), h.inference_mode():
        raise RuntimeError
    assert h.is_grad_enabled()
    h.set_grad_enabled(False)
    assert not h.is_grad_enabled()


# ---- the package -------------------------------------------------------------------------------------------


def python(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    import os

    return subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
        check=False,
    )


def test_importing_it_loads_nothing_heavy() -> None:
    heavy = "PIL click tqdm pooch requests safetensors matplotlib torch"
    done = python(f"import sys, hello_dl; print([m for m in '{heavy}'.split() if m in sys.modules])")
    assert done.stdout.strip() == "[]", done.stderr


def test_an_unknown_instruction_set_is_refused_with_what_there_is() -> None:
    done = python("import hello_dl", HELLO_DL_ISA="z80")
    assert done.returncode == 1
    assert "HELLO_DL_ISA=z80" in done.stderr
    assert _core.isa in done.stderr


def test_show_config_says_how_it_runs(capsys: pytest.CaptureFixture[str]) -> None:
    h.show_config()
    text = capsys.readouterr().out
    assert _core.isa in text
    assert "threads" in text
    assert _core.eigen_version in text
    assert "float32" in text
