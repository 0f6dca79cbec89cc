"""hello-dl run: a program runs as `python program.py` runs it, and `import torch` gives hello_dl."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from command import command

FACE = """\
import sys
import torch
import torch.nn as nn
from torch.nn.parameter import Parameter

print(sys.argv[1:], __name__, sys.argv[0] == __file__, sys.modules["__main__"].torch is torch)
x = torch.zeros(2, 3)
print(x.shape, x.size(), x.dtype, x.device, type(x), x.shape[1:], x.shape.numel(), [torch.int32])
assert int(torch.__version__.split(".")[0]) >= 1 and torch.version.cuda is None
assert torch.nn.Linear is nn.modules.linear.Linear and not torch.cuda.is_available()
assert isinstance(nn.DataParallel(nn.Linear(2, 1)).module, nn.Module)
with torch.autocast("cuda", dtype=torch.float16), torch.autograd.set_detect_anomaly(True):
    loss = nn.Linear(3, 1)(x).mean()
scaler = torch.amp.GradScaler("cuda", enabled=False)
scaler.scale(loss).backward()
torch.backends.cudnn.benchmark = True
print(torch.typename(x), torch.jit.script(nn.ReLU()), torch.accelerator.current_accelerator())
for wrong in (
    "torch.nn.NoLayer", "torch.no_name", "torch.onnx.export", "from torch.nn import NoLayer",
    "import torch._C", "import torch.no_module", "from torchvision.models import resnet18", "x.no_method()",
    "x.to('cuda')", "torch.cuda.get_device_name(0)",
):
    try:
        exec(wrong)
    except (AttributeError, ImportError, ValueError) as error:
        print(type(error).__name__, error)
"""

EXPECTED = """\
['a', '--b=1', '--check'] __main__ True True
torch.Size([2, 3]) torch.Size([2, 3]) torch.float32 cpu <class 'torch.Tensor'> torch.Size([3]) 6 \
[torch.int32]
torch.FloatTensor ReLU() None
AttributeError hello_dl does not have PyTorch's torch.nn.NoLayer
AttributeError hello_dl does not have PyTorch's torch.no_name
AttributeError hello_dl does not have PyTorch's torch.onnx.export; instead: save the state_dict; \
it loads in PyTorch, which can export it
ModuleNotFoundError hello_dl does not have PyTorch's torch.nn.NoLayer
ModuleNotFoundError hello_dl does not have PyTorch's torch._C; it stands in PyTorch's place \
in this process, so the real one cannot be imported
ModuleNotFoundError hello_dl does not have PyTorch's torch.no_module
ModuleNotFoundError hello_dl does not have PyTorch's torchvision.models.resnet18; instead: \
build the network of nn's layers; hello_dl.models has small ones
AttributeError Tensor has no 'no_method': hello_dl does not have PyTorch's torch.Tensor.no_method
ValueError to: hello_dl runs on the CPU alone, got device 'cuda'
AttributeError hello_dl does not have PyTorch's torch.cuda.get_device_name; instead: \
is_available() is False, so a program should not come here
"""


def test_a_program_sees_torch(tmp_path: Path) -> None:
    path = tmp_path / "program.py"
    path.write_text(FACE)
    answer = command("run", path, "a", "--b=1", "--check")
    assert answer.code == 0, answer.err
    assert answer.out == EXPECTED


def test_errors_and_exit_codes_are_those_of_python(tmp_path: Path) -> None:
    path = tmp_path / "program.py"
    (tmp_path / "beside.py").write_text("def divide(a, b):\n    return a / b\n")
    path.write_text(
        "import sys, beside\nimport torch\n\nif len(sys.argv) > 1:\n    sys.exit(int(sys.argv[1]))\n"
        "if __name__ == '__main__':\n    print('before', flush=True)\n    beside.divide(1, 0)\n"
    )
    failed = command("run", path)
    assert (failed.code, failed.out) == (1, "before\n")
    assert failed.err == (
        "Traceback (most recent call last):\n"
        f'  File "{path}", line 8, in <module>\n    beside.divide(1, 0)\n'
        f'  File "{tmp_path / "beside.py"}", line 2, in divide\n    return a / b\n           ~~^~~\n'
        "ZeroDivisionError: division by zero\n"
    )
    assert command("run", path, 7).code == 7
    path.write_text("import torch\nprint(torch.no_such_name)\n")
    missing = command("run", path)
    assert missing.err.startswith(
        f"hello-dl: {path}:2: hello_dl does not have PyTorch's torch.no_such_name\n"
    )
    path.write_text("def f(:\n")
    wrong = command("run", path)
    assert (wrong.code, "SyntaxError" in wrong.err, f'File "{path}", line 1' in wrong.err) == (1, True, True)
    assert command("run", tmp_path / "none.py").code == 2


def test_the_code_of_a_notebook_runs(tmp_path: Path) -> None:
    cells = [
        ("markdown", ["# a title"]),
        ("code", ["%matplotlib inline\n", "!pip install torch\n", "import torch\n", "torch.ones?"]),
        ("code", "%%time\nthis is no Python"),
        ("code", ["for i in range(2):\n", "    %time\n", "    print(torch.ones(i).sum())"]),
    ]
    path = tmp_path / "notebook.ipynb"
    path.write_text(json.dumps({"cells": [{"cell_type": kind, "source": text} for kind, text in cells]}))
    answer = command("run", path)
    assert (answer.out, answer.err, answer.code) == ("tensor(0.)\ntensor(1.)\n", "", 0)
    path.write_text("{}")
    answer = command("run", path)
    assert (answer.code, "is no notebook" in answer.err) == (1, True)


@pytest.mark.slow
def test_the_real_pytorch_is_refused_in_words(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    path = tmp_path / "program.py"
    path.write_text(
        "import sys\nimport hello_dl\ndel sys.modules['torch']\nsys.meta_path.pop(0)\nimport torch\n"
        "try:\n    hello_dl.as_torch()\nexcept RuntimeError as error:\n    print(error)\n"
    )
    assert "the installed torch is imported in this process already" in command("run", path).out
