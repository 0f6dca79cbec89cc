// Sums and means over axes.
#include "engine/registry.hh"
#include "ops/axes.hh"
#include "ops/binary.hh"

namespace hello_dl {
namespace {

// Y = scale * sum of X over some axes. dL/dX = scale * G, broadcast.
Made scaled_sum(const char* op, const Tensor& x, const std::optional<Ints>& dim, bool keepdim, real scale) {
  const Axes axes = find_axes(op, x.shape(), dim);
  const bool last = x.node().channels_last && axes.keep_order_when_channels_last();
  const Tensor from = last ? x : channels_first(x);
  const Shape kept = axes.reduced(x.shape(), true), shape = axes.reduced(x.shape(), keepdim);
  const bool over_rows = x.dims() == 0 || axes.has[0];
  // The loop of a broadcast, turned round: it runs over x, and y is the operand that stands still.
  const StridedLoop loop = make_strided_loop(as_stored(x.shape(), last), {as_stored(kept, last)});
  auto forward = [=](real* to, const View& x) {
    loop.runs(x.rows, [&](const Run& r) {
      const real* p = x.data + r.y;
      real* sum = to + r.at[0];
      if (r.moves[0])
        for (Index i = 0; i < r.n; ++i) sum[i] += scale * p[i];
      else
        *sum += scale * pairwise_sum(p, r.n);
    });
  };
  auto backward = [=](Grad g, In x) {
    const bool assign = x.grad().fresh();
    real* all = x.grad().written();
    loop.runs(x.rows, [&](const Run& r) {
      real* to = all + r.y;
      const real* p = g.data + r.at[0];
      with_steps(r.moves[0], false, [=, n = r.n](auto step, auto) {
        store_each(assign, to, n, [=](Index i) { return scale * p[i * step]; });
      });
    });
  };
  if (over_rows)
    return node(
               op, shape, {fold_as_stored(from)}, [=](Out y, In x) { forward(y.sum().zeroed(), x); }, backward)
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
  need(count > 0, "mean: needs at least one number, got shape ", x.shape());
  return scaled_sum("mean", x, dim, keepdim, static_cast<real>(1 / count));
}
HELLO_DL_OP(mean, "x, dim=None, keepdim=False", "Mean over the given axes, or over all.");

}  // namespace hello_dl
