"""Types of the compiled engine. Written by hello_dl.tensors.write_stub: change that, not this."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from hello_dl._core.types import Dim, RandomSource, Removable, ValuesAndIndices
from hello_dl._core.types import device as Device

_bool: TypeAlias = bool
_float: TypeAlias = float
_int: TypeAlias = int
TensorLike: TypeAlias = Tensor | float | NDArray[Any] | np.generic

VARIANTS: tuple[str, ...]
isa: str
eigen_version: str
real: str
registered_ops: tuple[tuple[str, str, str], ...]

def from_numpy(array: NDArray[Any]) -> Tensor: ...
def gpt_read(
    parameters: Sequence[Tensor], cache: Tensor, heads: int, ids: Sequence[int], first: int
) -> NDArray[Any]: ...
def evaluate(tensors: Sequence[Tensor]) -> None: ...
def is_grad_enabled() -> bool: ...
def clear_gradients(tensors: list[Tensor]) -> None: ...
def _set_faces(shape: type, dtypes: Sequence[str]) -> None: ...
def set_grad_enabled(enabled: bool) -> None: ...
def get_num_threads() -> int: ...
def set_num_threads(threads: int) -> None: ...
def set_slice_units(units: int) -> None: ...
def last_run() -> dict[str, int]: ...
def draw_strokes(
    segments: NDArray[Any], starts: NDArray[Any], height: int, width: int
) -> NDArray[np.uint8]: ...
def resample_strokes(
    points: NDArray[Any], starts: NDArray[Any], step: float, passes: int
) -> tuple[NDArray[np.float32], NDArray[np.int64]]: ...
def change_ink(picture: NDArray[np.uint8], key: int, how: Sequence[float]) -> NDArray[np.uint8]: ...
def bend_ink(
    picture: NDArray[np.uint8], grid: NDArray[Any], step: int, height: int, width: int
) -> NDArray[np.uint8]: ...
def augment(images: NDArray[np.uint8], seed: int, step: int, how: Sequence[float]) -> NDArray[np.uint8]: ...
def gradients(
    ys: Sequence[Tensor], seeds: Sequence[Tensor | None], xs: Sequence[Tensor], retain_graph: bool
) -> list[Tensor | None]: ...
def backward_all(ys: Sequence[Tensor], seeds: Sequence[Tensor | None], retain_graph: bool) -> None: ...
def with_rule(
    name: str,
    result: Tensor,
    inputs: Sequence[Tensor],
    rule: Callable[[Tensor], Tensor | list[Tensor | None] | None],
) -> Tensor: ...
def set_hook(tensor: Tensor, function: Callable[[Tensor], Tensor | None] | None) -> None: ...
def hook_of(tensor: Tensor) -> Callable[[Tensor], Tensor | None] | None: ...
def rule_of(tensor: Tensor) -> Callable[[Tensor], Any] | None: ...
def recipe_of(tensor: Tensor) -> tuple[list[Tensor], dict[str, Any]]: ...
def check_inputs(tensor: Tensor) -> None: ...
def set_gradient(tensor: Tensor, grad: Tensor) -> None: ...
class Frozen:
    def __init__(self, inputs: Sequence[Tensor], outputs: Sequence[Tensor]) -> None: ...
    def run(self, *arrays: NDArray[Any]) -> list[NDArray[Any]] | None: ...
    def watch(self) -> None: ...
    @property
    def steps(self) -> list[str]: ...

def begin_trace(inputs: list[Tensor]) -> None: ...
def end_trace() -> list[tuple[str, dict[str, Any], Tensor]]: ...
def sgd_step(
    parameters: Sequence[Tensor],
    buffers: list[Tensor | None],
    lr: float,
    momentum: float,
    dampening: float,
    weight_decay: float,
    nesterov: bool,
) -> None: ...
def adam_step(
    parameters: Sequence[Tensor],
    means: Sequence[Tensor],
    squares: Sequence[Tensor],
    steps: Sequence[Tensor],
    lr: float,
    beta1: float,
    beta2: float,
    eps: float,
    weight_decay: float,
    decoupled: bool,
) -> None: ...
def _check_labels(who: str, labels: Tensor, classes: int, ignore: int, of: str = "classes") -> int: ...
def _set_integer_ops(compute: Callable[[str, tuple[Any, ...], dict[str, Any]], Any]) -> None: ...
def add(x: TensorLike, other: TensorLike) -> Tensor:
    """Sum of two tensors, with broadcasting; of truth values: whether one is true."""
def sub(x: TensorLike, other: TensorLike) -> Tensor:
    """Difference of two tensors, with broadcasting."""
def mul(x: TensorLike, other: TensorLike) -> Tensor:
    """Product of two tensors number by number, with broadcasting; of truth values: both."""
def div(x: TensorLike, other: TensorLike) -> Tensor:
    """Quotient of two tensors, with broadcasting; the result is never an integer."""
def pow(x: TensorLike, exponent: TensorLike) -> Tensor:
    """x to the power of the exponent, with broadcasting."""
def maximum(x: TensorLike, other: TensorLike) -> Tensor:
    """The larger of two numbers, with broadcasting."""
def minimum(x: TensorLike, other: TensorLike) -> Tensor:
    """The smaller of two numbers, with broadcasting."""
def attention(
    q: TensorLike,
    k: TensorLike,
    v: TensorLike,
    mask: TensorLike | None = None,
    causal: bool = False,
    scale: float | None = None,
    heads: int | None = None,
    dropout_p: float = 0.0,
    key: int = 0,
) -> Tensor:
    """softmax(scale Q K' + mask) V for each row and head: q (n, heads, t, d), k (n, heads, s, d), v (n,
    heads, s, e) give (n, heads, t, e); with heads=h all are (n, t, h * d). The mask broadcasts to (n,
    heads, t, s): true where a query may look, or numbers to add; causal: no query sees a later key;
    scale is 1/sqrt(d) by default (Vaswani et al. 2017, equation 1)."""
def avg_pool2d(
    x: TensorLike,
    kernel_size: int | Sequence[int],
    stride: int | Sequence[int] | None = None,
    padding: int | Sequence[int] = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Tensor:
    """The mean of each window: x (N, C, H, W) gives (N, C, OH, OW)."""
def image_moments(x: TensorLike) -> Tensor:
    """Mean and variance of each image and channel: x (n, c, h, w) gives (n, 2, c), means before variances."""
def channel_variance(x: TensorLike, mean: TensorLike) -> Tensor:
    """Variance of each channel around its own mean, which has to be given: x (n, c) or (n, c, h, w) and
    mean (c,) give (c,)."""
def channel_affine(x: TensorLike, scale: TensorLike, shift: TensorLike) -> Tensor:
    """x * scale + shift for each channel: x (n, c) or (n, c, h, w), scale and shift (c,)."""
def eq(x: TensorLike, other: TensorLike) -> Tensor:
    """Where the two are equal, with broadcasting."""
def ne(x: TensorLike, other: TensorLike) -> Tensor:
    """Where the two differ, with broadcasting."""
def lt(x: TensorLike, other: TensorLike) -> Tensor:
    """Where x < other, with broadcasting."""
def le(x: TensorLike, other: TensorLike) -> Tensor:
    """Where x <= other, with broadcasting."""
def gt(x: TensorLike, other: TensorLike) -> Tensor:
    """Where x > other, with broadcasting."""
def ge(x: TensorLike, other: TensorLike) -> Tensor:
    """Where x >= other, with broadcasting."""
def logical_not(x: TensorLike) -> Tensor:
    """Where x is 0 or False."""
def isnan(x: TensorLike) -> Tensor:
    """Which numbers are NaN (not a number)."""
def isinf(x: TensorLike) -> Tensor:
    """Which numbers are infinite, plus or minus."""
def isfinite(x: TensorLike) -> Tensor:
    """Which numbers are neither infinite nor NaN."""
def where(condition: TensorLike, x: TensorLike, other: TensorLike) -> Tensor:
    """x where the condition holds, other elsewhere, with broadcasting."""
def tril(x: TensorLike, diagonal: int = 0) -> Tensor:
    """The lower triangle of each matrix (..., m, n), zeros above the diagonal."""
def triu(x: TensorLike, diagonal: int = 0) -> Tensor:
    """The upper triangle of each matrix (..., m, n), zeros below the diagonal."""
def conv2d(
    x: TensorLike,
    weight: TensorLike,
    bias: TensorLike | None = None,
    stride: int | Sequence[int] = 1,
    padding: int | Sequence[int] = 0,
    dilation: int | Sequence[int] = 1,
    groups: int = 1,
) -> Tensor:
    """Each filter slides over each image: x (N, C, H, W), weight (out, C / groups, kh, kw), bias (out,)
    give (N, out, OH, OW) (chapter 5)."""
def ctc(
    log_probs: TensorLike,
    targets: TensorLike,
    input_lengths: TensorLike,
    target_lengths: TensorLike,
    blank: int = 0,
    zero_infinity: bool = False,
) -> Tensor:
    """The CTC loss of each sample (n,): log_probs (n, t, classes), targets (n, letters), lengths (n,). The
    gradient is that of the scores whose log_softmax log_probs is, as in PyTorch (Graves et al. 2006)."""
def cumsum(x: TensorLike, dim: int) -> Tensor:
    """Running sums along an axis."""
def dropout(x: TensorLike, p: float, key: int) -> Tensor:
    """Each number becomes 0 with probability p, the others are divided by 1 - p; the same key gives the
    same choice (Srivastava et al. 2014)."""
def exp(x: TensorLike) -> Tensor:
    """e to the power of each number."""
def log(x: TensorLike) -> Tensor:
    """Natural logarithm of each number."""
def log1p(x: TensorLike) -> Tensor:
    """log(1 + x) of each number, exact where x is near 0."""
def expm1(x: TensorLike) -> Tensor:
    """exp(x) - 1 of each number, exact where x is near 0."""
def sqrt(x: TensorLike) -> Tensor:
    """Square root of each number."""
def sin(x: TensorLike) -> Tensor:
    """Sine of each number."""
def cos(x: TensorLike) -> Tensor:
    """Cosine of each number."""
def neg(x: TensorLike) -> Tensor:
    """Minus each number."""
def abs(x: TensorLike) -> Tensor:
    """Each number without its sign."""
def clamp(x: TensorLike, min: float | None = None, max: float | None = None) -> Tensor:
    """Each number, but at least min and at most max."""
def relu(x: TensorLike) -> Tensor:
    """max(x, 0): the rectified linear unit (chapter 4)."""
def tanh(x: TensorLike) -> Tensor:
    """Hyperbolic tangent of each number."""
def sigmoid(x: TensorLike) -> Tensor:
    """1 / (1 + exp(-x)) of each number."""
def gelu(x: TensorLike, approximate: str = 'none') -> Tensor:
    """Gaussian error linear unit, x times the normal distribution function of x (Hendrycks and Gimpel
    2016)."""
def amax(x: TensorLike, dim: int | Sequence[int] | None = None, keepdim: bool = False) -> Tensor:
    """The largest number over the given axes, or over all; equals share the gradient evenly."""
def amin(x: TensorLike, dim: int | Sequence[int] | None = None, keepdim: bool = False) -> Tensor:
    """The smallest number over the given axes, or over all; equals share the gradient evenly."""
def argmax(x: TensorLike, dim: int | None = None, keepdim: bool = False) -> Tensor:
    """Where along an axis the largest number is (the first of several), or its place in the flattened
    tensor."""
def argmin(x: TensorLike, dim: int | None = None, keepdim: bool = False) -> Tensor:
    """Where along an axis the smallest number is (the first of several), or its place in the flattened
    tensor."""
def exp2(x: TensorLike) -> Tensor:
    """2 to the power of each number."""
def log2(x: TensorLike) -> Tensor:
    """Logarithm to base 2 of each number."""
def log10(x: TensorLike) -> Tensor:
    """Logarithm to base 10 of each number."""
def sinh(x: TensorLike) -> Tensor:
    """Hyperbolic sine of each number."""
def cosh(x: TensorLike) -> Tensor:
    """Hyperbolic cosine of each number."""
def tan(x: TensorLike) -> Tensor:
    """Tangent of each number, which is an angle in radians."""
def asin(x: TensorLike) -> Tensor:
    """Arcsine of each number, in radians."""
def acos(x: TensorLike) -> Tensor:
    """Arccosine of each number, in radians."""
def atan(x: TensorLike) -> Tensor:
    """Arctangent of each number, in radians."""
def atan2(x: TensorLike, other: TensorLike) -> Tensor:
    """The angle, in radians, of the point at height x and width other, with broadcasting."""
def erf(x: TensorLike) -> Tensor:
    """The error function: how much of a normal distribution of variance 1/2 lies between -x and x."""
def sign(x: TensorLike) -> Tensor:
    """1 for each number above 0, -1 for each one below, 0 for 0."""
def floor(x: TensorLike) -> Tensor:
    """Each number rounded down to an integer."""
def ceil(x: TensorLike) -> Tensor:
    """Each number rounded up to an integer."""
def trunc(x: TensorLike) -> Tensor:
    """Each number without its decimals."""
def round(x: TensorLike, decimals: int = 0) -> Tensor:
    """Each number rounded to so many decimals; of two that are as near, the one whose last digit is even."""
def remainder(x: TensorLike, other: TensorLike) -> Tensor:
    """What remains of x when it is divided by other, with broadcasting; it has the sign of other."""
def gru(
    x: TensorLike,
    weight_ih: TensorLike,
    weight_hh: TensorLike,
    bias_ih: TensorLike | None = None,
    bias_hh: TensorLike | None = None,
    h0: TensorLike | None = None,
    lengths: TensorLike | None = None,
    reverse: bool = False,
) -> Tensor:
    """A gated recurrent unit over sequences x (n, t, in); weights (3 size, in) and (3 size, size) hold the
    gates r, z, n. Gives (n, t + 1, size): h after each step, then the last h. A sequence ends after
    lengths (n,) steps; what follows is 0 (Cho et al. 2014)."""
def gather(x: TensorLike, dim: int, index: TensorLike) -> Tensor:
    """y[i, j] = x[i, index[i, j]] for dim=1, and likewise along other axes; index has x's shape except
    along dim."""
def scatter_sum(x: TensorLike, dim: int, index: TensorLike, size: int) -> Tensor:
    """y[i, index[i, j]] += x[i, j] for dim=1, where y begins as zeros and has `size` places along dim;
    likewise along other axes. The transpose of gather."""
def index_sum(x: TensorLike, dim: int, index: TensorLike, size: int) -> Tensor:
    """Place i of x along an axis is added to place index[i] of a result that begins as zeros and has
    `size` places there. The transpose of index_select."""
def index_select(x: TensorLike, dim: int, index: TensorLike) -> Tensor:
    """The places `index` (integers of any shape, negative ones count from the end) along an axis: the
    index's axes stand where that axis was."""
