"""Networks print as PyTorch's do, and every room names what it lacks of PyTorch."""

from __future__ import annotations

import importlib

import pytest

import hello_dl as h

LAYERS = """
Linear(3, 2)|Linear(3, 2, bias=False)|Conv2d(1, 2, 3)|MaxPool2d(2)|AvgPool2d(2)|GELU()|ELU()|Softmax(dim=1)
Conv2d(2, 2, 3, stride=2, padding=1, groups=2, bias=False)|ReLU(inplace=True)|LeakyReLU(0.2, inplace=True)
Dropout(0.2)|Embedding(10, 3, padding_idx=0)|Flatten()|Identity()|BatchNorm2d(3, affine=False)|SiLU()
LayerNorm([2, 3])|LSTM(3, 4, 2, batch_first=True, bidirectional=True, dropout=0.1)|RNN(3, 4, bias=False)
RNNCell(3, 4, nonlinearity="relu")|GRU(3, 4)|LSTMCell(3, 4)|GRUCell(3, 4, bias=False)|CrossEntropyLoss()
Sequential(nn.Linear(1, 2), nn.Sequential(nn.ReLU(), nn.Tanh()))|Sequential()|ModuleList()|SmoothL1Loss()
ModuleList([nn.Linear(1, 2), nn.ReLU(), nn.ReLU(), nn.Sequential(nn.Tanh())])|ModuleDict({"a": nn.ReLU()})
"""


@pytest.mark.parametrize("layer", LAYERS.strip().replace("\n", "|").split("|"))
def test_a_layer_prints_as_pytorchs(layer: str) -> None:
    torch = pytest.importorskip("torch")
    assert repr(eval(f"nn.{layer}", {"nn": h.nn})) == repr(eval(f"nn.{layer}", {"nn": torch.nn}))


@pytest.mark.parametrize(
    ("room", "pytorch"),
    [
        *(("hello_dl", "torch"), ("hello_dl.nn", "torch.nn"), ("hello_dl.optim", "torch.optim")),
        *(("hello_dl.nn.init", "torch.nn.init"), ("hello_dl.data", "torch.utils.data")),
        *(("hello_dl.nn.functional", "torch.nn.functional"), ("hello_dl.nn.utils", "torch.nn.utils")),
        ("hello_dl.optim.lr_scheduler", "torch.optim.lr_scheduler"),
    ],
)
def test_every_room_names_what_it_lacks(room: str, pytorch: str) -> None:
    with pytest.raises(AttributeError, match=rf"PyTorch's {pytorch}\.NoSuchName"):
        _ = importlib.import_module(room).NoSuchName


def test_tensors_name_what_they_lack() -> None:
    with pytest.raises(AttributeError, match=r"PyTorch's torch\.Tensor\.no_such_name"):
        h.ones(1).no_such_name()
