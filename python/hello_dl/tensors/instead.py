"""What to use instead of names of PyTorch that hello_dl does not have, for its messages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

_ONE_PROCESS = "run the program in one process; all its cores are used anyway"
_TORCHVISION_MODELS = "build the network of nn's layers; hello_dl.models has small ones"

INSTEAD = {
    "torch.cuda.get_device_name": "is_available() is False, so a program should not come here",
    "torch.distributed": _ONE_PROCESS,
    "torch.from_file": "numpy.memmap, then hello_dl.tensor",
    "torch.hub": "download the file yourself; torch.load reads a state_dict",
    "torch.jit": "hello_dl.weights.save; models need no other form to run",
    "torch.multiprocessing": _ONE_PROCESS,
    "torch.nn.parallel.DistributedDataParallel": _ONE_PROCESS,
    "torch.onnx": "save the state_dict; it loads in PyTorch, which can export it",
    "torch.optim.SparseAdam": "Adam; gradients are never sparse here",
    "torch.profiler": "Python's cProfile; hello_dl.last_run() tells how the last graph was cut",
    "torch.quantization": "hello_dl.weights.quantise",
    "torch.utils.data.distributed": _ONE_PROCESS,
    "torch.utils.model_zoo": "download the file yourself; torch.load reads a state_dict",
    "torchvision.models": _TORCHVISION_MODELS,
    "torchvision.transforms.v2": "torchvision.transforms",
}


def hint(name: str) -> str:
    """Return "; use ... instead" for PyTorch's full name, or "" if there is nothing to use."""
    while name:
        if name in INSTEAD:
            return f"; instead: {INSTEAD[name]}"
        name = name.rpartition(".")[0]
    return ""


def refusing(here: str, pytorch: str) -> Callable[[str], Any]:
    """Return a module's __getattr__ that says which name of PyTorch it lacks, as "torch.nn.X"."""

    def missing(name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(f"{here} has no {name!r}")
        raise AttributeError(f"{here} has no {name!r}: {lacks(f'{pytorch}.{name}')}")

    return missing


def lacks(name: str) -> str:
    """Return the message that hello_dl does not have something of PyTorch, with what to use instead."""
    return f"hello_dl does not have PyTorch's {name}{hint(name)}"
