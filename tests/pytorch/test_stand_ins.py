"""Whole models in files, names that are modules and functions, writers of numbers, and profilers."""

from __future__ import annotations

import json
from pathlib import Path

from command import command

WHOLE = """\
import argparse, sys, warnings
import torch
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(2, 2)

class Words:
    def __init__(self):
        self.known = {"a": 1}

if sys.argv[1] == "read":
    torch.load(sys.argv[2])
net = Net()
with warnings.catch_warnings(record=True) as seen:
    warnings.simplefilter("always")
    torch.save(net, sys.argv[2])
    torch.save({"net": net, "words": Words(), "args": argparse.Namespace(lr=1)}, sys.argv[2] + "2")
print([str(w.message)[:60] for w in seen], seen[0].filename == __file__)
with torch.no_grad():
    net.layer.weight.zero_()
again = torch.load(sys.argv[2], weights_only=False)
print(type(again) is Net, bool((again.layer.weight != 0).any()), again.layer.weight.requires_grad)
found = torch.load(sys.argv[2] + "2")
print(found["words"].known, found["args"].lr, found["net"] is not again)
"""

NAMES = """\
import warnings
import torch, torch.nn as nn
import torch.nn.utils.weight_norm, torch.nn.utils.spectral_norm
from torch.autograd.gradcheck import gradcheck
from torch.utils.tensorboard import SummaryWriter
print(callable(torch.autograd.gradcheck), callable(nn.utils.weight_norm), torch.nn.utils.rnn.__name__)
nn.utils.spectral_norm(nn.Linear(2, 2))
writer = SummaryWriter("logs")
writer.add_scalar("loss", torch.tensor(0.5), 3)
writer.add_scalars("both", {"a": 1, "b": 2.0}, global_step=4)
with warnings.catch_warnings(record=True) as seen:
    warnings.simplefilter("always")
    writer.add_histogram("weights", torch.ones(3), 0)
    writer.add_histogram("weights", torch.ones(3), 1)
print([str(w.message) for w in seen])
writer.close()
with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CPU]) as prof:
    with torch.profiler.record_function("part"):
        torch.ones(3).sum().item()
print([line.split()[:2] for line in prof.key_averages().table(row_limit=5).splitlines()])
"""


def test_a_whole_model_is_loaded_again_by_the_process_that_saved_it(tmp_path: Path) -> None:
    program, file = tmp_path / "program.py", tmp_path / "net.pt"
    program.write_text(WHOLE)
    answer = command("run", program, "write", file)
    assert answer.code == 0, answer.err
    assert answer.out == (
        "['save: the file does not hold the code of __main__.Net, so on'] True\n"
        "True True True\n{'a': 1} 1 True\n"
    )
    later = command("run", program, "read", file)
    assert later.code == 1
    assert f"{file}: holds a whole __main__.Net, saved by another process" in later.err


def test_names_and_what_only_programs_use(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(NAMES.replace('"logs"', repr(str(tmp_path / "logs"))))
    answer = command("run", program)
    assert answer.code == 0, answer.err
    where = tmp_path / "logs/scalars.jsonl"
    assert answer.out.splitlines() == [
        "True True torch.nn.utils.rnn",
        repr([f"SummaryWriter.add_histogram: hello_dl writes numbers only, to {where}"]),
        "[['Name', 'Calls'], ['part', '1'], ['whole', 'block']]",
    ]
    lines = [json.loads(line) for line in where.read_text().splitlines()]
    assert [(line["tag"], line["step"], line["value"]) for line in lines] == [
        ("loss", 3, 0.5),
        ("both/a", 4, 1.0),
        ("both/b", 4, 2.0),
    ]
