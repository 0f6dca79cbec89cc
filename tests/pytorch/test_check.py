"""The look at a program before it runs: names of PyTorch, their lines, and what is missing."""

from __future__ import annotations

import importlib
import importlib.util
from pathlib import Path

import pytest

from command import Inside
from hello_dl.pytorch import uses
from hello_dl.pytorch.check import has
from hello_dl.pytorch.faces import ABSENT, find
from hello_dl.pytorch.places import PLACES

PROGRAM = """\
import torch, torch.nn as nn
import torch.nn.functional as F
from torch.nn import Linear as L, NoSuchLayer
from torch.utils.data import DataLoader
from beside import net
import numpy as np

x = torch.zeros(2)
nn.Foo(
    L(2, 3))
y = F.no_such_function(x)
torch.nn.Foo
torch.cuda.is_available() or torch.cuda.get_device_name(0)
torch.Tensor.no_such_method
np.no_such_thing
"""


@pytest.fixture
def program(tmp_path: Path) -> Path:
    (tmp_path / "beside.py").write_text("import torch\nnet = torch.no_such_name\nimport program\n")
    path = tmp_path / "program.py"
    path.write_text(PROGRAM)
    return path


def test_names_are_found_with_their_lines(program: Path) -> None:
    found = {(use.path.name, use.name): use for use in uses(program)}
    assert found["program.py", "torch.zeros"].lines == (8,)
    assert found["program.py", "torch.nn.Foo"].lines == (9, 12)
    assert found["program.py", "torch.nn.Linear"].lines == (3,)
    missing = {name for (_, name), use in found.items() if not use.is_here}
    assert missing == {
        "torch.nn.NoSuchLayer",
        "torch.nn.Foo",
        "torch.nn.functional.no_such_function",
        "torch.Tensor.no_such_method",
        "torch.no_such_name",
    }
    message = found["beside.py", "torch.no_such_name"].message
    assert message.endswith("beside.py:2: hello_dl does not have PyTorch's torch.no_such_name")


def test_check_lists_and_does_not_run(program: Path, inside: Inside) -> None:
    answer = inside("run", "--check", program)
    assert answer.code == 1
    assert "MISSING torch.nn.Foo  (program.py: 9, 12)" in answer.out
    assert "torch.utils.data.DataLoader  (program.py: 4)" in answer.out
    assert "5 of them missing" in answer.out
    program.write_text("import torch\nprint(torch.ones(1))\n")
    assert inside("run", "--check", program).out.endswith("2 names of PyTorch, 0 of them missing\n")
    for wrong, words in ((program.with_name("none.py"), "no file"), (program, "no program")):
        program.write_text("def\n")
        answer = inside("run", "--check", wrong)
        assert (answer.code, words in answer.err) == (2, True)


@pytest.mark.parametrize(
    "name",
    [
        *("torch.nn.Conv2d", "torch.nn.modules.linear.Linear", "torch.nn.modules.module.Module"),
        *("torch.optim.lr_scheduler.StepLR", "torch.optim.adam.Adam", "torch.utils.data.dataset.Dataset"),
        *("torch.autograd.Variable", "torch.cuda.amp.GradScaler", "torch.backends.cudnn.benchmark"),
        *("torch.float64", "torch.FloatTensor", "torch.save", "torch.Tensor.sum", "torch.no_grad"),
        *("torch.nn.utils.clip_grad_norm_", "torch.version.cuda", "torch.serialization.safe_globals"),
        *("torch.accelerator.is_available", "torch.nn.init.xavier_uniform_", "torch.random.manual_seed"),
        *("torchvision.datasets.MNIST", "torchvision.transforms.RandomAffine", "torchvision.utils.make_grid"),
        *(
            "torch.autograd.grad_mode.no_grad",
            "torch.utils.checkpoint.checkpoint",
            "torch.testing.assert_close",
        ),
    ],
)
def test_what_programs_use_is_here(name: str) -> None:
    assert has(name)


def test_names_that_hello_dl_gets_later_are_found_without_a_line_in_the_table(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    nn = importlib.import_module("hello_dl.nn")
    assert find("torch.nn", "NewLayer") is ABSENT
    monkeypatch.setattr(nn, "NewLayer", int, raising=False)
    assert find("torch.nn", "NewLayer") is int
    assert find("torch.nn.modules.conv", "NewLayer") is int


def test_the_table_names_real_modules_of_pytorch() -> None:
    pytest.importorskip("torch")
    ours = {"torch.nn.parallel.data_parallel", "torch.nn.utils.spectral_norm", "torch.nn.utils.weight_norm"}
    for path in PLACES:
        if (
            path.startswith("torch.")
            and path not in ours
            and "onnx" not in path
            and "tensorboard" not in path
        ):
            parent, _, name = path.rpartition(".")
            module = importlib.import_module(parent)
            assert hasattr(module, name) or importlib.util.find_spec(path) is not None, path