def embedding(index: TensorLike, weight: TensorLike) -> Tensor:
    """Row index[i] of the weight (vocabulary, features) for each i: index (...) gives (..., features)."""
def pick(x: TensorLike, index: TensorLike) -> Tensor:
    """One number of each row: x (n, k) and index (n,) give (n,)."""
def layer_norm(
    x: TensorLike,
    size: int,
    weight: TensorLike | None = None,
    bias: TensorLike | None = None,
    eps: float = 1e-05,
) -> Tensor:
    """Each line of `size` numbers (the last axes) gets mean 0 and variance 1, then is multiplied by weight
    and shifted by bias (Ba, Kiros, Hinton 2016)."""
def lstm(
    x: TensorLike,
    weight_ih: TensorLike,
    weight_hh: TensorLike,
    bias_ih: TensorLike | None = None,
    bias_hh: TensorLike | None = None,
    h0: TensorLike | None = None,
    c0: TensorLike | None = None,
    lengths: TensorLike | None = None,
    reverse: bool = False,
) -> Tensor:
    """Long short-term memory over sequences x (n, t, in); weights (4 size, in) and (4 size, size) hold the
    gates i, f, g, o. Gives (n, t + 2, size): h after each step, then the last h and the last c. A
    sequence ends after lengths (n,) steps; what follows is 0 (Hochreiter, Schmidhuber 1997)."""
def matmul(x: TensorLike, other: TensorLike) -> Tensor:
    """Matrix product: (m, k) times (k, n) gives (m, n); axes before the last two are stacks of matrices,
    broadcast; a tensor of one axis is a row on the left and a column on the right."""
def linear(x: TensorLike, weight: TensorLike, bias: TensorLike | None = None) -> Tensor:
    """x W' + b: x (..., in), weight (out, in), bias (out,) give (..., out) (chapter 3)."""
def max_pool2d(
    x: TensorLike,
    kernel_size: int | Sequence[int],
    stride: int | Sequence[int] | None = None,
    padding: int | Sequence[int] = 0,
    ceil_mode: bool = False,
) -> Tensor:
    """The largest number of each window: x (N, C, H, W) gives (N, C, OH, OW) (chapter 5)."""
def sum(x: TensorLike, dim: int | Sequence[int] | None = None, keepdim: bool = False) -> Tensor:
    """Sum over the given axes, or over all."""
def mean(x: TensorLike, dim: int | Sequence[int] | None = None, keepdim: bool = False) -> Tensor:
    """Mean over the given axes, or over all."""
def rnn(
    x: TensorLike,
    weight_ih: TensorLike,
    weight_hh: TensorLike,
    bias_ih: TensorLike | None = None,
    bias_hh: TensorLike | None = None,
    h0: TensorLike | None = None,
    lengths: TensorLike | None = None,
    reverse: bool = False,
    nonlinearity: str = 'tanh',
) -> Tensor:
    """A plain recurrent cell over sequences x (n, t, in); weights (size, in) and (size, size). Gives (n, t
    + 1, size): h after each step, then the last h. A sequence ends after lengths (n,) steps; what
    follows is 0 (Elman 1990)."""
def reshape(x: TensorLike, shape: int | Sequence[int]) -> Tensor:
    """The same numbers in another shape; one size may be -1."""
def permute(x: TensorLike, dims: int | Sequence[int]) -> Tensor:
    """The axes in another order: axis i of the result is axis dims[i] of x."""
def expand(x: TensorLike, shape: int | Sequence[int]) -> Tensor:
    """x repeated along axes of size 1 (and along new first axes); -1 keeps a size."""
def slice(x: TensorLike, dim: int, start: int, stop: int, step: int = 1) -> Tensor:
    """Every step-th of the places start to stop - 1 along an axis; negative places count from the end."""
def cat(tensors: Sequence[Tensor], dim: int = 0) -> Tensor:
    """Tensors one after the other along an axis; all other sizes must be equal."""
def softmax(x: TensorLike, dim: int) -> Tensor:
    """exp(x) divided by its sum along an axis: scores become probabilities (chapter 4)."""
def log_softmax(x: TensorLike, dim: int) -> Tensor:
    """The logarithm of softmax along an axis, computed without overflow (chapter 4)."""
def logsumexp(x: TensorLike, dim: int | Sequence[int], keepdim: bool = False) -> Tensor:
    """log(sum(exp(x))) over the given axes, computed without overflow."""

