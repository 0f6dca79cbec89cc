"""What programs written for PyTorch ask a tensor: its op, its class, its device; and numpy's functions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import hello_dl as h
from hello_dl.tensors import dtypes


@pytest.fixture
def x() -> h.Tensor:
    return h.tensor([[1.0, 2.0], [3.0, 5.0]])


def test_numpys_functions_take_tensors(x: h.Tensor) -> None:
    n = x.numpy()
    for function in (np.mean, np.sum, np.max, np.argmin, np.exp, np.sqrt, np.std, np.cumsum, np.abs):
        y = function(x, 0) if function is np.cumsum else function(x)
        expected = function(n, 0) if function is np.cumsum else function(n)
        assert isinstance(y, h.Tensor), function
        assert np.allclose(y.numpy(), expected), function
    assert np.allclose(np.add(x, n).numpy(), 2 * n)
    for y in (n + x, np.float64(2) * x, np.ones(2) - x, np.float32(1) / x):
        assert isinstance(y, h.Tensor)
    assert np.mean(x.requires_grad_()).requires_grad
    with pytest.raises(TypeError, match="detach"):
        np.exp(x)


def test_out_is_written_into(x: h.Tensor) -> None:
    out = h.zeros(2)
    assert x.sum(0, out=out) is out
    assert out.tolist() == [4, 7]


def test_the_op_behind_a_tensor_has_pytorchs_name(x: h.Tensor) -> None:
    torch = pytest.importorskip("torch")
    t = torch.tensor(x.tolist(), requires_grad=True)
    x.requires_grad_()
    for f in (lambda x: (x * 2).sum(), lambda x: x.exp() + 1, lambda x: x.mean(), lambda x: (x @ x).relu()):
        ours, theirs = f(x), f(t)
        assert type(ours.grad_fn).__name__ == type(theirs.grad_fn).__name__ == ours.grad_fn.name()
        walk = (type(ours.grad_fn.next_functions[0][0]), type(theirs.grad_fn.next_functions[0][0]))
        assert walk[0].__name__ == walk[1].__name__
    assert x.grad_fn is None
    assert x.is_leaf
    assert (h.ones(2) * 2).grad_fn is None
    (leaf, _), (number, _) = (x * h.ones(2, 2)).grad_fn.next_functions
    assert leaf.variable is x or leaf.variable.equal(x)
    assert number is None


def test_what_a_tensor_is(x: h.Tensor) -> None:
    assert (x.is_cuda, x.is_cpu, x.get_device(), str(x.layout)) == (False, True, -1, "torch.strided")
    assert (x.ndimension(), x.data_ptr()) == (2, x.numpy().ctypes.data)
    assert (x.itemsize, x.nbytes, round(h.tensor(2.6))) == (4, 16, 3)
    assert h.tensor([300, -1]).numpy().dtype == np.int64


@pytest.mark.parametrize(
    ("name", "data", "dtype"),
    [("FloatTensor", [1, 2], "float32"), ("LongTensor", [1, 2], "int64"), ("BoolTensor", [0, 1], "bool")],
)
def test_classes_by_dtype(name: str, data: Any, dtype: str) -> None:
    kind = getattr(h, name)
    made = kind(data)
    assert made.dtype == dtype
    assert made.tolist() == data
    assert isinstance(made, kind)
    assert made.type() == f"torch.{name}"
    assert kind(2, 3).shape == (2, 3)
    assert kind(np.array(data)).dtype == dtype
    for wanted in (kind, f"torch.{name}"):
        assert h.tensor([1.5, 0]).type(wanted).dtype == dtype
    assert repr(kind) == f"<class 'torch.{name}'>"


def test_dtypes_that_are_not_here_have_stand_ins_and_one_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dtypes, "_told", set())
    with pytest.warns(UserWarning, match="no float64; it computes in float32"):
        assert h.zeros(2, dtype=h.float64).dtype == h.float32
    assert h.ones(2).double().dtype == h.float32  # without another warning
    with pytest.warns(UserWarning, match="no int32"):
        assert h.ones(2).to(h.int32).dtype == h.int64
    with pytest.warns(UserWarning, match="no uint8"):
        assert h.tensor([300.7, -1.0]).byte().tolist() == [44, 255]
    assert h.float64 != h.float32
    assert h.promote_types(h.int64, bool) is h.int64
    assert h.promote_types(h.int64, h.float32) is h.float is h.ones(1).dtype
    assert (h.float32.is_floating_point, h.int64.is_floating_point, h.int16.itemsize) == (True, False, 2)


def test_a_warning_names_the_programs_own_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dtypes, "_told", set())
    with pytest.warns(UserWarning, match="int16") as told:
        h.tensor([1], dtype=h.int16)
    assert told[0].filename == __file__


def test_devices_can_be_named_but_not_used(x: h.Tensor) -> None:
    gpu = h.device("cuda", 1)
    assert (gpu.type, gpu.index, str(gpu), repr(gpu)) == ("cuda", 1, "cuda:1", "device(type='cuda', index=1)")
    assert x.device == h.device("cpu") == "cpu"
    for wrong in (lambda: x.to(gpu), lambda: h.ones(2, device="cuda"), lambda: x.cuda()):
        with pytest.raises(ValueError, match="CPU alone"):
            wrong()
    with pytest.raises(ValueError, match="'gpu'"):
        h.device("gpu")
    h.cuda.manual_seed_all(1)
    assert not h.cuda.is_available()
    with pytest.raises(AttributeError, match="no accelerator"):
        h.cuda.get_device_name(0)


def test_sizes_print_as_pytorchs() -> None:
    torch = pytest.importorskip("torch")
    for sizes in ((), (2,), (2, 3)):
        assert repr(h.Size(sizes)) == repr(torch.Size(sizes))
        assert h.Size(sizes).numel() == torch.Size(sizes).numel()
    assert repr(h.Size((2, 3))[1:]) == "torch.Size([3])"


def test_print_options_are_pytorchs() -> None:
    torch = pytest.importorskip("torch")
    numbers = np.linspace(-3, 40, 60, dtype=np.float32).reshape(6, 10)
    try:
        for options in (
            {"precision": 2},
            {"sci_mode": True},
            {"threshold": 10, "edgeitems": 2},
            {"linewidth": 60},
            {"profile": "short"},
            {"sci_mode": False},
        ):
            torch.set_printoptions(profile="default")
            h.set_printoptions(profile="default")
            torch.set_printoptions(**options)
            h.set_printoptions(**options)
            for kind in (numbers, numbers.round(), numbers.astype(np.int64), numbers > 3, numbers * 1e5):
                for array in (kind, kind[0], kind.reshape(3, 2, 2, 5), kind[0, 1]):
                    assert repr(h.tensor(array)) == repr(torch.tensor(array)), options
    finally:
        torch.set_printoptions(profile="default")
        h.set_printoptions(profile="default")


def test_settings_are_accepted_or_refused() -> None:
    h.set_float32_matmul_precision("high")
    h.use_deterministic_algorithms(True)
    h.set_default_dtype(h.float32)
    assert h.get_default_dtype() == h.float32
    with pytest.raises(ValueError, match="float64"):
        h.set_default_dtype(h.float64)
    assert h.finfo(h.float32).max == np.finfo(np.float32).max
