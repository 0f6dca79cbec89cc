"""Which file has the methods and functions that are imported when they are first used.

Most programs use few of them, and `import hello_dl` should be fast. A function of such a file takes the
tensor as its first argument, so it is a method of Tensor as well. In-place twins are made of the methods:
x.floor_() puts the numbers of x.floor() into x.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

from hello_dl._core import Tensor
from hello_dl.tensors.argument_names import with_numpys_names

# file: what is both a method and a function.
METHODS = {
    "pointwise": """acosh asinh atanh clamp_max clamp_min copysign deg2rad erfc float_power floor_divide
        fmax fmin fmod frac heaviside hypot isclose isneginf isposinf isreal ldexp logaddexp logaddexp2 logit
        nan_to_num positive rad2deg rsub sgn signbit sinc xlogy""",
    "bits": """bitwise_and bitwise_left_shift bitwise_not bitwise_or bitwise_right_shift bitwise_xor gcd
        lcm logical_and logical_or logical_xor""",
    "gamma": "digamma erfinv i0 lgamma mvlgamma polygamma",
    "rearranging": """broadcast_to diff dsplit fliplr flipud hsplit msort ravel repeat_interleave roll rot90
        split_with_sizes tensor_split tile unfold vsplit""",
    "diagonals": """diag diag_embed diagflat diagonal diagonal_scatter fill_diagonal_ select_scatter
        slice_scatter trace""",
    "products": "addbmm addmm addmv addr baddbmm cross dist inner kron outer vdot",
    "statistics": """aminmax corrcoef count_nonzero cov kthvalue median mode nanmean nanmedian nanquantile
        nansum quantile renorm""",
    "running": "cummax cummin cumprod logcumsumexp",
    "counting": "argwhere bucketize histc histogram isin searchsorted unique_consecutive",
    "placing": "index_add index_copy index_fill index_reduce scatter scatter_add scatter_reduce",
    "taking": "index_put masked_scatter masked_select put take take_along_dim",
    "new": "new_empty new_full new_ones new_tensor new_zeros",
    "sparse": "to_dense to_sparse",
    "memory": "storage untyped_storage",
    "matrices": """cholesky cholesky_inverse cholesky_solve det inverse logdet matrix_exp matrix_power qr
        slogdet""",
    "spectra": "pinverse svd",
}
# file: what is a function only.
FUNCTIONS = {
    "pointwise": "scalar_tensor",
    "joining": """atleast_1d atleast_2d atleast_3d block_diag cartesian_prod column_stack combinations dstack
        hstack meshgrid vstack""",
    "rearranging": "broadcast_shapes broadcast_tensors",
    "diagonals": "tril_indices triu_indices",
    "sparse": "sparse_coo_tensor spmm",
    "products": "cdist chain_matmul pdist tensordot",
    "einsum": "einsum",
    "statistics": "std_mean var_mean",
    "running": "cumulative_trapezoid trapezoid",
    "new": "logspace normal randint_like",
}
# Other names: PyTorch's second names, of methods and functions of this table and of others.
SAME = {
    "arccos": "acos",
    "arccosh": "acosh",
    "arcsin": "asin",
    "arcsinh": "asinh",
    "arctan": "atan",
    "arctan2": "atan2",
    "arctanh": "atanh",
    "concat": "cat",
    "concatenate": "cat",
    "fix": "trunc",
    "ger": "outer",
    "moveaxis": "movedim",
    "not_equal": "ne",
    "row_stack": "vstack",
    "swapdims": "transpose",
    "trapz": "trapezoid",
}
_FUNCTIONS_ONLY = {"concat", "concatenate", "row_stack", "trapz"}

# Methods that have a twin which changes the tensor in place, other than those of in_place.py.
TWINS = """abs absolute acos acosh arccos arccosh arcsin arcsinh arctan arctanh asin asinh atan atan2 atanh
    ceil clip cos cosh cumprod cumsum copysign deg2rad digamma divide eq erf erfc erfinv exp2 expm1
    floor floor_divide fmod frac ge greater greater_equal gt heaviside hypot i0 ldexp le less less_equal
    lgamma log log10 log1p log2 logical_and logical_not logical_or logical_xor logit lt multiply
    mvlgamma nan_to_num ne neg negative not_equal polygamma rad2deg reciprocal remainder renorm round
    rsqrt sgn sigmoid sign sin sinc sinh square subtract tan tanh tril triu true_divide trunc xlogy
    clamp_min clamp_max fix bitwise_and bitwise_left_shift bitwise_not bitwise_or bitwise_right_shift
    bitwise_xor gcd lcm addbmm addmm addmv addr baddbmm index_add index_copy index_fill index_put
    index_reduce masked_scatter put scatter scatter_add scatter_reduce"""
# Twins that change the shape, too, and twins that draw numbers.
RESHAPED = "squeeze swapaxes swapdims t transpose unsqueeze"
DRAWN = "cauchy_ exponential_ geometric_ log_normal_ random_"

_FILES = {name: file for file, names in METHODS.items() for name in names.split()}
_FUNCTION_FILES = {name: file for file, names in FUNCTIONS.items() for name in names.split()}


def method(name: str) -> Callable[..., Any]:
    """Return the method of this name, imported, or made of the one whose twin it is."""
    if name in _FILES:
        return _load(_FILES[name], name)
    if name in SAME:
        found: Callable[..., Any] = getattr(Tensor, SAME[name])
        return found
    if name in DRAWN.split():
        return _load("random_in_place", name)
    twin: Callable[..., Any] = _load("twins", "reshaping_twin" if name[:-1] in RESHAPED.split() else "twin")
    made: Callable[..., Any] = twin(name)
    return made


def function(name: str) -> Callable[..., Any] | None:
    """Return the function of this name that is no method, None if there is none."""
    name = SAME[name] if name in _FUNCTIONS_ONLY else name
    if name in _FUNCTION_FILES:
        return _load(_FUNCTION_FILES[name], name)
    return None


def _load(file: str, name: str) -> Callable[..., Any]:
    function = getattr(importlib.import_module(f"hello_dl.tensors.{file}"), name)
    found: Callable[..., Any] = with_numpys_names(name, function)
    return found


class _Later:
    """Stands in Tensor for a method until it is first asked for; then it puts the method in its place."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __get__(self, x: Tensor | None, owner: type[Tensor]) -> Any:
        found = method(self.name)
        setattr(Tensor, self.name, found)
        return found if x is None else found.__get__(x, owner)


def names() -> list[str]:
    """Return the names of all methods of the table, and of their twins."""
    twins = [f"{name}_" for name in f"{TWINS} {RESHAPED}".split()]
    return [*_FILES, *(name for name in SAME if name not in _FUNCTIONS_ONLY), *twins, *DRAWN.split()]


def function_names() -> list[str]:
    """Return the names of all functions of the table that are no methods."""
    return [*_FUNCTION_FILES, *_FUNCTIONS_ONLY]


def attach() -> None:
    """Give Tensor a placeholder for each method of the table."""
    for name in names():
        if name not in vars(Tensor):
            setattr(Tensor, name, _Later(name))
