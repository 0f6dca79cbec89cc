"""Hooks of modules are called when, and change what, PyTorch's do."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest

import hello_dl
from hello_dl import nn

Calls = list[Any]


class Scaled(nn.Module):
    """A module with a named argument."""

    def forward(self, x: Any, *, by: float = 1.0) -> Any:
        if by == 0:
            raise ValueError("by 0")
        return x * by


def test_a_hook_sees_module_arguments_and_result() -> None:
    seen: dict[str, Any] = {}
    net = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2))
    for name, layer in net.named_children():
        layer.register_forward_hook(lambda m, args, y, name=name: seen.update({name: (m, args, y)}))
    x = hello_dl.rand(5, 3)
    y = net(x)
    assert list(seen) == ["0", "1", "2"]
    assert seen["0"][0] is net[0]
    assert seen["0"][1] == (x,)
    assert seen["2"][2] is y
    np.testing.assert_array_equal(seen["1"][2].numpy(), net[1](net[0](x)).numpy())


def test_a_hook_may_change_arguments_and_result_and_gradients_flow() -> None:
    x = hello_dl.tensor([1.0, 2.0], requires_grad=True)
    module = Scaled()
    module.register_forward_pre_hook(lambda m, args: args[0] * 3)
    module.register_forward_hook(lambda m, args, y: y + args[0])
    y = module(x, by=2)
    assert y.tolist() == [9, 18]
    y.sum().backward()
    assert x.grad.tolist() == [9, 9]  # type: ignore[union-attr]
    assert module.forward(x, by=2).tolist() == [2, 4]  # forward itself calls no hook


def register_all(module: Any, calls: Calls) -> list[Any]:
    """Register hooks of every kind, which note their name and what they get; return the handles."""

    def note(name: str, *answer: Any) -> Any:
        def hook(_: Any, *got: Any) -> Any:
            calls.append((name, [str(type(part).__name__) for part in got]))
            return answer[0](*got) if answer else None

        return hook

    return [
        module.register_forward_hook(note("after 1")),
        module.register_forward_hook(note("after 2", lambda args, kwargs, y: y * 10), with_kwargs=True),
        module.register_forward_hook(note("after first"), prepend=True),
        module.register_forward_hook(note("always"), always_call=True),
        module.register_forward_pre_hook(note("before 1")),
        module.register_forward_pre_hook(
            note("before 2", lambda args, kwargs: (args, {"by": kwargs["by"] + 1})), with_kwargs=True
        ),
        module.register_forward_pre_hook(note("before first", lambda args: (args[0] + 1,)), prepend=True),
    ]


def test_order_and_arguments_are_pytorch_s() -> None:
    torch = pytest.importorskip("torch")

    class Theirs(torch.nn.Module):  # type: ignore[misc,name-defined]
        forward = Scaled.forward

    results = []
    for module, tensor in ((Scaled(), hello_dl.tensor), (Theirs(), torch.tensor)):
        calls: Calls = []
        handles = register_all(module, calls)
        results.append([module(tensor([1.0]), by=4).tolist(), calls.copy()])
        with pytest.raises(ValueError, match="by 0"):
            module(tensor([1.0]), by=-1)  # a hook adds 1
        handles[1].remove()
        handles[1].remove()
        handles[5].remove()
        results[-1] += [module(tensor([1.0]), by=4).tolist(), calls]
    assert results[0] == results[1]


def test_a_hook_goes_with_its_block_and_copies_have_their_own() -> None:
    calls: Calls = []
    layer = nn.ReLU()
    with layer.register_forward_hook(lambda *got: calls.append(1)):
        layer(hello_dl.ones(2))
        other = copy.deepcopy(layer)
    layer(hello_dl.ones(2))
    assert len(calls) == 1
    other(hello_dl.ones(2))
    assert len(calls) == 2
    assert repr(layer) == "ReLU()"
    assert layer.state_dict() == {}


def test_what_is_no_hook_is_refused() -> None:
    with pytest.raises(TypeError, match="a hook needs to be a function, got int"):
        nn.ReLU().register_forward_hook(3)  # type: ignore[arg-type]
    module = Scaled()
    module.register_forward_pre_hook(lambda m, args, kwargs: args, with_kwargs=True)
    with pytest.raises(TypeError, match=r"returns None or \(args, kwargs\), got \(tensor"):
        module(hello_dl.ones(1), by=2)


# ---- in backward


def nets() -> tuple[Any, Any, Any]:
    """Return PyTorch, our network, and its own of the same weights."""
    torch = pytest.importorskip("torch")
    ours = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 2))
    net = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.Tanh(), torch.nn.Linear(4, 2))
    net.load_state_dict({k: torch.tensor(np.asarray(v)) for k, v in ours.state_dict().items()})
    return torch, ours, net


def test_backward_hooks_see_and_change_what_pytorchs_do() -> None:
    torch, ours, net = nets()
    x = np.random.default_rng(0).normal(size=(5, 3)).astype(np.float32)
    results = []
    for h, model in ((hello_dl, ours), (torch, net)):
        seen: Calls = []
        for i, layer in enumerate(model):
            layer.register_full_backward_hook(
                lambda m, before, after, i=i, seen=seen: seen.append((i, *before, *after))
            )
        model[1].register_full_backward_hook(lambda m, before, after: (before[0] * 3,))
        model[2].register_full_backward_pre_hook(lambda m, after: (after[0] * 2,))
        y = model(h.tensor(x, requires_grad=True))
        (y * y).sum().backward()
        results.append((seen, [p.grad for p in model.parameters()]))
    (a, ours_grads), (b, their_grads) = results
    assert [call[0] for call in a] == [call[0] for call in b] == [2, 1, 0]
    for one, other in zip(
        [g for call in a for g in call[1:]], [g for call in b for g in call[1:]], strict=True
    ):
        assert (one is None) == (other is None)
        if one is not None:
            np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-6)
    for one, other in zip(ours_grads, their_grads, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-6)


def test_backward_hooks_of_several_arguments_and_results() -> None:
    class Two(nn.Module):
        def forward(self, x: Any, factor: float, y: Any) -> Any:
            return x * factor, y * x

    seen: Calls = []
    module = Two()
    handle = module.register_full_backward_hook(lambda m, before, after: seen.append((before, after)))
    x, y = (hello_dl.tensor(v, requires_grad=True) for v in ([1.0, 2.0], [3.0, 4.0]))
    a, b = module(x, 3.0, y)
    (a + 2 * b).sum().backward()
    ((gx, none, gy), (ga, gb)) = seen[0]
    assert none is None
    assert (gx.tolist(), gy.tolist()) == ([9, 11], [2, 4])
    assert (ga.tolist(), gb.tolist()) == ([1, 1], [2, 2])
    assert x.grad.tolist() == [9, 11]  # type: ignore[union-attr]
    handle.remove()
    module(x, 3.0, y)[0].sum().backward()
    assert len(seen) == 1


def test_without_a_gradient_of_the_argument_a_hook_sees_that_of_the_result() -> None:
    seen: Calls = []
    layer = nn.Linear(2, 1)
    layer.register_full_backward_hook(lambda m, before, after: seen.append((before, after[0].tolist())))
    (layer(hello_dl.ones(1, 2)) * 3).sum().backward()
    assert seen == [((None,), [[3.0]])]