class Tensor:
    """Numbers along axes, with the recipe that made them; nothing is computed until you ask for it."""

    requires_grad: _bool
    @property
    def shape(self) -> tuple[_int, ...]: ...
    @property
    def ndim(self) -> _int: ...
    @property
    def dtype(self) -> str: ...
    @property
    def is_leaf(self) -> _bool: ...
    @property
    def is_computed(self) -> _bool: ...
    @property
    def op(self) -> str: ...
    @property
    def inputs(self) -> list[Tensor]: ...
    @property
    def id(self) -> _int: ...
    @property
    def _references(self) -> _int: ...
    def retain_grad(self) -> None: ...
    def __buffer__(self, flags: _int, /) -> memoryview: ...
    def _assign(self, other: Tensor) -> Tensor: ...
    def _as_dtype(self, name: str) -> Tensor: ...
    def _become(self, other: Tensor) -> Tensor: ...
    def _raw(self) -> NDArray[Any]: ...
    def _settle(self) -> None: ...
    def _own_numbers(self) -> None: ...
    def __add__(self, other: TensorLike) -> Tensor: ...
    def __radd__(self, other: TensorLike) -> Tensor: ...
    def __sub__(self, other: TensorLike) -> Tensor: ...
    def mul(self, other: TensorLike) -> Tensor:
        """Product of two tensors number by number, with broadcasting; of truth values: both."""
    def __mul__(self, other: TensorLike) -> Tensor: ...
    def __rmul__(self, other: TensorLike) -> Tensor: ...
    def multiply(self, other: TensorLike) -> Tensor: ...
    def __truediv__(self, other: TensorLike) -> Tensor: ...
    def pow(self, exponent: TensorLike) -> Tensor:
        """x to the power of the exponent, with broadcasting."""
    def __pow__(self, exponent: TensorLike) -> Tensor: ...
    def maximum(self, other: TensorLike) -> Tensor:
        """The larger of two numbers, with broadcasting."""
    def minimum(self, other: TensorLike) -> Tensor:
        """The smaller of two numbers, with broadcasting."""
    def attention(
        self,
        k: TensorLike,
        v: TensorLike,
        mask: TensorLike | None = None,
        causal: _bool = False,
        scale: _float | None = None,
        heads: _int | None = None,
        dropout_p: _float = 0.0,
        key: _int = 0,
    ) -> Tensor:
        """softmax(scale Q K' + mask) V for each row and head: q (n, heads, t, d), k (n, heads, s, d), v
        (n, heads, s, e) give (n, heads, t, e); with heads=h all are (n, t, h * d). The mask broadcasts
        to (n, heads, t, s): true where a query may look, or numbers to add; causal: no query sees a
        later key; scale is 1/sqrt(d) by default (Vaswani et al. 2017, equation 1)."""
    def avg_pool2d(
        self,
        kernel_size: _int | Sequence[_int],
        stride: _int | Sequence[_int] | None = None,
        padding: _int | Sequence[_int] = 0,
        ceil_mode: _bool = False,
        count_include_pad: _bool = True,
    ) -> Tensor:
        """The mean of each window: x (N, C, H, W) gives (N, C, OH, OW)."""
    def image_moments(self) -> Tensor:
        """Mean and variance of each image and channel: x (n, c, h, w) gives (n, 2, c), means before
        variances."""
    def channel_variance(self, mean: TensorLike) -> Tensor:
        """Variance of each channel around its own mean, which has to be given: x (n, c) or (n, c, h, w)
        and mean (c,) give (c,)."""
    def channel_affine(self, scale: TensorLike, shift: TensorLike) -> Tensor:
        """x * scale + shift for each channel: x (n, c) or (n, c, h, w), scale and shift (c,)."""
    def eq(self, other: TensorLike) -> Tensor:
        """Where the two are equal, with broadcasting."""
    def ne(self, other: TensorLike) -> Tensor:
        """Where the two differ, with broadcasting."""
    def lt(self, other: TensorLike) -> Tensor:
        """Where x < other, with broadcasting."""
    def __lt__(self, other: TensorLike) -> Tensor: ...
    def less(self, other: TensorLike) -> Tensor: ...
    def le(self, other: TensorLike) -> Tensor:
        """Where x <= other, with broadcasting."""
    def __le__(self, other: TensorLike) -> Tensor: ...
    def less_equal(self, other: TensorLike) -> Tensor: ...
    def gt(self, other: TensorLike) -> Tensor:
        """Where x > other, with broadcasting."""
    def __gt__(self, other: TensorLike) -> Tensor: ...
    def greater(self, other: TensorLike) -> Tensor: ...
    def ge(self, other: TensorLike) -> Tensor:
        """Where x >= other, with broadcasting."""
    def __ge__(self, other: TensorLike) -> Tensor: ...
    def greater_equal(self, other: TensorLike) -> Tensor: ...
    def logical_not(self) -> Tensor:
        """Where x is 0 or False."""
    def isnan(self) -> Tensor:
        """Which numbers are NaN (not a number)."""
    def isinf(self) -> Tensor:
        """Which numbers are infinite, plus or minus."""
    def isfinite(self) -> Tensor:
        """Which numbers are neither infinite nor NaN."""
    def tril(self, diagonal: _int = 0) -> Tensor:
        """The lower triangle of each matrix (..., m, n), zeros above the diagonal."""
    def triu(self, diagonal: _int = 0) -> Tensor:
        """The upper triangle of each matrix (..., m, n), zeros below the diagonal."""
    def conv2d(
        self,
        weight: TensorLike,
        bias: TensorLike | None = None,
        stride: _int | Sequence[_int] = 1,
        padding: _int | Sequence[_int] = 0,
        dilation: _int | Sequence[_int] = 1,
        groups: _int = 1,
    ) -> Tensor:
        """Each filter slides over each image: x (N, C, H, W), weight (out, C / groups, kh, kw), bias
        (out,) give (N, out, OH, OW) (chapter 5)."""
    def ctc(
        self,
        targets: TensorLike,
        input_lengths: TensorLike,
        target_lengths: TensorLike,
        blank: _int = 0,
        zero_infinity: _bool = False,
    ) -> Tensor:
        """The CTC loss of each sample (n,): log_probs (n, t, classes), targets (n, letters), lengths (n,).
        The gradient is that of the scores whose log_softmax log_probs is, as in PyTorch (Graves et al.
        2006)."""
    def dropout(self, p: _float, key: _int) -> Tensor:
        """Each number becomes 0 with probability p, the others are divided by 1 - p; the same key gives
        the same choice (Srivastava et al. 2014)."""
    def exp(self) -> Tensor:
        """e to the power of each number."""
    def log(self) -> Tensor:
        """Natural logarithm of each number."""
    def log1p(self) -> Tensor:
        """log(1 + x) of each number, exact where x is near 0."""
    def expm1(self) -> Tensor:
        """exp(x) - 1 of each number, exact where x is near 0."""
    def sqrt(self) -> Tensor:
        """Square root of each number."""
    def sin(self) -> Tensor:
        """Sine of each number."""
    def cos(self) -> Tensor:
        """Cosine of each number."""
    def neg(self) -> Tensor:
        """Minus each number."""
    def __neg__(self) -> Tensor: ...
    def negative(self) -> Tensor: ...
    def abs(self) -> Tensor:
        """Each number without its sign."""
    def __abs__(self) -> Tensor: ...
    def absolute(self) -> Tensor: ...
    def relu(self) -> Tensor:
        """max(x, 0): the rectified linear unit (chapter 4)."""
    def tanh(self) -> Tensor:
        """Hyperbolic tangent of each number."""
    def sigmoid(self) -> Tensor:
        """1 / (1 + exp(-x)) of each number."""
    def gelu(self, approximate: str = 'none') -> Tensor:
        """Gaussian error linear unit, x times the normal distribution function of x (Hendrycks and Gimpel
        2016)."""
    def amax(self, dim: _int | Sequence[_int] | None = None, keepdim: _bool = False) -> Tensor:
        """The largest number over the given axes, or over all; equals share the gradient evenly."""
    def amin(self, dim: _int | Sequence[_int] | None = None, keepdim: _bool = False) -> Tensor:
        """The smallest number over the given axes, or over all; equals share the gradient evenly."""
    def exp2(self) -> Tensor:
        """2 to the power of each number."""
    def log2(self) -> Tensor:
        """Logarithm to base 2 of each number."""
    def log10(self) -> Tensor:
        """Logarithm to base 10 of each number."""
    def sinh(self) -> Tensor:
        """Hyperbolic sine of each number."""
    def cosh(self) -> Tensor:
        """Hyperbolic cosine of each number."""
    def tan(self) -> Tensor:
        """Tangent of each number, which is an angle in radians."""
    def asin(self) -> Tensor:
        """Arcsine of each number, in radians."""
    def acos(self) -> Tensor:
        """Arccosine of each number, in radians."""
    def atan(self) -> Tensor:
        """Arctangent of each number, in radians."""
    def atan2(self, other: TensorLike) -> Tensor:
        """The angle, in radians, of the point at height x and width other, with broadcasting."""
    def erf(self) -> Tensor:
        """The error function: how much of a normal distribution of variance 1/2 lies between -x and x."""
    def sign(self) -> Tensor:
        """1 for each number above 0, -1 for each one below, 0 for 0."""
    def floor(self) -> Tensor:
        """Each number rounded down to an integer."""
    def ceil(self) -> Tensor:
        """Each number rounded up to an integer."""
    def trunc(self) -> Tensor:
        """Each number without its decimals."""
    def round(self, decimals: _int = 0) -> Tensor:
        """Each number rounded to so many decimals; of two that are as near, the one whose last digit is
        even."""
    def gru(
        self,
        weight_ih: TensorLike,
        weight_hh: TensorLike,
        bias_ih: TensorLike | None = None,
        bias_hh: TensorLike | None = None,
        h0: TensorLike | None = None,
        lengths: TensorLike | None = None,
        reverse: _bool = False,
    ) -> Tensor:
        """A gated recurrent unit over sequences x (n, t, in); weights (3 size, in) and (3 size, size) hold
        the gates r, z, n. Gives (n, t + 1, size): h after each step, then the last h. A sequence ends
        after lengths (n,) steps; what follows is 0 (Cho et al. 2014)."""
    def scatter_sum(self, dim: _int, index: TensorLike, size: _int) -> Tensor:
        """y[i, index[i, j]] += x[i, j] for dim=1, where y begins as zeros and has `size` places along dim;
        likewise along other axes. The transpose of gather."""
    def index_sum(self, dim: _int, index: TensorLike, size: _int) -> Tensor:
        """Place i of x along an axis is added to place index[i] of a result that begins as zeros and has
        `size` places there. The transpose of index_select."""
    def embedding(self, weight: TensorLike) -> Tensor:
        """Row index[i] of the weight (vocabulary, features) for each i: index (...) gives (..., features)."""
    def pick(self, index: TensorLike) -> Tensor:
        """One number of each row: x (n, k) and index (n,) give (n,)."""
    def layer_norm(
        self,
        size: _int,
        weight: TensorLike | None = None,
        bias: TensorLike | None = None,
        eps: _float = 1e-05,
    ) -> Tensor:
        """Each line of `size` numbers (the last axes) gets mean 0 and variance 1, then is multiplied by
        weight and shifted by bias (Ba, Kiros, Hinton 2016)."""
    def lstm(
        self,
        weight_ih: TensorLike,
        weight_hh: TensorLike,
        bias_ih: TensorLike | None = None,
        bias_hh: TensorLike | None = None,
        h0: TensorLike | None = None,
        c0: TensorLike | None = None,
        lengths: TensorLike | None = None,
        reverse: _bool = False,
    ) -> Tensor:
        """Long short-term memory over sequences x (n, t, in); weights (4 size, in) and (4 size, size) hold
        the gates i, f, g, o. Gives (n, t + 2, size): h after each step, then the last h and the last c.
        A sequence ends after lengths (n,) steps; what follows is 0 (Hochreiter, Schmidhuber 1997)."""
    def matmul(self, other: TensorLike) -> Tensor:
        """Matrix product: (m, k) times (k, n) gives (m, n); axes before the last two are stacks of
        matrices, broadcast; a tensor of one axis is a row on the left and a column on the right."""
    def __matmul__(self, other: TensorLike) -> Tensor: ...
    def mm(self, other: TensorLike) -> Tensor: ...
    def bmm(self, other: TensorLike) -> Tensor: ...
    def mv(self, other: TensorLike) -> Tensor: ...
    def linear(self, weight: TensorLike, bias: TensorLike | None = None) -> Tensor:
        """x W' + b: x (..., in), weight (out, in), bias (out,) give (..., out) (chapter 3)."""
    def max_pool2d(
        self,
        kernel_size: _int | Sequence[_int],
        stride: _int | Sequence[_int] | None = None,
        padding: _int | Sequence[_int] = 0,
        ceil_mode: _bool = False,
    ) -> Tensor:
        """The largest number of each window: x (N, C, H, W) gives (N, C, OH, OW) (chapter 5)."""
    def rnn(
        self,
        weight_ih: TensorLike,
        weight_hh: TensorLike,
        bias_ih: TensorLike | None = None,
        bias_hh: TensorLike | None = None,
        h0: TensorLike | None = None,
        lengths: TensorLike | None = None,
        reverse: _bool = False,
        nonlinearity: str = 'tanh',
    ) -> Tensor:
        """A plain recurrent cell over sequences x (n, t, in); weights (size, in) and (size, size). Gives
        (n, t + 1, size): h after each step, then the last h. A sequence ends after lengths (n,) steps;
        what follows is 0 (Elman 1990)."""
    def slice(self, dim: _int, start: _int, stop: _int, step: _int = 1) -> Tensor:
        """Every step-th of the places start to stop - 1 along an axis; negative places count from the end."""
    def size(self, dim: _int | None = None) -> Any:
        """Return the shape, or the length of one axis. IndexError if there is no such axis."""
    def dim(self) -> _int:
        """Return the number of axes."""
    def numel(self) -> _int:
        """Return how many numbers there are."""
    def nelement(self) -> _int:
        """Return how many numbers there are."""
    def stride(self, dim: _int | None = None) -> Any:
        """Return how many numbers apart neighbours along each axis are in memory, or along one axis."""
    def storage_offset(self) -> _int:
        """Return at which number of its base a view begins; 0 for what is no view."""
    def reshape(self, *sizes: _int | Sequence[_int], shape: Sequence[_int] | None = None) -> Tensor:
        """Return the same numbers in another shape; one size may be -1: x.reshape(2, -1)."""
    def view(self, *sizes: _int | Sequence[_int], size: Sequence[_int] | None = None) -> Tensor:
        """Return a view in another shape. ValueError if it would have to be a copy, as after t()."""
    def view_as(self, other: Tensor) -> Tensor:
        """Return a view in the shape of `other`."""
    def reshape_as(self, other: Tensor) -> Tensor:
        """Return the same numbers in the shape of `other`."""
    def flatten(self, start_dim: _int = 0, end_dim: _int = -1) -> Tensor:
        """Join the axes from start_dim to end_dim into one: (n, c, h, w) with 1 and -1 gives (n, c*h*w)."""
    def unflatten(self, dim: _int, sizes: Sequence[_int]) -> Tensor:
        """Split one axis into several: (n, 6) with 1 and (2, -1) gives (n, 2, 3). One size may be -1."""
    def permute(self, *axes: _int | Sequence[_int], dims: Sequence[_int] | None = None) -> Tensor:
        """Put the axes into another order: (n, h, w, c) with 0, 3, 1, 2 gives (n, c, h, w)."""
    def transpose(self, dim0: _int, dim1: _int) -> Tensor:
        """Swap two axes."""
    def swapaxes(self, axis0: _int, axis1: _int) -> Tensor:
        """Swap two axes."""
    def movedim(self, source: _int | Sequence[_int], destination: _int | Sequence[_int]) -> Tensor:
        """Move one axis, or several, to other places; the others keep their order."""
    def t(self) -> Tensor:
        """Return the transpose of a matrix. ValueError for more than two axes."""
    @property
    def T(self) -> Tensor:
        """The tensor with its axes in reverse order; for a matrix, its transpose."""
    @property
    def H(self) -> Tensor:
        """The transpose of a matrix: there are no complex numbers. ValueError for more than two axes."""
    @property
    def mH(self) -> Tensor:
        """The tensor with its last two axes swapped, as mT."""
    @property
    def mT(self) -> Tensor:
        """The tensor with its last two axes swapped. ValueError for fewer than two axes."""
    def squeeze(self, dim: _int | Sequence[_int] | None = None) -> Tensor:
        """Drop all axes of length 1, or only those in `dim` that have length 1."""
    def unsqueeze(self, dim: _int) -> Tensor:
        """Insert an axis of length 1 at `dim`."""
    def expand(self, *sizes: _int | Sequence[_int], size: Sequence[_int] | None = None) -> Tensor:
        """Repeat axes of length 1 up to these sizes (-1 keeps a size); new axes may come in front."""
    def expand_as(self, other: Tensor) -> Tensor:
        """Repeat axes of length 1 up to the shape of `other`."""
    def repeat(self, *sizes: _int | Sequence[_int], repeats: Sequence[_int] | None = None) -> Tensor:
        """Return copies of the whole tensor side by side, sizes[i] of them along axis i."""
    def contiguous(self, memory_format: str = 'torch.contiguous_format') -> Tensor:
        """Return the tensor itself if it is contiguous, else a copy."""
    def is_contiguous(self, memory_format: str = 'torch.contiguous_format') -> _bool:
        """Return whether the numbers lie one after the other in memory; those of x.t() and x[:, 0] do not."""
    def flip(self, *axes: _int | Sequence[_int], dims: Sequence[_int] = ()) -> Tensor:
        """Return a copy with the order turned round along these axes, which may also be given as `dims`."""
    def split(self, split_size: _int | Sequence[_int], dim: _int = 0) -> tuple[Tensor, ...]:
        """Cut an axis into pieces of this size (the last may be smaller), or of these sizes."""
    def chunk(self, chunks: _int, dim: _int = 0) -> tuple[Tensor, ...]:
        """Cut an axis into at most this many pieces of equal size; the last may be smaller."""
    def unbind(self, dim: _int = 0) -> tuple[Tensor, ...]:
        """Return the slices along one axis, without that axis."""
    def select(self, dim: _int, index: _int) -> Tensor:
        """Return one slice along an axis, without that axis: x.select(1, 0) is x[:, 0]."""
    def narrow(self, dim: _int, start: _int, length: _int) -> Tensor:
        """Return `length` places along an axis, from `start` on: x.narrow(1, 2, 3) is x[:, 2:5]."""
    def add(self, other: Any, *, alpha: _float = 1) -> Tensor:
        """Return self + alpha * other, with broadcasting."""
    def sub(self, other: Any, *, alpha: _float = 1) -> Tensor:
        """Return self - alpha * other, with broadcasting."""
    def subtract(self, other: Any, *, alpha: _float = 1) -> Tensor:
        """Return self - alpha * other, as sub does."""
    def div(self, other: Any, *, rounding_mode: str | None = None) -> Tensor:
        """Return self / other, with broadcasting; rounding_mode "floor" rounds down, "trunc" towards 0."""
    def divide(self, other: Any, *, rounding_mode: str | None = None) -> Tensor:
        """Return self / other, as div does."""
    def true_divide(self, other: Any) -> Tensor:
        """Return self / other; the result is never an integer."""
    def remainder(self, other: Any) -> Tensor:
        """Return self % other: what remains of a division; it has the sign of `other`."""
    def clamp(self, min: Any = None, max: Any = None) -> Tensor:
        """Return the numbers, but at least min and at most max, which are numbers or tensors."""
    def clip(self, min: Any = None, max: Any = None) -> Tensor:
        """Return the numbers, but at least min and at most max, as clamp does."""
    def where(self, condition: Tensor, other: Any) -> Tensor:
        """Return self where the condition holds, `other` elsewhere, as the function where does."""
    def masked_fill(self, mask: Tensor, value: Any) -> Tensor:
        """Return the tensor with `value`, one number, where the mask is true; the dtype stays."""
    def gather(self, dim: _int, index: Tensor) -> Tensor:
        """Return y[i, j] = x[i, index[i, j]] for dim=1, and likewise along other axes."""
    def index_select(self, dim: _int, index: Tensor) -> Tensor:
        """Return the places `index` (n,) along an axis, which then has the length n."""
    def softmax(self, dim: Any = None, dtype: Any = None, *, axis: _int | None = None) -> Tensor:
        """Return e^x / sum(e^x) along an axis: scores become probabilities (chapter 4)."""
    def log_softmax(self, dim: Any = None, dtype: Any = None, *, axis: _int | None = None) -> Tensor:
        """Return the logarithms of softmax, computed without overflow or log(0) (chapter 4)."""
    def sum(
        self,
        dim: Dim = None,
        keepdim: _bool = False,
        *,
        dtype: Any = None,
        axis: Dim = None,
        keepdims: _bool = False,
    ) -> Tensor:
        """Add up all numbers, or those along the axes `dim`."""
    def mean(
        self,
        dim: Dim = None,
        keepdim: _bool = False,
        *,
        dtype: Any = None,
        axis: Dim = None,
        keepdims: _bool = False,
    ) -> Tensor:
        """Return the mean of all numbers, or along the axes `dim`; NaN of no numbers."""
    def prod(self, dim: _int | None = None, keepdim: _bool = False, *, dtype: Any = None) -> Tensor:
        """Multiply all numbers, or those along one axis; 1 of no numbers."""
    def var(
        self,
        dim: Dim | _bool = None,
        unbiased: _bool = True,
        keepdim: _bool = False,
        *,
        correction: _float | None = None,
        axis: Dim = None,
        keepdims: _bool = False,
    ) -> Tensor:
        """Return the variance: squared distances from the mean, added up and divided by n - correction."""
    def std(
        self,
        dim: Dim | _bool = None,
        unbiased: _bool = True,
        keepdim: _bool = False,
        *,
        correction: _float | None = None,
        axis: Dim = None,
        keepdims: _bool = False,
    ) -> Tensor:
        """Return the standard deviation, the square root of the variance; its gradient is 0 where it is 0."""
    def norm(
        self,
        p: _float | str | None = 'fro',
        dim: Dim = None,
        keepdim: _bool = False,
        dtype: Any = None,
        *,
        axis: Dim = None,
    ) -> Tensor:
        """Return the length of a vector: the p-th root of the sum of |x|^p, by default with p = 2 ("fro")."""
    def logsumexp(
        self,
        dim: Any = None,
        keepdim: _bool = False,
        *,
        axis: Dim = None,
        keepdims: _bool = False,
    ) -> Tensor:
        """Return log(sum(e^x)) along the axes `dim`, computed without overflow; -inf of no numbers."""
    def cumsum(self, dim: Any = None, dtype: Any = None, *, axis: _int | None = None) -> Tensor:
        """Return running sums along an axis."""
    def argmax(
        self,
        dim: _int | None = None,
        keepdim: _bool = False,
        *,
        axis: _int | None = None,
    ) -> Tensor:
        """Return the place of the largest number, int64; along one axis, or in the flattened tensor."""
    def argmin(
        self,
        dim: _int | None = None,
        keepdim: _bool = False,
        *,
        axis: _int | None = None,
    ) -> Tensor:
        """Return the place of the smallest number, int64; along one axis, or in the flattened tensor."""
    def max(self, dim: Any = None, keepdim: _bool = False, *, axis: _int | None = None) -> Any:
        """Return the largest number. With an axis: (values, indices); with a tensor: the larger of two."""
    def min(self, dim: Any = None, keepdim: _bool = False, *, axis: _int | None = None) -> Any:
        """Return the smallest number. With an axis: (values, indices); with a tensor: the smaller of two."""
    def all(
        self,
        dim: Dim = None,
        keepdim: _bool = False,
        *,
        axis: Dim = None,
        keepdims: _bool = False,
    ) -> Tensor:
        """Return whether all numbers are true (not zero), as a bool tensor; true of no numbers."""
    def any(
        self,
        dim: Dim = None,
        keepdim: _bool = False,
        *,
        axis: Dim = None,
        keepdims: _bool = False,
    ) -> Tensor:
        """Return whether at least one number is true (not zero), as a bool tensor; false of no numbers."""
    def argsort(self, dim: _int = -1, descending: _bool = False, stable: _bool = True) -> Tensor:
        """Return the indices that would sort along an axis. Equal numbers keep their order in any case."""
    def sort(
        self,
        dim: _int = -1,
        descending: _bool = False,
        stable: _bool | None = True,
    ) -> ValuesAndIndices[Tensor]:
        """Sort along an axis: (values, indices). Equal numbers keep their order, NaN is the largest."""
    def topk(
        self,
        k: _int,
        dim: _int = -1,
        largest: _bool = True,
        sorted: _bool = True,
    ) -> ValuesAndIndices[Tensor]:
        """Return the k largest (or smallest) along an axis, in order: (values, indices); NaN is largest."""
    def nonzero(self, *, as_tuple: _bool = False) -> Any:
        """Return the places of what is not zero: int64 (count, axes); as_tuple: (count,) for each axis."""
    def unique(
        self,
        sorted: _bool = True,
        return_inverse: _bool = False,
        return_counts: _bool = False,
        dim: _int | None = None,
    ) -> Any:
        """Return each number that occurs, once, in rising order; with `dim`, each slice along that axis."""
    def bincount(self, weights: Any = None, minlength: _int = 0) -> Tensor:
        """Count how often each integer 0, 1, 2, ... occurs, or add up its weights: (n,) gives (largest +
        1,)."""
    def __iadd__(self, other: Any) -> Tensor: ...  # type: ignore[misc]
    def __isub__(self, other: Any) -> Tensor: ...  # type: ignore[misc]
    def __imul__(self, other: Any) -> Tensor: ...  # type: ignore[misc]
    def __itruediv__(self, other: Any) -> Tensor: ...  # type: ignore[misc]
    def __ipow__(self, other: Any) -> Tensor: ...  # type: ignore[misc]
    def add_(self, other: Any, *, alpha: _float = 1) -> Tensor:
        """Add alpha * other in place."""
    def sub_(self, other: Any, *, alpha: _float = 1) -> Tensor:
        """Subtract alpha * other in place."""
    def mul_(self, other: Any) -> Tensor:
        """Multiply in place."""
    def div_(self, other: Any, *, rounding_mode: str | None = None) -> Tensor:
        """Divide in place; rounding_mode is that of div."""
    def pow_(self, exponent: Any) -> Tensor:
        """Raise to a power in place."""
    def addcmul_(self, tensor1: Any, tensor2: Any, *, value: _float = 1) -> Tensor:
        """Add value * tensor1 * tensor2 in place."""
    def addcdiv_(self, tensor1: Any, tensor2: Any, *, value: _float = 1) -> Tensor:
        """Add value * tensor1 / tensor2 in place."""
    def lerp_(self, end: Any, weight: _float) -> Tensor:
        """Move the share `weight` of the way to `end`, in place: x + weight * (end - x)."""
    def clamp_(self, min: Any = None, max: Any = None) -> Tensor:
        """Raise numbers below `min` to it and lower numbers above `max` to it, in place."""
    def masked_fill_(self, mask: Any, value: Any) -> Tensor:
        """Put `value` where the mask is true, in place."""
    def exp_(self) -> Tensor:
        """Take e^x in place."""
    def sqrt_(self) -> Tensor:
        """Take the square root in place."""
    def relu_(self) -> Tensor:
        """Take max(x, 0) in place."""
    def copy_(self, other: Any) -> Tensor:
        """Overwrite the numbers with those of `other`, a tensor, array or number that fits the shape."""
    def fill_(self, value: _float) -> Tensor:
        """Overwrite every number with `value`."""
    def zero_(self) -> Tensor:
        """Overwrite every number with 0."""
    def uniform_(self, a: _float = 0, b: _float = 1, *, generator: RandomSource | None = None) -> Tensor:
        """Overwrite with numbers from the uniform distribution between a and b."""
    def normal_(
        self,
        mean: _float = 0,
        std: _float = 1,
        *,
        generator: RandomSource | None = None,
    ) -> Tensor:
        """Overwrite with numbers from the normal distribution with this mean and standard deviation."""
    def bernoulli_(self, p: _float = 0.5, *, generator: RandomSource | None = None) -> Tensor:
        """Overwrite with 1 with probability p, else 0 (the Bernoulli distribution)."""
    def requires_grad_(self, requires_grad: _bool = True) -> Tensor:
        """Switch the gradient of this leaf on or off, and return the tensor itself."""
    def detach_(self) -> Tensor:
        """Cut the tensor off from the graph that made it, and return the tensor itself."""
    def register_hook(self, hook: Callable[[Tensor], Tensor | None]) -> Removable:
        """Have `hook(gradient)` called in each backward, with the complete gradient of this tensor."""
    def register_post_accumulate_grad_hook(self, hook: Callable[[Tensor], object]) -> Removable:
        """Have `hook(leaf)` called after each backward that has changed the leaf's .grad."""
    def item(self) -> Any:
        """Return the number in a tensor of one number, as Python's own. ValueError for any other size."""
    def numpy(self) -> NDArray[Any]:
        """Return the numbers as a numpy array. Real numbers share their memory with the tensor."""
    def tolist(self) -> Any:
        """Return the numbers as nested Python lists."""
    def __array__(self, dtype: Any = None, copy: _bool | None = None) -> NDArray[Any]: ...
    def __dlpack__(self, **options: Any) -> Any: ...
    def __dlpack_device__(self) -> Any: ...
    def __reduce_ex__(self, protocol: Any) -> Any: ...
    def __copy__(self) -> Tensor: ...
    def __deepcopy__(self, memo: dict[Any, Any]) -> Tensor: ...
    def clone(self, *, memory_format: Any = None) -> Tensor:
        """Return a copy that keeps the numbers of now; gradients flow through it."""
    def detach(self) -> Tensor:
        """Return the same numbers without gradient, cut off from the graph. Nothing is computed for it."""
    @property
    def data(self) -> Tensor:
        """The same numbers without gradient; assigning to it overwrites them."""
    @data.setter
    def data(self, numbers: Tensor) -> None: ...
    @property
    def grad(self) -> Tensor | None:
        """The gradient that backward has added up, or None; the same object as long as it is in use."""
    @grad.setter
    def grad(self, numbers: Tensor | None) -> None: ...
    @property
    def device(self) -> Device:
        """Where the tensor lives: "cpu"."""
    def to(
        self,
        *targets: Any,
        dtype: Any = None,
        device: Any = None,
        copy: _bool = False,
        **_: Any,
    ) -> Tensor:
        """Return the tensor with another dtype or the dtype of another tensor, as in x.to(hello_dl.int64)."""
    def type(self, dtype: Any = None) -> Any:
        """Return the tensor with another dtype; without an argument, its own class as PyTorch names it."""
    def type_as(self, other: Tensor) -> Tensor:
        """Return the tensor with the dtype of `other`."""
    def float(self) -> Tensor:
        """Return the tensor as real numbers (float32)."""
    def double(self) -> Tensor:
        """Return the tensor as real numbers; float32 stands in for float64, with a warning."""
    def long(self) -> Tensor:
        """Return the tensor as integers (int64); decimals are cut off."""
    def int(self) -> Tensor:
        """Return the tensor as integers; decimals are cut off, and what int32 does not hold wraps around."""
    def bool(self) -> Tensor:
        """Return the tensor as truth values: every number but 0 is true."""
    @property
    def real(self) -> Tensor:
        """The tensor itself: there are no complex numbers."""
    def conj(self) -> Tensor:
        """Return the tensor itself: there are no complex numbers."""
    def resolve_conj(self) -> Tensor:
        """Return the tensor itself: there are no complex numbers."""
    def resolve_neg(self) -> Tensor:
        """Return the tensor itself: there are no complex numbers."""
    def cpu(self, memory_format: Any = None) -> Tensor:
        """Return the tensor itself."""
    def cuda(self, *_: Any) -> Tensor:
        """Raise ValueError: hello_dl runs on the CPU alone."""
    def element_size(self) -> _int:
        """Return how many bytes a number takes in PyTorch and numpy: float32 4, int64 8, bool 1."""
    def is_floating_point(self) -> _bool:
        """Return whether the tensor holds real numbers."""
    __array_priority__: _int
    def __array_wrap__(
        self,
        array: NDArray[Any],
        context: Any = None,
        return_scalar: _bool = False,
    ) -> Tensor: ...
    def __round__(self, digits: _int | None = None) -> Any: ...
    @property
    def grad_fn(self) -> Any:
        """The op that the tensor came from, if it has a gradient; None for a leaf."""
    @property
    def is_cuda(self) -> _bool:
        """False: hello_dl runs on the CPU alone."""
    @property
    def is_mps(self) -> _bool:
        """False: hello_dl runs on the CPU alone."""
    @property
    def is_xpu(self) -> _bool:
        """False: hello_dl runs on the CPU alone."""
    @property
    def is_sparse(self) -> _bool:
        """False: hello_dl runs on the CPU alone."""
    @property
    def is_quantized(self) -> _bool:
        """False: hello_dl runs on the CPU alone."""
    @property
    def is_meta(self) -> _bool:
        """False: hello_dl runs on the CPU alone."""
    @property
    def is_nested(self) -> _bool:
        """False: hello_dl runs on the CPU alone."""
    @property
    def is_cpu(self) -> _bool:
        """True: hello_dl runs on the CPU alone."""
    @property
    def layout(self) -> str:
        """The kind of memory: "torch.strided", numbers side by side, not sparse."""
    @property
    def itemsize(self) -> _int:
        """How many bytes a number takes, as element_size()."""
    @property
    def nbytes(self) -> _int:
        """How many bytes all numbers take, in PyTorch and in numpy."""
    @property
    def names(self) -> tuple[None, ...]:
        """None for each axis: axes have no names."""
    def get_device(self) -> _int:
        """Return -1, PyTorch's number of the CPU."""
    def is_pinned(self) -> _bool:
        """Return False: there is no accelerator that memory would be pinned for."""
    def pin_memory(self) -> Tensor:
        """Return the tensor itself: there is no accelerator to copy it to."""
    def share_memory_(self) -> Tensor:
        """Return the tensor itself: there is no accelerator to copy it to."""
    def is_complex(self) -> _bool:
        """Return False: there are no complex numbers."""
    def is_signed(self) -> _bool:
        """Return whether the tensor's dtype has negative numbers: all but bool have."""
    def ndimension(self) -> _int:
        """Return the number of axes, as dim()."""
    def data_ptr(self) -> _int:
        """Return the address of the first number in memory; the numbers are computed for it."""
    def half(self) -> Tensor:
        """Return the tensor as real numbers; float32 stands in for float16, with a warning."""
    def bfloat16(self) -> Tensor:
        """Return the tensor as real numbers; float32 stands in for bfloat16, with a warning."""
    def short(self) -> Tensor:
        """Return the tensor as integers; int64 stands in for int16, with a warning."""
    def char(self) -> Tensor:
        """Return the tensor as integers; int64 stands in for int8, with a warning."""
    def byte(self) -> Tensor:
        """Return the tensor as integers from 0 to 255; int64 stands in for uint8, with a warning."""
    def __init__(self, *data: Any) -> None: ...
    def __rsub__(self, other: Any) -> Tensor: ...
    def __rtruediv__(self, other: Any) -> Tensor: ...
    def __rpow__(self, other: Any) -> Tensor: ...
    def __rmatmul__(self, other: Any) -> Tensor: ...
    def __eq__(self, other: Any) -> Any: ...
    def __ne__(self, other: Any) -> Any: ...
    def __hash__(self) -> _int: ...
    def __pos__(self) -> Tensor: ...
    def __floordiv__(self, other: Any) -> Tensor: ...
    def __rfloordiv__(self, other: Any) -> Tensor: ...
    def __mod__(self, other: Any) -> Tensor: ...
    def __rmod__(self, other: Any) -> Tensor: ...
    def __and__(self, other: Any) -> Tensor: ...
    def __or__(self, other: Any) -> Tensor: ...
    def __xor__(self, other: Any) -> Tensor: ...
    def __rand__(self, other: Any) -> Tensor: ...
    def __ror__(self, other: Any) -> Tensor: ...
    def __rxor__(self, other: Any) -> Tensor: ...
    def __invert__(self) -> Tensor: ...
    def __len__(self) -> _int: ...
    def __iter__(self) -> Iterator[Tensor]: ...
    def __contains__(self, number: Any) -> _bool: ...
    def __bool__(self) -> _bool: ...
    def __float__(self) -> _float: ...
    def __int__(self) -> _int: ...
    def __index__(self) -> _int: ...
    def __format__(self, spec: str) -> str: ...
    def __repr__(self) -> str: ...
    def __getitem__(self, key: Any) -> Tensor: ...
    def __setitem__(self, key: Any, value: Any) -> None: ...
    def __getattr__(self, name: str) -> Any: ...
    def backward(
        self,
        gradient: Tensor | None = None,
        retain_graph: _bool | None = None,
        create_graph: _bool = False,
        inputs: Tensor | Sequence[Tensor] | None = None,
    ) -> None:
        """Add the derivatives of this number to the .grad of every leaf it depends on (chapter 3)."""
    def square(self) -> Tensor:
        """Return x * x."""
    def reciprocal(self) -> Tensor:
        """Return 1 / x."""
    def rsqrt(self) -> Tensor:
        """Return 1 / sqrt(x)."""
    def dot(self, other: Tensor) -> Tensor:
        """Return the dot product of two vectors (n,): the sum of their products."""
    def allclose(
        self,
        other: Tensor,
        rtol: _float = 1e-05,
        atol: _float = 1e-08,
        equal_nan: _bool = False,
    ) -> _bool:
        """Return whether all numbers differ by at most rtol * |other| + atol."""
    def equal(self, other: Tensor) -> _bool:
        """Return whether both have the same shape and the same numbers."""
    def acosh(self) -> Tensor:
        """Return the inverse of cosh, log(x + sqrt(x^2 - 1)), for x of at least 1."""
    def asinh(self) -> Tensor:
        """Return the inverse of sinh, log(x + sqrt(x^2 + 1)), computed so that it is exact near 0."""
    def atanh(self) -> Tensor:
        """Return the inverse of tanh, log((1 + x) / (1 - x)) / 2, for x from -1 to 1."""
    def clamp_max(self, max: Any) -> Tensor:
        """Return the numbers, but at most max."""
    def clamp_min(self, min: Any) -> Tensor:
        """Return the numbers, but at least min."""
    def copysign(self, other: Any) -> Tensor:
        """Return input with the signs of other."""
    def deg2rad(self) -> Tensor:
        """Turn degrees into radians."""
    def erfc(self) -> Tensor:
        """Return 1 - erf(x), exact where it is near 0, too."""
    def float_power(self, exponent: Any) -> Tensor:
        """Return the power of real numbers, also of integers. PyTorch computes it in float64."""
    def floor_divide(self, other: Any) -> Tensor:
        """Return input / other rounded down, without gradient. ValueError for an integer divided by 0."""
    def fmax(self, other: Tensor) -> Tensor:
        """Return the larger of two numbers, and of NaN and a number the number."""
    def fmin(self, other: Tensor) -> Tensor:
        """Return the smaller of two numbers, and of NaN and a number the number."""
    def fmod(self, other: Any) -> Tensor:
        """Return what remains of input when it is divided by other; it has the sign of input (C's fmod)."""
    def frac(self) -> Tensor:
        """Return the decimals of each number, with its sign."""
    def heaviside(self, values: Tensor) -> Tensor:
        """Return 0 below 0, 1 above, and `values` at 0; without gradient."""
    def hypot(self, other: Tensor) -> Tensor:
        """Return sqrt(input^2 + other^2), the hypotenuse of a right triangle."""
    def isclose(
        self,
        other: Tensor,
        rtol: _float = 1e-05,
        atol: _float = 1e-08,
        equal_nan: _bool = False,
    ) -> Tensor:
        """Return where two numbers differ by at most rtol * |other| + atol."""
    def isneginf(self) -> Tensor:
        """Return which numbers are infinite and negative."""
    def isposinf(self) -> Tensor:
        """Return which numbers are infinite and positive."""
    def isreal(self) -> Tensor:
        """Return true for each number: there are no complex ones."""
    def ldexp(self, other: Tensor) -> Tensor:
        """Return input * 2^other."""
    def logaddexp(self, other: Tensor) -> Tensor:
        """Return log(e^input + e^other), computed without overflow."""
    def logaddexp2(self, other: Tensor) -> Tensor:
        """Return log2(2^input + 2^other), computed without overflow."""
    def logit(self, eps: _float | None = None) -> Tensor:
        """Return log(x / (1 - x)), the inverse of the sigmoid; with eps, x is first kept from eps to 1 -
        eps."""
    def nan_to_num(
        self,
        nan: _float | None = None,
        posinf: _float | None = None,
        neginf: _float | None = None,
    ) -> Tensor:
        """Replace NaN by `nan` (0), infinite numbers by posinf and neginf, by default the largest there
        are."""
    def positive(self) -> Tensor:
        """Return the tensor itself. TypeError for truth values."""
    def rad2deg(self) -> Tensor:
        """Turn radians into degrees."""
    def rsub(self, other: Any, *, alpha: _float = 1) -> Tensor:
        """Return other - alpha * input."""
    def sgn(self) -> Tensor:
        """Return 1 for each number above 0, -1 for each one below, 0 for 0."""
    def signbit(self) -> Tensor:
        """Return whether each number has a minus sign; -0.0 has one, too."""
    def sinc(self) -> Tensor:
        """Return sin(pi x) / (pi x), and 1 at 0."""
    def xlogy(self, other: Any) -> Tensor:
        """Return input * log(other), and 0 where input is 0, whatever other is, except for NaN."""
    def bitwise_and(self, other: Any) -> Tensor:
        """Return the bits that both have, as input & other."""
    def bitwise_left_shift(self, other: Any) -> Tensor:
        """Return input * 2^other, by moving bits."""
    def bitwise_not(self) -> Tensor:
        """Return the bits that input does not have, as ~input."""
    def bitwise_or(self, other: Any) -> Tensor:
        """Return the bits that one of the two has, as input | other."""
    def bitwise_right_shift(self, other: Any) -> Tensor:
        """Return input / 2^other rounded down, by moving bits."""
    def bitwise_xor(self, other: Any) -> Tensor:
        """Return the bits that exactly one of the two has, as input ^ other."""
    def gcd(self, other: Any) -> Tensor:
        """Return the greatest common divisor of two integers."""
    def lcm(self, other: Any) -> Tensor:
        """Return the least common multiple of two integers."""
    def logical_and(self, other: Any) -> Tensor:
        """Return where both are true (not 0)."""
    def logical_or(self, other: Any) -> Tensor:
        """Return where one of the two, or both, are true (not 0)."""
    def logical_xor(self, other: Any) -> Tensor:
        """Return where exactly one of the two is true (not 0)."""
    def digamma(self) -> Tensor:
        """Return the derivative of lgamma."""
    def erfinv(self) -> Tensor:
        """Return the inverse of erf, for numbers from -1 to 1: infinite at both ends, NaN beyond."""
    def i0(self) -> Tensor:
        """Return the modified Bessel function of the first kind of order 0."""
    def lgamma(self) -> Tensor:
        """Return log(|gamma(x)|): of a whole number n, log((n - 1)!)."""
    def mvlgamma(self, p: _int) -> Tensor:
        """Return the logarithm of the multivariate gamma function of p dimensions, for x above (p - 1) /
        2."""
    def polygamma(self, input: Tensor | _int) -> Tensor:
        """Return the n-th derivative of digamma; as a method x.polygamma(n)."""
    def broadcast_to(self, size: Any, *sizes: _int) -> Tensor:
        """Repeat axes of length 1 up to these sizes, as expand."""
    def diff(
        self,
        n: _int = 1,
        dim: _int = -1,
        prepend: Tensor | None = None,
        append: Tensor | None = None,
    ) -> Tensor:
        """Return the differences of neighbours along an axis, n times over."""
    def dsplit(self, indices_or_sections: Any) -> tuple[Tensor, ...]:
        """Cut along axis 2; as tensor_split."""
    def fliplr(self) -> Tensor:
        """Return a matrix with its columns in reverse order."""
    def flipud(self) -> Tensor:
        """Return a matrix with its rows in reverse order."""
    def hsplit(self, indices_or_sections: Any) -> tuple[Tensor, ...]:
        """Cut a matrix into columns, a vector into parts; as tensor_split along axis 1 (or 0)."""
    def msort(self) -> Tensor:
        """Return the tensor sorted along its first axis."""
    def ravel(self) -> Tensor:
        """Return all numbers in a row."""
    def repeat_interleave(
        self,
        repeats: Any = None,
        dim: _int | None = None,
        *,
        output_size: _int | None = None,
    ) -> Tensor:
        """Repeat each place along an axis `repeats` times, one number or one for each."""
    def roll(self, shifts: _int | Sequence[_int], dims: _int | Sequence[_int] | None = None) -> Tensor:
        """Move the numbers along axes, or all in a row; what leaves at one end comes in at the other."""
    def rot90(self, k: _int = 1, dims: Sequence[_int] = (0, 1)) -> Tensor:
        """Turn a matrix by k quarters, from the first of two axes to the second."""
    def split_with_sizes(self, split_sizes: Sequence[_int], dim: _int = 0) -> tuple[Tensor, ...]:
        """Cut an axis into pieces of these sizes."""
    def tensor_split(self, indices_or_sections: Any, dim: _int = 0) -> tuple[Tensor, ...]:
        """Cut an axis into so many nearly equal parts, or in front of these places."""
    def tile(self, *dims: Any) -> Tensor:
        """Return copies side by side, dims[i] of them along axis i, counted from the last axis."""
    def unfold(self, dimension: _int, size: _int, step: _int) -> Tensor:
        """Return windows of `size` places along an axis, `step` apart: (n,) gives (windows, size); a copy."""
    def vsplit(self, indices_or_sections: Any) -> tuple[Tensor, ...]:
        """Cut a matrix into rows; as tensor_split along axis 0."""
    def diag(self, diagonal: _int = 0) -> Tensor:
        """Return a matrix with this vector on its diagonal, or the diagonal of a matrix."""
    def diag_embed(self, offset: _int = 0, dim1: _int = -2, dim2: _int = -1) -> Tensor:
        """Return matrices whose diagonals are the last axis: (..., n) gives (..., n, n), zeros elsewhere."""
    def diagflat(self, offset: _int = 0) -> Tensor:
        """Return a matrix with all numbers of a tensor on its diagonal."""
    def diagonal(self, offset: _int = 0, dim1: _int = 0, dim2: _int = 1) -> Tensor:
        """Return the diagonal of each matrix along two axes, as the last axis; offset 1 is the one above
        it."""
    def diagonal_scatter(self, src: Tensor, offset: _int = 0, dim1: _int = 0, dim2: _int = 1) -> Tensor:
        """Return a copy of input with src on its diagonal."""
    def fill_diagonal_(self, *arguments: Any, **named: Any) -> Tensor: ...
    def select_scatter(self, src: Tensor, dim: _int, index: _int) -> Tensor:
        """Return a copy of input with src at one place along an axis."""
    def slice_scatter(
        self,
        src: Tensor,
        dim: _int = 0,
        start: _int | None = None,
        end: _int | None = None,
        step: _int = 1,
    ) -> Tensor:
        """Return a copy of input with src at the places start:end:step along an axis."""
    def trace(self) -> Tensor:
        """Return the sum of the diagonal of a matrix."""
    def addbmm(self, batch1: Tensor, batch2: Tensor, *, beta: _float = 1, alpha: _float = 1) -> Tensor:
        """Return beta * input + alpha * the sum of all products batch1[i] @ batch2[i]."""
    def addmm(self, mat1: Tensor, mat2: Tensor, *, beta: _float = 1, alpha: _float = 1) -> Tensor:
        """Return beta * input + alpha * (mat1 @ mat2)."""
    def addmv(self, mat: Tensor, vec: Tensor, *, beta: _float = 1, alpha: _float = 1) -> Tensor:
        """Return beta * input + alpha * (mat @ vec)."""
    def addr(self, vec1: Tensor, vec2: Tensor, *, beta: _float = 1, alpha: _float = 1) -> Tensor:
        """Return beta * input + alpha * outer(vec1, vec2)."""
    def baddbmm(self, batch1: Tensor, batch2: Tensor, *, beta: _float = 1, alpha: _float = 1) -> Tensor:
        """Return beta * input + alpha * (batch1 @ batch2), for stacks (b, m, k) and (b, k, n)."""
    def cross(self, other: Tensor, dim: _int | None = None) -> Tensor:
        """Return the cross product of vectors of three numbers along an axis; by default the first that
        fits."""
    def dist(self, other: Tensor, p: _float = 2) -> Tensor:
        """Return the p-norm of input - other."""
    def inner(self, other: Tensor) -> Tensor:
        """Return the dot products of the last axes: (..., k) and (***, k) give (..., ***)."""
    def kron(self, other: Tensor) -> Tensor:
        """Return the Kronecker product: each number of input becomes that number times the whole of other."""
    def outer(self, vec2: Tensor) -> Tensor:
        """Return all products of two vectors: (m,) and (n,) give (m, n)."""
    def vdot(self, other: Tensor) -> Tensor:
        """Return the dot product of two vectors, as dot: there are no complex numbers."""
    def aminmax(self, *, dim: _int | None = None, keepdim: _bool = False) -> Any:
        """Return the smallest and the largest number, of all or along an axis: (min, max)."""
    def corrcoef(self) -> Tensor:
        """Return the correlation coefficients of variables, one a row: covariances over both deviations."""
    def count_nonzero(self, dim: Dim = None) -> Tensor:
        """Return how many numbers are not 0, of all or along axes."""
    def cov(
        self,
        *,
        correction: _int = 1,
        fweights: Tensor | None = None,
        aweights: Tensor | None = None,
    ) -> Tensor:
        """Return the covariances of variables, one a row: (k, n) gives (k, k); of a vector its variance."""
    def kthvalue(self, k: _int, dim: _int = -1, keepdim: _bool = False) -> ValuesAndIndices[Tensor]:
        """Return the k-th smallest number along an axis, counted from 1: (values, indices)."""
    def median(self, dim: _int | None = None, keepdim: _bool = False) -> Any:
        """Return the number in the middle, the lower of two, NaN if there is one."""
    def mode(self, dim: _int = -1, keepdim: _bool = False) -> ValuesAndIndices[Tensor]:
        """Return the number that occurs most along an axis, the smallest of several: (values, indices)."""
    def nanmean(self, dim: Dim = None, keepdim: _bool = False, *, dtype: Any = None) -> Tensor:
        """Return the mean of all numbers that are not NaN."""
    def nanmedian(self, dim: _int | None = None, keepdim: _bool = False) -> Any:
        """Return the median of all numbers that are not NaN; along an axis: (values, indices)."""
    def nanquantile(
        self,
        q: Any,
        dim: _int | None = None,
        keepdim: _bool = False,
        *,
        interpolation: str = 'linear',
    ) -> Tensor:
        """Return the quantile of all numbers that are not NaN, as quantile."""
    def nansum(self, dim: Dim = None, keepdim: _bool = False, *, dtype: Any = None) -> Tensor:
        """Return the sum of all numbers that are not NaN."""
    def quantile(
        self,
        q: Any,
        dim: _int | None = None,
        keepdim: _bool = False,
        *,
        interpolation: str = 'linear',
    ) -> Tensor:
        """Return the number below which the share q of all numbers lies; several q give a first axis."""
    def renorm(self, p: _float, dim: _int, maxnorm: _float) -> Tensor:
        """Return the tensor with each slice along an axis shortened to a p-norm of at most maxnorm."""
    def cummax(self, dim: _int) -> ValuesAndIndices[Tensor]:
        """Return the largest number so far along an axis, and its place: (values, indices)."""
    def cummin(self, dim: _int) -> ValuesAndIndices[Tensor]:
        """Return the smallest number so far along an axis, and its place: (values, indices)."""
    def cumprod(self, dim: _int, *, dtype: Any = None) -> Tensor:
        """Return running products along an axis."""
    def logcumsumexp(self, dim: _int) -> Tensor:
        """Return the logarithms of the running sums of e^x along an axis, computed without overflow."""
    def argwhere(self) -> Tensor:
        """Return the places of what is not zero, int64 (count, axes), as nonzero."""
    def bucketize(self, boundaries: Tensor, *, out_int32: _bool = False, right: _bool = False) -> Tensor:
        """Return in which bucket between sorted boundaries each number lies: how many boundaries are below
        it."""
    def histc(self, bins: _int = 100, min: _float = 0, max: _float = 0) -> Tensor:
        """Return how many numbers lie in each of `bins` equal parts of the range from min to max."""
    def histogram(
        self,
        bins: Any,
        *,
        range: Any = None,
        weight: Tensor | None = None,
        density: _bool = False,
    ) -> Any:
        """Return how many numbers lie in each bin, and the edges of the bins: (hist, bin_edges)."""
    def isin(self, test_elements: Any, *, assume_unique: _bool = False, invert: _bool = False) -> Tensor:
        """Return which of the elements are among the test elements; with invert, which are not."""
    def searchsorted(
        self,
        input: Any,
        *,
        out_int32: _bool = False,
        right: _bool = False,
        side: str | None = None,
        sorter: Tensor | None = None,
    ) -> Tensor:
        """Return where each number would have to be put into a sorted sequence to keep it sorted."""
    def unique_consecutive(
        self,
        return_inverse: _bool = False,
        return_counts: _bool = False,
        dim: _int | None = None,
    ) -> Any:
        """Return the numbers (or slices along an axis) without those that are equal to the one before."""
    def index_add(self, dim: _int, index: Tensor, source: Tensor, *, alpha: _float = 1) -> Tensor:
        """Return input with the slices alpha * source[i] added at the places index[i] along an axis."""
    def index_copy(self, dim: _int, index: Tensor, source: Tensor) -> Tensor:
        """Return input with the slices source[i] at the places index[i] along an axis."""
    def index_fill(self, dim: _int, index: Tensor, value: Any) -> Tensor:
        """Return input with one number at the places index[i] along an axis."""
    def index_reduce(
        self,
        dim: _int,
        index: Tensor,
        source: Tensor,
        reduce: str,
        *,
        include_self: _bool = True,
    ) -> Tensor:
        """Return input joined with the slices of source along an axis: "prod", "mean", "amax" or "amin"."""
    def scatter(
        self,
        dim: _int,
        index: Tensor,
        src: Any = None,
        *,
        value: Any = None,
        reduce: str | None = None,
    ) -> Tensor:
        """Return y with y[index[i, j], j] = src[i, j] for dim=0, and likewise along other axes."""
    def scatter_add(self, dim: _int, index: Tensor, src: Tensor) -> Tensor:
        """Return input with src[i, j] added at [index[i, j], j] for dim=0, and likewise along other axes."""
    def scatter_reduce(
        self,
        dim: _int,
        index: Tensor,
        src: Tensor,
        reduce: str,
        *,
        include_self: _bool = True,
    ) -> Tensor:
        """Return input joined with src[i, j] at [index[i, j], j] for dim=0, and likewise along other axes."""
    def index_put(self, indices: Sequence[Tensor], values: Tensor, accumulate: _bool = False) -> Tensor:
        """Return input with values at input[indices]; accumulate adds them. indices is one tensor an axis."""
    def masked_scatter(self, mask: Tensor, source: Tensor) -> Tensor:
        """Return input with the first numbers of source, in their order, where a mask is true."""
    def masked_select(self, mask: Tensor) -> Tensor:
        """Return the numbers where a mask is true, in a row; mask and tensor broadcast."""
    def put(self, index: Tensor, source: Tensor, accumulate: _bool = False) -> Tensor:
        """Return input with numbers at these places of the flattened tensor; accumulate adds them."""
    def take(self, index: Tensor) -> Tensor:
        """Return the numbers at these places of the flattened tensor, in the shape of the index."""
    def take_along_dim(self, indices: Tensor, dim: _int | None = None) -> Tensor:
        """Return y[i, j] = x[i, indices[i, j]] for dim=1, with broadcasting; without dim as take."""
    def new_empty(self, *size: Any, **named: Any) -> Tensor:
        """Make a tensor of these sizes whose numbers will be overwritten, in the dtype of input; here
        zeros."""
    def new_full(
        self,
        size: Any,
        fill_value: _float,
        *,
        dtype: Any = None,
        device: Any = None,
        requires_grad: _bool = False,
        **_: Any,
    ) -> Tensor:
        """Make a tensor of this size with the same number everywhere, in the dtype of input."""
    def new_ones(
        self,
        *size: Any,
        dtype: Any = None,
        device: Any = None,
        requires_grad: _bool = False,
        **_: Any,
    ) -> Tensor:
        """Make ones of these sizes, in the dtype of input."""
    def new_tensor(
        self,
        data: Any,
        *,
        dtype: Any = None,
        device: Any = None,
        requires_grad: _bool = False,
    ) -> Tensor:
        """Make a tensor of these numbers, in the dtype of input."""
    def new_zeros(
        self,
        *size: Any,
        dtype: Any = None,
        device: Any = None,
        requires_grad: _bool = False,
        **_: Any,
    ) -> Tensor:
        """Make zeros of these sizes, in the dtype of input."""
    def to_dense(self) -> Tensor:
        """Return the tensor itself, which is dense already."""
    def to_sparse(self, sparse_dim: _int | None = None) -> Any:
        """Return the tensor as places and values of the numbers other than 0."""
    def storage(self) -> Any:
        """Return the numbers behind the tensor in one row; a view has those of the tensor it was taken
        from."""
    def untyped_storage(self) -> Any:
        """Return the memory behind the tensor, counted in bytes."""
    def cholesky(self, upper: _bool = False) -> Tensor:
        """Return the lower triangle L with L L' = A for a positive definite A; upper: L'."""
    def cholesky_inverse(self, upper: _bool = False) -> Tensor:
        """Return the inverse of A = L L' (L' L for upper), given as its Cholesky factor L."""
    def cholesky_solve(self, L: Tensor, upper: _bool = False) -> Tensor:
        """Return X with A X = B, for A = L L' (L' L for upper) given as its Cholesky factor L."""
    def det(self) -> Tensor:
        """Return the determinant of each matrix."""
    def inverse(self) -> Tensor:
        """Return the inverse of each matrix. ValueError for one that has none."""
    def logdet(self) -> Tensor:
        """Return the logarithm of each determinant; NaN where it is negative."""
    def matrix_exp(self) -> Tensor:
        """Return I + A + A^2 / 2 + A^3 / 6 + ..., the exponential of each matrix, by scaling and squaring."""
    def matrix_power(self, n: _int) -> Tensor:
        """Return each matrix multiplied n times by itself; for a negative n its inverse."""
    def qr(self, some: _bool = True) -> Any:
        """Return Q with orthonormal columns and an upper triangle R with Q R = A; some=False makes Q
        square."""
    def slogdet(self) -> Any:
        """Return the sign of each determinant and the logarithm of its size: (sign, logabsdet)."""
    def pinverse(self, rcond: _float = 1e-15) -> Tensor:
        """Return the pseudoinverse; singular values up to rcond times the largest count as 0."""
    def svd(self, some: _bool = True, compute_uv: _bool = True) -> Any:
        """Return U, S and V with U diag(S) V' = A; some=False makes U and V square. PyTorch's older svd."""
    def arccos(self, *arguments: Any, **named: Any) -> Tensor:
        """acos(x: Tensor | float) -> Tensor"""
    def arccosh(self) -> Tensor:
        """Return the inverse of cosh, log(x + sqrt(x^2 - 1)), for x of at least 1."""
    def arcsin(self, *arguments: Any, **named: Any) -> Tensor:
        """asin(x: Tensor | float) -> Tensor"""
    def arcsinh(self) -> Tensor:
        """Return the inverse of sinh, log(x + sqrt(x^2 + 1)), computed so that it is exact near 0."""
    def arctan(self, *arguments: Any, **named: Any) -> Tensor:
        """atan(x: Tensor | float) -> Tensor"""
    def arctan2(self, *arguments: Any, **named: Any) -> Tensor:
        """atan2(x: Tensor | float, other: Tensor | float) -> Tensor"""
    def arctanh(self) -> Tensor:
        """Return the inverse of tanh, log((1 + x) / (1 - x)) / 2, for x from -1 to 1."""
    def fix(self, *arguments: Any, **named: Any) -> Tensor:
        """trunc(x: Tensor | float) -> Tensor"""
    def ger(self, vec2: Tensor) -> Tensor:
        """Return all products of two vectors: (m,) and (n,) give (m, n)."""
    def moveaxis(self, source: _int | Sequence[_int], destination: _int | Sequence[_int]) -> Tensor:
        """Move one axis, or several, to other places; the others keep their order."""
    def not_equal(self, *arguments: Any, **named: Any) -> Tensor:
        """ne(x: Tensor | float, other: Tensor | float) -> Tensor"""
    def swapdims(self, dim0: _int, dim1: _int) -> Tensor:
        """Swap two axes."""
    def abs_(self, *arguments: Any, **named: Any) -> Tensor: ...
    def absolute_(self, *arguments: Any, **named: Any) -> Tensor: ...
    def acos_(self, *arguments: Any, **named: Any) -> Tensor: ...
    def acosh_(self, *arguments: Any, **named: Any) -> Tensor: ...
    def arccos_(self, *arguments: Any, **named: Any) -> Tensor: ...
    def arccosh_(self, *arguments: Any, **named: Any) -> Tensor: ...
    def arcsin_(self, *arguments: Any, **named: Any) -> Tensor: ...
    def arcsinh_(self, *arguments: Any, **named: Any) -> Tensor: ...
    def arctan_(self, *arguments: Any, **named: Any) -> Tensor: ...
    def arctanh_(self, *arguments: Any, **named: Any) -> Tensor: ...
    def asin_(self, *arguments: Any, **named: Any) -> Tensor: ...
    def asinh_(self, *arguments: Any, **named: Any) -> Tensor: ...
    def atan_(self, *arguments: Any, **named: Any) -> Tensor: ...
    def atan2_(self, *arguments: Any, **named: Any) -> Tensor: ...
    def atanh_(self, *arguments: Any, **named: Any) -> Tensor: ...
    def ceil_(self, *arguments: Any, **named: Any) -> Tensor: ...
    def clip_(self, *arguments: Any, **named: Any) -> Tensor: ...
    def cos_(self, *arguments: Any, **named: Any) -> Tensor: ...
    def cosh_(self, *arguments: Any, **named: Any) -> Tensor: ...
    def cumprod_(self, *arguments: Any, **named: Any) -> Tensor: ...
    def cumsum_(self, *arguments: Any, **named: Any) -> Tensor: ...
    def copysign_(self, *arguments: Any, **named: Any) -> Tensor: ...
    def deg2rad_(self, *arguments: Any, **named: Any) -> Tensor: ...
    def digamma_(self, *arguments: Any, **named: Any) -> Tensor: ...
    def divide_(self, *arguments: Any, **named: Any) -> Tensor: ...
    def eq_(self, *arguments: Any, **named: Any) -> Tensor: ...
    def erf_(self, *arguments: Any, **named: Any) -> Tensor: ...
    def erfc_(self, *arguments: Any, **named: Any) -> Tensor: ...
    def erfinv_(self, *arguments: Any, **named: Any) -> Tensor: ...
    def exp2_(self, *arguments: Any, **named: Any) -> Tensor: ...
    def expm1_(self, *arguments: Any, **named: Any) -> Tensor: ...
    def floor_(self, *arguments: Any, **named: Any) -> Tensor: ...
    def floor_divide_(self, *arguments: Any, **named: Any) -> Tensor: ...
    def fmod_(self, *arguments: Any, **named: Any) -> Tensor: ...
    def frac_(self, *arguments: Any, **named: Any) -> Tensor: ...
    def ge_(self, *arguments: Any, **named: Any) -> Tensor: ...
    def greater_(self, *arguments: Any, **named: Any) -> Tensor: ...
    def greater_equal_(self, *arguments: Any, **named: Any) -> Tensor: ...
    def gt_(self, *arguments: Any, **named: Any) -> Tensor: ...
    def heaviside_(self, *arguments: Any, **named: Any) -> Tensor: ...
    def hypot_(self, *arguments: Any, **named: Any) -> Tensor: ...
    def i0_(self, *arguments: Any, **named: Any) -> Tensor: ...
    def ldexp_(self, *arguments: Any, **named: Any) -> Tensor: ...
    def le_(self, *arguments: Any, **named: Any) -> Tensor: ...
    def less_(self, *arguments: Any, **named: Any) -> Tensor: ...
    def less_equal_(self, *arguments: Any, **named: Any) -> Tensor: ...
    def lgamma_(self, *arguments: Any, **named: Any) -> Tensor: ...
    def log_(self, *arguments: Any, **named: Any) -> Tensor: ...
    def log10_(self, *arguments: Any, **named: Any) -> Tensor: ...
    def log1p_(self, *arguments: Any, **named: Any) -> Tensor: ...
    def log2_(self, *arguments: Any, **named: Any) -> Tensor: ...
    def logical_and_(self, *arguments: Any, **named: Any) -> Tensor: ...
    def logical_not_(self, *arguments: Any, **named: Any) -> Tensor: ...
    def logical_or_(self, *arguments: Any, **named: Any) -> Tensor: ...
    def logical_xor_(self, *arguments: Any, **named: Any) -> Tensor: ...
    def logit_(self, *arguments: Any, **named: Any) -> Tensor: ...
    def lt_(self, *arguments: Any, **named: Any) -> Tensor: ...
    def multiply_(self, *arguments: Any, **named: Any) -> Tensor: ...
    def mvlgamma_(self, *arguments: Any, **named: Any) -> Tensor: ...
    def nan_to_num_(self, *arguments: Any, **named: Any) -> Tensor: ...
    def ne_(self, *arguments: Any, **named: Any) -> Tensor: ...
    def neg_(self, *arguments: Any, **named: Any) -> Tensor: ...
    def negative_(self, *arguments: Any, **named: Any) -> Tensor: ...
    def not_equal_(self, *arguments: Any, **named: Any) -> Tensor: ...
    def polygamma_(self, *arguments: Any, **named: Any) -> Tensor: ...
    def rad2deg_(self, *arguments: Any, **named: Any) -> Tensor: ...
    def reciprocal_(self, *arguments: Any, **named: Any) -> Tensor: ...
    def remainder_(self, *arguments: Any, **named: Any) -> Tensor: ...
    def renorm_(self, *arguments: Any, **named: Any) -> Tensor: ...
    def round_(self, *arguments: Any, **named: Any) -> Tensor: ...
    def rsqrt_(self, *arguments: Any, **named: Any) -> Tensor: ...
    def sgn_(self, *arguments: Any, **named: Any) -> Tensor: ...
    def sigmoid_(self, *arguments: Any, **named: Any) -> Tensor: ...
    def sign_(self, *arguments: Any, **named: Any) -> Tensor: ...
    def sin_(self, *arguments: Any, **named: Any) -> Tensor: ...
    def sinc_(self, *arguments: Any, **named: Any) -> Tensor: ...
    def sinh_(self, *arguments: Any, **named: Any) -> Tensor: ...
    def square_(self, *arguments: Any, **named: Any) -> Tensor: ...
    def subtract_(self, *arguments: Any, **named: Any) -> Tensor: ...
    def tan_(self, *arguments: Any, **named: Any) -> Tensor: ...
    def tanh_(self, *arguments: Any, **named: Any) -> Tensor: ...
    def tril_(self, *arguments: Any, **named: Any) -> Tensor: ...
    def triu_(self, *arguments: Any, **named: Any) -> Tensor: ...
    def true_divide_(self, *arguments: Any, **named: Any) -> Tensor: ...
    def trunc_(self, *arguments: Any, **named: Any) -> Tensor: ...
    def xlogy_(self, *arguments: Any, **named: Any) -> Tensor: ...
    def clamp_min_(self, *arguments: Any, **named: Any) -> Tensor: ...
    def clamp_max_(self, *arguments: Any, **named: Any) -> Tensor: ...
    def fix_(self, *arguments: Any, **named: Any) -> Tensor: ...
    def bitwise_and_(self, *arguments: Any, **named: Any) -> Tensor: ...
    def bitwise_left_shift_(self, *arguments: Any, **named: Any) -> Tensor: ...
    def bitwise_not_(self, *arguments: Any, **named: Any) -> Tensor: ...
    def bitwise_or_(self, *arguments: Any, **named: Any) -> Tensor: ...
    def bitwise_right_shift_(self, *arguments: Any, **named: Any) -> Tensor: ...
    def bitwise_xor_(self, *arguments: Any, **named: Any) -> Tensor: ...
    def gcd_(self, *arguments: Any, **named: Any) -> Tensor: ...
    def lcm_(self, *arguments: Any, **named: Any) -> Tensor: ...
    def addbmm_(self, *arguments: Any, **named: Any) -> Tensor: ...
    def addmm_(self, *arguments: Any, **named: Any) -> Tensor: ...
    def addmv_(self, *arguments: Any, **named: Any) -> Tensor: ...
    def addr_(self, *arguments: Any, **named: Any) -> Tensor: ...
    def baddbmm_(self, *arguments: Any, **named: Any) -> Tensor: ...
    def index_add_(self, *arguments: Any, **named: Any) -> Tensor: ...
    def index_copy_(self, *arguments: Any, **named: Any) -> Tensor: ...
    def index_fill_(self, *arguments: Any, **named: Any) -> Tensor: ...
    def index_put_(self, *arguments: Any, **named: Any) -> Tensor: ...
    def index_reduce_(self, *arguments: Any, **named: Any) -> Tensor: ...
    def masked_scatter_(self, *arguments: Any, **named: Any) -> Tensor: ...
    def put_(self, *arguments: Any, **named: Any) -> Tensor: ...
    def scatter_(self, *arguments: Any, **named: Any) -> Tensor: ...
    def scatter_add_(self, *arguments: Any, **named: Any) -> Tensor: ...
    def scatter_reduce_(self, *arguments: Any, **named: Any) -> Tensor: ...
    def squeeze_(self, *arguments: Any, **named: Any) -> Tensor: ...
    def swapaxes_(self, *arguments: Any, **named: Any) -> Tensor: ...
    def swapdims_(self, *arguments: Any, **named: Any) -> Tensor: ...
    def t_(self, *arguments: Any, **named: Any) -> Tensor: ...
    def transpose_(self, *arguments: Any, **named: Any) -> Tensor: ...
    def unsqueeze_(self, *arguments: Any, **named: Any) -> Tensor: ...
    def cauchy_(self, *arguments: Any, **named: Any) -> Tensor: ...
    def exponential_(self, *arguments: Any, **named: Any) -> Tensor: ...
    def geometric_(self, *arguments: Any, **named: Any) -> Tensor: ...
    def log_normal_(self, *arguments: Any, **named: Any) -> Tensor: ...
    def random_(self, *arguments: Any, **named: Any) -> Tensor: ...
