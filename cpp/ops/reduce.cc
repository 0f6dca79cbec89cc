// From many numbers to few: sums and means.
#include "../registry.hh"
#include "axes.hh"
#include "broadcast.hh"

namespace hello_dl {
namespace {

// Halves are summed apart, so the rounding error grows with the logarithm of n, as in PyTorch.
real pairwise_sum(const real* x, Index n) {
  if (n <= 256) return n ? ConstArrayMap(x, n).sum() : real(0);
  const Index half = n / 2 / 64 * 64;
  return pairwise_sum(x, half) + pairwise_sum(x + half, n - half);
}

// Y = scale * sum of X over some axes. dL/dX = scale * G, broadcast.
Made scaled_sum(const char* op, const Tensor& x, const std::optional<Ints>& dim, bool keepdim, real scale) {
  const Axes axes = find_axes(op, x.shape(), dim);
  const bool last = x.node().channels_last && axes.keep_order_when_channels_last();
  const Tensor from = last ? x : channels_first(x);
  const Shape kept = axes.reduced(x.shape(), true), shape = axes.reduced(x.shape(), keepdim);
  const bool over_rows = x.dims() == 0 || axes.has[0];
  // A sum is a broadcast the other way round: x is the result that is walked over, y the operand that stands still.
  const Walk walk = make_walk(as_stored(x.shape(), last), as_stored(kept, last), as_stored(x.shape(), last));
  auto forward = [=](real* to, const View& x) {
    walk.runs(x.rows, [&](Index n, Index ix, Index iy, Index, bool y_moves, bool) {
      const real* p = x.data + ix;
      if (y_moves)
        for (Index i = 0; i < n; ++i) to[iy + i] += scale * p[i];
      else
        to[iy] += scale * pairwise_sum(p, n);
    });
  };
  auto backward = [=](Grad g, In x) {
    const bool fresh = x.grad().fresh();
    real* to = x.grad().written();
    walk.runs(x.rows, [&](Index n, Index ix, Index ig, Index, bool g_moves, bool) {
      const real* p = g.data + ig;
      if (g_moves)
        for (Index i = 0; i < n; ++i) to[ix + i] = (fresh ? real(0) : to[ix + i]) + scale * p[i];
      else
        for (Index i = 0; i < n; ++i) to[ix + i] = (fresh ? real(0) : to[ix + i]) + scale * *p;
    });
  };
  if (over_rows)
    return node(op, shape, {fold_as_stored(from)}, [=](Out y, In x) { forward(y.sum().zeroed(), x); }, backward)
        .reads(kReadsNothing);
  return node(
             op, shape, {rows_as_stored(from)},
             [=](Out y, In x) {
               arr(y).setZero();
               forward(y.data, x);
             },
             backward)
      .reads(kReadsNothing)
      .channels_last(last && shape.dims() == 4);
}

}  // namespace

Tensor sum(const Tensor& x, const std::optional<Ints>& dim, bool keepdim) {
  Made y = scaled_sum("sum", x, dim, keepdim, 1);
  return x.dtype() == DType::real ? y : y.dtype(DType::integer);
}
HELLO_DL_OP(sum, "x, dim=None, keepdim=False", "Sum over the given axes, or over all.");

Tensor mean(const Tensor& x, const std::optional<Ints>& dim, bool keepdim) {
  need<TypeError>(x.dtype() == DType::real, "mean: needs a float tensor, got integers; use .float() first");
  const double count = find_axes("mean", x.shape(), dim).count(x.shape());
  return scaled_sum("mean", x, dim, keepdim, static_cast<real>(1 / count));
}
HELLO_DL_OP(mean, "x, dim=None, keepdim=False", "Mean over the given axes, or over all.");

}  // namespace hello_dl
