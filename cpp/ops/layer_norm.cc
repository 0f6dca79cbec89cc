// Layer normalisation: each sample's features are brought to mean 0 and variance 1.
#include <cmath>
#include <limits>

#include "engine/registry.hh"
#include "ops/sums.hh"

namespace hello_dl {
namespace {

struct Normalisation {
  Index size;  // numbers in a line
  real eps;
  bool scaled, shifted;  // there is a weight, a bias

  // mean and 1 / sqrt(variance + eps) of each line
  void measure(const real* x, Index lines, real* stats) const {
    const real share = real(1) / static_cast<real>(size);
    for (Index l = 0; l < lines; ++l, x += size) {
      // A mean is rounded. What it is off by is the mean of the deviations from it: so numbers that are all the same
      // become 0.
      const real about = block_sum(x, size) * share;
      const real off = block_sum(0, size, [=](Index i) { return x[i] - about; }) * share, mean = about + off;
      const real variance = block_sum(0, size, [=](Index i) { return (x[i] - mean) * (x[i] - mean); }) * share;
      stats[2 * l] = mean;
      // Where squares overflow there is no result; 1 / inf would make it 0 in silence.
      stats[2 * l + 1] = std::isinf(variance) ? std::numeric_limits<real>::quiet_NaN() : 1 / std::sqrt(variance + eps);
    }
  }
};

}  // namespace

// With n = (x - mean) s, s = 1 / sqrt(variance + eps) along a line, and y = n w + b:  dw = sum of G n,  db = sum of G,
// and with D = G w:  dx = s (D - mean(D) - n mean(D n)). Ba, Kiros, Hinton 2016.
Tensor layer_norm(const Tensor& x, Index size, const std::optional<Tensor>& weight, const std::optional<Tensor>& bias,
                  double eps) {
  need(size > 0 && x.size() % size == 0, "layer_norm: needs numbers that divide into lines of ", size, ", got ",
       x.shape());
  need(!weight || weight->size() == size, "layer_norm: needs a weight of ", size, " numbers, got ",
       weight ? weight->shape() : Shape{});
  need(!bias || bias->size() == size, "layer_norm: needs a bias of ", size, " numbers, got ",
       bias ? bias->shape() : Shape{});
  const bool by_rows = x.cols() % size == 0;  // else a line crosses rows
  const Normalisation norm{size, static_cast<real>(eps), weight.has_value(), bias.has_value()};
  auto forward = [=](Out y, const In* in, int) {
    const real* w = norm.scaled ? in[1].data : nullptr;
    const real* b = norm.shifted ? in[norm.scaled ? 2 : 1].data : nullptr;
    const Index lines = y.size() / size;
    norm.measure(in[0].data, lines, y.extra);
    for (Index l = 0; l < lines; ++l) {
      const real mean = y.extra[2 * l], s = y.extra[2 * l + 1];
      const real* from = in[0].data + l * size;
      real* to = y.data + l * size;
      for (Index i = 0; i < size; ++i) to[i] = (from[i] - mean) * s;
      if (w)
        for (Index i = 0; i < size; ++i) to[i] *= w[i];
      if (b)
        for (Index i = 0; i < size; ++i) to[i] += b[i];
    }
  };
  auto backward = [=](Grad g, const In* in, int) {
    const In& x = in[0];
    const int b = norm.scaled ? 2 : 1;
    const Index lines = g.size() / size;
    if (!g.extra_filled) norm.measure(x.data, lines, g.extra);
    Sums dw(norm.scaled && in[1] ? size : 0);
    if (norm.scaled && in[1]) dw.begin(in[1].grad().zeroed());
    if (norm.shifted && in[b]) add_column_sums(in[b].grad().zeroed(), g.data, lines, size, size);
    const bool assign = x && x.grad().fresh();
    real* dx = x ? x.grad().written() : nullptr;
    const real share = real(1) / static_cast<real>(size);
    for (Index l = 0; l < lines; ++l) {
      const real mean = g.extra[2 * l], s = g.extra[2 * l + 1];
      const real *G = g.data + l * size, *from = x.data + l * size;
      if (norm.scaled && in[1]) {
        real* sum = dw.next();
        for (Index i = 0; i < size; ++i) sum[i] += G[i] * (from[i] - mean) * s;
      }
      if (!dx) continue;
      real* to = dx + l * size;
      auto gradient = [=](auto D) {
        const real mean_d = block_sum(0, size, D) * share;
        const real mean_dn = block_sum(0, size, [=](Index i) { return D(i) * ((from[i] - mean) * s); }) * share;
        store_each(assign, to, size, [=](Index i) { return s * (D(i) - mean_d - (from[i] - mean) * s * mean_dn); });
      };
      if (norm.scaled)
        gradient([G, w = in[1].data](Index i) { return G[i] * w[i]; });
      else
        gradient([G](Index i) { return G[i]; });
    }
    dw.write();
  };
  const Index lines_per_row = std::max<Index>(1, x.cols() / size);
  return node("layer_norm", x.shape(),
              {by_rows ? rows(x) : whole(x), whole(weight.value_or(Tensor{})), whole(bias.value_or(Tensor{}))}, forward,
              backward)
      .reads(kReadsFirst | (weight ? kReadsSecond : kReadsNothing))
      .extra(2 * lines_per_row)
      .work(8);
}
HELLO_DL_OP(
    layer_norm, "x, size, weight=None, bias=None, eps=1e-05",
    "Each line of `size` numbers (the last axes) gets mean 0 and variance 1, then is multiplied by weight and shifted "
    "by bias (Ba, Kiros, Hinton 2016).");

}  // namespace hello_dl
