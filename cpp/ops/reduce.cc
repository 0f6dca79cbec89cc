// Sums and means over axes.
#include "engine/registry.hh"
#include "ops/axes.hh"
#include "ops/binary.hh"

namespace hello_dl {
namespace {

// to += the sums of x: in the loop, x is the result and the sums are the operand.
void add_sums(const StridedLoop& loop, const View& x, real* to) {
  auto add = [](const Run& r, const real* p, real* sum) {
    if (r.moves[0])
      for (Index i = 0; i < r.n; ++i) sum[i] += p[i];
    else
      *sum += block_sum(p, r.n);
  };
  if (loop.repeats(x.rows, 0) <= kFewParts) {
    loop.runs(x.rows, [&](const Run& r) { add(r, x.data + r.y, to + r.at[0]); });
  } else if (loop.is_one_line(0)) {
    add_column_sums(to, x.data, x.size() / loop.run_size(), loop.run_size(), loop.run_size());
  } else {
    Sums sums(loop.moves(0) ? loop.run_size() : 1);
    loop.runs_by_place(x.rows, 0, [&](const Run& r, bool other) {
      if (other) sums.begin(to + r.at[0]);
      add(r, x.data + r.y, sums.next());
    });
    sums.write();
  }
}

// Y = scale * sum of X over some axes. dL/dX = scale * G, broadcast.
Made scaled_sum(const char* op, const Tensor& x, const std::optional<Ints>& dim, bool keepdim, double scale) {
  const Axes axes = find_axes(op, x.shape(), dim);
  const bool last = x.node().channels_last && axes.keep_order_when_channels_last();
  const Tensor from = last ? x : channels_first(x);
  const Shape kept = axes.reduced(x.shape(), true), shape = axes.reduced(x.shape(), keepdim);
  const bool over_rows = x.dims() == 0 || axes.has[0];
  // The loop of a broadcast, turned round: it runs over x, and y is the operand that stands still.
  const StridedLoop loop = make_strided_loop(as_stored(x.shape(), last), {as_stored(kept, last)});
  auto backward = [=](Grad g, In x) {
    const bool assign = x.grad().fresh();
    real* all = x.grad().written();
    loop.runs(x.rows, [&](const Run& r) {
      real* to = all + r.y;
      const real* p = g.data + r.at[0];
      with_steps(r.moves[0], false, [=, n = r.n, share = static_cast<real>(scale)](auto step, auto) {
        store_each(assign, to, n, [=](Index i) { return share * p[i * step]; });
      });
    });
  };
  if (over_rows)
    return node(
               op, shape, {fold_as_stored(from)}, [=](Out y, In x) { add_sums(loop, x, y.sum().zeroed()); }, backward)
        .reads(kReadsNothing)
        .scale(scale);
  return node(
             op, shape, {rows_as_stored(from)},
             [=](Out y, In x) {
               arr(y).setZero();
               add_sums(loop, x, y.data);
               for (Index i = 0, n = y.size(); i < n && scale != 1; ++i)
                 y.data[i] = static_cast<real>(y.data[i] * scale);
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
  return scaled_sum("mean", x, dim, keepdim, 1 / count);
}
HELLO_DL_OP(mean, "x, dim=None, keepdim=False", "Mean over the given axes, or over all.");

}  // namespace hello_dl
