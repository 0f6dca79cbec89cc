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
    rule: Callable[[Tensor], Tensor | None | list[Tensor | None]],
) -> Tensor: ...
def set_hook(tensor: Tensor, function: Callable[[Tensor], Tensor | None] | None) -> None: ...
def hook_of(tensor: Tensor) -> Callable[[Tensor], Tensor | None] | None: ...
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
    def contiguous(self) -> Tensor:
        """Return the tensor itself if it is contiguous, else a copy."""
    def is_contiguous(self) -> _bool:
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
    def clone(self) -> Tensor:
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
        """Return the tensor as integers (int64); decimals are cut off."""
    def bool(self) -> Tensor:
        """Return the tensor as truth values: every number but 0 is true."""
    def cpu(self) -> Tensor:
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
