"""What programs ask about memory, dtypes and hints about both."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import hello_dl as h


def test_views_have_the_storage_of_their_base() -> None:
    x = h.arange(12.0).view(3, 4)
    assert x.storage().data_ptr() == x.t().storage().data_ptr() == x[1].untyped_storage().data_ptr()
    assert x.storage().data_ptr() != x.clone().storage().data_ptr()
    assert (len(x[1].storage()), x.storage()[5], x.storage().tolist()[:3]) == (12, 5.0, [0.0, 1.0, 2.0])
    assert len(x.untyped_storage()) == x.untyped_storage().nbytes() == 48


@pytest.mark.parametrize("shape", [(2, 3, 4, 5), (2, 1, 4, 5), (3, 4)])
def test_memory_formats_are_seen_as_in_pytorch(shape: tuple[int, ...]) -> None:
    torch = pytest.importorskip("torch")
    for change in (lambda t: t, lambda t: t.transpose(0, 1), lambda t: t.unsqueeze(0).squeeze(0)):
        mine, theirs = change(h.zeros(*shape)), change(torch.zeros(*shape))
        assert mine.is_contiguous() == theirs.is_contiguous()
        if len(shape) == 4:
            wanted = theirs.is_contiguous(memory_format=torch.channels_last)
            assert mine.is_contiguous(memory_format="torch.channels_last") == wanted
    assert h.zeros(2, 3).t().contiguous(memory_format="torch.contiguous_format").is_contiguous()


def test_hints_about_memory_change_nothing_and_out_gets_the_numbers() -> None:
    x = h.ones(2, 2)
    hints: dict[str, Any] = {"memory_format": "torch.preserve_format", "pin_memory": False, "layout": None}
    make: dict[str, Any] = {name: getattr(h, name) for name in ("zeros_like", "ones_like", "empty_like")}
    for function in make.values():
        assert function(x, **hints).shape == (2, 2)
    assert h.zeros(2, **hints).shape == h.randn(2, **hints).shape == (2,)
    assert x.clone(memory_format="torch.preserve_format").shape == (2, 2)
    out = h.empty(3)
    numbers: Any = h.arange
    assert numbers(3.0, out=out) is out
    assert out.tolist() == [0, 1, 2]
    with pytest.raises(TypeError, match="memory_fromat"):
        make["zeros_like"](x, memory_fromat=None)


def test_dtypes_of_results() -> None:
    assert h.result_type(h.tensor([1, 2]), 1.0) == h.result_type(h.tensor(True), h.tensor(1.0)) == h.float32
    assert h.result_type(h.tensor([1, 2]), 3) == h.int64
    torch = pytest.importorskip("torch")
    for a in ("float32", "int64", "bool"):
        for b in ("float32", "int64", "bool"):
            assert h.can_cast(a, b) == torch.can_cast(getattr(torch, a), getattr(torch, b)), (a, b)


@pytest.mark.parametrize("wrap", [False, True])
@pytest.mark.parametrize("shape", [(3, 3), (3, 5), (7, 3), (3, 3, 3)])
def test_a_diagonal_is_filled_as_in_pytorch(shape: tuple[int, ...], wrap: bool) -> None:
    torch = pytest.importorskip("torch")
    mine, theirs = h.zeros(*shape).fill_diagonal_(2.5, wrap), torch.zeros(*shape).fill_diagonal_(2.5, wrap)
    np.testing.assert_array_equal(mine, theirs)
    with pytest.raises(ValueError, match="needs a matrix"):
        h.zeros(3).fill_diagonal_(1.0)


def test_pairs_of_rows_have_pytorchs_distances() -> None:
    torch = pytest.importorskip("torch")
    numbers = np.random.default_rng(0).normal(size=(5, 3)).astype(np.float32)
    seed = np.random.default_rng(1).normal(size=10).astype(np.float32)
    for p in (1.0, 2.0, 3.0):
        mine, theirs = h.tensor(numbers, requires_grad=True), torch.tensor(numbers, requires_grad=True)
        y, z = h.pdist(mine, p), torch.pdist(theirs, p)
        np.testing.assert_allclose(y.detach(), z.detach(), rtol=1e-5)
        y.backward(h.tensor(seed))
        z.backward(torch.tensor(seed))
        np.testing.assert_allclose(mine.grad, theirs.grad, rtol=1e-4, atol=1e-5)
    assert h.pdist(h.ones(1, 3)).shape == (0,)
    with pytest.raises(ValueError, match="pdist: needs"):
        h.pdist(h.ones(3))


def test_a_hook_after_the_backward_sees_the_whole_gradient() -> None:
    w = h.tensor([1.0, 2.0], requires_grad=True)
    seen: list[list[float]] = []

    def step(leaf: Any) -> None:
        seen.append(leaf.grad.tolist())
        with h.no_grad():
            leaf -= leaf.grad
        leaf.grad = None

    handle = w.register_post_accumulate_grad_hook(step)
    (w * w).sum().backward()
    (w * h.tensor([3.0, 4.0])).sum().backward()
    handle.remove()
    (w * w).sum().backward()
    assert seen == [[2.0, 4.0], [3.0, 4.0]]
    with pytest.raises(ValueError, match="needs a leaf"):
        (w * 2).register_post_accumulate_grad_hook(step)
