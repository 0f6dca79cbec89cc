// Running sums.
#include <algorithm>

#include "engine/registry.hh"
#include "ops/axes.hh"

namespace hello_dl {

// y_k = x_1 + ... + x_k along an axis:  dL/dx_k = G_k + ... + G_last. Added up in doubles, so that each is as exact as
// its type allows.
Tensor cumsum(const Tensor& x, Index dim) {
  const Lines l = lines_along(x.shape(), find_axis("cumsum", x.dims(), dim));
  auto forward = [l](Out y, In x) {
    std::vector<double> sums(static_cast<std::size_t>(l.inner));
    for (Index b = 0, blocks = l.blocks(y.rows); b < blocks; ++b) {
      const real* from = x.data + b * l.block();
      real* to = y.data + b * l.block();
      if (l.inner == 1) {
        double sum = 0;
        for (Index k = 0; k < l.size; ++k) to[k] = static_cast<real>(sum += from[k]);
        continue;
      }
      std::fill(sums.begin(), sums.end(), 0.0);
      for (Index at = 0; at < l.block(); at += l.inner)
        for (Index i = 0; i < l.inner; ++i) to[at + i] = static_cast<real>(sums[i] += from[at + i]);
    }
  };
  auto backward = [l](Grad g, In x) {
    real* dx = x.grad().zeroed();
    std::vector<double> sum(static_cast<std::size_t>(l.inner));
    for (Index b = 0, blocks = l.blocks(g.rows); b < blocks; ++b) {
      std::fill(sum.begin(), sum.end(), 0.0);
      for (Index at = (b + 1) * l.block() - l.inner; at >= b * l.block(); at -= l.inner)
        for (Index i = 0; i < l.inner; ++i) dx[at + i] += static_cast<real>(sum[i] += g.data[at + i]);
    }
  };
  return node("cumsum", x.shape(), {l.input(x)}, forward, backward)
      .reads(kReadsNothing)
      .dtype(x.dtype() == DType::real ? DType::real : DType::integer);
}
HELLO_DL_OP(cumsum, "x, dim", "Running sums along an axis.");

}  // namespace hello_dl
