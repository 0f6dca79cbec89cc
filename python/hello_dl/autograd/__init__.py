"""Gradients beyond backward(): of tensors by name, of gradients, by rules of one's own, and checked.

Read derivatives.py first, then function.py. Derivatives of derivatives: rules/ has the derivative of every
op, one line each, and walk.py makes graphs of them. The functions that switch recording on and off are those
of hello_dl itself.
"""

from hello_dl.autograd import functional
from hello_dl.autograd.anomaly import detect_anomaly, set_detect_anomaly
from hello_dl.autograd.check import GradcheckError, gradcheck, gradgradcheck
from hello_dl.autograd.derivatives import backward, grad
from hello_dl.autograd.function import Function, FunctionCtx, once_differentiable
from hello_dl.autograd.variable import Variable
from hello_dl.tensors.grad_mode import enable_grad, inference_mode, is_grad_enabled, no_grad, set_grad_enabled

__all__ = [
    "Function",
    "FunctionCtx",
    "GradcheckError",
    "Variable",
    "backward",
    "detect_anomaly",
    "enable_grad",
    "functional",
    "grad",
    "gradcheck",
    "gradgradcheck",
    "inference_mode",
    "is_grad_enabled",
    "no_grad",
    "once_differentiable",
    "set_detect_anomaly",
    "set_grad_enabled",
]

_INSTEAD = {
    "profiler": "hello_dl.last_run() says what the engine did; time a loop with time.perf_counter()",
    "forward_ad": "use autograd.functional.jvp",
}


def __getattr__(name: str) -> object:
    """Name what is missing, and what to use instead."""
    instead = f": {_INSTEAD[name]}" if name in _INSTEAD else ""
    raise AttributeError(f"hello_dl has no autograd.{name}{instead}")
