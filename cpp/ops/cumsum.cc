// Running sums.
#include <algorithm>

#include "engine/registry.hh"
#include "ops/axes.hh"

namespace hello_dl {

// y_k = x_1 + ... + x_k along an axis:  dL/dx_k = G_k + ... + G_last.
Tensor cumsum(const Tensor& x, Index dim) {
  const Lines l = lines_along(x.shape(), find_axis("cumsum", x.dims(), dim));
  auto forward = [l](Out y, In x) {
    for (Index b = 0, blocks = l.blocks(y.rows); b < blocks; ++b) {
      const real* from = x.data + b * l.block();
      real* to = y.data + b * l.block();
      if (l.inner == 1) {
        real sum = 0;
        for (Index k = 0; k < l.size; ++k) to[k] = sum += from[k];
        continue;
      }
      std::copy_n(from, std::min(l.inner, l.block()), to);
      for (Index i = l.inner; i < l.block(); ++i) to[i] = from[i] + to[i - l.inner];
    }
  };
  auto backward = [l](Grad g, In x) {
    real* dx = x.grad().zeroed();
    std::vector<real> sum(static_cast<std::size_t>(l.inner));
    for (Index b = 0, blocks = l.blocks(g.rows); b < blocks; ++b) {
      std::fill(sum.begin(), sum.end(), real(0));
      for (Index at = (b + 1) * l.block() - l.inner; at >= b * l.block(); at -= l.inner)
        for (Index i = 0; i < l.inner; ++i) dx[at + i] += sum[i] += g.data[at + i];
    }
  };
  return node("cumsum", x.shape(), {l.input(x)}, forward, backward)
      .reads(kReadsNothing)
      .dtype(x.dtype() == DType::real ? DType::real : DType::integer);
}
HELLO_DL_OP(cumsum, "x, dim", "Running sums along an axis.");

}  // namespace hello_dl
