"""Functions of functions, as torch.func has them: gradients, Jacobians and Hessians as functions.

Read transforms.py first. `functional_call` runs a module with other parameters than its own; `vmap` runs a
function for each sample; `freeze` makes of a network one that is only used, and faster.
"""

from hello_dl.func.freeze import Frozen, freeze
from hello_dl.func.modules import functional_call
from hello_dl.func.samples import vmap
from hello_dl.func.transforms import grad, grad_and_value, hessian, jacfwd, jacrev, jvp, vjp

__all__ = [
    "Frozen",
    "freeze",
    "functional_call",
    "grad",
    "grad_and_value",
    "hessian",
    "jacfwd",
    "jacrev",
    "jvp",
    "vjp",
    "vmap",
]


def __getattr__(name: str) -> object:
    """Name what is missing."""
    raise AttributeError(f"hello_dl has no func.{name}; it has {', '.join(__all__)}")
