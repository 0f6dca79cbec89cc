"""How tensors print."""

from __future__ import annotations

import pytest

import hello_dl as h


@pytest.mark.parametrize(
    ("t", "text"),
    [
        (h.tensor([1.0, 2.0]), "tensor([1., 2.])"),
        (h.tensor([[0.5], [-0.25]]), "tensor([[ 0.5000],\n        [-0.2500]])"),
        (h.tensor(3), "tensor(3)"),
        (h.tensor([True, False]), "tensor([ True, False])"),
        (h.tensor([1e-6, 1.0]), "tensor([1.0000e-06, 1.0000e+00])"),
        (h.tensor([1.0], requires_grad=True), "tensor([1.], requires_grad=True)"),
        (h.tensor([2.0], requires_grad=True) * 2, "tensor([4.], grad_fn=<MulBackward0>)"),
        (h.tensor([]), "tensor([])"),
        (h.zeros(0, 2, dtype=h.int64), "tensor([], size=(0, 2), dtype=int64)"),
        (h.tensor([float("nan"), 1.5]), "tensor([   nan, 1.5000])"),
    ],
)
def test_it_prints_like_pytorch(t: h.Tensor, text: str) -> None:
    assert repr(t) == text


def test_a_large_tensor_prints_its_corners() -> None:
    assert repr(h.arange(100_000).reshape(100, 1000)) == (
        "tensor([[    0,     1,     2,  ...,   997,   998,   999],\n"
        "        [ 1000,  1001,  1002,  ...,  1997,  1998,  1999],\n"
        "        [ 2000,  2001,  2002,  ...,  2997,  2998,  2999],\n"
        "        ...,\n"
        "        [97000, 97001, 97002,  ..., 97997, 97998, 97999],\n"
        "        [98000, 98001, 98002,  ..., 98997, 98998, 98999],\n"
        "        [99000, 99001, 99002,  ..., 99997, 99998, 99999]])"
    )


def test_a_number_alone_formats_as_a_number() -> None:
    assert f"{h.tensor(3)}/10 {h.tensor(2.5)} {h.tensor(True)}" == "3/10 2.5 True"
    assert f"{h.tensor([1.0]):.2f} {h.tensor([1.0])}" == "1.00 tensor([1.])"


def test_what_is_infinite_takes_no_room_of_its_own_as_in_pytorch() -> None:
    torch = pytest.importorskip("torch")
    inf, nan = float("inf"), float("nan")
    for numbers in (
        [inf, 1.0],
        [[0.0, -inf], [0.0, 0.0]],
        [nan, 2.5, 0.0],
        [-inf, 1e9, 3.0],
        [nan],
        [inf, 0.5],
    ):
        assert repr(h.tensor(numbers)) == repr(torch.tensor(numbers))
